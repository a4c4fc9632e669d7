"""Changes of hue, saturation and value, as on the colour wheel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cs231n import kernels
from cs231n.augmentation.colour import needs_rgb
from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import Reach, as_range
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.validation import Array


@dataclass(frozen=True)
class HueSaturation(Transform):
    """Turn each image's hue; multiply its saturation, which ends at 1, and its value.

    Parameters
    ----------
    hue : range around 0
        In turns of the colour wheel: a third makes red green.
    saturation, value : range around 1

    Raises
    ------
    ValueError
        If a range is empty, or once there are images, they have not 3 channels.

    References
    ----------
    Dosovitskiy et al., "Discriminative unsupervised feature learning with exemplar convolutional
    neural networks", 2014, https://arxiv.org/abs/1406.6909

    Examples
    --------
    >>> X = np.array([200, 0, 0], np.uint8).reshape(1, 3, 1, 1)
    >>> HueSaturation(hue=(1 / 3, 1 / 3))(X, np.random.default_rng(0)).ravel().tolist()
    [0, 200, 0]
    """

    hue: Reach = 0.1
    saturation: Reach = 0.0
    value: Reach = 0.0

    def __post_init__(self) -> None:
        as_range("hue", self.hue)
        as_range("saturation", self.saturation, around=1, least=0)
        as_range("value", self.value, around=1, least=0)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the three."""
        needs_rgb(self, shape)
        return {
            "hue": rng.uniform(*as_range("hue", self.hue), n),
            "saturation": rng.uniform(*as_range("saturation", self.saturation, around=1), n),
            "value": rng.uniform(*as_range("value", self.value, around=1), n),
        }

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"hue": 0.0, "saturation": 1.0, "value": 1.0}

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Change every pixel."""
        ((_, parameters),) = steps
        changes = np.stack([parameters[name] for name in ("hue", "saturation", "value")], axis=1)
        same = np.flatnonzero((changes == (0, 1, 1)).all(axis=1))
        # Floats may lie where there is no hue: below 0.
        kept = X[same] if X.dtype.kind == "f" else None
        out = kernels.shift_hsv(X, changes, out=out)
        if kept is not None:
            out[same] = kept
        return out
