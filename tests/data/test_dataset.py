import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from cs231n.data import Dataset

GOOD = {
    "name": "toy",
    "X_train": np.zeros((3, 1, 4, 5), np.uint8),
    "y_train": np.array([0, 1, 1]),
    "X_test": np.zeros((2, 1, 4, 5), np.uint8),
    "y_test": np.array([1, 0]),
    "class_names": ("a", "b"),
}


def test_a_good_one_is_taken_as_it_is():
    data = Dataset(**GOOD)
    assert data.input_shape == (1, 4, 5)
    assert data.X_train is GOOD["X_train"]


def test_it_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Dataset(**GOOD).name = "other"


def test_an_empty_part_is_allowed():
    data = Dataset(**{**GOOD, "X_test": np.zeros((0, 1, 4, 5), np.uint8), "y_test": np.arange(0)})
    assert len(data.y_test) == 0


@pytest.mark.parametrize(
    ("field", "value", "error", "words"),
    [
        ("name", 3, TypeError, "name is 3; expected a str"),
        ("X_train", [[1]], TypeError, "X_train is a list; expected uint8"),
        ("X_train", np.zeros((3, 1, 4, 5)), TypeError, "X_train has dtype float64"),
        ("X_test", np.zeros((2, 20), np.uint8), ValueError, r"X_test has shape \(2, 20\)"),
        ("X_test", np.zeros((2, 3, 4, 5), np.uint8), ValueError, r"\(2, 3, 4, 5\).*X_train"),
        ("y_train", np.zeros(3, np.int32), TypeError, "y_train has dtype int32; expected int64"),
        ("y_train", np.zeros((3, 1), np.int64), ValueError, r"y_train has shape \(3, 1\)"),
        ("y_train", np.array([0, 1]), ValueError, r"y_train has shape \(2,\)"),
        ("y_test", np.array([0, 2]), ValueError, "y_test has labels from 0 to 2; expected 0 to 1"),
        ("y_test", np.array([-1, 0]), ValueError, "from -1 to 0"),
        ("class_names", ["a", "b"], TypeError, "class_names is"),
        ("class_names", ("a", 1), TypeError, "class_names is"),
        ("class_names", (), ValueError, "class_names is empty"),
    ],
)
def test_wrong_fields_are_named(field, value, error, words):
    with pytest.raises(error, match=words):
        Dataset(**{**GOOD, field: value})


def test_importing_the_package_pulls_in_nothing_heavy():
    code = (
        "import sys, cs231n.data; "
        "heavy = {'sklearn', 'matplotlib', 'pooch', 'requests', 'tqdm', 'scipy'}; "
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
