"""``cs231n doctor``: findings, advice, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cs231n import __version__, kernels
from cs231n.cli import environment, main

# ``from cs231n.cli import doctor`` is the command, which hides its module.
examination = sys.modules["cs231n.cli.doctor"]

SUBJECTS = [
    "cs231n",
    "Python, NumPy",
    "machine",
    "kernels",
    "threads",
    "BLAS",
    "data: digits",
    "data: shapes",
    "data: mnist",
    "data: cifar10",
    "PyTorch (optional)",
]


@pytest.fixture
def healthy(monkeypatch, tmp_path):
    """A machine on which nothing is wrong, whatever this one is."""
    monkeypatch.setattr(kernels, "is_compiled", lambda: True)
    monkeypatch.setattr(kernels, "get_num_threads", lambda: 1)
    monkeypatch.setattr(environment, "usable_cores", lambda: 2)
    blas = {"internal_api": "openblas", "version": "1.0", "num_threads": 2}
    monkeypatch.setattr(environment, "blas", lambda: [blas])
    fake = tmp_path / "kernels"
    (fake / "c").mkdir(parents=True)
    monkeypatch.setattr(kernels, "__file__", str(fake / "__init__.py"))
    for name, time in [("_a.pyx", 1), ("c/a.c", 1), ("c/a.h", 1), ("_a.so", 2), ("_b.so", 3)]:
        touch(fake / name, time)
    return fake


def touch(path, time):
    path.touch()
    os.utime(path, (time, time))


def findings(*arguments):
    """Return the exit code and the findings by subject."""
    result = CliRunner().invoke(main, ["doctor", "--json", *arguments])
    return result.exit_code, {entry["subject"]: entry for entry in json.loads(result.stdout)}


def assert_problem(subject, state, *advice):
    code, found = findings()
    assert code == 1
    assert [name for name, entry in found.items() if entry["problem"]] == [subject]
    assert state in found[subject]["state"]
    for text in advice:
        assert text in found[subject]["advice"]


def test_all_is_well_on_a_healthy_machine(healthy):
    code, found = findings()
    assert code == 0
    assert list(found) == SUBJECTS
    assert not any(entry["problem"] for entry in found.values())
    assert found["cs231n"]["state"].startswith(__version__)


def test_text_and_json_say_the_same(healthy):
    text = CliRunner().invoke(main, ["doctor"])
    assert text.exit_code == 0
    for subject, entry in findings()[1].items():
        (line,) = (line for line in text.output.splitlines() if f" {subject} " in line[:21])
        assert line.startswith("- " if entry["advice"] else "+ ")
        assert line.endswith(entry["state"])
        assert entry["advice"] in text.output


def test_a_problem_is_marked_and_followed_by_its_advice(healthy, monkeypatch):
    monkeypatch.setattr(kernels, "get_num_threads", lambda: 3)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    (place,) = (k for k, line in enumerate(lines) if line.startswith("! "))
    assert "threads" in lines[place]
    assert "-> set CS231N_NUM_THREADS to 2 or less" in lines[place + 1]


def test_more_threads_than_cores_are_a_problem(healthy, monkeypatch):
    monkeypatch.setattr(kernels, "get_num_threads", lambda: 2)
    assert findings()[0] == 0
    monkeypatch.setattr(kernels, "get_num_threads", lambda: 3)
    assert_problem("threads", "kernels 3, usable cores 2", "CS231N_NUM_THREADS to 2")


def test_more_blas_threads_than_cores_are_a_problem(healthy, monkeypatch):
    library = {"internal_api": "mkl", "version": "9", "num_threads": 3}
    monkeypatch.setattr(environment, "blas", lambda: [library])
    assert_problem("BLAS", "mkl 9, 3 threads", "OMP_NUM_THREADS to 2")


def test_an_unknown_blas_is_no_problem(healthy, monkeypatch):
    monkeypatch.setattr(environment, "blas", list)
    code, found = findings()
    assert code == 0
    assert "unknown" in found["BLAS"]["state"]


@pytest.mark.parametrize("name", ["_a.pyx", "c/a.c", "c/a.h"])
def test_a_source_newer_than_the_oldest_module_is_stale(healthy, name):
    touch(healthy / name, 2.5)
    advice = ("python setup.py build_ext --inplace", Path(name).name)
    assert_problem("kernels", "older than their sources", *advice)


def test_modules_of_windows_are_seen(healthy):
    for path in healthy.glob("*.so"):
        path.rename(path.with_suffix(".pyd"))
    assert findings()[0] == 0
    touch(healthy / "c" / "a.c", 9)
    assert findings()[0] == 1


def test_sources_without_modules_beside_them_are_not_stale(healthy):
    for path in healthy.glob("*.so"):
        path.unlink()
    assert findings()[0] == 0


def test_missing_kernels_are_a_problem_with_advice(healthy, monkeypatch):
    monkeypatch.delenv("CS231N_PURE", raising=False)
    monkeypatch.setattr(kernels, "is_compiled", lambda: False)
    assert_problem("kernels", "", "install a C compiler", "pip install")


def test_a_missing_pytorch_is_no_problem(healthy, monkeypatch):
    monkeypatch.setattr(examination.importlib.util, "find_spec", lambda name: None)
    code, found = findings()
    assert code == 0
    assert found["PyTorch (optional)"]["state"] == "not found"


def test_missing_data_is_no_problem_and_has_advice(healthy, tmp_path):
    code, found = findings("--data-dir", str(tmp_path))
    assert code == 0
    assert found["data: mnist"]["state"] == "not found"
    assert str(tmp_path) in found["data: mnist"]["advice"]


def test_a_data_folder_that_is_not_there_is_told_in_one_line(healthy, tmp_path):
    result = CliRunner().invoke(main, ["doctor", "--data-dir", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert result.output.startswith("Error: data_dir is ")
    assert result.output.count("\n") == 1


def run(*arguments, **variables):
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cs231n.cli", *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pure_numpy_by_choice_is_no_problem():
    result = run("doctor", "--json", CS231N_PURE="1")
    (finding,) = (f for f in json.loads(result.stdout) if f["subject"] == "kernels")
    assert finding["state"].startswith("NumPy twins")
    assert finding["advice"].startswith("CS231N_PURE is set: unset it")
    assert not finding["problem"]


def test_the_command_runs_as_a_module():
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"cs231n, version {__version__}\n")


def test_help_names_every_command():
    for flag in ("-h", "--help"):
        result = CliRunner().invoke(main, [flag])
        assert result.exit_code == 0
        assert {"doctor", "squeeze"} <= set(result.output.split())


def test_an_unknown_command_is_a_wrong_command_line():
    assert CliRunner().invoke(main, ["sqeeze"]).exit_code == 2
