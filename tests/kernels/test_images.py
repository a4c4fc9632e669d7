"""The kernels on images: compiled ones against their twins, and both against NumPy and SciPy."""

import colorsys

import numpy as np
import pytest
from scipy import ndimage

from cs231n import kernels
from cs231n.kernels import numpy_colours, numpy_crops, numpy_resampling
from cs231n.kernels.borders import BORDERS
from cs231n.kernels.resampling import INTERPOLATIONS

SETS = kernels.instruction_sets() or ("NumPy",)
TWINS = {"colours": numpy_colours, "crops": numpy_crops, "resampling": numpy_resampling}
PAD = {"constant": "constant", "edge": "edge", "reflect": "reflect"}


@pytest.fixture(autouse=True, params=[(name, count) for name in SETS for count in (1, 2)], ids=str)
def machine(request, monkeypatch):
    """Each instruction set with one thread and with two, however small the work."""
    monkeypatch.setattr("cs231n.kernels.arrays._WORK_OF_ONE_THREAD", 0)
    name, count = request.param
    threads = kernels.get_num_threads()
    kernels.set_num_threads(count)
    if name != "NumPy":
        kernels.set_instruction_set(name)
    yield
    kernels.set_num_threads(threads)
    if name != "NumPy":
        kernels.set_instruction_set(SETS[0])


