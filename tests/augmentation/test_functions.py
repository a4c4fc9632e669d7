"""Flips, shifts and warps, against slices and SciPy's interpolation."""

import numpy as np
import pytest
from scipy import ndimage

from cs231n.augmentation import random_affine, random_flips, random_shifts

RANGES = {"degrees": 20, "scale": 0.2, "shear": 0.3, "shift": 1.5}

AUGMENTATIONS = {
    "flips": random_flips,
    "shifts": lambda X, rng: random_shifts(X, rng, 2),
    "affine": lambda X, rng: random_affine(X, rng, **RANGES),
}
every_augmentation = pytest.mark.parametrize("augment", AUGMENTATIONS.values(), ids=AUGMENTATIONS)


class Scripted(np.random.Generator):
    """A generator that hands out what the test wants to see drawn, and keeps the ranges."""

    def __new__(cls, *drawn):
        return super().__new__(cls, np.random.PCG64(0))

    def __init__(self, *drawn):
        super().__init__(np.random.PCG64(0))
        self.drawn, self.ranges = list(drawn), []

    def uniform(self, low, high, size):
        self.ranges.append((low, high))
        return np.broadcast_to(np.asarray(self.drawn.pop(0), float), size).copy()


def bytes_images(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def smooth_images(N, C, H, W):
    """Waves of a few pixels, so that an interpolation in another precision rounds alike."""
    i, j = np.indices((H, W))
    n, c = np.indices((N, C))[:, :, :, None, None]
    return 127 + 120 * np.sin(0.4 * i + 0.3 * j * (1 + c) + n)


def warp(X, degrees=0.0, scale=1.0, shear=0.0, shift=0.0):
    """Warp by exactly these parameters."""
    return random_affine(X, Scripted(degrees, scale, shear, shift), **RANGES)


# ---- flips ----


def test_a_flip_is_the_image_or_its_mirror_image():
    X = bytes_images(40, 2, 3, 5)
    out = random_flips(X, np.random.default_rng(0))
    drawn = np.random.default_rng(0).random(40) < 0.5
    assert 10 < drawn.sum() < 30
    for image, before, mirrored in zip(out, X, drawn, strict=True):
        columns = [4, 3, 2, 1, 0] if mirrored else [0, 1, 2, 3, 4]
        np.testing.assert_array_equal(image, before[:, :, columns])


def test_half_of_the_images_are_mirrored():
    X = np.tile(np.array([0, 1], np.uint8), (10_000, 1, 1, 1))
    mirrored = random_flips(X, np.random.default_rng(0))[:, 0, 0, 0]
    assert mirrored.mean() == pytest.approx(0.5, abs=0.02)


# ---- shifts ----


def shifted(image, down, right, pixels, border):
    """One shifted image: pad it, and cut it out again."""
    framed = np.pad(image, ((0, 0), (pixels, pixels), (pixels, pixels)), mode=border)
    _, H, W = image.shape
    top, left = pixels - down, pixels - right
    return framed[:, top : top + H, left : left + W]


@pytest.mark.parametrize("border", ["reflect", "edge", "constant"])
@pytest.mark.parametrize("pixels", [1, 3])
def test_every_shift_is_a_slice_and_all_of_them_come_up(border, pixels):
    X = bytes_images(400, 1, 5, 6)
    out = random_shifts(X, np.random.default_rng(0), pixels, border)
    reach = range(-pixels, pixels + 1)
    counts = np.zeros((2 * pixels + 1, 2 * pixels + 1), int)
    for image, before in zip(out, X, strict=True):
        found = [
            (down + pixels, right + pixels)
            for down in reach
            for right in reach
            if np.array_equal(image, shifted(before, down, right, pixels, border))
        ]
        assert len(found) == 1
        counts[found[0]] += 1
    assert counts.min() > 0
    assert counts.max() < 2.5 * counts.mean()  # all shifts are as likely


def test_a_constant_border_is_zero_and_the_shift_is_whole():
    X = np.full((50, 1, 4, 4), 9, np.uint8)
    out = random_shifts(X, np.random.default_rng(0), 6, border="constant")
    assert set(np.unique(out)) == {0, 9}
    # further than the image is wide: some images leave altogether
    assert (out.reshape(50, -1).max(axis=1) == 0).any()


def test_no_pixels_are_no_shift():
    X = bytes_images(5, 3, 4, 4)
    np.testing.assert_array_equal(random_shifts(X, np.random.default_rng(0), 0), X)


@pytest.mark.parametrize(
    ("pixels", "border", "error", "message"),
    [
        (-1, "edge", ValueError, "pixels must lie in"),
        (float("nan"), "edge", TypeError, "pixels must be an integer"),
        (1.5, "edge", TypeError, "pixels must be an integer, got 1.5"),
        (4, "reflect", ValueError, "pixels must be below 4 to reflect X"),
        (1, "wrap", ValueError, "border must be 'constant', 'edge' or 'reflect', got 'wrap'"),
        (1, None, ValueError, "got None"),
    ],
)
def test_wrong_shifts_are_refused(pixels, border, error, message):
    with pytest.raises(error, match=message):
        random_shifts(np.zeros((2, 1, 4, 6)), np.random.default_rng(0), pixels, border)


def test_the_largest_reflection_is_taken():
    X = bytes_images(50, 1, 4, 6)
    assert random_shifts(X, np.random.default_rng(0), 3).shape == X.shape


# ---- affine warps ----


def expected_warp(X, degrees, scale, shear, shift):
    """Look every pixel up at its source, by SciPy."""
    angle = np.deg2rad(degrees)
    unrotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    unshear = np.array([[1, 0], [shear, 1]])
    matrix = np.diag(1 / np.broadcast_to(np.asarray(scale, float), 2)) @ unrotate @ unshear
    centre = (np.array(X.shape[2:]) - 1) / 2
    offset = centre + np.broadcast_to(shift, 2) - matrix @ centre
    out = np.zeros(X.shape)
    for n, c in np.ndindex(X.shape[:2]):
        out[n, c] = ndimage.affine_transform(
            X[n, c].astype(float), matrix, offset, order=1, mode="grid-constant"
        )
    return out


WARPS = [
    {"degrees": 17.0},
    {"scale": (1.2, 0.9)},
    {"shear": 0.3},
    {"shift": (0.7, -1.2)},
    {"degrees": -9.0, "scale": (0.9, 1.15), "shear": -0.2, "shift": (-1.1, 0.4)},
    {"degrees": 180.0},
]


@pytest.mark.parametrize("parameters", WARPS, ids=lambda parameters: "-".join(parameters))
@pytest.mark.parametrize("size", [(9, 12), (8, 8)])
def test_a_warp_is_the_interpolation_of_scipy(parameters, size):
    parameters = {"degrees": 0.0, "scale": 1.0, "shear": 0.0, "shift": 0.0} | parameters
    X = smooth_images(3, 2, *size)
    expected = expected_warp(X, **parameters)
    np.testing.assert_allclose(warp(X, **parameters), expected, atol=1e-3)
    out = warp(np.rint(X).astype(np.uint8), **parameters)
    assert np.abs(out.astype(float) - expected).max() <= 1


def point_image(row, column, size=9):
    X = np.zeros((1, 1, size, size))
    X[0, 0, row, column] = 1
    return X


@pytest.mark.parametrize(
    ("parameters", "before", "after"),
    [
        ({}, (2, 3), (2, 3)),
        ({"degrees": 90}, (4, 6), (6, 4)),  # clockwise: from the right to the bottom
        ({"shift": (1, 0)}, (4, 4), (3, 4)),  # the shift is that of the source
        ({"shift": (0, 1)}, (4, 4), (4, 3)),
        ({"scale": (2, 1)}, (5, 6), (6, 6)),  # above 1 enlarges; rows, then columns
        ({"scale": (1, 2)}, (6, 5), (6, 6)),
        ({"shear": 1}, (2, 4), (2, 6)),  # rows move, the middle one stays
        ({"shear": 1}, (4, 2), (4, 2)),
        ({"shear": 1}, (6, 4), (6, 2)),
    ],
)
def test_where_a_point_goes(parameters, before, after):
    out = warp(point_image(*before), **parameters)[0, 0]
    assert np.unravel_index(out.argmax(), out.shape) == after


def test_the_parameters_are_drawn_from_the_ranges_that_were_asked_for():
    rng = Scripted(0, 1, 0, 0)
    random_affine(np.zeros((2, 1, 4, 4)), rng, degrees=10, scale=0.25, shear=0.5, shift=3)
    assert rng.ranges == [(-10, 10), (0.75, 1.25), (-0.5, 0.5), (-3, 3)]


def test_every_image_has_a_warp_of_its_own_and_its_channels_the_same():
    X = np.repeat(np.tile(smooth_images(1, 1, 9, 9), (20, 1, 1, 1)), 2, axis=1)
    for name, reach in RANGES.items():
        out = random_affine(X, np.random.default_rng(0), **{name: reach})
        np.testing.assert_array_equal(out[:, 0], out[:, 1])
        assert len(np.unique(out[:, 0].reshape(20, -1), axis=0)) == 20


def test_without_ranges_the_images_stay_exactly_as_they_are():
    for X in (bytes_images(3, 2, 5, 8), np.random.default_rng(0).standard_normal((3, 2, 5, 8))):
        np.testing.assert_array_equal(random_affine(X, np.random.default_rng(0)), X)


def test_bytes_are_rounded_and_never_wrap_around():
    X = bytes_images(200, 1, 7, 7) // 254 * 255  # black and white: whatever overshoots would wrap
    out = random_affine(X, np.random.default_rng(0), **RANGES)
    exact = random_affine(X.astype(np.float64), np.random.default_rng(0), **RANGES)
    assert 0 <= exact.min() <= exact.max() <= 255 + 1e-3
    np.testing.assert_array_equal(out, np.rint(exact).astype(np.uint8))
    white = np.full((50, 1, 7, 7), 255, np.uint8)
    assert (random_affine(white, np.random.default_rng(0), degrees=5)[:, 0, 3, 3] == 255).all()


def test_what_comes_from_outside_is_zero():
    out = warp(np.full((1, 1, 5, 5), 8.0), shift=(0, 2.5))[0, 0]
    np.testing.assert_allclose(out[2], [8, 8, 4, 0, 0])
    assert not warp(np.full((1, 1, 5, 5), 8.0), shift=(-50, 80)).any()


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), -float("inf")])
def test_wrong_ranges_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must .* got {value}"):
        random_affine(np.zeros((2, 1, 4, 4)), np.random.default_rng(0), **{name: value})


