"""The page on marginalisation does what it says."""

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "marginalization.md"


def test_the_examples_run():
    if not PAGE.exists():
        pytest.skip("the tests run without the repository's docs")
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 20
    assert not failed
