"""The kernels of fractional max-pooling: twins, instruction sets, threads, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels
from cs231n.kernels import numpy_fractional

compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")


def draw_intervals(rng, sets, size, most):
    """Intervals with gaps, overlaps and any length up to `most`, drawn without the package."""
    count = int(rng.integers(1, size + 1))
    first = np.empty((*sets, count), np.intp)
    for index in np.ndindex(sets):
        first[index] = np.sort(rng.choice(size, count, replace=False))
    length = rng.integers(1, most + 1, size=first.shape)
    return np.stack([first, np.minimum(first + length, size)], axis=-1)


@st.composite
def problems(draw, widest=45):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    most = draw(st.sampled_from([2, 2, 3, 4]))
    N, C = (int(n) for n in rng.integers(1, 4, 2))
    H, W = (int(n) for n in rng.integers(1, widest, 2))
    x = rng.standard_normal((N, C, H, W))
    kind = draw(st.sampled_from(["distinct", "tied", "nan"]))
    if kind == "tied":
        x = x.round()
    elif kind == "nan":
        x[np.abs(x) > 1] = np.nan
    sets = [(int(rng.choice([1, N])), int(rng.choice([1, C]))) for _ in range(2)]
    rows, cols = draw_intervals(rng, sets[0], H, most), draw_intervals(rng, sets[1], W, most)
    return x, rows, cols, most


def by_twin(x, rows, cols, most, dout):
    shape = (*x.shape[:2], rows.shape[2], cols.shape[2])
    out = np.full(shape, 7, x.dtype)
    winners = np.full(shape, 255, np.uint8 if most == 2 else np.uint16)
    numpy_fractional.forward(x, rows, cols, out, winners, most, 1)
    dx = np.full(x.shape, 7, x.dtype)
    numpy_fractional.backward(dout(shape), winners, rows, cols, dx, most, 1)
    return out, winners, dx


def by_kernel(x, rows, cols, most, dout):
    winners = kernels.fractional_winners(x.shape, rows, cols, most)
    out = kernels.fractional_max_pool_forward(x, rows, cols, most, winners=winners)
    np.testing.assert_array_equal(out, kernels.fractional_max_pool_forward(x, rows, cols, most))
    gradient = dout(out.shape)
    dx = np.full(x.shape, 7, x.dtype)
    result = kernels.fractional_max_pool_backward(
        gradient, winners, x.shape, rows, cols, most, out=dx
    )
    assert result is dx
    return out, winners, dx


def dout_of(dtype):
    return lambda shape: values(*shape, seed=9).astype(dtype)


@pytest.mark.parametrize("name", kernels.instruction_sets() or ["none"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(problem=problems())
def test_the_compiled_kernels_equal_their_twins(name, dtype, problem):
    x, rows, cols, most = problem
    x = x.astype(dtype)
    before = kernels.instruction_sets()[:1]
    if before:
        kernels.set_instruction_set(name)
    try:
        actual = by_kernel(x, rows, cols, most, dout_of(dtype))
    finally:
        if before:
            kernels.set_instruction_set(before[0])
    expected = by_twin(x, rows, cols, most, dout_of(dtype))
    np.testing.assert_array_equal(actual[0], expected[0])
    np.testing.assert_array_equal(actual[1], expected[1])
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(actual[2], expected[2], rtol=16 * eps, atol=16 * eps)


@compiled_only
@pytest.mark.parametrize("name", kernels.instruction_sets())
@pytest.mark.parametrize("width", [127, 128, 300])
def test_wide_images_take_several_segments(name, width):
    rng = np.random.default_rng(width)
    x = rng.standard_normal((2, 2, 5, width)).astype(np.float32)
    rows, cols = draw_intervals(rng, (1, 1), 5, 2), draw_intervals(rng, (2, 1), width, 2)
    kernels.set_instruction_set(name)
    actual = by_kernel(x, rows, cols, 2, dout_of(np.float32))
    kernels.set_instruction_set(kernels.instruction_sets()[0])
    expected = by_twin(x, rows, cols, 2, dout_of(np.float32))
    for mine, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


@compiled_only
@pytest.mark.parametrize("name", kernels.instruction_sets())
@pytest.mark.parametrize("threads", [1, 2])
def test_nothing_is_left_over_from_the_call_before(name, threads):
    """Both directions note where columns are; the same arrays again must not find stale notes."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 8, 32, 32)).astype(np.float32)
    rows, cols = (draw_intervals(rng, (2, 1), 32, 2) for _ in range(2))
    before = kernels.get_num_threads()
    kernels.set_instruction_set(name)
    kernels.set_num_threads(threads)
    try:
        expected = by_twin(x, rows, cols, 2, dout_of(np.float32))
        for _ in range(100):
            actual = by_kernel(x, rows, cols, 2, dout_of(np.float32))
            for mine, theirs in zip(actual, expected, strict=True):
                np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)
    finally:
        kernels.set_num_threads(before)
        kernels.set_instruction_set(kernels.instruction_sets()[0])


