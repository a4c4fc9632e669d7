"""What is said about this machine."""

import platform

import numpy as np
import pytest

from cs231n import __version__, kernels
from cs231n.cli import environment

BUILD = {
    "compiled": True,
    "compiler": "GCC 1.2",
    "instruction_set": "AVX2",
    "openmp": True,
    "threads": 2,
}


def test_the_description_is_made_of_words():
    facts = environment.describe()
    assert facts["cs231n"] == __version__
    assert facts["python"] == platform.python_version()
    assert facts["numpy"] == np.__version__
    assert all(isinstance(fact, str) and fact for fact in facts.values())
    assert platform.node() not in " ".join(facts.values()).split()  # a report may be published


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "compiled by GCC 1.2 for AVX2, OpenMP, 2 threads"),
        ({"openmp": False, "threads": 1}, "compiled by GCC 1.2 for AVX2, no OpenMP, 1 thread"),
        ({"compiled": False}, "NumPy twins, 2 threads"),
    ],
)
def test_kernels_are_described(monkeypatch, changes, text):
    monkeypatch.setattr(kernels, "info", lambda: BUILD | changes)
    assert environment.describe_kernels() == text


def test_the_blas_is_found():
    assert all(library["user_api"] == "blas" for library in environment.blas())
