"""``check_gradients`` on right gradients, small and large, and on slightly wrong ones."""

import numpy as np
import pytest
from gradient_samples import (
    affine_backward,
    affine_forward,
    conv_backward,
    conv_forward,
    embedding_backward,
    embedding_forward,
    lstm_like_backward,
    lstm_like_forward,
    norm_backward,
    norm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
    values,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n.gradient_check import (
    GradientError,
    check_gradients,
    check_loss_gradients,
)

# ----------------------------------------------------------------- check_gradients, right gradients

AFFINE = (affine_forward, affine_backward)


def affine_inputs(n=4, d=3, m=5):
    return values(n, d), values(d, m), values(m)


def test_report_names_the_inputs_and_prints_a_line_for_each():
    report = check_gradients(*AFFINE, *affine_inputs())
    assert list(report.errors) == ["x", "w", "b"]
    assert 0 < report.max_error == max(report.errors.values()) < 1e-9
    assert str(report).splitlines()[1].startswith("w: 15 of 15 elements, largest relative error ")


shapes = st.integers(1, 4)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n=shapes, d=shapes, m=shapes, scale=st.sampled_from([1e-4, 1.0, 1e4]), seed=st.integers(0, 99)
)
def test_a_right_affine_gradient_passes(n, d, m, scale, seed):
    x, w = values(n, d, seed=seed) * scale, values(d, m, seed=seed + 1)
    check_gradients(*AFFINE, x, w, values(m), seed=seed)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n=st.integers(2, 6),
    d=shapes,
    scale=st.sampled_from([1e-6, 1e-3, 1.0, 1e3, 1e6]),
    offset=st.sampled_from([0.0, 1e3]),
)
def test_a_right_normalisation_gradient_passes(n, d, scale, offset):
    x = values(n, d) * scale + offset
    check_gradients(norm_forward, norm_backward, x, values(d), values(d, seed=1))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n=shapes, c=st.integers(2, 5), scale=st.sampled_from([1e-3, 1.0, 10.0]), seed=st.integers(0, 99)
)
def test_a_right_softmax_gradient_passes(n, c, scale, seed):
    y = np.random.default_rng(seed).integers(c, size=n)
    report = check_loss_gradients(softmax_loss, values(n, c, seed=seed) * scale, y)
    assert list(report.errors) == ["x"]


def test_right_gradients_of_relu_conv_embedding_and_two_outputs_pass():
    check_gradients(relu_forward, relu_backward, values(5, 6))
    conv = values(2, 3, 4, 5), values(2, 3, 3, 3), values(2), {"pad": 1}
    assert list(check_gradients(conv_forward, conv_backward, *conv).errors) == ["x", "w", "b"]
    words = np.array([[0, 2, 2], [3, 0, 1]])
    report = check_gradients(embedding_forward, embedding_backward, words, values(6, 4))
    assert list(report.errors) == ["table"]
    check_gradients(lstm_like_forward, lstm_like_backward, values(3, 4), values(3, 4, seed=1))


def test_relu_very_near_its_kink_passes_as_long_as_there_is_a_slope():
    check_gradients(relu_forward, relu_backward, np.array([-1e-4, 1e-4, 3e-5, -3e-5]))


def test_gradients_that_vanish_by_cancellation_pass():
    # A bias ahead of a normalisation has no effect: rounding errors are compared with each other.
    def forward(x, b):
        return norm_forward(x + b, 1.0, 0.0)

    def backward(dout, cache):
        dx = norm_backward(dout, cache)[0]
        return dx, dx.sum(axis=0)

    check_gradients(forward, backward, values(6, 3), values(3))


def test_inputs_dicts_and_the_global_generator_are_left_alone():
    def forward(x, param):
        np.random.seed(param["seed"])
        param["calls"] = param.get("calls", 0) + 1
        mask = np.random.rand(*x.shape) < 0.5
        return x * mask, mask

    x, param = values(3, 4).astype(np.float32), {"seed": 3}
    before, state = x.copy(), np.random.get_state()[1].copy()
    report = check_gradients(forward, lambda dout, mask: dout * mask, x, param)
    assert list(report.errors) == ["x"]
    assert np.array_equal(x, before)
    assert param == {"seed": 3}
    assert np.array_equal(np.random.get_state()[1], state)


