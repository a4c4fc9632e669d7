"""The zoo as a table, for its page in the documentation."""

from pathlib import Path

from cs231n.nets.zoo.base import Architecture, Entry
from cs231n.nets.zoo.table import zoo

BEGIN = "<!-- written by `python -m cs231n.nets.zoo docs/zoo.md` -->"
END = "<!-- end -->"
HEAD = (
    "| name | input | classes | parameters | multiply-adds | published | by |\n"
    "|---|---|---|---|---|---|---|"
)


def markdown() -> str:
    """Return a table with a line for each net, as published.

    Examples
    --------
    >>> print(markdown().splitlines()[2][:71])
    | `vgg-a` | 3x224x224 | 1000 | 132,863,336 | 7,609,090,048 | 29.6 % top
    """
    return "\n".join([HEAD, *(_row(zoo.entry(name), zoo(name)) for name in zoo.names())])


def _row(entry: Entry, net: Architecture) -> str:
    counts = net.counts
    frozen = f" + {counts.frozen:,} frozen" if counts.frozen else ""
    cells = [
        f"`{entry.name}`",
        "x".join(map(str, entry.input_shape)),
        str(entry.classes),
        f"{counts.parameters:,}{frozen}",
        f"{counts.multiply_adds:,}",
        f"{entry.figure} ({entry.source})" if entry.figure else "",
        f"[{entry.paper}]({entry.link})" if entry.link else entry.paper,
    ]
    return f"| {' | '.join(cells)} |"


def rewrite(path: str | Path) -> None:
    """Put the table of today between the marks of a page.

    Raises
    ------
    ValueError
        If the page has no marks.
    """
    path = Path(path)
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} must hold the marks {BEGIN!r} and {END!r}")
    path.write_text(f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}", encoding="utf-8")
