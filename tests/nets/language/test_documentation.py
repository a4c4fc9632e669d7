"""What the page on the language shows is what happens."""

import doctest
import re
from pathlib import Path

import pytest

from cs231n.nets import parse
from cs231n.nets.language.vocabulary import INITIALS, WORDS

PAGE = Path(__file__).parents[3] / "docs" / "networks.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`.*) \| (.*) \|$", TEXT.split("## The course's pattern")[0], re.M)


def test_examples_of_the_page():
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert results.failed == 0
    assert results.attempted > 15


@pytest.mark.parametrize(("texts", "meaning"), ROWS, ids=[texts for texts, _ in ROWS])
def test_the_table_says_what_each_text_means(texts, meaning):
    texts = [text.replace(r"\|", "|") for text in re.findall(r"`([^`]*)`", texts)]
    if "input" in texts:
        assert parse("input relu softmax") == parse("relu")
        return
    shown = re.findall(r"`([^`]*)`", meaning)
    names = {word.spec.__name__: word.spec for word in WORDS}
    for text, spec in zip(texts, shown, strict=False):
        (parsed,) = parse(text)
        assert parsed == (eval(spec, names) if "..." not in spec else parsed)
        assert type(parsed).__name__ == spec.partition("(")[0]


def test_the_page_shows_every_word():
    shown = {word for texts, _ in ROWS for word in re.findall(r"[a-z]+", texts)}
    assert {word.name for word in WORDS} <= shown
    assert all(re.search(rf"`{name}", TEXT) for name in INITIALS)
