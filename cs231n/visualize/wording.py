"""Results in words: how numbers are written, and what the headline says."""

from collections.abc import Sequence

from cs231n.visualize.results import Difference, Results, Rung

MINUS, NO_BREAK = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def decimal(value: float, decimals: int) -> str:
    """Return a number with a proper minus sign, and never a negative zero.

    Examples
    --------
    >>> decimal(-0.04, 1), decimal(7.25, 2)
    ('0.0', '7.25')
    """
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        return text.removeprefix("-")
    return text.replace("-", MINUS)


def signed(value: float, decimals: int) -> str:
    """Return a number that always shows its sign, but for zero.

    Examples
    --------
    >>> signed(0.31, 1), signed(0.01, 1)
    ('+0.3', '0.0')
    """
    text = decimal(value, decimals)
    return f"+{text}" if float(text.replace(MINUS, "-")) > 0 else text


def spread(standard_error: float | None, decimals: int) -> str:
    """Return " ± 0.2", or nothing where the standard error is not known."""
    if standard_error is None:
        return ""
    return f"{NO_BREAK}±{NO_BREAK}{decimal(standard_error, decimals)}"


def error_text(rung: Rung, decimals: int) -> str:
    """Return a rung's test error as "7.1 ± 0.2"."""
    return decimal(rung.mean, decimals) + spread(rung.standard_error, decimals)


def difference_text(difference: Difference, decimals: int) -> str:
    """Return the difference to the rung before as "-0.8 ± 0.2", with a proper minus sign."""
    return signed(difference.mean, decimals) + spread(difference.standard_error, decimals)


def duration(seconds: float) -> str:
    """Return a time span in the units that it is told in.

    Examples
    --------
    >>> [duration(s).replace(NO_BREAK, " ") for s in (3.21, 71.3, 200, 7300)]
    ['3.2 s', '71 s', '3 min 20 s', '2 h 1 min']
    """
    if seconds < 10:
        return f"{seconds:.1f}{NO_BREAK}s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole}{NO_BREAK}s"
    if whole < 7200:
        return f"{whole // 60}{NO_BREAK}min {whole % 60}{NO_BREAK}s"
    return f"{whole // 3600}{NO_BREAK}h {whole % 3600 // 60}{NO_BREAK}min"


def plural(count: int, singular: str) -> str:
    """Return a count and its noun.

    Examples
    --------
    >>> plural(1, "seed"), plural(1200, "image")
    ('1 seed', '1,200 images')
    """
    return f"{count:,} {singular}" + ("" if count == 1 else "s")


def headline(results: Results) -> str:
    """Say in one line what the whole ladder brought.

    It claims a gain only where the error fell and some rung is said to help; one seed carries no
    verdict, and the line says so.

    Examples
    --------
    >>> from cs231n.visualize.example import example_results
    >>> from cs231n.visualize.results import read_results
    >>> headline(read_results(example_results())).replace(NO_BREAK, " ")
    'From 9.10 % to 8.20 % test error in one step'
    """
    first, last = results.rungs[0], results.rungs[-1]
    steps = len(results.rungs) - 1
    before, after = (f"{decimal(r.mean, results.decimals)}{NO_BREAK}%" for r in (first, last))
    if steps == 0:
        return f"{after} test error with the {first.title} alone"
    words = f"{_count(steps)} step{'' if steps == 1 else 's'}"
    if len(results.seeds) == 1:
        return f"From {before} to {after} test error in {words}, seen with one seed"
    if last.mean > first.mean:
        return f"Test error rose from {before} to {after} in {words}"
    if not _titles(results, "helps"):
        return f"No clear gain in {words}: {before} test error before, {after} after"
    return f"From {before} to {after} test error in {words}"


def findings(results: Results) -> list[str]:
    """Return one sentence for each kind of verdict: what helped, what hurt, what stayed open."""
    if len(results.rungs) == 1:
        return ["Only one step was measured, so there is nothing to compare it with."]
    if len(results.seeds) == 1:
        return ["One seed cannot tell a difference from luck: run several to get verdicts."]
    sentences = []
    if helpful := _titles(results, "helps"):
        sentences.append(f"Helped: {_listed(helpful)}.")
    else:
        sentences.append("No step clearly helped.")
    if harmful := _titles(results, "hurts"):
        sentences.append(f"Hurt: {_listed(harmful)}.")
    if unclear := _titles(results, "no clear difference"):
        sentences.append(f"No clear difference: {_listed(unclear)}.")
    return sentences


def _titles(results: Results, verdict: str) -> list[str]:
    """Return the titles of the rungs with this verdict, without the leading plus."""
    return [
        rung.title.removeprefix("+").strip()
        for rung in results.rungs
        if rung.difference and rung.difference.verdict == verdict
    ]


def _listed(items: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)