def test_a_scale_down_to_nothing_is_refused():
    with pytest.raises(ValueError, match=r"scale must lie in \[0, 1\), got 1"):
        random_affine(np.zeros((2, 1, 4, 4)), np.random.default_rng(0), scale=1)


# ---- what all of them promise ----


@every_augmentation
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_shape_and_dtype_are_kept(augment, dtype):
    X = bytes_images(6, 3, 5, 4).astype(dtype)
    out = augment(X, np.random.default_rng(0))
    assert (out.shape, out.dtype) == (X.shape, X.dtype)


@every_augmentation
def test_the_input_is_neither_modified_nor_shared(augment):
    X = bytes_images(6, 3, 5, 4)
    before = X.copy()
    out = augment(X, np.random.default_rng(0))
    assert not np.shares_memory(out, X)
    np.testing.assert_array_equal(X, before)


@every_augmentation
def test_the_seed_decides(augment):
    X = bytes_images(6, 3, 5, 4)
    first = augment(X, np.random.default_rng(0))
    np.testing.assert_array_equal(augment(X, np.random.default_rng(0)), first)
    assert not np.array_equal(augment(X, np.random.default_rng(1)), first)


@every_augmentation
def test_the_global_generator_is_left_alone(augment):
    before = np.random.get_state()[1].copy()
    augment(bytes_images(6, 3, 5, 4), np.random.default_rng(0))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@every_augmentation
