"""Group and local response normalisation: compiled and twin, against plain formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels

SETS = kernels.instruction_sets() or ("NumPy",)


@pytest.fixture(params=[(name, count) for name in SETS for count in (1, 2)], ids=str)
def machine(request, monkeypatch):
    """Each instruction set with one thread and with two, however little the work."""
    name, count = request.param
    monkeypatch.setattr("cs231n.kernels.arrays._WORK_OF_ONE_THREAD", 0)
    threads = kernels.get_num_threads()
    kernels.set_num_threads(count)
    if name != "NumPy":
        kernels.set_instruction_set(name)
    yield
    kernels.set_num_threads(threads)
    if name != "NumPy":
        kernels.set_instruction_set(SETS[0])


def groupnorm(x, gamma, beta, groups, eps, relu, dout):
    """The output and the gradients in float64, group by group."""
    N, C = x.shape[:2]
    width, out, dx = C // groups, np.empty(x.shape), np.empty(x.shape)
    dgamma, dbeta = np.zeros(C), np.zeros(C)
    for n, g in np.ndindex(N, groups):
        part = np.s_[n, g * width : (g + 1) * width]
        per_channel = (-1, *(1,) * (x.ndim - 2))
        scale, shift = (a[part[1]].reshape(per_channel) for a in (gamma, beta))
        inverse = 1 / np.sqrt(x[part].var() + eps)
        x_hat = (x[part] - x[part].mean()) * inverse
        y = scale * x_hat + shift
        out[part] = np.maximum(y, 0) if relu else y
        d = dout[part] * (y > 0) if relu else dout[part]
        axes = tuple(range(1, x.ndim - 1))
        dgamma[part[1]] += (d * x_hat).sum(axis=axes)
        dbeta[part[1]] += d.sum(axis=axes)
        d = scale * d
        dx[part] = inverse * (d - d.mean() - x_hat * (d * x_hat).mean())
    return out, dx, dgamma, dbeta


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize(
    ("shape", "groups"),
    [((3, 6, 5, 7), 2), ((2, 4, 3, 3), 4), ((5, 12), 3), ((2, 6, 33), 1), ((1, 2, 40, 41), 2)],
)
def test_groupnorm(machine, dtype, relu, shape, groups):
    x, dout = (3 * values(*shape)).astype(dtype) + 5, values(*shape, seed=1).astype(dtype)
    gamma, beta = (values(shape[1], seed=seed).astype(dtype) for seed in (2, 3))
    exact = [np.asarray(a, float) for a in (x, gamma, beta)]
    expected = groupnorm(*exact, groups, 1e-3, relu, np.asarray(dout, float))
    out, mean, var = kernels.groupnorm_forward(x, gamma, beta, groups, 1e-3, relu=relu)
    args = (dout, x, gamma, beta, mean, var, 1e-3)
    dx, dgamma, dbeta = kernels.groupnorm_backward(*args, relu=relu)
    assert mean.shape == var.shape == (shape[0], groups)
    tolerance = 100 * max(float(np.finfo(dtype).eps), 2.0**-52)
    for actual, right in zip((out, dx, dgamma, dbeta), expected, strict=True):
        assert actual.dtype == dtype
        error = np.linalg.norm(actual.astype(float) - right) / np.linalg.norm(right)
        assert error <= tolerance
    place = x.copy()
    kernels.groupnorm_forward(place, gamma, beta, groups, 1e-3, relu=relu, out=place)
    np.testing.assert_array_equal(place, out)
    place = dout.copy()
    kernels.groupnorm_backward(place, *args[1:], relu=relu, out=place)
    np.testing.assert_array_equal(place, dx)


def test_groupnorm_of_nothing_and_of_what_does_not_fit():
    gamma = np.ones(4)
    out, mean, _ = kernels.groupnorm_forward(np.ones((0, 4, 3)), gamma, gamma, 2, 0.1)
    assert (out.shape, mean.shape) == ((0, 4, 3), (0, 2))
    x = np.ones((2, 4, 3))
    for groups in (0, 3, 8, -1):
        with pytest.raises(ValueError, match="groups must divide the channels"):
            kernels.groupnorm_forward(x, gamma, gamma, groups, 0.1)
    with pytest.raises(ValueError, match=r"gamma must have shape \(4,\)"):
        kernels.groupnorm_forward(x, gamma[1:], gamma, 2, 0.1)
    with pytest.raises(ValueError, match="mean and var must have shape"):
        kernels.groupnorm_backward(x, x, gamma, gamma, gamma, gamma, 0.1)
    with pytest.raises(ValueError, match="dout must have the shape of x"):
        kernels.groupnorm_backward(x[1:], x, gamma, gamma, np.ones((2, 2)), np.ones((2, 2)), 0.1)


def response(x, size, alpha, beta, k, dout):
    """The output and the gradient in float64, number by number."""
    N, C, M = x.shape
    seen = [range(max(0, c - size // 2), min(C, c + (size - 1) // 2 + 1)) for c in range(C)]
    d = np.stack([k + alpha * (x[:, list(near)] ** 2).sum(axis=1) for near in seen], axis=1)
    dx = dout * d**-beta
    for c, near in enumerate(seen):
        for other in near:
            product = dout[:, c] * x[:, c] * d[:, c] ** (-beta - 1)
            dx[:, other] -= 2 * alpha * beta * x[:, other] * product
    return x * d**-beta, dx


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("beta", [0.75, 0.5, 1.3])
@pytest.mark.parametrize("size", [1, 2, 5, 9])
@pytest.mark.parametrize("shape", [(2, 7, 63), (1, 3, 64), (2, 4, 130), (1, 1, 1)])
def test_response(machine, dtype, beta, size, shape):
    x, dout = values(*shape).astype(dtype), values(*shape, seed=1).astype(dtype)
    numbers = (size, 0.5, beta, 1.5)
    expected = response(x.astype(float), *numbers, dout.astype(float))
    out, dx = kernels.response_forward(x, *numbers), kernels.response_backward(dout, x, *numbers)
    tolerance = 20 * max(float(np.finfo(dtype).eps), 2.0**-52)
    for actual, right in zip((out, dx), expected, strict=True):
        assert actual.dtype == dtype
        np.testing.assert_allclose(actual.astype(float), right, rtol=tolerance, atol=tolerance)
    place = x.copy()
    kernels.response_forward(place, *numbers, out=place)
    np.testing.assert_array_equal(place, out)
    place = dout.copy()
    kernels.response_backward(place, x, *numbers, out=place)
    np.testing.assert_array_equal(place, dx)


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 5))
def test_response_is_that_of_pytorch(size, C, seed):
    torch = pytest.importorskip("torch")
    x = values(2, C, 3, 4, seed=seed)
    theirs = torch.nn.functional.local_response_norm(torch.tensor(x), size, 0.3 * size, 0.75, 1.2)
    ours = kernels.response_forward(x, size, 0.3, 0.75, 1.2)
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12)


def test_response_of_nothing_and_of_what_does_not_fit():
    assert kernels.response_forward(np.ones((0, 3, 2)), 5, 1, 1, 1).shape == (0, 3, 2)
    with pytest.raises(ValueError, match="size must lie in"):
        kernels.response_forward(np.ones((1, 3, 2)), 0, 1, 1, 1)
    with pytest.raises(ValueError, match=r"x must have shape \(N, C\)"):
        kernels.response_forward(np.ones(3), 5, 1, 1, 1)
    with pytest.raises(ValueError, match="dout must have the shape of x"):
        kernels.response_backward(np.ones((1, 3)), np.ones((1, 4)), 5, 1, 1, 1)
