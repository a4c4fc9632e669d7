"""The switch between compiled kernels and twins, the threads, and forks: in fresh interpreters."""

import os
import re

import numpy as np
import pytest
from oracles import run_python

from cs231n import kernels

compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")
CLEAN = {"CS231N_PURE": None, "CS231N_NUM_THREADS": None, "OMP_NUM_THREADS": None}
# In the pure run of these tests every import warns; that is told apart in a test of its own.
QUIET = {"warnings": "ignore::RuntimeWarning"}
PRINT_THREADS = "from cs231n import kernels; print(kernels.get_num_threads())"


def answer(code, **environment):
    result = run_python(code, **environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_info_of_this_process():
    info = kernels.info()
    assert info["compiled"] is kernels.is_compiled()
    assert info["threads"] == kernels.get_num_threads()
    assert (info["compiler"] == "none") is not kernels.is_compiled()


@compiled_only
def test_compiled_kernels_come_without_a_warning():
    assert answer("from cs231n import kernels; print(kernels.is_compiled())", **CLEAN) == "True"


def test_pure_warns_once_and_says_why():
    code = (
        "import cs231n.layer_utils, cs231n.kernels as k, cs231n.im2col_cython as i, numpy as np\n"
        "i.im2col_cython(np.ones((1, 1, 4, 4)), 2, 2, 0, 1)\n"
        "print(sorted(k.info().items()))"
    )
    result = run_python(code, warnings="always", **{**CLEAN, "CS231N_PURE": "1"})
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("Warning") == 1
    assert re.search(
        r"RuntimeWarning: cs231n runs on its NumPy twins, which are right but slower: "
        r"CS231N_PURE is set\. `cs231n doctor` tells what to do\.",
        result.stderr,
    )
    expected = {
        "compiled": False,
        "compiler": "none",
        "instruction_set": "NumPy's own",
        "instruction_sets": (),
        "openmp": False,
        "threads": 1,
    }
    assert result.stdout.strip() == str(sorted(expected.items()))


def test_a_missing_extension_is_the_same_with_another_reason():
    code = (
        "import sys; sys.modules['cs231n.kernels._pooling'] = None\n"
        "from cs231n import kernels; print(kernels.is_compiled())"
    )
    result = run_python(code, warnings="always", **CLEAN)
    assert (result.returncode, result.stdout.strip()) == (0, "False")
    assert "slower: the compiled kernels cannot be imported (" in result.stderr


@compiled_only
@pytest.mark.parametrize("value", ["", "0"])
def test_pure_can_be_switched_off(value):
    code = "from cs231n import kernels; print(kernels.is_compiled())"
    assert answer(code, **{**CLEAN, "CS231N_PURE": value}) == "True"


@pytest.mark.parametrize(
    ("own", "openmp", "expected"),
    [
        (None, None, "1"),
        ("3", None, "3"),
        (None, "2", "2"),
        ("3", "2", "3"),
        ("", "2", "2"),
        (" ", "2", "2"),
        (None, "4,2", "4"),
        ("", "", "1"),
        # More than a kernel ever needs, but no reason to refuse an import.
        (None, "5000", "256"),
    ],
)
def test_the_number_of_threads_at_import(own, openmp, expected):
    environment = {"CS231N_NUM_THREADS": own, "OMP_NUM_THREADS": openmp}
    assert answer(PRINT_THREADS, **QUIET, **environment) == expected


@pytest.mark.parametrize("variable", ["CS231N_NUM_THREADS", "OMP_NUM_THREADS"])
@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "9" * 30])
def test_bad_numbers_of_threads_at_import(variable, value):
    result = run_python("import cs231n.kernels", **QUIET, **{**CLEAN, variable: value})
    assert result.returncode == 1
    assert f"ValueError: {variable} must " in result.stderr


@pytest.mark.parametrize("threads", [1, 2, 64, np.int64(3)])
def test_set_num_threads(two_threads, threads):
    kernels.set_num_threads(threads)
    assert kernels.get_num_threads() == kernels.info()["threads"] == threads


@pytest.mark.parametrize("threads", [0, -1, 257, 2**40])
def test_threads_out_of_range(threads):
    before = kernels.get_num_threads()
    with pytest.raises(ValueError, match=f"threads must .*got {threads}"):
        kernels.set_num_threads(threads)
    assert kernels.get_num_threads() == before


@pytest.mark.parametrize("threads", [1.5, "2", None])
def test_threads_that_are_no_integer(threads):
    with pytest.raises(TypeError, match="threads must be an integer"):
        kernels.set_num_threads(threads)


def test_the_most_threads_do_not_end_the_process():
    code = (
        "import numpy as np; from cs231n import kernels\n"
        "kernels.set_num_threads(256)\n"
        "print(kernels.max_pool_forward(np.ones((8, 8, 6, 6)), 2, 2, 2).shape)"
    )
    assert answer(code, **QUIET) == "(8, 8, 3, 3)"


FORK = """
import os, signal
import numpy as np
from cs231n import kernels
x = np.ones((8, 8, 9, 9))
kernels.set_num_threads(2)
expected = kernels.max_pool_forward(x, 2, 2, 2)
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    if {again}:
        kernels.set_num_threads(2)
    good = np.array_equal(kernels.max_pool_forward(x, 2, 2, 2), expected)
    os._exit(0 if good and kernels.get_num_threads() == 1 else 3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), kernels.get_num_threads())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("again", [False, True], ids=["as it is", "asking for threads again"])
def test_a_forked_child_does_not_hang(again):
    """GNU's OpenMP would, once the parent has used its threads."""
    assert answer(FORK.format(again=again), **QUIET) == "0 2"


def test_loading_leaves_the_environment_alone():
    code = (
        "import os; before = dict(os.environ)\n"
        "import cs231n.kernels; print(dict(os.environ) == before)"
    )
    assert answer(code, **QUIET, OMP_WAIT_POLICY=None) == "True"
    assert answer(code, **QUIET, OMP_WAIT_POLICY="active") == "True"


@compiled_only
def test_every_instruction_set_of_the_machine_can_be_forced():
    for name in kernels.instruction_sets():
        code = "from cs231n import kernels; print(kernels.info()['instruction_set'])"
        forced = answer(code, **CLEAN, CS231N_SIMD=name)
        if name != "baseline":
            assert forced.lower().replace("-", "") == name
        else:
            assert forced in ("SSE2 (x86-64 baseline)", "NEON", "baseline")


@compiled_only
def test_the_widest_instruction_set_is_taken():
    code = (
        "from cs231n import kernels as k; before = k.info()['instruction_set']\n"
        "k.set_instruction_set(k.instruction_sets()[0])\n"
        "print(before == k.info()['instruction_set'])"
    )
    assert answer(code, **CLEAN, CS231N_SIMD=None) == "True"


def test_an_unknown_instruction_set():
    result = run_python("import cs231n.kernels", **QUIET, CS231N_SIMD="sse9")
    assert result.returncode == 1
    assert "ValueError: CS231N_SIMD must be one of ('avx512', 'avx2', 'baseline'), got 'sse9'" in (
        result.stderr
    )
    with pytest.raises(ValueError, match=r"the instruction set must be one that .* got 'sse9'"):
        kernels.set_instruction_set("sse9")
