"""Batch and layer normalisation: compiled and twin, on every instruction set, against formulas."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels
from cs231n.kernels import numpy_normalization as twin
from cs231n.kernels.workspace import empty_aligned

EPS = 1e-5
SETS = kernels.instruction_sets() or ("NumPy",)
compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")
# Maps that fill vectors and that do not, longer runs than one sum, fewer channels than threads.
SHAPES = [
    *((3, 4, 5, 7), (2, 1, 3, 3), (5, 3, 16, 16), (1, 2, 70, 90), (4, 1, 33, 65), (40, 2, 2, 3)),
    *((3, 5, 1, 1), (6, 3, 11), (7, 10), (70, 33), (33, 150), (1, 3), (100, 1), (2, 2, 3, 2, 2)),
]
EMPTY = [(0, 3), (0, 3, 4, 4), (2, 0), (2, 0, 4, 4), (2, 3, 0, 4)]


def batch_problem(shape, dtype=np.float32, seed=0):
    """x, dout, gamma and beta."""
    x = 2 * values(*shape, seed=seed) + 3
    gamma, beta = values(2, shape[1], seed=seed)
    return [a.astype(dtype) for a in (x, values(*shape, seed=seed + 1), gamma, beta)]


def exact_batchnorm(x, dout, gamma, beta, positive=None):
    """Every result in long doubles, channel by channel, in plain formulas.

    And what rounding to 1 + eps may change in each, in units of eps: numbers that are large against
    their deviation, or sums that nearly cancel, have larger errors than their size tells.
    """
    x, dout, gamma, beta = (np.asarray(a, np.longdouble) for a in (x, dout, gamma, beta))
    out, dx = np.empty_like(x), np.empty_like(x)
    out_noise, dx_noise = np.empty_like(x), np.empty_like(x)
    mean, var, dgamma, dbeta = np.empty((4, x.shape[1]), np.longdouble)
    dgamma_noise, dbeta_noise = np.empty((2, x.shape[1]))
    for c in range(x.shape[1]):
        xc, g = x[:, c], dout[:, c]
        mean[c] = np.sum(xc) / xc.size
        var[c] = np.sum((xc - mean[c]) ** 2) / xc.size
        std = (var[c] + EPS) ** 0.5
        x_hat = (xc - mean[c]) / std
        out[:, c] = gamma[c] * x_hat + beta[c]
        if positive is not None:
            out[:, c] = np.where(out[:, c] > 0, out[:, c], 0)
            g = g * positive[:, c]
        dgamma[c], dbeta[c] = np.sum(g * x_hat), np.sum(g)
        dx[:, c] = gamma[c] / std * (g - dbeta[c] / g.size - x_hat * dgamma[c] / g.size)
        most = 1 + np.max(np.abs(xc)) / std
        out_noise[:, c] = most * abs(gamma[c]) + abs(beta[c])
        dx_noise[:, c] = most * abs(gamma[c]) / std * np.max(np.abs(g))
        dbeta_noise[c] = np.sqrt(np.sum(g * g))
        dgamma_noise[c] = most * (abs(dbeta[c]) + dbeta_noise[c])
    noise = (out_noise, np.abs(mean), var, dx_noise, dgamma_noise, dbeta_noise)
    return (out, mean, var, dx, dgamma, dbeta), noise


def exact_layernorm(x, dout, gamma, beta):
    """The same for rows: batch normalisation of the transpose, but for gamma and beta."""
    x, dout, gamma, beta = (np.asarray(a, np.longdouble) for a in (x, dout, gamma, beta))
    rows = x.shape[0]
    (x_hat, mean, var, dx, _, _), (x_hat_noise, mean_noise, var_noise, dx_noise, _, _) = (
        exact_batchnorm(x.T, (dout * gamma).T, np.ones(rows), np.zeros(rows))
    )
    x_hat, x_hat_noise = x_hat.T, x_hat_noise.T
    out_noise = x_hat_noise * np.abs(gamma) + np.abs(beta)
    noise = (
        *(out_noise, mean_noise, var_noise, dx_noise.T),
        *(np.sum(np.abs(dout) * x_hat_noise, 0), np.sum(np.abs(dout), 0)),
    )
    dgamma, dbeta = np.sum(dout * x_hat, 0), np.sum(dout, 0)
    return (gamma * x_hat + beta, mean, var, dx.T, dgamma, dbeta), noise


def run_batchnorm(x, dout, gamma, beta, relu=False):
    out, mean, var = kernels.batchnorm_forward(x, gamma, beta, EPS, relu=relu)
    return (
        *(out, mean, var),
        *kernels.batchnorm_backward(dout, x, gamma, beta, mean, var, EPS, relu=relu),
    )


def run_layernorm(x, dout, gamma, beta):
    out, mean, var = kernels.layernorm_forward(x, gamma, beta, EPS)
    return (out, mean, var, *kernels.layernorm_backward(dout, x, gamma, mean, var, EPS))


def check(results, exact, dtype):
    """Each result to a few rounding errors."""
    names = ("out", "mean", "var", "dx", "dgamma", "dbeta")
    eps = max(float(np.finfo(dtype).eps), 2.0**-52)
    for name, actual, right, noise in zip(names, results, *exact, strict=True):
        assert actual.dtype == dtype, name
        excess = np.abs(actual - right) - 8 * eps * noise
        at = np.unravel_index(np.argmax(excess), excess.shape)
        assert excess[at] <= 1e-30, f"{name}{at}: {actual[at]}, expected {right[at]}"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("relu", [False, True], ids=["linear", "relu"])
def test_batchnorm(machine, shape, relu, dtype):
    problem = batch_problem(shape, dtype)
    before = [a.copy() for a in problem]
    results = run_batchnorm(*problem, relu)
    positive = results[0] > 0 if relu else None
    check(results, exact_batchnorm(*problem, positive), dtype)
    for array, copy in zip(problem, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [s for s in SHAPES if len(s) == 2] + [(3, 1000)], ids=str)
def test_layernorm(machine, shape, dtype):
    problem = batch_problem(shape, dtype)
    before = [a.copy() for a in problem]
    check(run_layernorm(*problem), exact_layernorm(*problem), dtype)
    for array, copy in zip(problem, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.one_of(st.just(()), st.tuples(st.integers(1, 20), st.integers(1, 20))),
    st.sampled_from(["float32", "float64", "float16", "longdouble", ">f4"]),
    st.booleans(),
    st.integers(1, 3),
)
def test_any_shape_and_dtype(N, C, map_shape, dtype, relu, threads):
    before = kernels.get_num_threads()
    kernels.set_num_threads(threads)
    try:
        problem = batch_problem((N, C, *map_shape), dtype)
        results = run_batchnorm(*problem, relu)
        check(results, exact_batchnorm(*problem, results[0] > 0 if relu else None), dtype)
        if not map_shape:
            check(run_layernorm(*problem), exact_layernorm(*problem), dtype)
    finally:
        kernels.set_num_threads(before)


@pytest.mark.parametrize("shape", [(3, 2, 2, 3), (5, 3)], ids=str)
@pytest.mark.parametrize("relu", [False, True], ids=["linear", "relu"])
def test_batchnorm_gradients_are_slopes(shape, relu):
    # The outputs stay away from the ReLU's corner: x is spread, and scaled to few values.
    x, dout = oracles.spread(*shape), values(*shape, seed=1)
    gamma, beta = values(2, shape[1]) + 2
    arrays = {"x": x, "gamma": gamma, "beta": beta}
    out, mean, var = kernels.batchnorm_forward(x, gamma, beta, EPS, relu=False)
    assert np.min(np.abs(out)) > 1e-3
    gradients = kernels.batchnorm_backward(dout, x, gamma, beta, mean, var, EPS, relu=relu)
    for (name, array), gradient in zip(arrays.items(), gradients, strict=True):

        def forward(moved, name=name):
            moved = {**arrays, name: moved}
            return kernels.batchnorm_forward(*moved.values(), EPS, relu=relu)[0]

        slopes = oracles.numerical_gradient(forward, array, dout, h=1e-5)
        assert oracles.worst_element(gradient, slopes)[0] < 1e-6, name


def test_layernorm_gradients_are_slopes():
    x, dout = values(3, 7), values(3, 7, seed=1)
    gamma, beta = values(2, 7)
    arrays = {"x": x, "gamma": gamma, "beta": beta}
    gradients = run_layernorm(x, dout, gamma, beta)[3:]
    for (name, array), gradient in zip(arrays.items(), gradients, strict=True):

        def forward(moved, name=name):
            return kernels.layernorm_forward(*{**arrays, name: moved}.values(), EPS)[0]

        slopes = oracles.numerical_gradient(forward, array, dout)
        assert oracles.worst_element(gradient, slopes)[0] < 1e-7, name


@pytest.mark.parametrize("shape", [(16, 3, 32, 32), (16, 3, 5, 5), (2000, 3)], ids=str)
@pytest.mark.parametrize("offset", [1e2, 1e4])
def test_statistics_where_the_mean_is_large(machine, shape, offset):
    x = (offset + values(*shape)).astype(np.float32)
    x.flat[0] = 0  # the first number is nowhere near the mean
    one, zero = np.ones(3, np.float32), np.zeros(3, np.float32)
    _, mean, var = kernels.batchnorm_forward(x, one, zero, EPS)
    axes = (0, *range(2, x.ndim))
    np.testing.assert_allclose(mean, x.mean(axes, dtype=float), rtol=1e-6)
    np.testing.assert_allclose(var, x.var(axes, dtype=float), rtol=2e-6)
    if len(shape) == 2:
        ones, zeros = np.ones(2000, np.float32), np.zeros(2000, np.float32)
        _, mean, var = kernels.layernorm_forward(np.ascontiguousarray(x.T), ones, zeros, EPS)
        np.testing.assert_allclose(mean, x.mean(0, dtype=float), rtol=1e-6)
        np.testing.assert_allclose(var, x.var(0, dtype=float), rtol=2e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(64, 9, 8, 8), (64, 9, 7, 9), (64, 1, 9, 9), (900, 70)], ids=str)
def test_the_mask_is_the_forwards_to_the_bit(machine, shape, dtype):
    """Half of the numbers lie where the output is nothing but rounding errors."""
    x, _, gamma, _ = batch_problem(shape, dtype)
    axes = (0, *range(2, x.ndim))
    broadcast = (1, shape[1], *(1,) * (x.ndim - 2))
    middle = x.mean(axes).reshape(broadcast).astype(dtype) + dtype(0.3)
    x = np.where(values(*shape, seed=5) > 0, x, middle * (1 + np.finfo(dtype).eps * (x > 3)))
    x = x.astype(dtype)
    _, mean, var = kernels.batchnorm_forward(x, gamma, gamma, EPS)
    inverse = 1 / np.sqrt(var.astype(float) + EPS)
    beta = (-(middle.ravel().astype(float) - mean) * (gamma * inverse)).astype(dtype)
    out, mean, var = kernels.batchnorm_forward(x, gamma, beta, EPS, relu=True)
    near = np.abs(out) < 1e-5
    assert near.any()
    ones = np.ones(shape, dtype)
    dx, _, dbeta = kernels.batchnorm_backward(ones, x, gamma, beta, mean, var, EPS, relu=True)
    np.testing.assert_array_equal(dbeta, np.sum(out > 0, axis=axes))
    expected = exact_batchnorm(x, ones, gamma, beta, out > 0)[0][3]
    np.testing.assert_allclose(dx, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("relu", [False, True], ids=["linear", "relu"])
def test_inference_repeats_training_with_its_statistics(machine, shape, relu):
    x, _, gamma, beta = batch_problem(shape)
    out, mean, var = kernels.batchnorm_forward(x, gamma, beta, EPS, relu=relu)
    again = kernels.batchnorm_inference(x, gamma, beta, mean, var, EPS, relu=relu)
    np.testing.assert_array_equal(again, out)
    other = kernels.batchnorm_inference(x, gamma, beta, mean + 1, 4 * var, EPS, relu=relu)
    wide = (slice(None), *(None,) * (x.ndim - 2))
    expected = (x - mean[wide] - 1.0) / np.sqrt(4 * var[wide] + EPS) * gamma[wide] + beta[wide]
    expected = np.maximum(expected, 0) if relu else expected
    np.testing.assert_allclose(other, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 5, 256, 256), (4, 5, 251, 257)], ids=str)
@pytest.mark.parametrize("offset", [0, 1], ids=["aligned", "unaligned"])
@pytest.mark.parametrize("relu", [False, True], ids=["linear", "relu"])
def test_large_results_go_past_the_cache(machine, shape, offset, relu):
    problem = batch_problem(shape)
    x, dout, gamma, beta = problem
    size = int(np.prod(shape))
    memory = empty_aligned((size + 2,), np.float32)
    memory[...] = 7
    out = memory[offset : offset + size].reshape(shape)
    result, mean, var = kernels.batchnorm_forward(x, gamma, beta, EPS, relu=relu, out=out)
    assert result is out
    positive = out > 0 if relu else None
    expected, _ = exact_batchnorm(*problem, positive)
    np.testing.assert_allclose(out, expected[0], atol=1e-5)
    assert memory[-1] == 7
    kernels.batchnorm_backward(dout, x, gamma, beta, mean, var, EPS, relu=relu, out=out)
    np.testing.assert_allclose(out, expected[3], atol=1e-5)
    assert memory[-1] == 7


@compiled_only
@pytest.mark.parametrize("shape", [(3, 4, 5, 7), (5, 1, 8, 8), (33, 20)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_compiled_kernels_equal_their_twins(shape, dtype, monkeypatch):
    problem = batch_problem(shape, dtype)
    compiled = *run_batchnorm(*problem, True), *run_batchnorm(*problem, False)
    rows = run_layernorm(*problem) if len(shape) == 2 else ()
    monkeypatch.setattr("cs231n.kernels.normalization.kernel_module", lambda *_: twin)
    twins = *run_batchnorm(*problem, True), *run_batchnorm(*problem, False)
    twin_rows = run_layernorm(*problem) if len(shape) == 2 else ()
    atol = 64 * float(np.finfo(dtype).eps)
    for one, other in zip((*compiled, *rows), (*twins, *twin_rows), strict=True):
        np.testing.assert_allclose(one, other, rtol=atol, atol=atol)


@pytest.mark.parametrize("shape", [(5, 7, 13, 11), (6, 1, 9, 9), (50, 40)], ids=str)
def test_the_same_bits_from_run_to_run(two_threads, shape):
    problem = batch_problem(shape)
    for first, second in zip(
        run_batchnorm(*problem, True), run_batchnorm(*problem, True), strict=True
    ):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("shape", [(4, 3, 5, 5), (20, 3)], ids=str)
def test_nan_stays_in_its_channel(machine, shape):
    x, dout, gamma, beta = batch_problem(shape)
    x[1, 1] = np.nan
    for result in run_batchnorm(x, dout, gamma, beta, True)[:4]:
        channels = result if result.ndim == 1 else result.swapaxes(0, 1)
        assert np.isnan(channels[1]).all()
        assert np.isfinite(channels[0]).all()
        assert np.isfinite(channels[2]).all()


def test_an_infinite_number_leaves_the_others_finite_in_the_mean(machine):
    x = np.array([[np.inf], [1], [2]], dtype=np.float32)
    with np.errstate(invalid="ignore"):
        mean = kernels.batchnorm_forward(x, np.ones(1), np.zeros(1), EPS)[1]
    assert mean[0] == np.inf


@pytest.mark.parametrize("shape", EMPTY, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_empty(machine, shape, dtype):
    x, dout, gamma, beta = batch_problem(shape, dtype)
    out, mean, var, dx, dgamma, dbeta = run_batchnorm(x, dout, gamma, beta, True)
    assert out.shape == dx.shape == shape
    for vector in (mean, var, dgamma, dbeta):
        assert vector.tolist() == [0] * shape[1]
    assert kernels.batchnorm_inference(x, gamma, beta, mean, var, EPS).shape == shape
    if len(shape) == 2:
        out, mean, var, dx, dgamma, dbeta = run_layernorm(x, dout, gamma, beta)
        assert mean.tolist() == var.tolist() == [0] * shape[0]
        assert dgamma.tolist() == dbeta.tolist() == [0] * shape[1]


@pytest.mark.parametrize("shape", [(3, 4, 5, 7), (9, 6)], ids=str)
@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a[..., ::-1]])
def test_any_memory_layout_and_read_only_arrays(machine, shape, change):
    problem = batch_problem(shape)
    changed = [change(array) for array in problem]
    copies = [np.ascontiguousarray(array) for array in changed]
    for array in (*changed, *copies):
        array.flags.writeable = False
    for one, other in zip(run_batchnorm(*changed), run_batchnorm(*copies), strict=True):
        np.testing.assert_array_equal(one, other)


def test_unaligned_inputs(machine):
    x, dout, gamma, beta = batch_problem((3, 4, 5, 7))
    expected = run_batchnorm(x, dout, gamma, beta, True)
    memory = np.zeros(x.nbytes + 1, np.uint8)[1:]
    loose = memory.view(np.float32).reshape(x.shape)
    loose[...] = x
    for one, other in zip(run_batchnorm(loose, dout, gamma, beta, True), expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("shape", [(3, 4, 5, 7), (6, 3, 64, 64), (40, 33)], ids=str)
def test_results_may_take_the_place_of_arguments(machine, shape):
    x, dout, gamma, beta = batch_problem(shape)
    expected = run_batchnorm(x, dout, gamma, beta, True)
    taken = dout.copy()
    vectors = [np.empty_like(gamma) for _ in range(4)]
    place = x.copy()
    out, mean, var = kernels.batchnorm_forward(
        place, gamma, beta, EPS, relu=True, out=place, mean=vectors[0], var=vectors[1]
    )
    assert (out is place, mean is vectors[0], var is vectors[1]) == (True, True, True)
    dx, dgamma, dbeta = kernels.batchnorm_backward(
        *(taken, x, gamma, beta, mean, var, EPS),
        **{"relu": True, "out": taken, "dgamma": vectors[2], "dbeta": vectors[3]},
    )
    assert (dx is taken, dgamma is vectors[2], dbeta is vectors[3]) == (True, True, True)
    results = (out, mean, var, dx, dgamma, dbeta)
    for one, other in zip(results, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    place = x.copy()
    again = kernels.batchnorm_inference(place, gamma, beta, mean, var, EPS, relu=True, out=place)
    np.testing.assert_array_equal(again, expected[0])


def test_layernorm_may_write_over_its_arguments(machine):
    x, dout, gamma, beta = batch_problem((40, 33))
    expected = run_layernorm(x, dout, gamma, beta)
    place, taken = x.copy(), dout.copy()
    out, mean, var = kernels.layernorm_forward(place, gamma, beta, EPS, out=place)
    dx, dgamma, dbeta = kernels.layernorm_backward(taken, x, gamma, mean, var, EPS, out=taken)
    assert out is place
    assert dx is taken
    for one, other in zip((out, mean, var, dx, dgamma, dbeta), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_results_that_overlap_arguments_elsewhere(machine):
    shape = (4, 3, 6, 6)
    x, dout, gamma, beta = batch_problem(shape)
    expected = run_batchnorm(x, dout, gamma, beta, True)
    memory = np.empty(x.size + 5, np.float32)
    shifted, out = memory[5:].reshape(shape), memory[:-5].reshape(shape)
    shifted[...] = x
    kernels.batchnorm_forward(shifted, gamma, beta, EPS, relu=True, out=out)
    np.testing.assert_array_equal(out, expected[0])
    shifted[...] = dout
    mean, var = expected[1:3]
    kernels.batchnorm_backward(shifted, x, gamma, beta, mean, var, EPS, relu=True, out=out)
    np.testing.assert_array_equal(out, expected[3])
    shifted[...] = x
    kernels.batchnorm_backward(dout, shifted, gamma, beta, mean, var, EPS, relu=True, out=out)
    np.testing.assert_array_equal(out, expected[3])


@pytest.mark.parametrize("shape", [(6, 5, 7, 7), (30, 20)], ids=str)
def test_torch_agrees(shape):
    torch = pytest.importorskip("torch")
    problem = batch_problem(shape)
    x, dout, gamma, beta = (torch.from_numpy(a) for a in problem)
    for tensor in (x, gamma, beta):
        tensor.requires_grad_()
    y = torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=EPS)
    torch.relu(y).backward(dout)
    out, _, _, *gradients = run_batchnorm(*problem, True)
    np.testing.assert_allclose(out, torch.relu(y).detach(), atol=1e-5)
    for gradient, tensor in zip(gradients, (x, gamma, beta), strict=True):
        np.testing.assert_allclose(gradient, tensor.grad, rtol=1e-4, atol=1e-5)


CALLS = {
    "forward": (kernels.batchnorm_forward, ("x", "gamma", "beta")),
    "inference": (kernels.batchnorm_inference, ("x", "gamma", "beta", "mean", "var")),
    "backward": (kernels.batchnorm_backward, ("dout", "x", "gamma", "beta", "mean", "var")),
    "layer forward": (kernels.layernorm_forward, ("x", "gamma", "beta")),
    "layer backward": (kernels.layernorm_backward, ("dout", "x", "gamma", "mean", "var")),
}


def call(name, wrong=None, **results):
    """Call a kernel with right arguments for x (4, 4), but for the wrong ones."""
    function, names = CALLS[name]
    right = {n: np.ones((4, 4) if n in ("x", "dout") else 4, np.float32) for n in names}
    return function(*{**right, **(wrong or {})}.values(), EPS, **results)


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, argument) for name, (_, names) in CALLS.items() for argument in names],
)
def test_wrong_shapes_are_refused(name, argument):
    call(name)
    expected = {"x": r"x must have shape \(N, ", "dout": r"dout must have the shape of x \(4, 4\)"}
    message = expected.get(argument, rf"{argument} must have shape \(4,\) for x \(4, 4\)")
    with pytest.raises(ValueError, match=rf"{message}.*got \(5,\)"):
        call(name, {argument: np.ones(5, np.float32)})


@pytest.mark.parametrize("name", CALLS)
def test_other_dtypes_and_dimensions_are_refused(name):
    with pytest.raises(TypeError, match="x must hold floating-point numbers, got dtype int64"):
        call(name, {"x": np.ones((4, 4), np.int64)})
    if name.startswith("layer"):
        with pytest.raises(ValueError, match=r"x must have shape \(N, D\), got \(4, 4, 1\)"):
            call(name, {"x": np.ones((4, 4, 1), np.float32)})


RESULTS = {
    "forward": ("out", "mean", "var"),
    "inference": ("out",),
    "backward": ("out", "dgamma", "dbeta"),
    "layer forward": ("out", "mean", "var"),
    "layer backward": ("out", "dgamma", "dbeta"),
}


@pytest.mark.parametrize(
    ("name", "result"), [(name, result) for name, results in RESULTS.items() for result in results]
)
def test_results_that_do_not_fit_are_refused(name, result):
    shape = (4, 4) if result == "out" else (4,)
    for wrong in (np.empty((3, 3), np.float32), np.empty(shape)):
        with pytest.raises(ValueError, match=f"{result} must have shape .* and dtype float32, got"):
            call(name, **{result: wrong})
    read_only = np.empty(shape, np.float32)
    read_only.flags.writeable = False
    for wrong in (read_only, np.empty((*shape[:-1], 8), np.float32)[..., ::2]):
        with pytest.raises(ValueError, match=f"{result} must be contiguous, aligned and writeable"):
            call(name, **{result: wrong})
