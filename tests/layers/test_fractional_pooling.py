"""Fractional max-pooling against loops, PyTorch, and its own word: regions, sharing, errors."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import layers
from cs231n.layers.fractional_regions import fractional_output_size, fractional_regions

RATIO = 2**0.5


@st.composite
def problems(draw):
    """Images of distinct, tied or NaN-ridden values, and any way to pool them."""
    N, C = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    H, W = draw(st.integers(3, 40)), draw(st.integers(3, 40))
    x = values(N, C, H, W, seed=draw(st.integers(0, 99)))
    kind = draw(st.sampled_from(["distinct", "tied", "nan", "infinite"]))
    if kind == "tied":
        x = np.round(x)
    elif kind == "nan":
        x[np.abs(x) > 1] = np.nan
    elif kind == "infinite":
        x[x < 0.5] = -np.inf
    pool_param = {
        "ratio": draw(st.floats(1, 3, exclude_min=True)),
        "sequence": draw(st.sampled_from(["random", "pseudorandom"])),
        "sharing": draw(st.sampled_from(["image", "batch", "channel"])),
        "seed": draw(st.integers(0, 1000)),
    }
    pool_param |= draw(st.sampled_from([{}, {"overlapping": False}, {"window": "closed"}]))
    return x.astype(draw(st.sampled_from([np.float32, np.float64, np.float16, ">f4"]))), pool_param


@given(problems())
def test_loops_and_kernel_agree(problem):
    x, pool_param = problem
    out, cache = layers.fractional_max_pool_forward(x, pool_param)
    expected, naive_cache = layers.fractional_max_pool_forward_naive(x, pool_param)
    np.testing.assert_array_equal(out, expected)
    assert out.dtype == x.dtype
    dout = values(*out.shape, seed=9).astype(x.dtype)
    eps = float(np.finfo(x.dtype).eps)
    np.testing.assert_allclose(
        layers.fractional_max_pool_backward(dout, cache),
        layers.fractional_max_pool_backward_naive(dout, naive_cache),
        rtol=16 * eps,
        atol=16 * eps,
    )


@given(problems())
def test_the_output_is_the_maximum_of_each_region(problem):
    """Region by region, from the regions themselves."""
    x, pool_param = problem
    rows, cols, most = fractional_regions(x.shape, pool_param)
    out, _ = layers.fractional_max_pool_forward(x, pool_param)
    assert out.shape[2:] == fractional_output_size(x.shape, pool_param)
    for n, c, i, j in itertools.product(*map(range, out.shape)):
        top, bottom = np.broadcast_to(rows, (*x.shape[:2], *rows.shape[2:]))[n, c, i]
        left, right = np.broadcast_to(cols, (*x.shape[:2], *cols.shape[2:]))[n, c, j]
        assert 1 <= bottom - top <= most
        region = x[n, c, top:bottom, left:right]
        np.testing.assert_array_equal(out[n, c, i, j], np.max(region))  # zeros of either sign


def test_ratio_two_is_ordinary_pooling():
    x = values(2, 3, 8, 6)
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    expected, _ = layers.max_pool_forward_naive(x, pool_param)
    for extra in ({}, {"overlapping": False}):
        out, _ = layers.fractional_max_pool_forward(x, {"ratio": 2, **extra})
        np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("sequence", ["random", "pseudorandom"])
def test_sharing(sequence):
    """Two images of the same two maps: who shares regions gives the same outputs."""
    x = np.broadcast_to(values(1, 1, 30, 30), (2, 2, 30, 30))
    pool_param = {"ratio": RATIO, "sequence": sequence, "seed": 1}
    same = {}
    for sharing in ("image", "batch", "channel"):
        out, _ = layers.fractional_max_pool_forward(x, {**pool_param, "sharing": sharing})
        same[sharing] = np.array_equal(out[0], out[1]), np.array_equal(out[:, 0], out[:, 1])
    assert same == {"image": (False, True), "batch": (True, True), "channel": (False, False)}


def test_regions_are_drawn_anew_unless_the_seed_is_a_number():
    x, pool_param = values(2, 1, 30, 30), {"ratio": RATIO}

    def outputs(seed):
        out = [layers.fractional_max_pool_forward(x, {**pool_param, **seed})[0] for _ in range(2)]
        return np.array_equal(*out)

    assert not outputs({})
    assert not outputs({"seed": None})
    assert not outputs({"seed": np.random.default_rng(0)})
    assert outputs({"seed": 0})


def test_the_global_generator_can_be_seeded():
    x, out = values(2, 1, 30, 30), []
    for _ in range(2):
        np.random.seed(5)
        out.append(layers.fractional_max_pool_forward(x, {"ratio": RATIO})[0])
    np.testing.assert_array_equal(*out)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("size", "output", "kernel"),
    [((32, 32), (23, 22), 2), ((35, 24), (25, 17), 2), ((9, 7), (4, 3), 2), ((20, 31), (9, 12), 3)],
)
def test_pytorchs_samples_give_pytorchs_result(size, output, kernel, dtype):
    torch = pytest.importorskip("torch")
    x = values(3, 4, *size).astype(dtype)
    samples = torch.rand(3, 4, 2, dtype=getattr(torch, dtype), generator=torch.manual_seed(0))
    given_x = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.fractional_max_pool2d(
        given_x, kernel, output, _random_samples=samples
    )
    width, height = samples.numpy()[..., 0], samples.numpy()[..., 1]
    pool_param = {
        "row_starts": layers.starts_from_samples(height, size[0], output[0], kernel),
        "col_starts": layers.starts_from_samples(width, size[1], output[1], kernel),
        "window": kernel,
    }
    out, cache = layers.fractional_max_pool_forward(x, pool_param)
    np.testing.assert_array_equal(out, expected.detach().numpy())
    dout = values(*out.shape, seed=9).astype(dtype)
    expected.backward(torch.tensor(dout))
    dx = layers.fractional_max_pool_backward(dout, cache)
    np.testing.assert_allclose(dx, given_x.grad.numpy(), rtol=1e-5, atol=1e-6)


def test_given_starts_may_leave_pixels_out():
    x = np.arange(12.0).reshape(1, 1, 2, 6)
    pool_param = {"row_starts": [0], "col_starts": [1, 4], "window": 2}
    out, cache = layers.fractional_max_pool_forward(x, pool_param)
    assert out.tolist() == [[[[8.0, 11.0]]]]
    dx = layers.fractional_max_pool_backward(np.array([[[[2.0, 3.0]]]]), cache)
    assert dx.tolist() == [[[[0.0] * 6, [0.0, 0.0, 2.0, 0.0, 0.0, 3.0]]]]


@pytest.mark.parametrize(
    ("param", "error", "message"),
    [
        ({}, ValueError, "must have one of the keys 'ratio' and 'output_size'"),
        ({"ratio": 1.4, "output_size": 3}, ValueError, "must have one of the keys"),
        ({"ratio": 1}, ValueError, r"\['ratio'\] must lie in \(1, 3\], got 1.0"),
        ({"ratio": 3.01}, ValueError, r"\['ratio'\] must lie in \(1, 3\]"),
        ({"ratio": float("nan")}, ValueError, r"\['ratio'\] must lie in"),
        ({"ratio": "root 2"}, TypeError, r"\['ratio'\] must be a number"),
        ({"ratio": "1.5"}, TypeError, r"\['ratio'\] must be a number in \(1, 3\], got '1.5'"),
        ({"ratio": (1.5, "1.5")}, TypeError, r"\['ratio'\] must be a number"),
        ({"ratio": b"1.5"}, TypeError, r"\['ratio'\] must be a number"),
        ({"ratio": (1.5, 1.5, 1.5)}, ValueError, "must be a number, or two"),
        ({"output_size": (4, 8)}, ValueError, "the output's height must be less than the input's"),
        ({"output_size": (3, 1)}, ValueError, "the output's width must be less than .* at least 2"),
        ({"output_size": 2.5}, TypeError, r"\['output_size'\] must be an integer"),
        ({"ratio": 1.4, "sequence": "pseudo"}, ValueError, r"\['sequence'\] must be one of"),
        (
            {"ratio": 1.4, "sequence": np.array(["random", "random"])},
            ValueError,
            r"\['sequence'\] must be one of .* got array",
        ),
        ({"ratio": 1.4, "sequence": np.array(["random"])}, ValueError, "must be one of"),
        ({"ratio": 1.4, "sharing": np.array(["image", "batch"])}, ValueError, "must be one of"),
        ({"ratio": 1.4, "sharing": "images"}, ValueError, r"\['sharing'\] must be one of"),
        ({"ratio": 1.4, "overlapping": 1}, TypeError, r"\['overlapping'\] must be True or False"),
        ({"ratio": 1.4, "overlaping": True}, ValueError, "did you mean 'overlapping'"),
        ({"ratio": 1.4, "mode": "train"}, ValueError, "pool_param has no key 'mode'"),
        ({"ratio": 1.4, "overlapping": False, "window": 2}, ValueError, "is for overlapping"),
        ({"ratio": 1.4, "window": "open"}, ValueError, "must be 'closed' or a number of pixels"),
        ({"ratio": 1.4, "window": 5}, ValueError, "must be at most 4, got 5"),
        ({"ratio": 1.4, "window": 1}, ValueError, r"\['window'\] must lie in \[2"),
        ({"ratio": 1.4, "seed": 1.5}, TypeError, r"\['seed'\] must be an integer, a numpy.random"),
        ({"ratio": 1.4, "seed": -1}, ValueError, r"\['seed'\] must not be negative"),
        ({"row_starts": [0, 2]}, ValueError, "must have row_starts and col_starts"),
        ({"row_starts": [0], "col_starts": [0], "seed": 1}, ValueError, "or what draws them"),
        ({"row_starts": [0, 2], "col_starts": [0.5]}, TypeError, r"\['col_starts'\] must hold int"),
        ({"row_starts": [0, 3], "col_starts": [0]}, ValueError, "rows must lie within 0 and 4"),
        ({"row_starts": [0, 0], "col_starts": [0]}, ValueError, "rows must begin one behind"),
        ({"row_starts": [0], "col_starts": [-1, 2]}, ValueError, "cols must lie within 0 and 5"),
        (
            {"row_starts": [[0]] * 3, "col_starts": [0]},
            ValueError,
            r"\(2, count\) or \(2, 3, count",
        ),
        ({"row_starts": [], "col_starts": [0]}, TypeError, r"\['row_starts'\] must hold integers"),
        (None, TypeError, "pool_param must be a dict, got NoneType"),
    ],
)
def test_bad_pool_param(param, error, message):
    for forward in (layers.fractional_max_pool_forward, layers.fractional_max_pool_forward_naive):
        with pytest.raises(error, match=message):
            forward(np.ones((2, 3, 4, 5)), param)


def test_x_must_be_images():
    with pytest.raises(ValueError, match="x must have 4 dimensions"):
        layers.fractional_max_pool_forward(np.ones((3, 4, 4)), {"ratio": 1.5})
