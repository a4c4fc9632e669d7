"""``python setup.py build_ext --inplace`` in the package folder: in a checkout and installed."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cs231n
from cs231n import setup

PACKAGE = Path(cs231n.__file__).parent
# Stands in for the checkout's own setup.py: says where it runs and with what.
TOP_LEVEL = "import pathlib, sys\nprint(pathlib.Path.cwd(), sys.argv[1:])\nsys.exit({status})\n"


@pytest.fixture
def checkout(tmp_path):
    """A folder like a checkout, with a top-level setup.py that only reports."""

    def make(status=0):
        package = tmp_path / "cs231n"
        (package / "kernels").mkdir(parents=True)
        shutil.copy(PACKAGE / "setup.py", package)
        (package / "kernels" / "_im2col.pyx").touch()
        (tmp_path / "pyproject.toml").touch()
        (tmp_path / "setup.py").write_text(TOP_LEVEL.format(status=status))
        return package

    return make


def run(package, *arguments):
    return subprocess.run(
        [sys.executable, "setup.py", *arguments],
        timeout=60,
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )


def test_in_a_checkout_it_hands_the_line_to_the_top_level(checkout):
    pytest.importorskip("Cython")
    package = checkout()
    result = run(package, "build_ext", "--inplace")
    assert result.returncode == 0, result.stderr
    assert f"{package.parent.resolve()} ['build_ext', '--inplace']" in result.stdout
    assert "Restart Python" in result.stdout


def test_a_failed_build_fails(checkout):
    pytest.importorskip("Cython")
    result = run(checkout(status=3), "build_ext", "--inplace")
    assert result.returncode == 3
    assert "Done" not in result.stdout


@pytest.mark.parametrize("missing", ["setup.py", "pyproject.toml", "cs231n/kernels/_im2col.pyx"])
def test_installed_it_says_that_nothing_needs_to_be_built(checkout, missing):
    package = checkout()
    (package.parent / missing).unlink()
    result = run(package, "build_ext", "--inplace")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Nothing needs to be built: cs231n is installed")


@pytest.mark.parametrize("missing", ["setuptools", "Cython"])
def test_a_missing_build_tool_is_named(checkout, capfd, monkeypatch, missing):
    # The other tool is taken for present: newer Pythons make environments without setuptools.
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name != missing or None)
    assert setup.build(["build_ext"], checkout()) == 1
    printed = capfd.readouterr().out
    assert f"pip install {missing}" in printed
    assert "NumPy twins" in printed


def test_importing_it_builds_nothing(capfd):
    importlib.reload(setup)
    assert capfd.readouterr() == ("", "")