def test_empty_batches_and_0d_arrays_pass():
    report = check_gradients(*AFFINE, np.zeros((0, 3)), values(3, 5), values(5))
    assert "x: 0 of 0 elements" in str(report)
    check_gradients(lambda x: (x**2, x), lambda dout, x: 2 * x * dout, np.array(3.0))
    check_gradients(lambda x: (x**2, x), lambda dout, x: float(2 * x * dout), np.array(3.0))


def test_an_empty_batch_with_a_wrong_shape_fails():
    with pytest.raises(GradientError, match=r"shape \(3, 0\), expected \(0, 3\)"):
        check_gradients(lambda x: (2 * x, None), lambda dout, _: 2 * dout.T, np.zeros((0, 3)))


def test_constants_may_have_none_a_gradient_or_no_place():
    def forward(x, mean, n):
        return (x - mean) * n, n

    arguments = values(2, 3), values(3), 2
    for gradients in (lambda d: d, lambda d: (d, None, None), lambda d: (d, -d.sum(0), None)):
        report = check_gradients(
            forward, lambda dout, n, g=gradients: g(dout * n), *arguments, constants=["mean"]
        )
        assert list(report.errors) == ["x"]


def test_names_replace_those_of_the_signature():
    report = check_gradients(*AFFINE, *affine_inputs(), names=["scores", "W2", "b2"])
    assert list(report.errors) == ["scores", "W2", "b2"]


def test_inputs_without_names_are_numbered():
    def forward(*args):
        return affine_forward(*args)

    report = check_gradients(forward, affine_backward, *affine_inputs())
    assert list(report.errors) == ["inputs[0]", "inputs[1]", "inputs[2]"]


def test_a_loss_may_return_a_dict_of_gradients():
    def loss(W1, b1):
        return np.sum(W1**2) + b1.sum(), {"b1": np.ones_like(b1), "W1": 2 * W1}

    assert list(check_loss_gradients(loss, values(3, 4), values(2)).errors) == ["W1", "b1"]


# ---------------------------------------------------------------------------------- large inputs


def large(factor_at=None):
    def backward(dout, x):
        dx = dout * np.cos(x)
        if factor_at is not None:
            dx[factor_at] *= 1.01
        return dx

    return lambda: check_gradients(
        lambda x: (np.sin(x), x), backward, values(40, 50), max_elements=20
    )


def test_a_large_input_is_sampled_and_projected():
    assert "x: 20 of 2000 elements and a random projection" in str(large()())


@pytest.mark.parametrize("index", [(0, 0), (17, 31), (39, 49)])
def test_one_slightly_wrong_element_of_a_large_input_is_found(index):
    with pytest.raises(GradientError, match=rf"worst at x\[{index[0]}, {index[1]}\]"):
        large(index)()


def test_kinks_that_the_projection_meets_in_a_large_input_are_forgiven():
    x = values(40, 50)
    x[20, 20] = 1e-9
    check_gradients(relu_forward, relu_backward, x, max_elements=5)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    index=st.tuples(st.integers(0, 4), st.integers(0, 2)),
    slip=st.sampled_from([-1e-5, 1e-6, 1e-4, 0.1, 3.0]),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
)
def test_one_element_that_is_off_by_a_millionth_fails(index, slip, scale):
    def backward(dout, cache):
        dx, dgamma, dbeta = norm_backward(dout, cache)
        dx[index] *= 1 + slip
        return dx, dgamma, dbeta

    arguments = values(5, 3) * scale, values(3), values(3, seed=1)
    with pytest.raises(GradientError, match=rf"worst at x\[{index[0]}, {index[1]}\]"):
        check_gradients(norm_forward, backward, *arguments)
