"""Whole nets against the same nets written down in PyTorch: loss, gradients, scores."""

import numpy as np
import pytest

from cs231n.nets import He, Network, whiten, zoo
from nets.zoo.test_running import skip_what_cannot_run

torch = pytest.importorskip("torch")
F = torch.nn.functional


class Weights:
    """The arrays of a network as tensors: learnt ones with gradients, frozen ones without."""

    def __init__(self, network, training):
        self.learnt = {k: torch.tensor(w, requires_grad=True) for k, w in network.params.items()}
        self.frozen = {k: torch.tensor(w) for k, w in network.state.items()}
        self.training = training

    def get(self, name):
        return self.learnt.get(name, self.frozen.get(name))

    def conv(self, x, i, stride=1, pad=1, groups=1):
        return F.conv2d(x, self.get(f"W{i}"), self.get(f"b{i}"), stride, pad, 1, groups)

    def norm(self, x, i, eps=1e-5):
        means, variances = self.get(f"running_mean{i}"), self.get(f"running_var{i}")
        averages = (means.clone(), variances.clone())
        gamma, beta = self.get(f"gamma{i}"), self.get(f"beta{i}")
        return F.batch_norm(x, *averages, gamma, beta, self.training, eps=eps)

    def affine(self, x, i):
        out = x.flatten(1) @ self.get(f"W{i}")
        return out if self.get(f"b{i}") is None else out + self.get(f"b{i}")


def vgg_a(p, x):
    for i in range(1, 9):
        x = F.relu(p.conv(x, i))
        x = F.max_pool2d(x, 2) if i in (1, 2, 4, 6, 8) else x
    return p.affine(F.relu(p.affine(x, 9)), 10)


