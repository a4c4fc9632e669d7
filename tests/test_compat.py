"""Names that SciPy has lost come back when asked for, and only then."""

from oracles import run_python

OLD_LINE = """
try:
    from scipy.misc import imread, imresize
    print("there")
except ImportError:
    print("missing")
"""


def lines_of(code):
    result = run_python(code, warnings="ignore")
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_an_unchanged_line_runs_after_install():
    code = "import cs231n.compat" + OLD_LINE + "cs231n.compat.install()" + OLD_LINE
    assert lines_of(code) == ["missing", "there"]


def test_the_functions_are_those_of_image_utils():
    code = """
import cs231n.compat, cs231n.image_utils
print(sorted(cs231n.compat.install()), cs231n.compat.install())
import scipy.misc
print(scipy.misc.imread is cs231n.image_utils.imread)
print(scipy.misc.imresize is cs231n.image_utils.imresize)
"""
    assert lines_of(code) == ["['imread', 'imresize'] []", "True", "True"]


def test_it_works_where_scipy_misc_is_gone():
    code = """
import importlib, cs231n.compat
real = importlib.import_module
def without_misc(name):
    if name == "scipy.misc":
        raise ModuleNotFoundError(name)
    return real(name)
importlib.import_module = without_misc
import scipy, sys
cs231n.compat.install()
from scipy.misc import imread
print(imread.__module__, scipy.misc is sys.modules["scipy.misc"])
"""
    assert lines_of(code) == ["cs231n.image_utils True"]


def test_what_scipy_still_has_is_left_alone():
    code = """
import scipy.misc, cs231n.compat
scipy.misc.imread = "theirs"
print(cs231n.compat.install(), scipy.misc.imread)
"""
    assert lines_of(code) == ["['imresize'] theirs"]


def test_as_an_extension_of_ipython():
    code = "import cs231n.compat; cs231n.compat.load_ipython_extension(None)" + OLD_LINE
    assert lines_of(code) == ["there"]


def test_no_warning_is_left_behind():
    code = "import cs231n.compat; cs231n.compat.install(); from scipy.misc import imread"
    result = run_python(code, warnings="error")
    assert (result.returncode, result.stderr) == (0, "")
