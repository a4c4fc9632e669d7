"""The README's code runs, and prints what the README says."""

import re
from pathlib import Path

import numpy as np
import pytest

from cs231n.gradient_check import GradientError

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
PYTHON = [code for language, code in BLOCKS if language == "python"]


def test_the_training_example_learns():
    names = {}
    exec(PYTHON[0], names)
    assert names["solver"].best_val_acc > 0.9


def test_the_planned_network_learns():
    names = {}
    exec(PYTHON[0].partition("np.random.seed")[0], names)  # the data, without the training
    np.random.seed(0)
    exec(PYTHON[1], names)
    X, y, network = names["X"], names["y"], names["network"]
    assert (network.predict(X[800:]) == y[800:]).mean() > 0.9


def test_the_gradient_check_says_what_the_readme_says():
    np.random.seed(0)
    with pytest.raises(GradientError) as caught:
        exec(PYTHON[2], {"np": np})
    printed = f"GradientError: {caught.value}".splitlines()
    shown = [text.splitlines() for language, text in BLOCKS if not language]
    # The errors of the right gradients, in the lines below, are rounding: they differ by machine.
    assert printed[:4] in [lines[:4] for lines in shown]


def test_the_code_of_the_story_of_convolution():
    document = README.parent / "docs" / "convolution.md"
    blocks = re.findall(
        r"^```python\n(.*?)^```$", document.read_text(encoding="utf-8"), re.M | re.S
    )
    assert len(blocks) == 2
    names = {}
    for code in blocks:
        exec(code, names)
    assert names["Y"].shape == (4, 4)
