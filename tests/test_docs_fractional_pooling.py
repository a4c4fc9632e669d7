"""The page on fractional pooling does what it says, and names every key."""

import doctest
from pathlib import Path

import pytest

from cs231n.layers import fractional_regions

PAGE = Path(__file__).parent.parent / "docs" / "fractional-pooling.md"
pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="the tests run without the repository's docs"
)


def test_the_examples_run():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 20
    assert not failed


def test_every_key_has_a_row():
    rows = [line.split("|")[1] for line in PAGE.read_text("utf-8").splitlines() if line[:1] == "|"]
    keys = (*fractional_regions._DRAWN, *fractional_regions._SHARED, *fractional_regions._STARTS)
    for key in keys:
        assert any(f"`{key}`" in row for row in rows), key
