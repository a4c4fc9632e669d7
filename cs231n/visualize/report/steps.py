"""The parts of the report about the rungs: figures, table, and what each step does."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cs231n.visualize.curves import has_curves, plot_curves
from cs231n.visualize.figures import figure_svg
from cs231n.visualize.ladder import plot_ladder
from cs231n.visualize.report.markup import Markup, element, join, section
from cs231n.visualize.results import Difference, Results, Rung
from cs231n.visualize.wording import NO_BREAK, difference_text, error_text, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VERDICT_CLASSES = {"helps": "helps", "hurts": "hurts"}


def ladder_section(raw: Mapping[str, Any], results: Results) -> Markup:
    """Return the ladder as a figure, as a table, and in words."""
    summary = "; ".join(
        f"{rung.title} {error_text(rung, results.decimals)} %"
        + (f" ({rung.difference.verdict})" if rung.difference else "")
        for rung in results.rungs
    )
    return section(
        "ladder",
        "The ladder",
        _responsive(plot_ladder, raw, "ladder", f"Test error of every step: {summary}."),
        _table(results),
        element("h3", "The steps in words"),
        element("dl", *map(_description, results.rungs), class_="steps"),
    )


def curves_section(raw: Mapping[str, Any], results: Results) -> Markup:
    """Return the learning curves, or nothing where no rung has any."""
    rungs = [rung for rung in results.rungs if has_curves(rung)]
    if not rungs:
        return Markup()
    alt = "Training and validation accuracy by epoch: " + "; ".join(
        f"{rung.title}, at the end {_final_accuracies(rung)}" for rung in rungs
    )
    note = "The axis leaves out the lowest accuracies of the first, steep epochs."
    if any(len(rung.curves) > 1 for rung in rungs):
        note = (
            "Lines are means over the networks that a step trained; bands reach from the lowest "
            f"to the highest of them. {note}"
        )
    left_out = [rung.title for rung in results.rungs if not has_curves(rung)]
    if left_out:
        note += f" Without curves of their own: {', '.join(left_out)}."
    return section(
        "curves",
        "Learning curves",
        _responsive(plot_curves, raw, "curves", alt),
        element("p", note, class_="note"),
    )


def _responsive(
    plot: Callable[..., "Figure"], raw: Mapping[str, Any], name: str, alt: str
) -> Markup:
    """Return a figure in two widths, of which the style sheet shows the one that fits."""
    return element(
        "div",
        *(
            element(
                "div", Markup(figure_svg(plot(raw, narrow=narrow), f"{name}-{kind}")), class_=kind
            )
            for kind, narrow in (("wide", False), ("narrow", True))
        ),
        class_="drawing",
        role="img",
        aria_label=alt,
    )


def _table(results: Results) -> Markup:
    heads = (
        "Step",
        "Test error, %",
        "Change to the step before",
        f"Time,{NO_BREAK}s",
        "Parameters",
    )
    head = element("tr", *(element("th", text, scope="col") for text in heads))
    before = (None, *results.rungs)
    rows = (_table_row(*pair, results) for pair in zip(results.rungs, before, strict=False))
    caption = element("caption", _caption(results))
    table = element("table", caption, element("thead", head), element("tbody", *rows))
    return element(
        "div", table, class_="scroll", tabindex=0, role="region", aria_label="Table of all steps"
    )


def _caption(results: Results) -> str:
    several = len(results.rungs) > 1
    if len(results.seeds) == 1:
        spread = "One seed, so nothing is known about the spread"
        return spread + ("; changes in percentage points." if several else ".")
    mean = f"Mean over {plural(len(results.seeds), 'seed')} ± standard error"
    return mean + ("; changes in percentage points, paired by seed." if several else ".")


def _table_row(rung: Rung, before: Rung | None, results: Results) -> Markup:
    seconds = f"{rung.seconds:.1f}" if rung.seconds < 100 else f"{rung.seconds:,.0f}"
    cells = (
        error_text(rung, results.decimals),
        _difference(rung.difference, before, results) if rung.difference else "\N{EN DASH}",
        seconds,
        f"{rung.parameters:,}",
    )
    head = element("th", rung.title, scope="row")
    return element("tr", head, *(element("td", cell) for cell in cells))


def _difference(difference: Difference, before: Rung | None, results: Results) -> Markup:
    """Return a difference and its verdict, and what it compares with unless the row above."""
    kind = VERDICT_CLASSES.get(difference.verdict, "open")
    words = difference.verdict
    if before is None or before.name != difference.previous:
        words += f", against {results.title_of(difference.previous)}"
    return join(
        element("strong", difference_text(difference, results.decimals), class_=kind),
        element("br"),
        element("span", words, class_=f"verdict {kind}"),
    )


def _description(rung: Rung) -> Markup:
    return element("div", element("dt", rung.title), element("dd", rung.description))


def _final_accuracies(rung: Rung) -> str:
    """Return the mean accuracies after the last epoch, in words."""
    finals = (
        (kind, [values[-1] for values in curves if values])
        for kind, curves in (
            ("training", [curve.train_accuracy for curve in rung.curves]),
            ("validation", [curve.val_accuracy for curve in rung.curves]),
        )
    )
    return " and ".join(
        f"{100 * sum(values) / len(values):.0f} % {kind}" for kind, values in finals if values
    )
