"""Every rule against the same rule, written once more for single Python floats."""

import inspect
import math

import numpy as np
import pytest

from cs231n import optim

STEPS = 6
SHAPE = (3, 4)


def sgd_loop(gradients, learning_rate=1e-2):
    w = 0.0
    for dw in gradients:
        w = w - learning_rate * dw
        yield w


def sgd_momentum_loop(gradients, learning_rate=1e-2, momentum=0.9):
    w = velocity = 0.0
    for dw in gradients:
        velocity = momentum * velocity - learning_rate * dw
        w = w + velocity
        yield w


def nesterov_momentum_loop(gradients, learning_rate=1e-2, momentum=0.9):
    w = velocity = 0.0
    for dw in gradients:
        before = velocity
        velocity = momentum * velocity - learning_rate * dw
        w = w - momentum * before + (1 + momentum) * velocity
        yield w


def rmsprop_loop(gradients, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8):
    w = cache = 0.0
    for dw in gradients:
        cache = decay_rate * cache + (1 - decay_rate) * dw * dw
        w = w - learning_rate * dw / (math.sqrt(cache) + epsilon)
        yield w


def adam_loop(gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, t=0):
    w = m = v = 0.0
    for step, dw in enumerate(gradients, start=t + 1):
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * dw * dw
        m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
        w = w - learning_rate * m_hat / (math.sqrt(v_hat) + epsilon)
        yield w


LOOPS = {
    "sgd": sgd_loop,
    "sgd_momentum": sgd_momentum_loop,
    "nesterov_momentum": nesterov_momentum_loop,
    "rmsprop": rmsprop_loop,
    "adam": adam_loop,
}

# The settings are far from the defaults, so that one that is ignored shows.
SETTINGS = [
    *((rule, {}) for rule in LOOPS),
    ("sgd", {"learning_rate": 0.3}),
    ("sgd_momentum", {"learning_rate": 0.3, "momentum": 0.5}),
    ("nesterov_momentum", {"learning_rate": 0.3, "momentum": 0.5}),
    ("rmsprop", {"learning_rate": 0.3, "decay_rate": 0.6, "epsilon": 0.1}),
    ("adam", {"learning_rate": 0.3, "beta1": 0.7, "beta2": 0.8, "epsilon": 0.1}),
    ("adam", {"t": 5}),
]

# As published; the state stands beside them under these names.
DEFAULTS = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "nesterov_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
}
STATE = {
    "sgd": set(),
    "sgd_momentum": {"velocity"},
    "nesterov_momentum": {"velocity"},
    "rmsprop": {"cache"},
    "adam": {"m", "v", "t"},
}

every_rule = pytest.mark.parametrize("rule", LOOPS)


def gradients(seed=0, dtype=np.float64):
    """Gradients of several sizes, a zero among them."""
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((STEPS, *SHAPE)) * 10.0 ** rng.integers(-4, 3, (STEPS, *SHAPE))
    drawn[:, 0, 0] = 0
    return drawn.astype(dtype)


def trajectory(rule, config, dws, w=None):
    w = np.zeros(dws.shape[1:], dws.dtype) if w is None else w
    path = []
    for dw in dws:
        w, config = getattr(optim, rule)(w, dw, config)
        path.append(w.copy())
    return np.array(path)


