"""Which year's conventions are in force, where the published packages contradict each other.

The newest are the default. ``cs231n.use_release(2015)`` selects a year for the whole process, or
for a ``with`` block; ``CS231N_RELEASE=2015`` does so from outside. Whatever can be told from the
arguments (shapes, keywords, their number) needs no switch, and is not here.
"""

import os
from dataclasses import dataclass
from types import TracebackType

FIRST, LATEST = 2015, 2026


@dataclass(frozen=True)
class Conventions:
    """What the years disagree about."""

    year: int

    @property
    def linear_l2_factor(self) -> float:
        """The penalty of linear classifiers is this times ``reg sum(W^2)``."""
        return 0.5 if self.year <= 2016 else 1.0

    @property
    def neural_net_l2_factor(self) -> float:
        """The penalty of ``neural_net.TwoLayerNet`` is this times ``reg sum(W^2)``."""
        return 0.5 if self.year <= 2016 else 1.0

    @property
    def dropout_p_is_dropped(self) -> bool:
        """``dropout_param['p']`` is the probability of dropping, not of keeping."""
        return self.year in (2016, 2017)

    @property
    def features_come_first(self) -> bool:
        """``features.extract_features`` has a column an image, (features, images)."""
        return self.year == 2015

    @property
    def tiny_imagenet_keeps_mean(self) -> bool:
        """``load_tiny_imagenet`` leaves the mean image in, unless it is asked to subtract it."""
        return self.year == 2015


def _as_year(name: str, value: object) -> int:
    text = str(value).strip()
    if not text.isdecimal() or not FIRST <= int(text) <= LATEST:
        raise ValueError(f"{name} must be a year from {FIRST} to {LATEST}, got {value!r}")
    return int(text)


_current = Conventions(_as_year("CS231N_RELEASE", os.environ.get("CS231N_RELEASE") or LATEST))


def conventions() -> Conventions:
    """Return the conventions in force.

    Examples
    --------
    >>> with use_release(2016):
    ...     conventions().dropout_p_is_dropped
    True
    """
    return _current


class use_release:
    """Put the conventions of a year in force, at once; at the end of a ``with`` block, take back.

    Parameters
    ----------
    year : int
        2015 to 2026.

    Examples
    --------
    >>> before = conventions().year
    >>> with use_release(2015):
    ...     conventions().features_come_first
    True
    >>> conventions().year == before
    True
    """

    def __init__(self, year: int) -> None:
        global _current
        self._previous = _current
        _current = Conventions(_as_year("year", year))

    def __enter__(self) -> "use_release":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _current
        _current = self._previous

    def __repr__(self) -> str:
        return f"the conventions of {_current.year}"
