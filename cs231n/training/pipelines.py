"""Techniques of augmentation by name: what a recipe has, what it refuses, and chains of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cs231n.augmentation import Compose, CutMix, MixUp, Transform
from cs231n.validation import Array

Mixing = MixUp | CutMix
# A transform; or one of mixing, which changes labels, too; or what makes a transform of the
# training images.
Technique = Transform | Mixing | Callable[[Array], Transform]


@dataclass(frozen=True)
class Pipeline:
    """A chain for images, and what then mixes them, and their labels; None where there is none."""

    images: Compose | None = None
    mixing: Mixing | None = None


def check_techniques(
    names: Sequence[str], techniques: Mapping[str, Technique], refuses: Mapping[str, str]
) -> None:
    """Refuse names of what is wrong or unknown here, with the reason.

    Examples
    --------
    >>> check_techniques(["flip"], {}, {"flip": "a mirrored digit is another sign"})
    Traceback (most recent call last):
    ValueError: 'flip' is refused on these images: a mirrored digit is another sign
    """
    for name in names:
        if name in refuses:
            raise ValueError(f"{name!r} is refused on these images: {refuses[name]}")
        if name not in techniques:
            raise ValueError(
                f"augmentation must be of {', '.join(techniques) or 'nothing'} here, got {name!r}"
            )
    mixing = [name for name in names if isinstance(techniques[name], Mixing)]
    if len(mixing) > 1:
        raise ValueError(f"augmentation must mix labels in one way at most, got {mixing}")


def pipeline_of(
    names: Sequence[str], techniques: Mapping[str, Technique], X_train: Array
) -> Pipeline:
    """Return techniques as one chain; what is fitted is fitted to `X_train`.

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n.augmentation import Flip, Shift
    >>> chain = pipeline_of(["b", "a"], {"a": Flip(), "b": Shift(2), "c": MixUp()}, np.zeros(0))
    >>> chain.images
    Compose(Shift(pixels=2), Flip())
    """
    chain, mixing = [], None
    for name in names:
        technique = techniques[name]
        if isinstance(technique, Mixing):
            mixing = technique
        else:
            chain.append(technique if isinstance(technique, Transform) else technique(X_train))
    return Pipeline(Compose(*chain) if chain else None, mixing)


def describe_technique(technique: Technique) -> str:
    """Name a technique with its options.

    Examples
    --------
    >>> from cs231n.augmentation import Shift, fit_pca
    >>> [describe_technique(technique) for technique in (Shift(2), MixUp(1.0), fit_pca)]
    ['Shift(pixels=2)', 'MixUp(alpha=1.0)', 'fit_pca']
    """
    if isinstance(technique, Transform):
        return technique.describe()
    if isinstance(technique, Mixing):
        return repr(technique)
    return Compose(technique).describe()  # type: ignore[arg-type]
