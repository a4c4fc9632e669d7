"""The page in the documentation shows today's table."""

import subprocess
import sys
from pathlib import Path

import pytest

from cs231n.nets import zoo
from cs231n.nets.zoo.listing import BEGIN, END, markdown, rewrite

ROOT = Path(__file__).parents[3]


def test_the_page_is_up_to_date():
    page = ROOT / "docs" / "zoo.md"
    if not page.exists():
        pytest.skip("the documentation is not here")
    text = page.read_text(encoding="utf-8")
    assert f"{BEGIN}\n\n{markdown()}\n\n{END}" in text, "run: python -m cs231n.nets.zoo docs/zoo.md"


def test_the_table():
    head, line, *rows = markdown().splitlines()
    assert len(rows) == len(zoo.names())
    assert {row.count("|") for row in (head, line, *rows)} == {8}
    for name, row in zip(zoo.names(), rows, strict=True):
        assert row.startswith(f"| `{name}` | ")
        assert f" {zoo(name).counts.multiply_adds:,} " in row
    assert " 1,971,352 + 288 frozen " in rows[zoo.names().index("airbench94")]


def test_the_command_prints_it():
    command = [sys.executable, "-W", "ignore", "-m", "cs231n.nets.zoo"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout == markdown() + "\n"
    wrong = subprocess.run([*command, "a", "b"], cwd=ROOT, capture_output=True, text=True)
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("usage: ")


def test_rewriting_leaves_the_rest_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter é\n", encoding="utf-8")
    rewrite(page)
    expected = f"before\n{BEGIN}\n\n{markdown()}\n\n{END}\nafter é\n"
    assert page.read_text(encoding="utf-8") == expected
    rewrite(page)
    assert page.read_text(encoding="utf-8") == expected
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="must hold the marks"):
        rewrite(page)
    assert page.read_text(encoding="utf-8") == "no marks"
