"""The part of the report about how the numbers came about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cs231n.visualize.report.markup import Markup, element, section
from cs231n.visualize.results import Results
from cs231n.visualize.wording import duration, plural

PROTOCOL = (
    "The test set chooses nothing: the epoch is chosen on validation images.",
    "Differences are paired by seed. A step is said to help or to hurt when 0 lies outside the "
    "95\N{NO-BREAK SPACE}% t-interval of the paired difference.",
)


def making_section(results: Results) -> Markup:
    """Return the protocol, the command, the machine, the data and the settings."""
    return section(
        "making",
        "How this was made",
        element("pre", element("code", results.command)),
        *(element("p", sentence) for sentence in PROTOCOL),
        element("h3", "Run"),
        _entries(
            {
                "date": _date(results.date),
                "time taken": duration(results.seconds),
                "seeds": ", ".join(map(str, results.seeds)),
                **results.environment,
            }
        ),
        element("h3", "Data"),
        _entries(_data(results)),
        element("h3", "Settings"),
        _entries(results.settings),
    )


def _data(results: Results) -> dict[str, Any]:
    data = results.dataset
    return {
        "data set": data.name,
        "input shape": " \N{MULTIPLICATION SIGN} ".join(map(str, data.input_shape)),
        "classes": ", ".join(data.class_names),
        "training": plural(data.train_size, "image"),
        "validation": plural(data.validation_size, "image"),
        "test": plural(data.test_size, "image"),
    }


def _entries(entries: Mapping[str, Any]) -> Markup:
    """Return names and values side by side."""
    return element(
        "dl",
        *(
            element("div", element("dt", _readable(key)), element("dd", _readable(value)))
            for key, value in entries.items()
        ),
        class_="entries",
    )


def _readable(value: Any) -> str:
    """Return a setting as one would write it, without Python's quotes and brackets.

    Examples
    --------
    >>> _readable("learning_rate"), _readable(True), _readable([0.5, None])
    ('learning_rate', 'yes', '0.5, none')
    """
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, list | tuple):
        return ", ".join(map(_readable, value))
    return str(value)


def _date(text: str) -> str:
    """Return an ISO date without its seconds, and anything else as it is.

    Examples
    --------
    >>> _date("2026-11-23T14:30:00+00:00"), _date("yesterday")
    ('2026-11-23 14:30 UTC', 'yesterday')
    """
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return text
