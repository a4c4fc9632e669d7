"""The ten outlines of the ``shapes`` data set, each as a signed distance.

An outline takes two arrays of coordinates (x to the right, y downwards, the shape about as
large as the unit circle) and returns distances of the same shape: negative inside, zero on the
edge, positive outside. They are unions (minimum) and intersections (maximum) of half-planes,
boxes and discs, so they are exact on the edge, which is all that anti-aliasing needs.

All outlines but the crescent are mirror images of themselves, and a mirrored crescent is still
a crescent: flips, shifts and small rotations keep every class what it is.
"""

from collections.abc import Callable

import numpy as np

Outline = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _disc(x: np.ndarray, y: np.ndarray, radius: float = 0.95) -> np.ndarray:
    """Return the distance to a filled circle about the origin."""
    return np.hypot(x, y) - np.float32(radius)


def _box(x: np.ndarray, y: np.ndarray, half_width: float, half_height: float) -> np.ndarray:
    """Return the distance to an upright box about the origin."""
    return np.maximum(np.abs(x) - np.float32(half_width), np.abs(y) - np.float32(half_height))


def _plane(x: np.ndarray, y: np.ndarray, degrees: float, offset: float) -> np.ndarray:
    """Return the distance to the half-plane whose outward normal points at ``degrees``."""
    angle = np.deg2rad(degrees)
    return np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y - np.float32(offset)


def _ring(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(_disc(x, y, 0.76)) - np.float32(0.21)


def _square(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _box(x, y, 0.8, 0.8)


def _frame(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(_box(x, y, 0.68, 0.68)) - np.float32(0.19)


def _triangle(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    sides = _plane(np.abs(x), y, -30, 0.5)  # both slopes at once: the triangle is symmetric
    return np.maximum(sides, y - np.float32(0.62))


def _cross(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.minimum(_box(x, y, 0.98, 0.3), _box(x, y, 0.3, 0.98))


def _star(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    # Five-fold symmetry: turn every point into the sector around one tip, then a single edge
    # of the star bounds it.
    sector = np.float32(2 * np.pi / 5)
    angle = np.arctan2(x, -y)
    angle -= sector * np.round(angle / sector)
    radius = np.hypot(x, y)
    tip, notch, turn = 1.1, 0.46, np.pi / 5
    dx, dy = notch * np.cos(turn) - tip, notch * np.sin(turn)
    length = np.hypot(dx, dy)
    along, across = radius * np.cos(angle), radius * np.abs(np.sin(angle))
    return np.float32(-dy / length) * (np.float32(tip) - along) - np.float32(dx / length) * across


def _heart(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    point = np.maximum(_plane(np.abs(x), y, 45, 0.68), _plane(np.abs(x), y, -45, 0.56))
    return np.minimum(point, _disc(np.abs(x) - np.float32(0.46), y + np.float32(0.32), 0.51))


def _crescent(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    bite = _disc(x - np.float32(0.5), y + np.float32(0.12), 0.8)
    return np.maximum(_disc(x, y, 1.0), -bite)


def _arrow(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    head = np.maximum(_plane(np.abs(x), y, -42, 0.72), y - np.float32(0.02))
    return np.minimum(head, _box(x, y - np.float32(0.48), 0.25, 0.5))


OUTLINES: dict[str, Outline] = {
    "disc": _disc,
    "ring": _ring,
    "square": _square,
    "frame": _frame,
    "triangle": _triangle,
    "cross": _cross,
    "star": _star,
    "heart": _heart,
    "crescent": _crescent,
    "arrow": _arrow,
}
