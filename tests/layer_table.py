"""Every layer, once: the rows that the gradient check and the contract test run through."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from oracles import spread, values

from cs231n import fast_layers, layer_utils, layers, rnn_layers


@dataclass(frozen=True)
class Layer:
    """A forward and a backward of arrays only, and arrays to try them on.

    The first array is the batch, with the examples along its first axis.
    """

    name: str
    forward: Callable
    backward: Callable
    inputs: dict[str, np.ndarray]
    checks_dout: bool = True
    out_is_scalar: bool = False

    def gradients(self, dout, cache):
        """The gradients as a dict like the inputs."""
        result = self.backward(dout, cache)
        result = result if isinstance(result, tuple) else (result,)
        return dict(zip(self.inputs, result, strict=True))

    def __str__(self):
        return self.name


def with_params(function, *params):
    """Close over parameter dicts (and other trailing arguments); dicts are copied each call."""

    def forward(*arrays):
        return function(*arrays, *(dict(p) if isinstance(p, dict) else p for p in params))

    return forward


def pair(name, inputs, *params, module=layers, forward="", backward="", **options):
    """A row for ``<forward>_forward`` and ``<backward or forward>_backward`` of a module."""
    stem = forward or name
    return Layer(
        name=name,
        forward=with_params(getattr(module, f"{stem}_forward"), *params),
        backward=getattr(module, f"{backward or stem}_backward"),
        inputs=inputs,
        **options,
    )


def variant(stem, suffix):
    """The forward and backward named ``<stem>_forward_<suffix>``, wherever they live."""
    module = layers if suffix == "naive" else fast_layers
    return tuple(getattr(module, f"{stem}_{way}_{suffix}") for way in ("forward", "backward"))


# (N, C, H, W), (F, HH, WW), stride, pad
CONVOLUTIONS = {
    "same": ((2, 3, 4, 5), (2, 3, 3), 1, 1),
    "rectangular": ((2, 2, 5, 4), (3, 3, 2), 2, 1),
    "stride over filter": ((1, 2, 7, 6), (2, 2, 1), 3, 0),
    "floor": ((2, 1, 6, 5), (1, 3, 3), 2, 0),
    "pad over filter": ((1, 2, 2, 3), (2, 2, 2), 2, 3),
    "whole image": ((2, 2, 3, 4), (2, 3, 4), 1, 0),
    "1x1": ((2, 3, 2, 3), (2, 1, 1), 1, 0),
}

# (N, C, H, W), HH, WW, stride
POOLINGS = {
    "tiles": ((2, 3, 4, 6), 2, 2, 2),
    "overlapping": ((2, 2, 5, 7), 3, 3, 2),
    "rectangular": ((1, 2, 5, 4), 3, 2, 1),
    "stride over window": ((2, 1, 7, 8), 2, 1, 3),
    "floor": ((1, 2, 5, 6), 2, 2, 2),
    "1x1": ((2, 2, 2, 3), 1, 1, 1),
}


def conv_inputs(x_shape, filters):
    F, HH, WW = filters
    return {
        "x": values(*x_shape),
        "w": values(F, x_shape[1], HH, WW, seed=1),
        "b": values(F, seed=2),
    }


def convolution_rows():
    for suffix in ("naive", "im2col", "strides", "fast", "fft"):
        forward, backward = variant("conv", suffix)
        for case, (x_shape, filters, stride, pad) in CONVOLUTIONS.items():
            if suffix == "fft" and case == "floor":
                # Pixels that no window reaches have the gradient 0, and through Fourier transforms
                # the outputs still change by their rounding: numerically it is 1e-12.
                continue
            yield Layer(
                name=f"conv_{suffix} ({case})",
                forward=with_params(forward, {"stride": stride, "pad": pad}),
                backward=backward,
                inputs=conv_inputs(x_shape, filters),
            )


def pooling_rows():
    for suffix in ("naive", "reshape", "im2col", "fast"):
        forward, backward = variant("max_pool", suffix)
        for case, (x_shape, HH, WW, stride) in POOLINGS.items():
            if suffix == "reshape" and case not in ("tiles", "1x1"):
                continue
            pool_param = {"pool_height": HH, "pool_width": WW, "stride": stride}
            yield Layer(
                name=f"max_pool_{suffix} ({case})",
                forward=with_params(forward, pool_param),
                backward=backward,
                inputs={"x": spread(*x_shape)},
            )


# (N, C, H, W), pool_param; and a seed
FRACTIONALS = {
    "defaults": ((2, 2, 5, 7), {"ratio": 2**0.5}),
    "random disjoint": (
        (2, 3, 7, 6),
        {"ratio": 1.4, "sequence": "random", "overlapping": False, "sharing": "channel"},
    ),
    "closed": ((2, 1, 6, 5), {"output_size": (4, 3), "window": "closed", "sharing": "batch"}),
    "ratio 2.5": ((1, 2, 8, 7), {"ratio": 2.5, "sequence": "random"}),
    "wide": ((1, 2, 40, 37), {"ratio": 1.3, "overlapping": False}),
}


def fractional_rows():
    for suffix in ("", "_naive"):
        for case, (x_shape, pool_param) in FRACTIONALS.items():
            if not (suffix and case == "wide"):
                yield Layer(
                    name=f"fractional_max_pool{suffix} ({case})",
                    forward=with_params(
                        getattr(layers, f"fractional_max_pool_forward{suffix}"),
                        {**pool_param, "seed": 3},
                    ),
                    backward=getattr(layers, f"fractional_max_pool_backward{suffix}"),
                    inputs={"x": spread(*x_shape)},
                )


def norm_inputs(x_shape, param_shape):
    return {
        "x": 3 * values(*x_shape) + 5,
        "gamma": values(*param_shape, seed=1),
        "beta": values(*param_shape, seed=2),
    }


def running_averages(D):
    """A bn_param at test time, with running averages of its own."""
    running_var = values(D, seed=4) ** 2 + 0.5
    return {"mode": "test", "running_mean": values(D, seed=3), "running_var": running_var}


def normalization_rows():
    rows, maps = norm_inputs((4, 3), (3,)), norm_inputs((2, 3, 4, 2), (3,))
    wide, wide4 = norm_inputs((2, 6, 2, 3), (6,)), norm_inputs((2, 6, 2, 3), (1, 6, 1, 1))
    for mode in ({"mode": "train"}, {"mode": "train", "eps": 0.1}, running_averages(3)):
        case = f"{mode['mode']}, eps {mode.get('eps', 'usual')}"
        yield pair(f"batchnorm ({case})", rows, mode, forward="batchnorm")
        yield Layer(
            f"batchnorm_alt ({case})",
            with_params(layers.batchnorm_forward, mode),
            layers.batchnorm_backward_alt,
            rows,
        )
        yield pair(f"spatial_batchnorm ({case})", maps, mode, forward="spatial_batchnorm")
    yield pair("layernorm", norm_inputs((3, 5), (5,)), {})
    yield pair("layernorm (eps 0.1)", norm_inputs((3, 5), (5,)), {"eps": 0.1}, forward="layernorm")
    for G in (1, 2, 3, 6):
        yield pair(f"spatial_groupnorm (G={G})", wide, G, {}, forward="spatial_groupnorm")
    yield pair(
        "spatial_groupnorm (1, C, 1, 1)", wide4, 3, {"eps": 0.1}, forward="spatial_groupnorm"
    )


def response_rows():
    for size, C in ((5, 6), (4, 6), (1, 3), (7, 2)):
        param = {"size": size, "alpha": 0.3, "beta": 0.75, "k": 1.5}
        x = {"x": 2 * values(2, C, 2, 3)}
        yield pair(f"local_response_norm (size={size})", x, param, forward="local_response_norm")
    yield pair("local_response_norm", {"x": 5 * values(2, 6, 2, 3)}, {})


def loss_row(name, loss):
    """A loss gives value and gradient at once: the gradient is the cache."""
    labels = np.array([0, 3, 1])
    return Layer(
        name=name,
        forward=lambda x: loss(x, labels[: len(x)]),
        backward=lambda dout, dx: dx * float(dout),
        inputs={"x": spread(3, 4)},
        checks_dout=False,
        out_is_scalar=True,
    )


def dropout_row(name, mode, **options):
    dropout_param = {"p": 0.6, "mode": mode, "seed": 7}
    return pair(name, {"x": values(4, 5)}, dropout_param, forward="dropout", **options)


def noise_rows():
    """The noise is held fixed by the seed; at test time there is none."""
    for mode in ("train", "test"):
        dropout_param = {"p": 0.6, "mode": mode, "seed": 7}
        fc = {"x": values(3, 2, 2), "w": values(4, 5, seed=1), "b": values(5, seed=2)}
        keeps_shape = {"checks_dout": mode == "train"}
        for stem, x_shape in (("gaussian_dropout", (4, 5)), ("spatial_dropout", (3, 4, 2, 2))):
            yield pair(
                f"{stem} ({mode})",
                {"x": values(*x_shape)},
                dropout_param,
                forward=stem,
                **keeps_shape,
            )
        yield pair(f"dropconnect ({mode})", fc, dropout_param, forward="dropconnect")
        pool_param = {"pool_height": 2, "pool_width": 3, "stride": 2, "mode": mode, "seed": 1}
        images = {"x": np.abs(spread(2, 2, 5, 7))}
        yield pair(f"stochastic_pool ({mode})", images, pool_param, forward="stochastic_pool")
    masked = {"p": 0.3, "mode": "train", "seed": 8, "mask_bias": True}
    yield pair("dropconnect (bias, too)", fc, masked, forward="dropconnect")
    sampled = {"p": 0.6, "mode": "test", "inference": "monte_carlo", "seed": 7}
    yield pair("dropconnect (Monte Carlo)", fc, sampled, forward="dropconnect")
    sampled = {**pool_param, "inference": "monte_carlo"}
    yield pair("stochastic_pool (Monte Carlo)", images, sampled, forward="stochastic_pool")


def sandwich_rows():
    fc = {"x": values(3, 2, 2), "w": values(4, 5, seed=1), "b": values(5, seed=2)}
    affine_norm = {**fc, "gamma": values(5, seed=3), "beta": values(5, seed=4)}
    conv = conv_inputs((2, 2, 4, 6), (3, 3, 3))
    conv_norm = {**conv, "gamma": values(3, seed=3), "beta": values(3, seed=4)}
    conv_param, train = {"stride": 1, "pad": 1}, {"mode": "train"}
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    yield pair("affine_relu", fc, module=layer_utils)
    yield pair("conv_relu", conv, conv_param, module=layer_utils)
    # A bias that leaves some pooling windows all negative, so that the ReLU matters.
    conv_pool = {**conv, "b": conv["b"] - 4}
    yield pair("conv_relu_pool", conv_pool, conv_param, pool_param, module=layer_utils)
    yield pair("conv_bn_relu", conv_norm, conv_param, train, module=layer_utils)
    yield pair("affine_bn_relu", affine_norm, train, module=layer_utils)
    yield pair("affine_ln_relu", affine_norm, {}, module=layer_utils)


def packed(x, h):
    """Put the input x (N, ..., D) and the state h (N, H <= D) into one batch, x first."""
    *_, D = x.shape
    steps = x[:, None] if x.ndim == 2 else x
    state = np.zeros((len(x), 1, D), x.dtype)
    state[:, 0, : h.shape[1]] = h
    return np.concatenate([steps, state], axis=1)


def unpacked(xh, H, steps):
    """Take :func:`packed` apart; ``steps=None`` is a single step, without an axis for time."""
    xh = np.asarray(xh)
    return xh[:, 0] if steps is None else xh[:, :-1], xh[:, -1, :H]


def says_dout(error, name):
    """Errors name the argument as it is published: dh, dnext_h; the contract test says dout."""
    return type(error)(re.sub(rf"^{name}\b", "dout", str(error)))


def recurrent_row(name, H, D, T=None, gates=1):
    """A step (T=None) or a sequence; the first input holds both x and the state before."""
    forward, backward = (getattr(rnn_layers, f"{name}_{way}") for way in ("forward", "backward"))
    x = values(3, D) if T is None else values(3, T, D)
    cell, has_cell = values(3, H, seed=6), int(name == "lstm_step")

    def run(xh, *weights):
        x, h = unpacked(xh, H, T)
        out, *_, cache = forward(x, h, *cells(len(x), h), *weights)
        return out, cache

    def cells(N, h):
        return [cell[:N].astype(h.dtype if h.dtype.kind == "f" else float)] * has_cell

    @functools.wraps(backward)
    def differentiate(dout, cache):
        zeros = [np.zeros(np.shape(dout), np.asarray(dout).real.dtype)] * has_cell
        try:
            dx, dh, *rest = backward(dout, *zeros, cache)
        except (TypeError, ValueError) as error:
            raise says_dout(error, "dh" if T is not None else "dnext_h") from error
        return packed(dx, dh), *rest[has_cell:]

    weights = {
        "Wx": values(D, gates * H, seed=3) / 2,
        "Wh": values(H, gates * H, seed=4) / 2,
        "b": values(gates * H, seed=5),
    }
    inputs = {"x": packed(x, values(3, H, seed=2)), **weights}
    return Layer(f"{name} (T={T}, D={D}, H={H})", run, differentiate, inputs)


def temporal_loss_row():
    """The first step of each caption counts, and some of the others."""
    words = np.array([[0, 3, 1], [2, 2, 0], [1, 0, 3]])
    mask = np.array([[1, 0, 1], [1, 1, 1], [1, 0, 0]], dtype=bool)
    return Layer(
        name="temporal_softmax_loss",
        forward=lambda x: rnn_layers.temporal_softmax_loss(x, words[: len(x)], mask[: len(x)]),
        backward=lambda dout, dx: dx * float(dout),
        inputs={"x": spread(3, 3, 4)},
        checks_dout=False,
        out_is_scalar=True,
    )


def recurrent_rows():
    for T in (None, 1, 4):
        ending = "_step" if T is None else ""
        yield recurrent_row(f"rnn{ending}", H=2, D=3, T=T)
        yield recurrent_row(f"lstm{ending}", H=2, D=3, T=T, gates=4)
    affine = {"x": values(2, 3, 4), "w": values(4, 5, seed=1), "b": values(5, seed=2)}
    yield pair("temporal_affine", affine, module=rnn_layers)
    yield temporal_loss_row()


LAYERS = [
    pair("affine", {"x": values(3, 4), "w": values(4, 5, seed=1), "b": values(5, seed=2)}),
    pair(
        "affine (images)",
        {"x": values(2, 3, 2, 2), "w": values(12, 3, seed=1), "b": values(3, seed=2)},
        forward="affine",
    ),
    pair("relu", {"x": spread(3, 4, 2)}),
    pair("leaky_relu", {"x": spread(3, 4)}),
    pair("leaky_relu (slope 1/3)", {"x": spread(3, 4)}, 1 / 3, forward="leaky_relu"),
    pair("gelu", {"x": 2 * values(3, 4)}),
    *response_rows(),
    pair("sigmoid", {"x": 3 * values(3, 4)}),
    pair("tanh", {"x": values(3, 4)}),
    *convolution_rows(),
    *pooling_rows(),
    *fractional_rows(),
    *normalization_rows(),
    dropout_row("dropout (train)", "train"),
    # At test time the cache knows no shape, so a wrong dout cannot be told.
    dropout_row("dropout (test)", "test", checks_dout=False),
    *noise_rows(),
    loss_row("svm_loss", layers.svm_loss),
    loss_row("softmax_loss", layers.softmax_loss),
    *sandwich_rows(),
    *recurrent_rows(),
]