def images(*shape, dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(dtype)


def twin_of(monkeypatch, function, *args, **keywords):
    """Call a kernel on its twin."""
    with monkeypatch.context() as patch:
        for module in ("colours", "crops", "resampling"):
            patch.setattr(f"cs231n.kernels.{module}.kernel_module", lambda name, dtype: TWINS[name])
        return function(*args, **keywords)


def starts_of(N, H, W, seed=0):
    """Windows that begin anywhere around the image, mirrored or not."""
    rng = np.random.default_rng(seed)
    starts = np.empty((N, 4), np.int64)
    starts[:, 0], starts[:, 2] = rng.integers(-9, H + 9, N), rng.integers(-40, W + 40, N)
    starts[:, 1::2] = rng.choice([-1, 1], (N, 2))
    return starts


# ---- crops ----


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8", "f2", ">f4", "longdouble"])
@pytest.mark.parametrize("width", [7, 32, 64, 70])
def test_a_window_is_a_slice_of_the_padded_image(border, dtype, width):
    X = images(30, 2, 7, 40, dtype=dtype)
    starts = starts_of(30, 7, 40)
    out = kernels.crop(X, starts, (6, width), border)
    assert out.dtype == X.dtype
    padded = np.pad(X, ((0, 0), (0, 0), (30, 30), (150, 150)), mode=PAD[border])
    for image, frame, (i, down, j, right) in zip(out, padded, starts, strict=True):
        rows, columns = i + 30 + down * np.arange(6), j + 150 + right * np.arange(width)
        np.testing.assert_array_equal(image, frame[:, rows[:, None], columns])


@pytest.mark.parametrize("width", [1, 2, 15, 16, 17, 31, 32, 33, 64, 65, 100])
def test_mirrored_rows_of_every_width(width):
    X = images(4, 3, 2, width)
    starts = np.tile(np.array([1, -1, width - 1, -1]), (4, 1))
    np.testing.assert_array_equal(kernels.crop(X, starts, (2, width)), X[:, :, ::-1, ::-1])


def test_a_window_may_be_written_over_the_images():
    X = images(5, 3, 6, 6)
    starts = starts_of(5, 6, 6)
    expected = kernels.crop(X, starts, (6, 6), "edge")
    assert kernels.crop(X, starts, (6, 6), "edge", out=X) is X
    np.testing.assert_array_equal(X, expected)


def test_one_pixel_reflects_as_itself():
    X = images(3, 1, 1, 1)
    out = kernels.crop(X, starts_of(3, 1, 1), (4, 5), "reflect")
    np.testing.assert_array_equal(out, np.broadcast_to(X, (3, 1, 4, 5)))


# ---- warps ----


def stages_of(N, seed=0):
    """A projective map of everything, and a lens."""
    rng = np.random.default_rng(seed)
    matrix = np.tile(np.eye(3).ravel(), (N, 1))
    matrix += rng.normal(0, 0.2, (N, 9)) * np.array([1, 1, 20, 1, 1, 20, 0.01, 0.01, 0])
    lens = np.zeros((N, 9))
    lens[:, :2], lens[:, 2], lens[:, 3:] = 8, 0.01, rng.normal(0, 0.1, (N, 6))
    return [("matrix", matrix), ("lens", lens)]


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("channels", [1, 3, 6])
def test_warps_are_those_of_the_twin(monkeypatch, border, interpolation, channels):
    field = np.random.default_rng(1).normal(0, 3, (5, 2, 11, 150)).astype(np.float32)
    options = {"field": field, "border": border, "interpolation": interpolation}
    for dtype, error in ((np.uint8, 1), (np.float32, 2e-3)):
        X = images(5, channels, 17, 23, dtype=dtype)
        out = kernels.warp(X, stages_of(5), (11, 150), **options)
        expected = twin_of(monkeypatch, kernels.warp, X, stages_of(5), (11, 150), **options)
        difference = np.abs(out.astype(float) - expected)
        assert difference.max() <= error
        assert (difference > 0.01).mean() < 1e-3  # bytes: a rounding here and there


SCIPY_BORDERS = {"constant": "grid-constant", "edge": "nearest", "reflect": "mirror"}


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("interpolation", "order"), [("nearest", 0), ("bilinear", 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_warps_are_those_of_scipy(border, interpolation, order, dtype):
    X = images(4, 3, 15, 18, dtype=dtype)
    ((_, matrices), _) = stages_of(4)
    out = kernels.warp(
        X, [("matrix", matrices)], (13, 21), border=border, interpolation=interpolation
    )
    y, x = np.indices((13, 21)).reshape(2, -1)
    for n, c in np.ndindex(4, 3):
        u, v, w = matrices[n].reshape(3, 3) @ (x, y, np.ones(len(x)))
        expected = ndimage.map_coordinates(
            X[n, c].astype(float), (v / w, u / w), order=order, mode=SCIPY_BORDERS[border]
        ).reshape(13, 21)
        error = 0.51 if dtype == np.uint8 else 1e-2 if dtype == np.float32 else 1e-9
        np.testing.assert_allclose(out[n, c], expected, atol=error, rtol=0)


STRETCHES = (0.0, 0.4, 1.0, 1.02, -0.7, 1.9, -1.9, 2.3, -5.0, 40.0, 1e300)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(17, 23), (1, 1), (3, 140), (140, 2)])
def test_stretches_along_the_axes_are_like_any_warp(border, dtype, shape):
    rng = np.random.default_rng(3)
    N = len(STRETCHES)
    X = images(N, 3, *shape, dtype=dtype)
    if dtype == np.float32:
        X[:, 1, -1, -1], X[:, 2, 0, 0] = np.nan, np.inf
    matrices = np.zeros((N, 9))
    matrices[:, 0], matrices[:, 4], matrices[:, 8] = STRETCHES, rng.permutation(STRETCHES), 1
    matrices[:, 2], matrices[:, 5] = rng.integers(-40, 300, (2, N)) / 2  # on pixels, and between
    nothing = np.tile(np.eye(3).ravel(), (N, 1))  # makes it a chain, which has no way of its own
    for to in (shape, (11, 150)):
        expected = kernels.warp(X, [("matrix", matrices), ("matrix", nothing)], to, border=border)
        out = kernels.warp(X, [("matrix", matrices)], to, border=border)
        np.testing.assert_allclose(out, expected, rtol=1e-5 if dtype == np.float32 else 0)
    here = X.copy()
    kernels.warp(here, [("matrix", matrices)], shape, border=border, out=here)
    out = kernels.warp(X, [("matrix", matrices)], shape, border=border)
    np.testing.assert_array_equal(here, out)


def test_bicubic_interpolation_is_that_of_its_polynomial():
    # Catmull and Rom's spline goes through cubic's values where they are quadratic.
    x = np.arange(12.0)
    X = (0.5 * x**2 - x)[None, None, None].repeat(8, axis=2)
    shift = np.array([[1, 0, 0.3, 0, 1, 0.0, 0, 0, 1]])
    out = kernels.warp(X, [("matrix", shift)], (8, 12), border="edge", interpolation="bicubic")
    at = x[2:-3] + 0.3
    np.testing.assert_allclose(out[0, 0, 4, 2:-3], 0.5 * at**2 - at, atol=1e-9)


def test_warps_in_place_and_of_nonsense():
    X = images(3, 3, 9, 9)
    stages = stages_of(3)
    expected = kernels.warp(X, stages, (9, 9))
    kernels.warp(X, stages, (9, 9), out=X)
    np.testing.assert_array_equal(X, expected)
    # Places that are no numbers, or far away, end somewhere inside.
    wild = np.full((3, 9), np.nan)
    wild[1] = 1e300
    wild[2] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    for border in BORDERS:
        with np.errstate(all="ignore"):
            assert kernels.warp(X, [("matrix", wild)], (9, 9), border=border).shape == X.shape


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_blur_is_scipys(border, dtype):
    X = images(3, 2, 9, 14, dtype=dtype)
    weights = np.array([[0, 1, 2, 1, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0]], float)
    weights /= weights.sum(axis=1, keepdims=True)
    out = kernels.blur(X, weights, border)
    for n, c in np.ndindex(3, 2):
        expected = X[n, c].astype(float)
        for axis in (0, 1):
            mode = SCIPY_BORDERS[border].replace("grid-", "")
            expected = ndimage.correlate1d(expected, weights[n], axis, mode=mode)
        error = 0.51 if dtype == np.uint8 else 1e-4
        np.testing.assert_allclose(out[n, c], expected, atol=error, rtol=0)


# ---- colours ----


def matrices_of(kind, N, C=3, seed=0):
    rng = np.random.default_rng(seed)
    matrices = np.zeros((N, C, C + 1))
    matrices[:, :, :C] = np.eye(C)
    if kind == "full":
        matrices += rng.normal(0, 0.5, matrices.shape)
    if kind in ("scale", "large"):
        matrices[:, :, :C] *= rng.uniform(-2, 3, (N, C, 1)) * (1000 if kind == "large" else 1)
    matrices[:, :, C] = rng.normal(0, 30, (N, C))
    return matrices


@pytest.mark.parametrize("kind", ["full", "scale", "large", "offset"])
@pytest.mark.parametrize("width", [1, 5, 16, 33])
def test_colour_matrices_are_matrix_products(monkeypatch, kind, width):
    matrices = matrices_of(kind, 6)
    for dtype, error in ((np.uint8, 0.6), (np.float32, 0.1), (np.float64, 1e-9)):
        X = images(6, 3, 3, width, dtype=dtype)
        out = kernels.colour_matrix(X, matrices)
        exact = np.einsum("ncd,ndhw->nchw", matrices[:, :, :3], X.astype(float))
        exact += matrices[:, :, 3, None, None]
        exact = np.clip(exact, 0, 255) if dtype == np.uint8 else exact
        np.testing.assert_allclose(out, exact, atol=error, rtol=1e-5)
        if dtype == np.uint8:
            twin = twin_of(monkeypatch, kernels.colour_matrix, X, matrices.astype(np.float32))
            np.testing.assert_array_equal(out, twin)
        assert kernels.colour_matrix(X, matrices, out=X) is X
        np.testing.assert_array_equal(X, out)


@pytest.mark.parametrize("factor", [100, 300, 1000, 30000])
def test_large_factors_of_bytes_keep_their_offsets(monkeypatch, factor):
    X = np.array([100, 180, 199, 201, 220, 255], np.uint8).reshape(1, 1, 1, 6).repeat(3, axis=1)
    threshold = np.zeros((1, 3, 4))
    threshold[0, :, :3], threshold[0, :, 3] = factor * np.eye(3), -factor * 200
    mixed = threshold.copy()
    mixed[0, 0, 1] = 1e-3 * factor
    for matrices in (threshold, mixed):
        out = kernels.colour_matrix(X, matrices)
        expected = np.clip(factor * (X[0, 2, 0].astype(int) - 200), 0, 255)
        np.testing.assert_array_equal(out[0, 2, 0], expected)
        twin = twin_of(monkeypatch, kernels.colour_matrix, X, matrices)
        np.testing.assert_array_equal(out, twin)


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("kind", ["full", "scale"])
def test_colour_matrices_of_other_numbers_of_channels(channels, kind):
    X, matrices = images(4, channels, 3, 20), matrices_of(kind, 4, channels)
    exact = np.einsum("ncd,ndhw->nchw", matrices[:, :, :-1], X.astype(float))
    exact = np.clip(exact + matrices[:, :, -1, None, None], 0, 255)
    np.testing.assert_allclose(kernels.colour_matrix(X, matrices), exact, atol=0.6)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_hue_saturation_and_value_are_those_of_colorsys(dtype):
    X = images(5, 3, 4, 9, dtype=dtype)
    X[0, :, 0], X[0, :, 1], X[0, :, 2] = 0, 255, X[0, :1, 2]  # black, white, grey
    changes = np.random.default_rng(1).uniform([-1, 0, 0.5], [1, 2, 1], (5, 3))
    out = kernels.shift_hsv(X, changes)
    for n, i, j in np.ndindex(5, 4, 9):
        h, s, v = colorsys.rgb_to_hsv(*(X[n, :, i, j].astype(float) / 255))
        turn, saturation, value = changes[n]
        expected = colorsys.hsv_to_rgb((h + turn) % 1, min(s * saturation, 1), v * value)
        error = 0.51 if dtype == np.uint8 else 1e-3
        np.testing.assert_allclose(out[n, :, i, j], 255 * np.array(expected), atol=error)


def test_neutral_changes_keep_every_byte():
    X = images(4, 3, 30, 30)
    np.testing.assert_array_equal(kernels.shift_hsv(X, np.tile([0.0, 1, 1], (4, 1))), X)
    np.testing.assert_array_equal(kernels.colour_matrix(X, np.tile(np.eye(3, 4), (4, 1, 1))), X)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_shades_mixtures_tables_and_means(dtype):
    X = images(4, 3, 5, 7, dtype=dtype)
    rng = np.random.default_rng(2)
    strengths, mask, shares = rng.random(4), rng.random((5, 7)), rng.random(4)
    others = np.array([2, 0, 1, 3])
    error = 0.51 if dtype == np.uint8 else 1e-4
    expected = X * (1 - strengths[:, None, None, None] * mask)
    np.testing.assert_allclose(kernels.shade(X, strengths, mask), expected, atol=error)
    share = shares[:, None, None, None]
    expected = share * X + (1 - share) * X[others]
    np.testing.assert_allclose(kernels.mix(X, others, shares), expected, atol=error)
    np.testing.assert_allclose(kernels.channel_means(X), X.mean(axis=(2, 3)), rtol=1e-6)
    if dtype == np.uint8:
        tables = images(4, 256)
        expected = np.stack([table[image] for table, image in zip(tables, X, strict=True)])
        np.testing.assert_array_equal(kernels.look_up(X, tables), expected)


@pytest.mark.parametrize("width", [1, 7, 31, 32, 33, 64, 100, 1001])
def test_bytes_of_every_width_are_mixed_looked_up_and_summed_to_the_bit(monkeypatch, width):
    X = images(8, 3, 1, width)
    others, shares = np.roll(np.arange(8), 3), np.array([0, 1, 0.5, 1 / 3, 0.25, 1e-5, 0.9, 0.7])
    mixed = kernels.mix(X, others, shares)
    np.testing.assert_array_equal(mixed, twin_of(monkeypatch, kernels.mix, X, others, shares))
    np.testing.assert_array_equal(mixed[:2], X[[others[0], 1]])
    tables = images(8, 256, seed=1)
    expected = tables[np.arange(8)[:, None, None, None], X]
    np.testing.assert_array_equal(kernels.look_up(X, tables), expected)
    np.testing.assert_array_equal(kernels.channel_means(X), X.sum(axis=(2, 3)) / width)
    kernels.look_up(X, tables, out=X)
    np.testing.assert_array_equal(X, expected)


# ---- what they refuse ----


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda X: kernels.crop(X, np.zeros((1, 4), int), (2, 2)),
            r"starts must have shape \(2, 4",
        ),
        (lambda X: kernels.crop(X, starts_of(2, 4, 4), (2, 2), "wrap"), "border must be"),
        (lambda X: kernels.crop(X, np.array([[0, 1, 3, -2]] * 2), (2, 2)), "steps .* 1 or -1"),
        (lambda X: kernels.crop(X, np.array([[0, 0, 3, 1]] * 2), (2, 2)), "steps .* 1 or -1"),
        (lambda X: kernels.crop(X, np.array([[2**62, 1, 0, 1]] * 2), (2, 2)), "got 0 to 4611686"),
        (lambda X: kernels.crop(X, np.array([[0, 1, -(2**63), 1]] * 2), (2, 2)), "got -9223372"),
        (lambda X: kernels.crop(X[:, :, :0], starts_of(2, 1, 1), (2, 2)), "at least one pixel"),
        (lambda X: kernels.warp(X, [], (2, 2), interpolation="cubic"), "interpolation must be"),
        (lambda X: kernels.warp(X, [("matrix", np.zeros((2, 6)))], (2, 2)), "a stage must have"),
        (lambda X: kernels.warp(X, [("twist", np.zeros((2, 9)))], (2, 2)), "'matrix' or 'lens'"),
        (lambda X: kernels.warp(X, [], (2, 2), field=np.zeros((2, 2, 3, 3))), "field must have"),
        (lambda X: kernels.blur(X, np.ones((2, 4))), "weights must have shape"),
        (lambda X: kernels.colour_matrix(X, np.zeros((2, 3, 3))), "matrices must have shape"),
        (lambda X: kernels.shift_hsv(X[:, :2], np.zeros((2, 3))), "x must have 3 channels"),
        (lambda X: kernels.mix(X, np.array([0, 2]), np.ones(2)), r"others must lie in \[0, 1\]"),
        (lambda X: kernels.mix(X, np.array([0, 1]), np.array([0.5, 1.1])), r"shares .* \[0, 1\]"),
        (lambda X: kernels.mix(X, np.array([0, 1]), np.array([np.nan, 1])), r"shares .* \[0, 1\]"),
        (lambda X: kernels.shade(X, np.ones(2), np.ones((4, 5))), "mask must have shape"),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(images(2, 3, 4, 4))


def test_an_empty_batch_stays_empty():
    X = images(0, 3, 4, 4)
    assert kernels.crop(X, np.zeros((0, 4), int), (2, 2)).shape == (0, 3, 2, 2)
    assert kernels.warp(X, [("matrix", np.zeros((0, 9)))], (2, 2)).shape == (0, 3, 2, 2)
    assert kernels.blur(X, np.ones((0, 3))).shape == X.shape
    assert kernels.colour_matrix(X, np.zeros((0, 3, 4))).shape == X.shape
    assert kernels.channel_means(X).shape == (0, 3)
