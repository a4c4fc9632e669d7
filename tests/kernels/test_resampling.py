"""Bicubic warps and blur: bytes to the bit as the twin, and near the exact sums."""

import numpy as np
import pytest

from cs231n import kernels
from cs231n.augmentation.blur import gaussian_weights
from cs231n.kernels import numpy_resampling
from cs231n.kernels.borders import BORDERS

pytestmark = pytest.mark.usefixtures("machine")


def images(*shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, shape).astype(dtype)


def twin_of(monkeypatch, function, *args, **keywords):
    with monkeypatch.context() as patch:
        patch.setattr("cs231n.kernels.resampling.kernel_module", lambda *_: numpy_resampling)
        return function(*args, **keywords)


# ---- bicubic ----


# Sums and products of these are exact, whatever is fused.
EXACT_MAP = np.array([0.875, 0.1875, -2.40625, -0.3125, 1.0625, 0.70703125, 0, 0, 1])
TURNS = [("matrix", np.tile(EXACT_MAP, (3, 1)))]


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("width", [1, 2, 7, 8, 9, 131])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_bicubic_bytes_are_the_twins_to_the_bit(monkeypatch, border, width, channels):
    X = images(3, channels, 5, width)
    options = {"border": border, "interpolation": "bicubic"}
    for shape in ((6, width), (1, 1), (3, 141)):
        out = kernels.warp(X, TURNS, shape, **options)
        np.testing.assert_array_equal(
            out, twin_of(monkeypatch, kernels.warp, X, TURNS, shape, **options)
        )
        exact = kernels.warp(X.astype(float), TURNS, shape, **options)
        np.testing.assert_allclose(out, np.clip(exact, 0, 255), atol=0.6, rtol=0)


@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
def test_an_even_area_stays_even(value):
    X = np.full((3, 3, 9, 40), value, np.uint8)
    out = kernels.warp(X, TURNS, (9, 40), border="edge", interpolation="bicubic")
    np.testing.assert_array_equal(out, X)


def test_bicubic_interpolation_of_no_move_keeps_every_byte():
    X = images(3, 3, 9, 45)
    same = np.tile(np.eye(3).ravel(), (3, 1))
    for border in BORDERS:
        out = kernels.warp(
            X, [("matrix", same)], (9, 45), border=border, interpolation="bicubic", out=X.copy()
        )
        np.testing.assert_array_equal(out, X)


# ---- blur ----


def gaussians_of(sigmas):
    return gaussian_weights(np.array(sigmas, float))


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (16, 31), (17, 33), (50, 131)])
@pytest.mark.parametrize("sigmas", [(0, 0.1, 0.3), (0.5, 2, 0.9), (4, 0, 1)])
def test_blurred_bytes_are_the_twins_to_the_bit(monkeypatch, border, shape, sigmas):
    X, weights = images(3, 2, *shape), gaussians_of(sigmas)
    out = kernels.blur(X, weights, border)
    twin = twin_of(monkeypatch, kernels.blur, X, weights, border)
    np.testing.assert_array_equal(out, twin)
    exact = kernels.blur(X.astype(float), weights, border)
    np.testing.assert_allclose(out, exact, atol=0.56, rtol=0)
    assert kernels.blur(X, weights, border, out=X) is X
    np.testing.assert_array_equal(X, out)


@pytest.mark.parametrize(
    "weights",
    [[1, 2, 0], [-1, 3, -1], [1, 1, 1], [0, 0, 1 / 3], [0.5, 0, 0.5], [1 / 67] * 67],
    ids=["one-sided", "sharpening", "sum 3", "shift", "no middle", "wide"],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("border", BORDERS)
def test_weights_of_any_kind_blur(weights, dtype, border):
    X = images(2, 3, 19, 37, dtype=dtype)
    out = kernels.blur(X, np.tile(weights, (2, 1)), border)
    exact = kernels.blur(X.astype(float), np.tile(weights, (2, 1)).astype(float), border)
    exact = np.clip(exact, 0, 255) if dtype == np.uint8 else exact
    np.testing.assert_allclose(out, exact, atol=0.51 if dtype == np.uint8 else 1e-3, rtol=0)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_blurred_image_does_not_depend_on_its_batch(dtype):
    X, weights = images(6, 3, 30, 45, dtype=dtype), gaussians_of([1, 7, 0.1, 4, 4.3, 5])
    weights[2, 0] = np.nan  # these sums have no meaning, but those of the others do
    with np.errstate(invalid="ignore"):
        out = kernels.blur(X, weights)
    for n in (0, 1, 3, 4, 5):
        np.testing.assert_array_equal(
            out[n : n + 1], kernels.blur(X[n : n + 1], weights[n : n + 1])
        )
    alone = kernels.blur(X[:1], gaussians_of([1]))
    np.testing.assert_array_equal(out[:1], alone)


@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
def test_blur_keeps_an_even_area(value):
    X = np.full((4, 1, 20, 35), value, np.uint8)
    np.testing.assert_array_equal(kernels.blur(X, gaussians_of([0, 0.4, 4, 8])), X)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (17, 33), (40, 131)])
def test_no_weight_hides_what_is_no_number(border, shape):
    X = images(3, 2, *shape, dtype=np.float32)
    weights = gaussians_of([1.3, 0, 0.3])
    expected = kernels.blur(X[1:], weights[1:], border)
    X[0, 0, 0, 0] = np.nan
    out = kernels.blur(X, weights, border)
    assert np.isnan(out[0, 0, 0, 0])
    assert not np.isnan(out[0, 0, 6:]).any()
    np.testing.assert_array_equal(out[1:], expected)
    X[1, 1, -1, -1] = np.inf  # other pixels must not become 0 times infinity
    out = kernels.blur(X, weights, border)
    assert np.isinf(out[1, 1, -1, -1])
    np.testing.assert_array_equal(out[1, 1].ravel()[:-1], X[1, 1].ravel()[:-1])
