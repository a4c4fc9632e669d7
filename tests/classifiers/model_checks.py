"""What the tests of models share: a numerical gradient of every parameter."""

import numpy as np


def numerical_gradients(model, X, y, h=1e-4):
    """Differentiate ``model.loss`` by a five-point stencil, one number of one parameter a time."""
    gradients = {}
    for name, w in model.params.items():
        gradients[name] = np.zeros(w.shape)
        for index in np.ndindex(w.shape):
            before, slope = w[index], 0.0
            for steps, factor in ((-2, 1), (-1, -8), (1, 8), (2, -1)):
                w[index] = before + steps * h
                slope += factor * model.loss(X, y)[0]
            w[index] = before
            gradients[name][index] = slope / (12 * h)
    return gradients


def assert_gradients_are_right(model, X, y, tolerance=1e-6):
    _, grads = model.loss(X, y)
    expected = numerical_gradients(model, X, y)
    assert set(grads) == set(model.params)
    for name, gradient in expected.items():
        assert grads[name].shape == model.params[name].shape
        scale = np.maximum(np.abs(gradient) + np.abs(grads[name]), 1e-3)
        error = np.abs(grads[name] - gradient) / scale
        worst = np.unravel_index(error.argmax(), error.shape)
        assert error[worst] <= tolerance, (
            f"{name}{list(map(int, worst))}: {grads[name][worst]} instead of {gradient[worst]}"
        )


def examples(*shape, classes, seed=0):
    """Return images and labels; every class that fits in comes up."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape), rng.permutation(np.arange(shape[0]) % classes)


def spread_biases(model, seed=1):
    """Move biases, gamma and beta away from where they start, for all that could cancel there."""
    rng = np.random.default_rng(seed)
    for value in model.params.values():
        if value.ndim == 1:
            value += 0.3 * rng.standard_normal(value.shape)
