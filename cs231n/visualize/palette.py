"""The colours of figures and pages, light and dark, and the mark of each verdict.

Blue against orange keeps its meaning for colour-blind eyes, and no meaning rests on colour alone:
every verdict also has a mark of its own and stands beside it in words.
"""

from dataclasses import dataclass

# name -> (light, dark). The light ones are unlike one another, and none is pure black, so that a
# drawn figure's colours can be told apart again and made to follow the page's scheme.
COLOURS = {
    "paper": ("#ffffff", "#15181d"),
    "panel": ("#f5f6f8", "#1e2229"),
    "ink": ("#1d222b", "#e6e9ee"),
    "muted": ("#5a6372", "#a6afbd"),
    "line": ("#d3d8e0", "#3b434f"),
    "dots": ("#929baa", "#798393"),
    "helps": ("#0a66ab", "#6fb4f3"),
    "hurts": ("#bd4a06", "#ff9c5f"),
}
PAPER, INK, MUTED, LINE, DOTS, HELPS, HURTS = (
    COLOURS[name][0] for name in ("paper", "ink", "muted", "line", "dots", "helps", "hurts")
)


@dataclass(frozen=True)
class Mark:
    """How a rung's mean is drawn."""

    colour: str
    fill: str
    shape: str  # matplotlib's name of the marker


PLAIN = Mark(INK, INK, "o")
MARKS = {
    "helps": Mark(HELPS, HELPS, "o"),
    "hurts": Mark(HURTS, HURTS, "D"),
    "no clear difference": Mark(MUTED, PAPER, "o"),
    "one seed: no verdict": Mark(MUTED, PAPER, "o"),
}
