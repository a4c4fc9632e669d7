"""Winograd's algorithm: compiled and twin, on every instruction set, against sums in float64."""

import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from oracles import run_python, values

from cs231n import kernels

SETS = kernels.instruction_sets() or ("NumPy",)
compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")


def exact(x, w, b, dout, pad):
    """The output and the gradients, summed in float64."""
    padded = np.pad(np.asarray(x, float), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    out = np.einsum("nchwij,fcij->nfhw", windows, w.astype(float), optimize=True)
    dw = np.einsum("nchwij,nfhw->fcij", windows, dout.astype(float), optimize=True)
    spread = np.zeros((*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad))
    for i, j in np.ndindex(w.shape[2:]):
        H, W = dout.shape[2:]
        spread[:, :, i : i + H, j : j + W] += np.einsum("nfhw,fc->nchw", dout, w[:, :, i, j])
    H, W = x.shape[2:]
    return out + b[:, None, None], spread[:, :, pad : pad + H, pad : pad + W], dw


def problem(N, C, H, W, F, pad, window=(3, 3), dtype=np.float32, seed=0):
    OH, OW = H + 2 * pad - window[0] + 1, W + 2 * pad - window[1] + 1
    shapes = [(N, C, H, W), (F, C, *window), (F,), (N, F, OH, OW)]
    return [values(*shape, seed=seed).astype(dtype) for shape in shapes]


def error(actual, expected):
    """The norm of the error relative to the norm of what is expected."""
    assert actual.shape == expected.shape
    return np.linalg.norm(actual - expected) / max(np.linalg.norm(expected), 1e-30)


def check(x, w, b, dout, pad, most):
    out, dx, dw = exact(x, w, b, dout, pad)
    assert error(kernels.winograd_forward(x, w, b, pad), out) <= most
    assert error(kernels.winograd_backward_input(dout, w, pad), dx) <= most
    weights = kernels.winograd_backward_weights(dout, x, pad, window=w.shape[2:])
    assert error(weights, dw) <= most


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


# Filters of one piece and of several, of another height than width, larger than the map.
WINDOWS = [
    ((2, 20, 9, 9, 40, 2), (5, 5)),
    ((2, 17, 8, 7, 33, 3), (7, 7)),
    ((3, 9, 10, 6, 20, 1), (2, 2)),
    ((2, 150, 6, 6, 150, 3), (4, 6)),
    ((1, 5, 3, 2, 4, 4), (7, 5)),
    ((2, 16, 9, 30, 16, 0), (1, 7)),
    ((1, 3, 12, 290, 5, 2), (3, 4)),
    ((7, 33, 5, 5, 70, 5), (6, 6)),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shapes(machine, shape):
    check(*problem(*shape), shape[-1], most=2e-5)


@pytest.mark.parametrize(("shape", "window"), WINDOWS, ids=str)
def test_windows(machine, shape, window):
    check(*problem(*shape, window), shape[-1], most=2e-5)


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 40)),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    st.integers(1, 40),
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    st.integers(0, 6),
    st.sampled_from(SETS),
    st.integers(1, 2),
)
def test_any_shape(images, size, F, window, pad, name, threads):
    pad = min(pad, *(extent - 1 for extent in window))
    size = [max(a, b - 2 * pad) for a, b in zip(size, window, strict=True)]
    before = kernels.get_num_threads()
    kernels.set_num_threads(threads)
    if name != "NumPy":
        kernels.set_instruction_set(name)
    try:
        check(*problem(*images, *size, F, pad, window), pad, most=2e-5)
    finally:
        kernels.set_num_threads(before)
        if name != "NumPy":
            kernels.set_instruction_set(SETS[0])


@pytest.mark.parametrize(
    ("shape", "window"), [*((shape, (3, 3)) for shape in SHAPES[:8]), *WINDOWS], ids=str
)
def test_the_twin_is_exact_in_float64(shape, window):
    check(*problem(*shape, window, dtype=np.float64), shape[-1], most=1e-12)


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
        "channels": (kernels.winograd_forward, (x, w[:, :5], b, 1), "must have as many channels"),
        "size": (kernels.winograd_forward, (x, np.ones((9, 9, 8, 3)), b, 1), "takes filters of"),
        "bias": (kernels.winograd_forward, (x, w, b[:5], 1), "b must have shape"),
        "pad": (kernels.winograd_forward, (x, w, b, 3), "a padding from 0 to less"),
        "map": (kernels.winograd_forward, (x[:, :, :1], w, b, 0), "is larger than the padded"),
        "dout": (kernels.winograd_backward_weights, (dout[:1], x, 1), "dout must have shape"),
    }
    if change == "overlap":
        with pytest.raises(ValueError, match="out must not share memory with an input"):
            kernels.winograd_forward(x, w, b, 1, out=x)
        return
    function, arguments, message = calls[change]
    with pytest.raises(ValueError, match=message):
        function(*arguments)
    with pytest.raises(ValueError, match="do not belong together"):
        kernels.winograd_backward_input(dout, w[:5], 1)


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


@pytest.mark.parametrize(
    ("shape", "stride", "pad", "dilation", "fits"),
    [
        ((4, 5, 3, 3), 1, 0, 1, True),
        ((4, 5, 3, 3), 1, 2, 1, True),
        ((4, 5, 3, 3), 1, 3, 1, False),
        ((4, 5, 3, 3), 2, 1, 1, False),
        ((4, 5, 3, 3), 1, 1, 2, False),
        ((4, 5, 7, 7), 1, 6, 1, True),
        ((4, 5, 8, 7), 1, 1, 1, False),
        ((4, 5, 3, 1), 1, 1, 1, False),
        ((4, 5, 3, 1), 1, 0, 1, True),
    ],
)
def test_what_fits(shape, stride, pad, dilation, fits):
    assert kernels.winograd_fits(shape, stride, pad, dilation) is fits


def test_when_it_pays():
    def pays(w_shape=(64, 64, 3, 3), size=32, dtypes=(np.float32,), stride=1):
        x_shape = (1, w_shape[1], size, size)
        return kernels.winograd_pays(x_shape, w_shape, stride, w_shape[2] // 2, *dtypes)

    assert pays() is pays((64, 64, 5, 5)) is pays((8, 8, 7, 7)) is kernels.is_compiled()
    assert not pays(dtypes=(np.float64,))
    assert not pays(dtypes=(np.float32, np.float64))
    assert not pays((64, 3, 3, 3))
    assert not pays((64, 64, 1, 1))
    assert not pays(stride=2)
    assert not pays(size=2)  # 36 products for a tile of which 4 outputs are there, 9 products each


def test_the_products_that_are_saved():
    # One tile has 16 outputs of 9 products, and takes 36.
    assert kernels.winograd_saving((1, 1, 3, 3), (1, 1, 4, 4)) == 16 * 9 / 36
    assert kernels.winograd_saving((1, 1, 5, 5), (1, 1, 5, 4)) == 20 * 25 / (36 * 2 * 4)


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
kernels.conv_arrays._WORK_OF_ONE_THREAD = 0
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
    "call",
    [
        "winograd_forward(x, w, b, 1)",
        "winograd_backward_weights(x, x, 1)",
        "conv_forward(x, w, b, 2, 1)",
        "conv_backward_input(x, w, (16, 256, 256, 256), 2, 1)",
        "conv_backward_weights(x[:, :, :64, :64], x, w.shape, 2, 1)",
    ],
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
