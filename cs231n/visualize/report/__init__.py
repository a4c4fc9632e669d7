"""The report: one self-contained HTML page that tells what each technique was worth."""

from collections.abc import Mapping
from importlib import resources
from string import Template
from typing import Any

from cs231n.visualize.palette import COLOURS
from cs231n.visualize.report.making import making_section
from cs231n.visualize.report.markup import Markup, element, join
from cs231n.visualize.report.pictures import augmented_section, misclassified_section
from cs231n.visualize.report.steps import curves_section, ladder_section
from cs231n.visualize.results import Results, read_results
from cs231n.visualize.wording import findings, headline, plural


def render_report(
    results: Mapping[str, Any],
    augmented: Mapping[str, Any] | None = None,
    misclassified: Mapping[str, Any] | None = None,
) -> str:
    """Return the report on a run of the ladder as one HTML page.

    The page asks for nothing over the network, needs no JavaScript, follows the reader's light or
    dark scheme, fits phone and paper, and is the same text for the same input.

    Parameters
    ----------
    results : dict
        What ``cs231n squeeze`` writes as ``results.json``.
    augmented : dict, optional
        ``originals`` (R, C, H, W) and ``variants`` (R, K, C, H, W), uint8 or floats in [0, 1].
    misclassified : dict, optional
        Of the last rung: ``images`` (M, C, H, W), ``true`` and ``predicted`` (M,) integers, and
        ``confidence`` (M,) in [0, 1]; the 40 most confident are shown. M may be 0.

    Returns
    -------
    str
        The page, to be written as UTF-8.

    Raises
    ------
    ValueError, TypeError
        If something is missing or has another form; the message names it.

    Examples
    --------
    >>> from cs231n.visualize.example import example_results
    >>> render_report(example_results()).splitlines()[0]
    '<!DOCTYPE html>'
    """
    data = read_results(results)
    sections = join(
        ladder_section(results, data),
        curves_section(results, data),
        augmented_section(augmented),
        misclassified_section(misclassified, data),
        making_section(data),
    )
    return Template(_read("page.html")).substitute(
        title=join(f"{headline(data)} ({data.dataset.name})"),
        style=Template(_read("page.css")).substitute(light=_colours(0), dark=_colours(1)),
        kicker=join(f"cs231n squeeze: {data.dataset.name}"),
        headline=join(headline(data)),
        findings=join(*(element("p", line, class_="findings") for line in findings(data))),
        data=element("p", _data_sentence(data), class_="data"),
        sections=sections,
    )


def _data_sentence(results: Results) -> str:
    data = results.dataset
    return (
        f"{plural(data.train_size, 'training image')}, "
        f"{data.validation_size:,} for validation, {data.test_size:,} for the test; "
        f"{plural(len(data.class_names), 'class').replace('classs', 'classes')}; "
        f"{plural(len(results.seeds), 'seed')}."
    )


def _colours(scheme: int) -> Markup:
    """Return the palette as CSS variables: 0 for the light scheme, 1 for the dark one."""
    return Markup(" ".join(f"--{name}: {pair[scheme]};" for name, pair in COLOURS.items()))


def _read(name: str) -> str:
    return resources.files("cs231n.visualize.report").joinpath(name).read_text("utf-8")
