"""Layers whose values are right once, and wrong the next time: hidden state and writes in place."""

import numpy as np
import pytest
from gradient_mistakes import AFFINE, CONV, NORM, RELU, failure, latest, spoiled
from gradient_samples import affine_backward, affine_forward, norm_backward, norm_forward

from cs231n.gradient_check import check_gradients

# ------------------------------------------------------------------- rules broken with right values


def mask_forward(x):
    return np.maximum(x, 0), [x > 0]


def clears_dout(dout, cache):
    dout[~cache[0]] = 0
    return dout


def eats_cache(dout, cache):
    return dout * cache.pop()


def scales_cache(dout, cache):
    x, w, b = cache[0]
    cache[0] = x, w / 2, b
    return affine_backward(dout, (x, w, b))


def writes_cache(dout, cache):
    normal, gamma, std = cache
    result = norm_backward(dout, cache)
    normal *= 2
    return result


def in_list(forward):
    def listing(*args):
        out, cache = forward(*args)
        return out, [cache]

    return listing


def random_forward(x):
    mask = np.random.rand(*x.shape) < 0.5
    return x * mask, mask


def counting_forward():
    calls = []

    def forward(x):
        calls.append(1)
        return x * len(calls), len(calls)

    return forward


def doubles_input(x):
    x *= 2
    return x, None


def zeroes_input(dout, cache):
    gradients = affine_backward(dout, cache)
    cache[0][:] = 0
    return gradients


RULES = {
    "dout-relu": ("changed dout in place", mask_forward, clears_dout, RELU[2]),
    "cache-eaten": ("uses up or changes its cache", mask_forward, eats_cache, RELU[2]),
    "cache-affine": (
        "changes an array of its cache",
        in_list(affine_forward),
        scales_cache,
        AFFINE[2],
    ),
    "cache-norm": ("changes an array of its cache", norm_forward, writes_cache, NORM[2]),
    "random": ("not deterministic", random_forward, lambda d, mask: d * mask, RELU[2]),
    "counting": ("not deterministic", counting_forward(), lambda d, n: d * n, RELU[2]),
    "forward-writes": (
        "forward changed its input x in place",
        doubles_input,
        lambda d, _: 2 * d,
        RELU[2],
    ),
    "backward-writes": (
        "backward changed its input x in place",
        affine_forward,
        zeroes_input,
        AFFINE[2],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_found_though_the_values_are_right_once(rule):
    words, forward, backward, inputs = RULES[rule]
    message = failure(lambda: check_gradients(forward, backward, *inputs))
    assert words in message
    assert [w for w, *_ in RULES.values() if w != words and w in message] == []


@pytest.mark.parametrize("layer", [AFFINE, NORM, CONV], ids=["affine", "norm", "conv"])
def test_a_global_of_the_latest_forward_call_is_found_though_the_values_are_right(layer):
    message = failure(latest(*layer))
    assert message.startswith("stale cache: after another forward call")


def test_a_bias_gradient_needs_no_cache_and_is_not_called_stale():
    wrong = spoiled(affine_backward, 2, lambda g, dout, _: 3.3 * g)
    assert "stale" not in failure(lambda: check_gradients(affine_forward, wrong, *AFFINE[2]))
