"""Winograd's algorithm: compiled and twin, on every instruction set, against sums in float64."""

import signal
import subprocess
import sys
import threading

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from oracles import run_python, values

from cs231n import fast_layers, kernels

SETS = kernels.instruction_sets() or ("NumPy",)
compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")


@pytest.fixture(autouse=True, scope="module")
def small_work_on_two_threads():
    """What takes a second thread for large work only must be right on two, however small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cs231n.kernels.convolution._WORK_OF_ONE_THREAD", 0)
        yield


@pytest.fixture(params=[(name, count) for name in SETS for count in (1, 2)], ids=str)
def machine(request):
    """Each instruction set with one thread and with two."""
    name, count = request.param
    threads, best = kernels.get_num_threads(), SETS[0]
    kernels.set_num_threads(count)
    if name != "NumPy":
        kernels.set_instruction_set(name)
    yield
    kernels.set_num_threads(threads)
    if name != "NumPy":
        kernels.set_instruction_set(best)


def windows(x, pad):
    padded = np.pad(np.asarray(x, float), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return sliding_window_view(padded, (3, 3), axis=(2, 3))


def exact(x, w, b, dout, pad):
    """The output and the gradients, summed in float64."""
    out = np.einsum("nchwij,fcij->nfhw", windows(x, pad), w.astype(float), optimize=True)
    dw = np.einsum("nchwij,nfhw->fcij", windows(x, pad), dout.astype(float), optimize=True)
    spread = np.zeros((*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad))
    for i, j in np.ndindex(3, 3):
        H, W = dout.shape[2:]
        spread[:, :, i : i + H, j : j + W] += np.einsum("nfhw,fc->nchw", dout, w[:, :, i, j])
    H, W = x.shape[2:]
    return out + b[:, None, None], spread[:, :, pad : pad + H, pad : pad + W], dw


def problem(N, C, H, W, F, pad, dtype=np.float32, seed=0):
    shapes = [(N, C, H, W), (F, C, 3, 3), (F,), (N, F, H + 2 * pad - 2, W + 2 * pad - 2)]
    return [values(*shape, seed=seed).astype(dtype) for shape in shapes]


def error(actual, expected):
    """The norm of the error relative to the norm of what is expected."""
    assert actual.shape == expected.shape
    return np.linalg.norm(actual - expected) / max(np.linalg.norm(expected), 1e-30)


def check(x, w, b, dout, pad, most):
    out, dx, dw = exact(x, w, b, dout, pad)
    assert error(kernels.winograd_forward(x, w, b, pad), out) <= most
    assert error(kernels.winograd_backward_input(dout, w, pad), dx) <= most
    assert error(kernels.winograd_backward_weights(dout, x, pad), dw) <= most


# Fewer channels and filters than a vector has lanes, and more; several squares of channels and
# filters; tiles that reach over the edge; one tile; rows of tiles in several segments; many images.
SHAPES = [
    (2, 16, 8, 8, 32, 1),
    (1, 3, 5, 7, 4, 0),
    (2, 20, 9, 9, 40, 1),
    (3, 64, 4, 4, 70, 2),
    (1, 5, 3, 300, 17, 1),
    (2, 33, 13, 31, 65, 1),
    (1, 2, 1, 1, 3, 1),
    (5, 7, 2, 2, 9, 1),
    (1, 1, 40, 270, 1, 0),
    (2, 130, 32, 32, 20, 1),
    (40, 17, 6, 6, 20, 1),
    (2, 150, 8, 8, 200, 1),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shapes(machine, shape):
    check(*problem(*shape), shape[-1], most=2e-5)


@given(
    st.integers(1, 3),
    st.integers(1, 40),
    st.integers(3, 20),
    st.integers(3, 20),
    st.integers(1, 40),
    st.integers(0, 2),
    st.sampled_from(SETS),
    st.integers(1, 2),
)
def test_any_shape(N, C, H, W, F, pad, name, threads):
    before = kernels.get_num_threads()
    kernels.set_num_threads(threads)
    if name != "NumPy":
        kernels.set_instruction_set(name)
    try:
        check(*problem(N, C, H, W, F, pad), pad, most=2e-5)
    finally:
        kernels.set_num_threads(before)
        if name != "NumPy":
            kernels.set_instruction_set(SETS[0])


@pytest.mark.parametrize("shape", SHAPES[:8], ids=str)
def test_the_twin_is_exact_in_float64(shape):
    check(*problem(*shape, dtype=np.float64), shape[-1], most=1e-12)


def test_relu(machine):
    x, w, b, _ = problem(2, 9, 7, 7, 20, 1)
    plain, rectified = (kernels.winograd_forward(x, w, b, 1, relu=relu) for relu in (False, True))
    assert (plain < 0).any()
    np.testing.assert_array_equal(rectified, np.maximum(plain, 0))


def test_a_nan_stays_a_nan(machine):
    x, w, b, _ = problem(1, 9, 7, 7, 20, 1)
    b[3] = np.nan
    for relu in (False, True):
        is_nan = np.isnan(kernels.winograd_forward(x, w, b, 1, relu=relu))
        assert is_nan[:, 3].all()
        assert is_nan.sum() == is_nan[:, 3].size


def test_the_same_bits_every_time(machine):
    x, w, b, dout = problem(6, 40, 17, 17, 40, 1)
    first, second = (
        (
            kernels.winograd_forward(x, w, b, 1),
            kernels.winograd_backward_input(dout, w, 1),
            kernels.winograd_backward_weights(dout, x, 1),
        )
        for _ in range(2)
    )
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("empty", range(5))
def test_empty(machine, empty):
    sizes = [2, 9, 7, 7, 12]
    sizes[empty] = 0
    pad = 2
    if empty in (2, 3):  # a map of padding only still has outputs
        sizes[empty] = 1
        pad = 1
    x, w, b, dout = problem(*sizes, pad)
    check(x, w, b, dout, pad, most=2e-5)


def test_unusual_arrays(machine):
    x, w, b, dout = problem(2, 9, 7, 8, 12, 1)
    expected = [
        kernels.winograd_forward(x, w, b, 1),
        kernels.winograd_backward_input(dout, w, 1),
        kernels.winograd_backward_weights(dout, x, 1),
    ]

    def backwards(array):
        return np.ascontiguousarray(array[..., ::-1])[..., ::-1]

    def unaligned(array):
        memory = np.empty(array.nbytes + 1, np.uint8)[1:]
        view = memory.view(array.dtype).reshape(array.shape)
        view[...] = array
        return view

    def read_only(array):
        array = array.copy()
        array.flags.writeable = False
        return array

    for form in (backwards, unaligned, read_only, np.asfortranarray):
        xx, ww, bb, dd = (form(array) for array in (x, w, b, dout))
        actual = [
            kernels.winograd_forward(xx, ww, bb, 1),
            kernels.winograd_backward_input(dd, ww, 1),
            kernels.winograd_backward_weights(dd, xx, 1),
        ]
        for one, other in zip(actual, expected, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("change", ["channels", "size", "bias", "pad", "map", "dout", "overlap"])
def test_arguments_that_do_not_match(change):
    """A kernel would read or write beyond an array."""
    x, w, b, dout = problem(2, 9, 7, 8, 9, 1)
    calls = {
        "channels": (kernels.winograd_forward, (x, w[:, :5], b, 1), "w must have shape"),
        "size": (kernels.winograd_forward, (x, w[:, :, :2], b, 1), "w must have shape"),
        "bias": (kernels.winograd_forward, (x, w, b[:5], 1), "b must have shape"),
        "pad": (kernels.winograd_forward, (x, w, b, 3), "pad must lie in"),
        "map": (kernels.winograd_forward, (x[:, :, :1], w, b, 0), "x .* is too small"),
        "dout": (kernels.winograd_backward_weights, (dout[:1], x, 1), "dout must have shape"),
    }
    if change == "overlap":
        with pytest.raises(ValueError, match="out must not share memory with an input"):
            kernels.winograd_forward(x, w, b, 1, out=x)
        return
    function, arguments, message = calls[change]
    with pytest.raises(ValueError, match=message):
        function(*arguments)
    with pytest.raises(ValueError, match="w must have shape"):
        kernels.winograd_backward_input(dout, w[:5], 1)


@given(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(0, 5), st.integers(1, 5), st.integers(1, 5)),
    st.integers(1, 3),
    st.integers(0, 3),
    st.sampled_from([np.float32, np.float64, np.float16]),
    st.sampled_from(["direct", "im2col"]),
)
def test_any_convolution(x_shape, filters, stride, pad, dtype, algorithm):
    (_, C, H, W), (F, HH, WW) = x_shape, filters
    x, b = values(*x_shape).astype(dtype), values(F, seed=2).astype(dtype)
    w = values(F, C, HH, WW, seed=1).astype(dtype)
    if min(H + 2 * pad - HH, W + 2 * pad - WW) < 0:
        with pytest.raises(ValueError, match="is larger than the padded input"):
            kernels.conv_forward(x, w, b, stride, pad)
        return
    exact_out = oracles.conv(x.astype(float), w.astype(float), b, stride, pad)
    eps = {np.float16: 4e-3, np.float32: 1e-6, np.float64: 1e-14}[dtype]
    for relu, bias in ((False, b), (True, b), (False, None)):
        out = kernels.conv_forward(x, w, bias, stride, pad, relu=relu, algorithm=algorithm)
        assert out.dtype == dtype
        expected = exact_out - (b.astype(float)[:, None, None] if bias is None else 0)
        expected = np.maximum(expected, 0) if relu else expected
        assert error(out.astype(float), expected) <= eps + (np.linalg.norm(expected) < 1e-3)
    dout = values(*out.shape, seed=3).astype(dtype)
    cols = oracles.unfold(x.astype(float), HH, WW, pad, stride)
    dw = np.einsum("nfij,cklnij->fckl", dout.astype(float), cols)
    dcols = np.einsum("nfij,fckl->cklnij", dout.astype(float), w.astype(float))
    dx = oracles.fold(dcols, H, W, pad, stride)
    place = {"stride": stride, "pad": pad, "algorithm": algorithm}
    actual = kernels.conv_backward_weights(dout, x, w.shape, **place)
    assert error(actual.astype(float), dw) <= 3 * eps
    out = np.full_like(x, 7)
    assert kernels.conv_backward_input(dout, w, x.shape, **place, out=out) is out
    assert error(out.astype(float), dx) <= 3 * eps


# Several blocks of images and of rows, vectors that are left over, several panels of filters, more
# than a vector's pair of them, strides that leave pixels out, windows larger than the map.
DIRECT = [
    ((5, 3, 32, 32), (32, 7, 7), 1, 3),
    ((3, 40, 40, 33), (20, 5, 5), 1, 2),
    ((20, 16, 4, 4), (30, 3, 3), 1, 1),
    ((2, 9, 17, 30), (13, 3, 3), 2, 1),
    ((2, 9, 17, 30), (50, 1, 1), 2, 0),
    ((3, 7, 11, 12), (25, 4, 3), 3, 2),
    ((2, 70, 9, 9), (70, 1, 1), 1, 0),
    ((2, 3, 5, 6), (5, 7, 6), 2, 4),
    ((1, 200, 64, 70), (3, 3, 3), 1, 5),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("x_shape", "filters", "stride", "pad"), DIRECT, ids=str)
def test_direct_convolution(machine, x_shape, filters, stride, pad, dtype):
    F, HH, WW = filters
    x, b = values(*x_shape).astype(dtype), values(F, seed=2).astype(dtype)
    w = values(F, x_shape[1], HH, WW, seed=1).astype(dtype)
    param = {"stride": stride, "pad": pad}
    out = kernels.conv_forward(x, w, b, **param, algorithm="direct")
    dout = values(*out.shape, seed=3).astype(dtype)
    exact_x, exact_w, exact_b = (a.astype(float) for a in (x, w, b))
    expected, cache = fast_layers.conv_forward_strides(exact_x, exact_w, exact_b, param)
    dx, dw, _ = fast_layers.conv_backward_strides(dout.astype(float), cache)
    most = 1e-6 if dtype == np.float32 else 1e-14
    assert error(out, expected) <= most
    place = {**param, "algorithm": "direct"}
    first = kernels.conv_backward_weights(dout, x, w.shape, **place)
    assert error(first, dw) <= most
    assert error(kernels.conv_backward_input(dout, w, x.shape, **place), dx) <= most
    again = kernels.conv_backward_weights(dout, x, w.shape, **place)
    np.testing.assert_array_equal(first, again)
    relu = kernels.conv_forward(x, w, b, **param, algorithm="direct", relu=True)
    np.testing.assert_array_equal(relu, np.maximum(out, 0))


def test_the_faster_algorithm_is_chosen():
    x, w, b, dout = problem(2, 9, 7, 8, 12, 1)
    chosen = "winograd" if kernels.is_compiled() else "direct"
    for function, arguments in (
        (kernels.conv_forward, (x, w, b)),
        (kernels.conv_backward_input, (dout, w, x.shape)),
        (kernels.conv_backward_weights, (dout, x, w.shape)),
    ):
        default, same = (function(*arguments, 1, 1, algorithm=name) for name in (None, chosen))
        np.testing.assert_array_equal(default, same)
        with pytest.raises(ValueError, match="algorithm must be one of"):
            function(*arguments, 1, 1, algorithm="winnograd")
        with pytest.raises(ValueError, match="must"):
            function(*arguments, 1, 0, algorithm="im2col", out=np.zeros(3))
    with pytest.raises(ValueError, match="takes 3x3 filters with stride 1"):
        kernels.conv_forward(x, w, b, 2, 1, algorithm="winograd")


def test_results_are_written_where_they_are_wanted(machine):
    x, w, b, dout = problem(2, 9, 7, 8, 12, 1)
    calls = [
        (kernels.winograd_forward, (x, w, b, 1)),
        (kernels.winograd_backward_input, (dout, w, 1)),
        (kernels.winograd_backward_weights, (dout, x, 1)),
    ]
    for function, arguments in calls:
        expected = function(*arguments)
        out = np.full_like(expected, np.nan)
        assert function(*arguments, out=out) is out
        np.testing.assert_array_equal(out, expected)
        read_only = expected.copy()
        read_only.flags.writeable = False
        for bad in (out[..., ::-1], read_only):
            with pytest.raises(ValueError, match="out must be contiguous, aligned and writeable"):
                function(*arguments, out=bad)
        for bad in (out[1:], out.astype(float)):
            with pytest.raises(ValueError, match=r"out must have shape .* float32, got"):
                function(*arguments, out=bad)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ">f4"])
@pytest.mark.parametrize("shape", [(3, 4, 5, 6), (0, 4, 5, 6), (3, 0, 5, 6), (3, 4, 0, 6)])
def test_bias_gradient(machine, dtype, shape):
    dout = values(*shape).astype(dtype)
    db = kernels.bias_gradient(dout)
    assert (db.shape, db.dtype) == (shape[1:2], dtype)
    np.testing.assert_allclose(
        db,
        dout.astype(float).sum(axis=(0, 2, 3)),
        rtol=1e-2 if dtype == np.float16 else 1e-5,
        atol=1e-5,
    )


def test_the_bias_gradient_of_many_numbers_is_exact():
    dout = np.full((64, 1, 200, 200), 0.1, dtype=np.float32)
    exact_sum = dout.astype(float).sum()
    assert abs(float(kernels.bias_gradient(dout)[0]) - exact_sum) <= 2e-6 * exact_sum


@pytest.mark.parametrize(
    ("shape", "stride", "pad", "fits"),
    [
        ((4, 5, 3, 3), 1, 0, True),
        ((4, 5, 3, 3), 1, 2, True),
        ((4, 5, 3, 3), 1, 3, False),
        ((4, 5, 3, 3), 2, 1, False),
        ((4, 5, 5, 5), 1, 1, False),
        ((4, 5, 3, 1), 1, 1, False),
    ],
)
def test_what_fits(shape, stride, pad, fits):
    assert kernels.winograd_fits(shape, stride, pad) is fits


def test_float64_never_goes_through_winograd():
    shape = (64, 64, 3, 3)
    assert kernels.winograd_pays(shape, 1, 1, np.float32) is kernels.is_compiled()
    assert not kernels.winograd_pays(shape, 1, 1, np.float64)
    assert not kernels.winograd_pays(shape, 1, 1, np.float32, np.float64)
    assert not kernels.winograd_pays((64, 3, 3, 3), 1, 1, np.float32)


def test_several_python_threads_at_once(two_threads):
    arrays = [problem(3, 20, 12, 12, 24, 1, seed=seed) for seed in range(4)]
    expected = [kernels.winograd_forward(x, w, b, 1) for x, w, b, _ in arrays]
    wrong = []

    def work(index):
        x, w, b, _ = arrays[index]
        for _ in range(20):
            if not np.array_equal(kernels.winograd_forward(x, w, b, 1), expected[index]):
                wrong.append(index)

    workers = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


FORK = """
import os, signal
import numpy as np
from cs231n import kernels
kernels.set_num_threads(2)
kernels.convolution._WORK_OF_ONE_THREAD = 0
x, w, b = (np.ones(s, np.float32) for s in ((4, 16, 8, 8), (16, 16, 3, 3), (16,)))
expected = kernels.winograd_forward(x, w, b, 1)
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    os._exit(0 if np.allclose(kernels.winograd_forward(x, w, b, 1), expected) else 3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(signal, "alarm"), reason="needs fork")
def test_the_child_of_a_fork():
    result = run_python(FORK, warnings="ignore")
    assert (result.returncode, result.stdout.strip()) == (0, "0"), result.stderr


CTRL_C = """
import os, signal, sys, threading, time
import numpy as np
from cs231n import kernels
x, w, b = (np.ones(s, np.float32) for s in ((16, 256, 128, 128), (256, 256, 3, 3), (256,)))
kernels.set_instruction_set("baseline")
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
start = time.monotonic()
try:
    while True:
        kernels.{call}
except KeyboardInterrupt:
    print(time.monotonic() - start)
"""


@compiled_only
@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
@pytest.mark.parametrize(
    "call", ["winograd_forward(x, w, b, 1)", "winograd_backward_weights(x, x, 1)"]
)
def test_ctrl_c_during_a_long_call(call):
    result = subprocess.run(
        [sys.executable, "-c", CTRL_C.format(call=call)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert 0.4 < float(result.stdout) < 1.5 + 0.5
