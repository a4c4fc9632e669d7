import numpy as np
import pytest
from oracles import values

from cs231n.layers import dropout_backward, dropout_forward


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_p_is_the_probability_of_keeping(p):
    x = np.full((300, 300), 3.0)
    out, (_, mask) = dropout_forward(x, {"p": p, "mode": "train", "seed": 0})
    assert abs(np.mean(out != 0) - p) < 4 * np.sqrt(p * (1 - p) / x.size)
    np.testing.assert_allclose(out[out != 0], 3 / p)
    assert abs(out.mean() - 3) < 0.1
    np.testing.assert_array_equal(out, x * mask)


def test_p_of_one_keeps_everything():
    x = values(5, 6)
    out, _ = dropout_forward(x, {"p": 1, "mode": "train"})
    np.testing.assert_array_equal(out, x)


def test_test_mode_is_the_identity_and_draws_no_numbers():
    x, param = values(3, 4), {"p": 0.5, "mode": "test", "seed": 1}
    np.random.seed(3)
    out, cache = dropout_forward(x, param)
    following = np.random.random_sample()
    np.random.seed(3)
    assert following == np.random.random_sample()
    np.testing.assert_array_equal(out, x)
    assert cache == (param, None)
    np.testing.assert_array_equal(dropout_backward(2 * x, cache), 2 * x)


def test_seed_reseeds_the_global_generator():
    x, param = np.ones((20, 20)), {"p": 0.5, "mode": "train", "seed": 123}
    first, _ = dropout_forward(x, param)
    np.random.seed(123)
    second, _ = dropout_forward(x, {"p": 0.5, "mode": "train"})
    third, _ = dropout_forward(x, {"p": 0.5, "mode": "train", "seed": None})
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(second, third)


def test_seed_zero_is_a_seed():
    x, param = np.ones(50), {"p": 0.5, "mode": "train", "seed": 0}
    first, _ = dropout_forward(x, param)
    second, _ = dropout_forward(x, param)
    np.testing.assert_array_equal(first, second)


def test_a_generator_draws_and_the_global_one_is_left_alone():
    x = np.ones((5, 6))
    np.random.seed(3)
    expected = np.random.random_sample()
    np.random.seed(3)
    rng = np.random.default_rng(0)
    masks = [dropout_forward(x, {"p": 0.5, "mode": "train", "seed": rng})[0] for _ in range(2)]
    assert np.random.random_sample() == expected
    assert not np.array_equal(*masks)
    np.testing.assert_array_equal(masks[0], 2 * (np.random.default_rng(0).random((5, 6)) < 0.5))


def test_the_gradient_goes_through_the_same_mask():
    x, dout = np.ones((6, 7)), values(6, 7)
    out, cache = dropout_forward(x, {"p": 0.3, "mode": "train"})
    np.testing.assert_array_equal(dropout_backward(dout, cache), dout * out)


@pytest.mark.parametrize(
    ("param", "error", "message"),
    [
        ({"mode": "train"}, ValueError, r"dropout_param must have the key 'p'.*\['mode'\]"),
        ({"p": 0.5}, ValueError, r"dropout_param must have the key 'mode'.*\['p'\]"),
        ({"p": 0.5, 3: 4}, ValueError, r"key 'mode', got the keys \['p', 3\]"),
        ({"p": 0, "mode": "train"}, ValueError, r"dropout_param\['p'\] must lie in \(0, 1\], got"),
        ({"p": 1.5, "mode": "train"}, ValueError, r"\['p'\] must lie in \(0, 1\], got 1.5"),
        ({"p": -0.5, "mode": "test"}, ValueError, r"\['p'\] must lie in \(0, 1\], got -0.5"),
        ({"p": float("nan"), "mode": "train"}, ValueError, r"\['p'\] must lie in"),
        ({"p": None, "mode": "train"}, TypeError, r"\['p'\] must be a number"),
        ({"p": 0.5, "mode": "eval"}, ValueError, "'mode'] must be 'train' or 'test', got 'eval'"),
        ({"p": 0.5, "mode": "train", "seed": -1}, ValueError, r"\['seed'\] must not be negative"),
        ({"p": 0.5, "mode": "train", "seed": 2**32}, ValueError, r"\['seed'\] must be below"),
        ({"p": 0.5, "mode": "train", "seed": "a"}, TypeError, r"\['seed'\] must be an integer"),
        ({"p": 0.5, "p_is_dropped": "no", "mode": "train"}, TypeError, "True or False, got 'no'"),
        ({"p": 2, "p_is_dropped": True, "mode": "train"}, ValueError, r"in \[0, 1\), got 2"),
        (None, TypeError, "dropout_param must be a dict, got NoneType"),
        (0.5, TypeError, "dropout_param must be a dict, got float"),
    ],
)
def test_bad_dropout_param(param, error, message):
    with pytest.raises(error, match=message):
        dropout_forward(np.ones((2, 2)), param)
