"""PyTorch's convolution under our signature, against ours; and what is said without PyTorch."""

import sys

import numpy as np
import pytest
from oracles import run_python, values

from cs231n import fast_layers
from cs231n.layers import conv_backward_naive, conv_forward_naive

CASES = [((2, 3, 5, 4), (4, 3, 3), 1, 1), ((2, 2, 7, 6), (3, 3, 2), 2, 0)]


def inputs(x_shape, filters):
    F, HH, WW = filters
    return values(*x_shape), values(F, x_shape[1], HH, WW, seed=1), values(F, seed=2)


@pytest.mark.parametrize(("x_shape", "filters", "stride", "pad"), CASES)
@pytest.mark.parametrize("change", [np.asarray, np.asfortranarray, lambda a: a[::-1].copy()[::-1]])
def test_it_is_our_convolution(x_shape, filters, stride, pad, change):
    pytest.importorskip("torch")
    arrays, conv_param = inputs(x_shape, filters), {"stride": stride, "pad": pad}
    out, cache = fast_layers.conv_forward_pytorch(*map(change, arrays), conv_param)
    expected, naive_cache = conv_forward_naive(*arrays, conv_param)
    np.testing.assert_allclose(out, expected, atol=1e-12)
    dout = values(*out.shape, seed=3)
    for _ in range(2):  # the cache can be used again
        gradients = fast_layers.conv_backward_pytorch(change(dout), cache)
        for actual, wanted in zip(gradients, conv_backward_naive(dout, naive_cache), strict=True):
            np.testing.assert_allclose(actual, wanted, atol=1e-12)


def test_the_dtype_is_kept():
    pytest.importorskip("torch")
    arrays = [a.astype(np.float32) for a in inputs(*CASES[0][:2])]
    out, cache = fast_layers.conv_forward_pytorch(*arrays, {"stride": 1, "pad": 1})
    assert out.dtype == np.float32
    assert {g.dtype for g in fast_layers.conv_backward_pytorch(out, cache)} == {out.dtype}


def test_shapes_that_do_not_fit_are_refused():
    pytest.importorskip("torch")
    x, w, b = inputs(*CASES[0][:2])
    with pytest.raises(ValueError, match="as many channels as x"):
        fast_layers.conv_forward_pytorch(x[:, :2], w, b, {"stride": 1, "pad": 1})
    _, cache = fast_layers.conv_forward_pytorch(x, w, b, {"stride": 1, "pad": 1})
    with pytest.raises(ValueError, match="dout must have shape"):
        fast_layers.conv_backward_pytorch(x, cache)


def test_without_pytorch_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="need PyTorch: pip install torch"):
        fast_layers.conv_forward_pytorch(*inputs(*CASES[0][:2]), {"stride": 1, "pad": 1})


# ---- star imports ----

FACES = [
    "layers",
    "layer_utils",
    "fast_layers",
    "classifiers.fc_net",
    "classifiers.cnn",
    "classifiers.convnet",
    "classifiers.pretrained_cnn",
]
PARTS = "activations affine convolution dropout losses normalization pooling recurrent kernels"


@pytest.mark.parametrize("face", FACES)
def test_a_star_import_overwrites_no_variable_of_a_notebook(face):
    code = f"from cs231n.{face} import *\nprint(sorted(set({PARTS.split()}) & set(globals())))"
    # A fresh interpreter: here the submodules may have been imported in another order.
    result = run_python(code, warnings="ignore")
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr


def test_a_star_import_of_the_layers_leaves_no_function_behind():
    names = {}
    exec("from cs231n.layers import *", names)
    import cs231n.layers as layers

    public = {name for name in dir(layers) if name.endswith(("ward", "naive", "_alt", "_loss"))}
    assert public <= set(names)
    assert len(public) >= 27
    assert names["np"] is np


@pytest.mark.parametrize("face", ["layer_utils", *FACES[3:]])
def test_the_chain_brings_all_layers(face):
    names = {}
    exec(f"from cs231n.{face} import *", names)
    wanted = "np affine_forward batchnorm_backward_alt conv_forward_naive conv_backward_strides"
    wanted += " max_pool_forward_im2col dropout_forward conv_bn_relu_backward svm_loss"
    wanted += " conv_forward_pytorch spatial_groupnorm_forward affine_relu_forward"
    assert [name for name in wanted.split() if name not in names] == []