@pytest.mark.parametrize(("rule", "settings"), SETTINGS)
def test_each_step_is_that_of_the_loop(rule, settings):
    dws = gradients()
    expected = np.empty_like(dws)
    for i, j in np.ndindex(SHAPE):
        expected[:, i, j] = list(LOOPS[rule](dws[:, i, j].tolist(), **settings))
    path = trajectory(rule, dict(settings), dws)
    np.testing.assert_allclose(path, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("rule", "config", "name", "options"),
    [
        ("sgd", {"learning_rate": 0.1}, "SGD", {"lr": 0.1}),
        # PyTorch keeps the velocity with the other sign and without the learning rate
        ("sgd_momentum", {"learning_rate": 0.1}, "SGD", {"lr": 0.1, "momentum": 0.9}),
        (
            "nesterov_momentum",
            {"learning_rate": 0.1},
            "SGD",
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        ),
        ("rmsprop", {"learning_rate": 0.1}, "RMSprop", {"lr": 0.1, "alpha": 0.99}),
        ("adam", {"learning_rate": 0.1}, "Adam", {"lr": 0.1}),
    ],
)
def test_pytorch_walks_the_same_path(rule, config, name, options):
    torch = pytest.importorskip("torch")
    dws = gradients(seed=1)
    w = torch.ones(SHAPE, dtype=torch.float64)
    rival = getattr(torch.optim, name)([w], **options)
    expected = []
    for dw in dws:
        w.grad = torch.from_numpy(dw)
        rival.step()
        expected.append(w.numpy().copy())
    path = trajectory(rule, config, dws, w=np.ones(SHAPE))
    np.testing.assert_allclose(path, expected, rtol=1e-9, atol=1e-12)


@every_rule
def test_missing_keys_are_filled_with_the_published_defaults(rule):
    w, config = getattr(optim, rule)(np.ones(3), np.ones(3))
    assert {key: config[key] for key in DEFAULTS[rule]} == DEFAULTS[rule]
    assert set(config) == set(DEFAULTS[rule]) | STATE[rule]


@every_rule
def test_the_config_given_is_the_config_handed_back(rule):
    given = {"learning_rate": 0.5, "note": "kept"}
    _, config = getattr(optim, rule)(np.ones(3), np.ones(3), given)
    assert config is given
    assert (config["learning_rate"], config["note"]) == (0.5, "kept")


@every_rule
def test_no_state_leaks_into_the_next_call_without_a_config(rule):
    first = getattr(optim, rule)(np.ones(3), np.ones(3))[0]
    np.testing.assert_array_equal(getattr(optim, rule)(np.ones(3), np.ones(3))[0], first)


@every_rule
def test_parameter_and_gradient_can_be_passed_by_name(rule):
    assert list(inspect.signature(getattr(optim, rule)).parameters) == ["w", "dw", "config"]


def test_adam_counts_on_from_the_t_that_is_given():
    _, config = optim.adam(np.ones(3), np.ones(3), {"t": 5})
    assert config["t"] == 6


def test_sgd_works_in_place():
    w = np.ones(3)
    assert optim.sgd(w, np.ones(3))[0] is w
    np.testing.assert_allclose(w, 0.99)


@pytest.mark.parametrize("rule", [rule for rule in LOOPS if rule != "sgd"])
def test_the_other_rules_leave_parameter_and_state_as_they_were(rule):
    w, dw = np.ones(3), np.ones(3)
    _, config = getattr(optim, rule)(w, dw)
    before = {key: np.copy(value) for key, value in config.items()}
    arrays = dict(config)
    getattr(optim, rule)(w, dw, config)
    assert (w == 1).all()
    for key in before:
        np.testing.assert_array_equal(arrays[key], before[key])


@every_rule
def test_the_gradient_is_not_modified(rule):
    dw = gradients()[0]
    before = dw.copy()
    getattr(optim, rule)(np.ones(SHAPE), dw)
    np.testing.assert_array_equal(dw, before)


@every_rule
def test_float32_stays_float32_whatever_the_type_of_the_settings(rule):
    config = {key: np.float64(value) for key, value in DEFAULTS[rule].items()}
    w = np.ones(SHAPE, np.float32)
    for dw in gradients(dtype=np.float32):
        w, config = getattr(optim, rule)(w, dw, config)
        assert w.dtype == np.float32
    assert {config[key].dtype for key in STATE[rule] - {"t"}} <= {np.dtype(np.float32)}


@every_rule
@pytest.mark.parametrize("shape", [(4, 3), (4,), (1, 4), ()])
def test_a_gradient_of_another_shape_is_refused(rule, shape):
    with pytest.raises(ValueError, match=rf"^{rule}: dw must have the shape of w \(3, 4\)"):
        getattr(optim, rule)(np.ones((3, 4)), np.ones(shape))