@compiled_only
@pytest.mark.parametrize("name", kernels.instruction_sets())
def test_gradients_past_the_cache_are_the_same(name):
    """More than 4 MB, which are written in another way."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 30, 32, 32)).astype(np.float32)
    rows, cols = (draw_intervals(rng, (40, 1), 32, 2) for _ in range(2))
    kernels.set_instruction_set(name)
    _, winners, dx = by_kernel(x, rows, cols, 2, dout_of(np.float32))
    kernels.set_instruction_set(kernels.instruction_sets()[0])
    dout = dout_of(np.float32)(winners.shape)
    for part in (slice(0, 3), slice(37, 40)):
        expected = kernels.fractional_max_pool_backward(
            dout[part], winners[part], (3, 30, 32, 32), rows[part], cols[part]
        )
        np.testing.assert_allclose(dx[part], expected, rtol=1e-6, atol=1e-6)


@compiled_only
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_threads_change_no_bit(two_threads, dtype):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 7, 23, 31)).round(1).astype(dtype)
    rows, cols = draw_intervals(rng, (5, 1), 23, 3), draw_intervals(rng, (1, 7), 31, 3)
    both = by_kernel(x, rows, cols, 3, dout_of(dtype))
    kernels.set_num_threads(1)
    for mine, theirs in zip(both, by_kernel(x, rows, cols, 3, dout_of(dtype)), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a[..., ::-1]])
def test_any_memory_layout(change):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 9, 8))
    rows, cols = draw_intervals(rng, (2, 1), 9, 2), draw_intervals(rng, (1, 3), 8, 2)
    x = change(x)
    actual = by_kernel(x, rows.repeat(2, axis=-1)[..., ::2], cols.astype(np.int16), 2, values_at)
    for mine, theirs in zip(actual, by_twin(x, rows, cols, 2, values_at), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-13)


def values_at(shape):
    return values(*shape, seed=3)


def test_a_byte_an_output_and_no_image():
    """The backward pass needs a byte an output, not x."""
    regions = np.zeros((1, 1, 3, 2), np.intp), np.zeros((1, 1, 4, 2), np.intp)
    assert kernels.fractional_winners((2, 3, 5, 6), *regions, 2).nbytes == 2 * 3 * 3 * 4
    assert kernels.fractional_winners((2, 3, 5, 6), *regions, 4).dtype == np.uint16


def test_no_images():
    regions = np.array([[[[0, 2], [1, 3]]]])
    x = np.ones((0, 3, 3, 3))
    winners = kernels.fractional_winners(x.shape, regions, regions, 2)
    out = kernels.fractional_max_pool_forward(x, regions, regions, winners=winners)
    assert out.shape == (0, 3, 2, 2)
    dx = kernels.fractional_max_pool_backward(out, winners, x.shape, regions, regions)
    assert dx.shape == x.shape


ROWS, COLS = np.array([[[[0, 2], [2, 4]]]]), np.array([[[[0, 2], [1, 3], [3, 5]]]])


def forward(x, d, w, rows=ROWS, cols=COLS, most=2, **more):
    return kernels.fractional_max_pool_forward(x, rows, cols, most, **more)


def backward(dout, winners, x_shape=(2, 3, 4, 5), rows=ROWS, cols=COLS, most=2, **more):
    return kernels.fractional_max_pool_backward(dout, winners, x_shape, rows, cols, most, **more)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, d, w: forward(x, d, w, out=x), "out must have shape"),
        (lambda x, d, w: forward(x, d, w, winners=w[1:]), "winners must have shape"),
        (lambda x, d, w: forward(x, d, w, winners=d), "winners must have shape"),
        (lambda x, d, w: forward(x, d, w, most=3, winners=w), "winners must have .* uint16"),
        (lambda x, d, w: forward(x, d, w, most=1), "most must be 2, 3 or 4, got 1"),
        (lambda x, d, w: forward(x, d, w, most=5), "most must be 2, 3 or 4, got 5"),
        (lambda x, d, w: forward(x[0], d, w), "x must have 4 dimensions"),
        (lambda x, d, w: forward(x, d, w, rows=ROWS[0]), "rows must hold integers of shape"),
        (lambda x, d, w: forward(x, d, w, rows=ROWS * 1.0), "rows must hold integers .* float64"),
        (lambda x, d, w: forward(x, d, w, rows=ROWS[:, :, :0]), "rows must hold integers"),
        (lambda x, d, w: forward(x, d, w, cols=COLS.repeat(3, 0)), r"\(1 or 2, 1 or 3, count, 2\)"),
        (
            lambda x, d, w: forward(x, d, w, cols=COLS + 1),
            "cols must lie within 0 and 5, got from 1",
        ),
        (lambda x, d, w: forward(x, d, w, cols=COLS - 1), "cols must lie within 0 and 5"),
        (lambda x, d, w: forward(x, d, w, rows=COLS), "rows must lie within 0 and 4"),
        (lambda x, d, w: forward(x, d, w, rows=ROWS[..., ::-1]), "rows must be from 1 to 2 pixels"),
        (lambda x, d, w: forward(x, d, w, rows=ROWS * [1, 0] + [0, 3]), "rows must be from 1 to 2"),
        (lambda x, d, w: forward(x, d, w, rows=ROWS[:, :, ::-1]), "rows must begin one behind"),
        (lambda x, d, w: backward(d, d), "winners must have shape .* uint8"),
        (lambda x, d, w: backward(d[1:], w), "dout must have shape"),
        (lambda x, d, w: backward(d, w[:, 1:]), "winners must have shape"),
        (lambda x, d, w: backward(d, w, (2, 3, 3, 5)), "rows must lie within 0 and 3"),
        (lambda x, d, w: backward(d, w, out=x[1:]), "out must have shape"),
    ],
)
def test_bad_input(call, message):
    x, dout = values(2, 3, 4, 5), values(2, 3, 2, 3)
    with pytest.raises(ValueError, match=message):
        call(x, dout, np.ones(dout.shape, np.uint8))


def test_integers_are_refused():
    with pytest.raises(TypeError, match="x must hold floating-point numbers"):
        kernels.fractional_max_pool_forward(np.ones((2, 3, 4, 5), int), ROWS, COLS)
