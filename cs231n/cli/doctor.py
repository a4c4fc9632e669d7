"""``cs231n doctor``: what is installed, and what to do about each problem."""

import importlib.util
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

import cs231n
from cs231n import data, kernels
from cs231n.cli import environment


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; the advice is empty where all is well."""

    subject: str
    state: str
    advice: str = ""
    problem: bool = False  # False with advice: something optional is missing


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), help="Look for data sets here, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(data_dir: Path | None, as_json: bool) -> None:
    """Tell what is installed, and what to do about each problem.

    Exits with 1 if there is a problem; a missing optional part is none.
    """
    try:
        findings = list(examine(data_dir))
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            mark = "!" if finding.problem else "-" if finding.advice else "+"
            click.echo(f"{mark} {finding.subject:<18} {finding.state}")
            if finding.advice:
                click.echo(f"  {'':<18} -> {finding.advice}")
    if any(finding.problem for finding in findings):
        raise SystemExit(1)


def examine(data_dir: Path | None = None) -> Iterator[Finding]:
    """Yield the findings, one a subject."""
    facts = environment.describe()
    yield Finding("cs231n", f"{facts['cs231n']} in {Path(cs231n.__file__).parent}")
    yield Finding("Python, NumPy", f"{facts['python']}, {facts['numpy']}")
    yield Finding("machine", f"{facts['system']}, {facts['machine']}")
    yield _kernels()
    yield _threads()
    yield _blas()
    for entry in data.available(data_dir):
        state = entry.where if entry.found else "not found"
        yield Finding(f"data: {entry.name}", state, entry.advice)
    has_torch = importlib.util.find_spec("torch") is not None
    advice = "" if has_torch else "`make bench` and some tests compare with it where it is there"
    yield Finding("PyTorch (optional)", "found" if has_torch else "not found", advice)


def _kernels() -> Finding:
    state = environment.describe_kernels()
    if not kernels.is_compiled():
        if os.environ.get("CS231N_PURE", "0") not in ("", "0"):
            return Finding("kernels", state, "CS231N_PURE is set: unset it to use compiled kernels")
        advice = (
            "they are right, but slower: install a C compiler (Debian: apt install "
            "build-essential; macOS: xcode-select --install; Windows: Visual Studio Build "
            "Tools), then "
            "`pip install --force-reinstall --no-deps .`"
        )
        return Finding("kernels", state, advice, problem=True)
    if stale := _stale_sources():
        advice = f"rebuild with `python setup.py build_ext --inplace` and restart Python: {stale}"
        return Finding("kernels", f"{state}; older than their sources", advice, problem=True)
    return Finding("kernels", state)


def _stale_sources() -> str:
    """Name the kernel sources that are newer than the modules built from them."""
    folder = Path(kernels.__file__).parent
    built = [*folder.glob("_*.so"), *folder.glob("_*.pyd")]
    if not built:
        return ""
    oldest = min(path.stat().st_mtime for path in built)
    sources = [*folder.glob("*.pyx"), *folder.glob("c/*")]
    return ", ".join(sorted(path.name for path in sources if path.stat().st_mtime > oldest))


def _threads() -> Finding:
    cores, threads = environment.usable_cores(), kernels.get_num_threads()
    state = f"kernels {threads}, usable cores {cores}"
    if threads > cores:
        advice = f"set CS231N_NUM_THREADS to {cores} or less"
        return Finding("threads", state, advice, problem=True)
    return Finding("threads", state)


def _blas() -> Finding:
    libraries = environment.blas()
    if not libraries:
        return Finding("BLAS", "unknown: threadpoolctl does not know NumPy's")
    state = "; ".join(
        f"{library['internal_api']} {library['version']}, {library['num_threads']} threads"
        for library in libraries
    )
    if any(library["num_threads"] > environment.usable_cores() for library in libraries):
        advice = f"set OMP_NUM_THREADS to {environment.usable_cores()} or less"
        return Finding("BLAS", state, advice, problem=True)
    return Finding("BLAS", state)