def test_strides_do_not_matter(augment):
    X = bytes_images(4, 5, 6, 7)
    strided = [
        X.transpose(0, 1, 3, 2),
        X[::-1, :, ::2, ::-1],
        np.asfortranarray(X),
        np.broadcast_to(X[:1], X.shape),
    ]
    for view in strided:
        expected = augment(view.copy(), np.random.default_rng(0))
        np.testing.assert_array_equal(augment(view, np.random.default_rng(0)), expected)


@every_augmentation
def test_an_empty_batch_stays_empty(augment):
    out = augment(np.zeros((0, 3, 5, 4), np.uint8), np.random.default_rng(0))
    assert (out.shape, out.dtype) == ((0, 3, 5, 4), np.uint8)


@every_augmentation
@pytest.mark.parametrize("shape", [(3, 5, 4), (1, 2, 3, 5, 4), ()])
def test_other_shapes_are_refused(augment, shape):
    with pytest.raises(ValueError, match=r"X must have shape \(N, C, H, W\), got"):
        augment(np.zeros(shape), np.random.default_rng(0))


@every_augmentation
@pytest.mark.parametrize("dtype", [bool, complex, object, str])
def test_other_dtypes_are_refused(augment, dtype):
    with pytest.raises(TypeError, match="X must hold integers or real numbers"):
        augment(np.zeros((2, 1, 5, 4)).astype(dtype), np.random.default_rng(0))
