"""First-order update rules: ``rule(w, dw, config=None) -> (next_w, config)``.

``config`` holds the hyper-parameters and the rule's state; missing keys are filled in, and the
dict is handed back for the next step.
"""

from typing import Any

import numpy as np

from cs231n.validation import Array

Update = tuple[Array, dict[str, Any]]


def sgd(w: Array, dw: Array, config: dict[str, Any] | None = None) -> Update:
    """Stochastic gradient descent: ``w -= learning_rate dw``, in place.

    Parameters
    ----------
    w, dw : arrays of one shape
        Parameter and gradient.
    config : dict, optional
        ``'learning_rate'`` (1e-2).

    Returns
    -------
    next_w, config

    Examples
    --------
    >>> import numpy as np
    >>> sgd(np.array([1.0]), np.array([10.0]), {"learning_rate": 0.05})[0].tolist()
    [0.5]
    """
    config = _start("sgd", w, dw, config, learning_rate=1e-2)
    w -= float(config["learning_rate"]) * dw
    return w, config


def sgd_momentum(w: Array, dw: Array, config: dict[str, Any] | None = None) -> Update:
    """Gradient descent with momentum: ``v = momentum v - learning_rate dw``, ``w + v``.

    Parameters
    ----------
    w, dw : arrays of one shape
    config : dict, optional
        ``'learning_rate'`` (1e-2), ``'momentum'`` (0.9), ``'velocity'`` (zeros like ``w``).

    Returns
    -------
    next_w, config

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964,
    https://doi.org/10.1016/0041-5553(64)90137-5

    Examples
    --------
    >>> import numpy as np
    >>> w, config = sgd_momentum(np.array([1.0]), np.array([10.0]), {"learning_rate": 0.05})
    >>> w.tolist(), config["velocity"].tolist()
    ([0.5], [-0.5])
    """
    config = _start("sgd_momentum", w, dw, config, learning_rate=1e-2, momentum=0.9)
    velocity = config.get("velocity", np.zeros_like(w))
    velocity = float(config["momentum"]) * velocity - float(config["learning_rate"]) * dw
    config["velocity"] = velocity
    return w + velocity, config


def nesterov_momentum(w: Array, dw: Array, config: dict[str, Any] | None = None) -> Update:
    """Momentum that looks ahead: ``v = momentum v - rate dw``, ``w + momentum v - rate dw``.

    What is kept as ``w`` is the place to which the velocity will lead, so that the gradient is
    taken there.

    Parameters
    ----------
    w, dw : arrays of one shape
    config : dict, optional
        ``'learning_rate'`` (1e-2), ``'momentum'`` (0.9), ``'velocity'`` (zeros like ``w``).

    Returns
    -------
    next_w, config

    References
    ----------
    Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k^2)",
    1983; in this form Bengio, Boulanger-Lewandowski & Pascanu, "Advances in optimizing recurrent
    networks", 2012, https://arxiv.org/abs/1212.0901

    Examples
    --------
    >>> import numpy as np
    >>> w, config = nesterov_momentum(np.array([1.0]), np.array([10.0]), {"learning_rate": 0.05})
    >>> w.round(3).tolist(), config["velocity"].tolist()
    ([0.05], [-0.5])
    """
    config = _start("nesterov_momentum", w, dw, config, learning_rate=1e-2, momentum=0.9)
    velocity = config.get("velocity", np.zeros_like(w))
    momentum, down = float(config["momentum"]), float(config["learning_rate"]) * dw
    velocity = momentum * velocity - down
    config["velocity"] = velocity
    return w + momentum * velocity - down, config


def rmsprop(w: Array, dw: Array, config: dict[str, Any] | None = None) -> Update:
    """Divide each step by a running root mean square of the gradient.

    ``cache = decay_rate cache + (1 - decay_rate) dw^2``,
    ``w - learning_rate dw / (sqrt(cache) + epsilon)``

    Parameters
    ----------
    w, dw : arrays of one shape
    config : dict, optional
        ``'learning_rate'`` (1e-2), ``'decay_rate'`` (0.99), ``'epsilon'`` (1e-8), ``'cache'``
        (zeros like ``w``).

    Returns
    -------
    next_w, config

    References
    ----------
    Tieleman & Hinton, Coursera lecture 6.5, 2012,
    https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf

    Examples
    --------
    >>> import numpy as np
    >>> w, config = rmsprop(np.array([1.0]), np.array([10.0]))
    >>> w.round(3).tolist(), config["cache"].round(3).tolist()
    ([0.9], [1.0])
    """
    config = _start("rmsprop", w, dw, config, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8)
    decay_rate = float(config["decay_rate"])
    cache = decay_rate * config.get("cache", np.zeros_like(w)) + (1 - decay_rate) * dw**2
    config["cache"] = cache
    step = float(config["learning_rate"]) * dw / (np.sqrt(cache) + float(config["epsilon"]))
    return w - step, config


def adam(w: Array, dw: Array, config: dict[str, Any] | None = None) -> Update:
    """Momentum and a running mean square, both corrected for their start at zero.

    ``m = beta1 m + (1 - beta1) dw``, ``v = beta2 v + (1 - beta2) dw^2``,
    ``w - learning_rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)``

    Parameters
    ----------
    w, dw : arrays of one shape
    config : dict, optional
        ``'learning_rate'`` (1e-3), ``'beta1'`` (0.9), ``'beta2'`` (0.999), ``'epsilon'`` (1e-8),
        ``'m'``, ``'v'`` (zeros like ``w``), ``'t'`` (0; incremented before it is used).

    Returns
    -------
    next_w, config

    References
    ----------
    Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    https://arxiv.org/abs/1412.6980

    Examples
    --------
    >>> import numpy as np
    >>> adam(np.array([1.0]), np.array([10.0]))[0].round(6).tolist()
    [0.999]
    """
    config = _start(
        "adam", w, dw, config, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, t=0
    )
    beta1, beta2 = float(config["beta1"]), float(config["beta2"])
    config["t"] += 1
    config["m"] = beta1 * config.get("m", np.zeros_like(w)) + (1 - beta1) * dw
    config["v"] = beta2 * config.get("v", np.zeros_like(w)) + (1 - beta2) * dw**2
    m_hat = config["m"] / (1 - beta1 ** config["t"])
    v_hat = config["v"] / (1 - beta2 ** config["t"])
    step = float(config["learning_rate"]) * m_hat / (np.sqrt(v_hat) + float(config["epsilon"]))
    return w - step, config


def _start(
    rule: str, w: Array, dw: Array, config: dict[str, Any] | None, **defaults: float
) -> dict[str, Any]:
    """Check the shapes and fill missing hyper-parameters into the config.

    The rules turn hyper-parameters into Python floats, because a learning rate drawn as a NumPy
    float64 would turn float32 parameters into float64 ones.
    """
    if np.shape(w) != np.shape(dw):
        raise ValueError(f"{rule}: dw must have the shape of w {np.shape(w)}, got {np.shape(dw)}")
    config = {} if config is None else config
    for key, value in defaults.items():
        config.setdefault(key, value)
    return config
