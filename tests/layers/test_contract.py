"""What every layer promises beside the right numbers."""

import copy

import numpy as np
import pytest
from layer_table import LAYERS, Layer
from oracles import values

TOLERANCES = {np.float16: 2e-2, np.float32: 1e-4, np.float64: 1e-13}
every_layer = pytest.mark.parametrize("layer", LAYERS, ids=str)


def run(layer: Layer, arrays, dout=None, change=np.asarray):
    """Return out and all gradients; ``change`` turns arrays into the form under test."""
    out, cache = layer.forward(*(change(a) for a in arrays))
    if dout is None:
        dout = values(*np.shape(out), seed=9)
    if not layer.out_is_scalar:
        dout = change(np.asarray(dout))
    return [out, *layer.gradients(dout, cache).values()]


def assert_close(actual, expected, rtol=1e-13):
    for a, e in zip(actual, expected, strict=True):
        scale = np.max(np.abs(e), initial=1)
        np.testing.assert_allclose(a, e, rtol=rtol, atol=rtol * float(scale))


def fortran(a):
    return np.asfortranarray(a)


def every_second(a):
    room = np.full([2 * n for n in a.shape], np.nan, dtype=a.dtype)
    view = room[tuple(slice(1, None, 2) for _ in a.shape)]
    view[...] = a
    return view


def backwards(a):
    flip = tuple(slice(None, None, -1) for _ in a.shape)
    return a[flip].copy()[flip]


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def field_of_record(a):
    """Strides that are no multiple of the item, and items that are not aligned."""
    record = np.zeros(a.shape, dtype=[("flag", "u1"), ("value", a.dtype)])
    record["value"] = a
    return record["value"]


def unaligned(a):
    room = np.zeros(a.nbytes + 1, dtype=np.uint8)[1:].view(a.dtype).reshape(a.shape)
    room[...] = a
    return room


def swapped_bytes(a):
    return a.astype(a.dtype.newbyteorder())


FORMS = [
    fortran,
    every_second,
    backwards,
    read_only,
    field_of_record,
    unaligned,
    swapped_bytes,
    np.ndarray.tolist,
]


@every_layer
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_any_memory_layout_and_lists(layer, form):
    arrays = list(layer.inputs.values())
    assert_close(run(layer, arrays, change=form), run(layer, arrays))


@every_layer
def test_inputs_dout_and_cache_are_not_modified(layer):
    arrays = [a.copy() for a in layer.inputs.values()]
    out, cache = layer.forward(*arrays)
    dout = values(*np.shape(out), seed=9)
    kept_dout, kept_cache, kept_out = dout.copy(), copy.deepcopy(cache), np.copy(out)
    first = layer.gradients(dout, cache)
    second = layer.gradients(dout, cache)
    for name, array in zip(layer.inputs, arrays, strict=True):
        np.testing.assert_array_equal(array, layer.inputs[name], err_msg=name)
        np.testing.assert_array_equal(first[name], second[name], err_msg=f"d{name}, called twice")
    np.testing.assert_array_equal(dout, kept_dout)
    np.testing.assert_array_equal(out, kept_out)
    np.testing.assert_equal(cache, kept_cache)


@every_layer
@pytest.mark.parametrize("dtype", TOLERANCES)
def test_dtype_is_kept(layer, dtype):
    arrays = list(layer.inputs.values())
    results = run(layer, arrays, change=lambda a: np.asarray(a).astype(dtype))
    if layer.out_is_scalar:
        assert type(results[0]) is float
    for result in results[layer.out_is_scalar :]:
        assert result.dtype == dtype
    rounded = [a.astype(dtype).astype(np.float64) for a in arrays]
    dout = values(*np.shape(results[0]), seed=9).astype(dtype).astype(np.float64)
    assert_close(results, run(layer, rounded, dout), TOLERANCES[dtype])


@every_layer
def test_empty_batch(layer):
    x, *others = layer.inputs.values()
    out, *gradients = run(layer, [x[:0], *others])
    if layer.out_is_scalar:
        assert out == 0
    else:
        assert out.shape == (0, *layer.forward(*layer.inputs.values())[0].shape[1:])
    assert gradients[0].shape == (0, *x.shape[1:])
    for gradient, array in zip(gradients[1:], others, strict=True):
        np.testing.assert_array_equal(gradient, np.zeros_like(array))


@every_layer
def test_the_same_numbers_every_time(layer):
    arrays = list(layer.inputs.values())
    first, second = run(layer, arrays), run(layer, arrays)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@every_layer
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int8, bool])
def test_integers_are_taken_as_float64(layer, dtype):
    whole = [np.abs(10 * a).round() % 100 for a in layer.inputs.values()]
    whole = [a.astype(dtype) for a in whole]
    expected = run(layer, [a.astype(np.float64) for a in whole])
    actual = run(layer, whole)
    assert all(np.asarray(result).dtype == np.float64 for result in actual)
    assert_close(actual, expected)


@every_layer
@pytest.mark.parametrize("dtype", [complex, object, str])
def test_what_is_not_real_is_refused_by_name(layer, dtype):
    for name in layer.inputs:
        arrays = {**layer.inputs, name: layer.inputs[name].astype(dtype)}
        with pytest.raises(TypeError, match=rf"^{name} must hold real numbers, got dtype"):
            layer.forward(*arrays.values())


@every_layer
def test_nan_propagates(layer):
    x, *others = layer.inputs.values()
    x = x.copy()
    x[(0,) * x.ndim] = np.nan
    out, dx, *_ = run(layer, [x, *others])
    assert np.isnan(out).any()
    assert dx.shape == x.shape


@every_layer
def test_dout_of_the_wrong_shape_is_refused(layer):
    if not layer.checks_dout:
        pytest.skip("its backward cannot know the shape")
    out, cache = layer.forward(*layer.inputs.values())
    for shape in (
        (*out.shape[:-1], out.shape[-1] + 1),
        out.shape[1:],
        (*out.shape, 1),
        (1, *out.shape),
        (),
        (out.size,),
        tuple(reversed(out.shape)),
    ):
        if shape != out.shape:
            with pytest.raises(ValueError, match=r"^dout must have"):
                layer.backward(np.ones(shape), cache)


@every_layer
def test_complex_dout_is_refused(layer):
    if layer.out_is_scalar:
        pytest.skip("a loss has no dout")
    out, cache = layer.forward(*layer.inputs.values())
    with pytest.raises(TypeError, match=r"^dout must hold real numbers"):
        layer.backward(out * 1j, cache)