def vgg_c(p, x):
    i = 0
    for sizes in ([3, 3], [3, 3], [3, 3, 1], [3, 3, 1], [3, 3, 1]):
        for size in sizes:
            i += 1
            x = F.relu(p.conv(x, i, pad=size // 2))
        x = F.max_pool2d(x, 2)
    return p.affine(F.relu(p.affine(x, i + 1)), i + 2)


def nin(p, x):
    for i, pad in ((1, 2), (4, 2), (7, 1)):
        x = F.relu(p.conv(x, i, pad=pad))
        x = F.relu(p.conv(F.relu(p.conv(x, i + 1, pad=0)), i + 2, pad=0))
        if i < 7:
            x = F.max_pool2d(x, 3, 2, ceil_mode=True)
    return x.mean(dim=(2, 3))


def alexnet(p, x):
    def respond(x):
        x = F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)  # divides alpha by the size
        return F.max_pool2d(x, 3, 2)

    x = respond(F.relu(p.conv(x, 1, stride=4, pad=0)))
    x = respond(F.relu(p.conv(x, 2, pad=2, groups=2)))
    x = F.relu(p.conv(F.relu(p.conv(x, 3)), 4, groups=2))
    x = F.max_pool2d(F.relu(p.conv(x, 5, groups=2)), 3, 2)
    return p.affine(F.relu(p.affine(F.relu(p.affine(x, 6)), 7)), 8)


def resnet(p, x):
    """Blocks of 1, 2 and 1, with shortcuts without parameters."""

    def block(x, i, stride=1):
        body = F.relu(p.norm(p.conv(x, i, stride), i))
        body = p.norm(p.conv(body, i + 1), i + 1)
        x = x[:, :, ::stride, ::stride]
        fill = torch.zeros_like(body)
        fill[:, : x.shape[1]] += x
        return F.relu(body + fill)

    x = F.relu(p.norm(p.conv(x, 1), 1))
    x = block(block(block(block(x, 2), 4, stride=2), 7), 9, stride=2)
    return p.affine(x.mean(dim=(2, 3)), 12)


def resnet_projections(p, x):
    def block(x, i, stride=1):
        body = F.relu(p.norm(p.conv(x, i, stride), i))
        body = p.norm(p.conv(body, i + 1), i + 1)
        way = x if stride == 1 else p.norm(p.conv(x, i + 2, stride, pad=0), i + 2)
        return F.relu(body + way)

    x = F.relu(p.norm(p.conv(x, 1), 1))
    x = block(block(block(block(x, 2), 4, stride=2), 7, stride=2), 10, stride=2)
    return p.affine(x.mean(dim=(2, 3)), 13)


def resnet9(p, x):
    def unit(x, i):
        return F.relu(p.norm(p.conv(x, i), i))

    x = F.max_pool2d(unit(unit(x, 1), 2), 2)
    x = x + unit(unit(x, 3), 4)
    x = F.max_pool2d(unit(F.max_pool2d(unit(x, 5), 2), 6), 2)
    x = x + unit(unit(x, 7), 8)
    return p.affine(F.max_pool2d(x, 4), 9) * 0.125


def airbench94(p, x):
    x = F.gelu(p.conv(x, 1, pad=0))
    for i in (2, 4, 6):
        x = F.gelu(p.norm(F.max_pool2d(p.conv(x, i), 2), i, 1e-12))
        x = F.gelu(p.norm(p.conv(x, i + 1), i + 1, 1e-12))
    return p.affine(F.max_pool2d(x, 3), 8) / 9


def airbench96(p, x):
    x = F.gelu(p.conv(x, 1, pad=0))
    for i in (2, 5, 8):
        x = F.gelu(p.norm(F.max_pool2d(p.conv(x, i), 2), i, 1e-12))
        body = F.gelu(p.norm(p.conv(x, i + 1), i + 1, 1e-12))
        x = F.gelu(x + p.norm(p.conv(body, i + 2), i + 2, 1e-12))
    return p.affine(F.max_pool2d(x, 3), 11) / 9


NETS = {
    "vgg-a": (vgg_a, {"input_shape": (3, 32, 32), "width": 1 / 16, "dropout": 0}),
    "vgg-c": (vgg_c, {"input_shape": (3, 32, 32), "width": 1 / 16, "dropout": 0}),
    "nin-cifar10": (
        nin,
        {"input_shape": (3, 14, 13), "width": 1 / 8, "dropout": 0, "initial": He()},
    ),
    "alexnet": (alexnet, {"input_shape": (3, 67, 75), "width": 1 / 32, "dropout": 0}),
    "resnet-20": (resnet, {"input_shape": (3, 9, 8), "width": 1 / 4, "blocks": (1, 2, 1)}),
    "resnet-18": (
        resnet_projections,
        {"input_shape": (3, 9, 8), "width": 1 / 16, "blocks": (1, 1, 1, 1)},
    ),
    "resnet-9": (resnet9, {"width": 1 / 16}),
    "airbench94": (airbench94, {"width": 1 / 16}),
    "airbench96": (airbench96, {"width": 1 / 16}),
}


@pytest.mark.parametrize("name", NETS)
def test_agrees_with_pytorch(name):
    reference, options = NETS[name]
    net = zoo(name, classes=4, **options)
    network = Network(net, net.input_shape, dtype=np.float64, seed=0)
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((6, *net.input_shape)), np.array([0, 1, 2, 3, 0, 1])
    if name.startswith("airbench"):
        whiten(network, X)
    for w in network.params.values():  # no bias is 0, and no scale 1
        w += 0.03 * rng.standard_normal(w.shape)
    for key, w in network.state.items():
        if key.startswith("running"):
            w += 0.1 * abs(rng.standard_normal(w.shape))
    skip_what_cannot_run(network, X)

    testing = Weights(network, training=False)
    np.testing.assert_allclose(
        network.scores(X), reference(testing, torch.tensor(X)).detach().numpy(), rtol=1e-7
    )
    weights = Weights(network, training=True)
    expected = F.cross_entropy(reference(weights, torch.tensor(X)), torch.tensor(y))
    expected.backward()
    loss, grads = network.loss(X, y)
    assert loss == pytest.approx(expected.item(), rel=1e-9)
    largest = max(w.grad.abs().max().item() for w in weights.learnt.values())
    for key, gradient in grads.items():
        np.testing.assert_allclose(
            gradient, weights.learnt[key].grad.numpy(), rtol=1e-6, atol=1e-9 * largest, err_msg=key
        )
