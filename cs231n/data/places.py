"""Find what notebooks name by a path such as ``cs231n/datasets/cifar-10-batches-py``."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def places(name: str, path: str | os.PathLike[str]) -> list[Path]:
    """Return where a path of a notebook may lead, the first choice first.

    Notebooks of 2015 to 2019 mean it from the working directory, later ones from the package.

    Parameters
    ----------
    name : str
        What an error calls the argument.
    path : path
        Absolute, which leaves one place, or relative.

    Raises
    ------
    TypeError
        If ``path`` is no path.

    Examples
    --------
    >>> looked = places("path", "cs231n/datasets/x")
    >>> looked[0] == Path.cwd() / "cs231n/datasets/x", looked[-1] == PACKAGE / "datasets/x"
    (True, True)
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} is {path!r:.80}; expected a path")
    given = Path(path).expanduser()
    if given.is_absolute():
        return [given]
    inside = given.relative_to("cs231n") if given.parts[:1] == ("cs231n",) else given
    candidates = (Path.cwd() / given, PACKAGE.parent / given, PACKAGE / inside)
    return list(dict.fromkeys(candidates))


def find(
    candidates: Sequence[Path], advice: str, exists: Callable[[Path], bool] = Path.exists
) -> Path:
    """Return the first of ``candidates`` that is there.

    Parameters
    ----------
    candidates : sequence of Path
    advice : str
        What to do if there is none.
    exists : function of a Path
        Tells whether a place will do.

    Raises
    ------
    FileNotFoundError
        If none is there; the message names all of them, and the advice.

    Examples
    --------
    >>> find([Path("nowhere")], "make it")
    Traceback (most recent call last):
    FileNotFoundError: nowhere was not found. It was looked for at
      nowhere
    What to do: make it
    """
    for candidate in candidates:
        if exists(candidate):
            return candidate
    looked = "".join(f"\n  {candidate}" for candidate in candidates)
    raise FileNotFoundError(
        f"{candidates[0].name} was not found. It was looked for at{looked}\nWhat to do: {advice}"
    )
