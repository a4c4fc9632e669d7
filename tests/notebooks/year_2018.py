"""A notebook as 2018 wrote them: layer and group normalisation, dropout's p is kept."""
# ruff: noqa: E402, F403, F405

# %% Setup
import time

import matplotlib.pyplot as plt
import numpy as np

from cs231n.classifiers.fc_net import *
from cs231n.data_utils import get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.solver import Solver

plt.rcParams["figure.figsize"] = (10.0, 8.0)
np.random.seed(231)


def rel_error(x, y):
    """Returns relative error."""
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


def print_mean_std(x, axis=0):
    print("  means: ", x.mean(axis=axis))
    print("  stds:  ", x.std(axis=axis))


# %% Assignment 1: both losses, cross-checked, and a sweep of learning rates
from cs231n.classifiers import LinearSVM, Softmax
from cs231n.classifiers.linear_svm import svm_loss_naive, svm_loss_vectorized
from cs231n.classifiers.softmax import softmax_loss_naive, softmax_loss_vectorized
from cs231n.gradient_check import grad_check_sparse

np.random.seed(231)
X_dev, y_dev = np.random.randn(60, 21), np.random.randint(10, size=60)
W = np.random.randn(21, 10) * 0.01
for naive, vectorized in (
    (svm_loss_naive, svm_loss_vectorized),
    (softmax_loss_naive, softmax_loss_vectorized),
):
    tic = time.time()
    loss, grad = naive(W, X_dev, y_dev, 5.0)
    print(f"Naive loss: {loss:e} computed in {time.time() - tic:f}s")
    fast_loss, fast_grad = vectorized(W, X_dev, y_dev, 5.0)
    assert abs(loss - fast_loss) < 1e-9
    assert np.linalg.norm(grad - fast_grad, ord="fro") < 1e-9
    grad_check_sparse(lambda w: naive(w, X_dev, y_dev, 5.0)[0], W, grad, 5)  # noqa: B023
    assert (
        abs(naive(W, X_dev, y_dev, 1.0)[0] - naive(W, X_dev, y_dev, 0.0)[0] - np.sum(W * W)) < 1e-9
    )
results, best_val, best_model = {}, -1, None
for lr in (1e-2, 1e-1):
    for model in (LinearSVM(), Softmax()):
        model.train(X_dev, y_dev, learning_rate=lr, reg=1e-3, num_iters=200, batch_size=30)
        results[type(model).__name__, lr] = np.mean(model.predict(X_dev) == y_dev)
for key in sorted(results):
    print(key, f"accuracy {results[key]:f}")
assert max(results.values()) > 0.4

# %% Assignment 2: affine layers
num_inputs, input_shape, output_dim = 2, (4, 5, 6), 3
x = np.linspace(-0.1, 0.5, num=num_inputs * 120).reshape(num_inputs, *input_shape)
w = np.linspace(-0.2, 0.3, num=120 * output_dim).reshape(120, output_dim)
b = np.linspace(-0.3, 0.1, num=output_dim)
out, _ = affine_forward(x, w, b)
print("Testing affine_forward function:")
print("difference: ", rel_error(out, x.reshape(2, -1).dot(w) + b))
assert rel_error(out, x.reshape(2, -1).dot(w) + b) < 1e-9
x, dout = np.random.randn(10, 10), np.random.randn(10, 10)
dx = relu_backward(dout, relu_forward(x)[1])
assert rel_error(eval_numerical_gradient_array(lambda x: relu_forward(x)[0], x, dout), dx) < 1e-9
x, w, b = np.random.randn(2, 3, 4), np.random.randn(12, 10), np.random.randn(10)
dout = np.random.randn(2, 10)
out, cache = affine_relu_forward(x, w, b)
dx, dw, db = affine_relu_backward(dout, cache)
dw_num = eval_numerical_gradient_array(lambda w: affine_relu_forward(x, w, b)[0], w, dout)
assert rel_error(dw_num, dw) < 1e-7

# %% TwoLayerNet and the Solver
model = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
W1_std = abs(model.params["W1"].std() - 1e-3)
assert W1_std < 1e-3 / 10, "First layer weights do not seem right"
X, y = np.random.randn(3, 5), np.random.randint(7, size=3)
model.params["W1"] = np.linspace(-0.7, 0.3, num=5 * 50).reshape(5, 50)
model.params["W2"] = np.linspace(-0.3, 0.4, num=50 * 7).reshape(50, 7)
for reg in [0.0, 0.7]:
    print("Running numeric gradient check with reg = ", reg)
    model.reg = reg
    loss, grads = model.loss(X, y)
    for name in sorted(grads):
        f = lambda _: model.loss(X, y)[0]  # noqa: E731
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False)
        print(f"{name} relative error: {rel_error(grad_num, grads[name]):.2e}")
        assert rel_error(grad_num, grads[name]) < 1e-5
data = get_CIFAR10_data(num_training=300, num_validation=50, num_test=50)
for k, v in list(data.items()):
    print(f"{k}: {v.shape}")
solver = Solver(
    TwoLayerNet(hidden_dim=30, reg=1e-3), data, update_rule="sgd", lr_decay=0.95, num_epochs=4,
    optim_config={"learning_rate": 1e-3}, batch_size=50, print_every=5, num_train_samples=100,
    num_val_samples=40,
)  # fmt: skip
solver.train()
print("accuracy: ", solver.check_accuracy(data["X_test"], data["y_test"]))
assert solver.best_val_acc > 0.5

# %% Update rules, from given states
from cs231n.optim import adam, rmsprop, sgd, sgd_momentum

w, dw = np.linspace(-0.4, 0.6, 20).reshape(4, 5), np.linspace(-0.6, 0.4, 20).reshape(4, 5)
v = np.linspace(0.6, 0.9, 20).reshape(4, 5)
next_w, config = sgd_momentum(w, dw, config={"learning_rate": 1e-3, "velocity": v})
assert rel_error(next_w, w + 0.9 * v - 1e-3 * dw) < 1e-8
next_w, config = rmsprop(w, dw, config={"learning_rate": 1e-2, "cache": v})
assert rel_error(config["cache"], 0.99 * v + 0.01 * dw**2) < 1e-8
next_w, config = adam(w, dw, config={"learning_rate": 1e-2, "m": v, "v": v, "t": 5})
print("t is", config["t"], "m error: ", rel_error(config["m"], 0.9 * v + 0.1 * dw))
assert config["t"] == 6
assert sgd(w.copy(), dw)[1]["learning_rate"] == 1e-2

# %% Batch and layer normalisation
a = np.maximum(0, np.random.randn(200, 50).dot(np.random.randn(50, 60))).dot(np.random.randn(60, 3))
gamma, beta = np.asarray([1.0, 2.0, 3.0]), np.asarray([11.0, 12.0, 13.0])
a_norm, _ = batchnorm_forward(a, gamma, beta, {"mode": "train"})
print_mean_std(a_norm, axis=0)
assert np.allclose(a_norm.mean(axis=0), beta)
a_norm, _ = layernorm_forward(a.T[:, :4], np.full(4, 3.0), np.full(4, 5.0), {"mode": "train"})
print_mean_std(a_norm, axis=1)
assert np.allclose(a_norm.std(axis=1), 3, atol=1e-2)
x, gamma, beta = 5 * np.random.randn(4, 5) + 12, np.random.randn(5), np.random.randn(5)
dout, ln_param = np.random.randn(4, 5), {}
_, cache = layernorm_forward(x, gamma, beta, ln_param)
dx, dgamma, dbeta = layernorm_backward(dout, cache)
f = lambda _: layernorm_forward(x, gamma, beta, ln_param)[0]  # noqa: E731
for name, value, grad in (("dx", x, dx), ("dgamma", gamma, dgamma), ("dbeta", beta, dbeta)):
    error = rel_error(eval_numerical_gradient_array(f, value, dout), grad)
    print(f"{name} error: ", error)
    assert error < 1e-7

# %% Deep networks with normalisation and dropout
X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
for dropout, normalization in [(1, None), (0.75, None), (1, "batchnorm"), (1, "layernorm")]:
    model = FullyConnectedNet(
        [20, 30], input_dim=15, num_classes=10, weight_scale=5e-2, dtype=np.float64,
        dropout=dropout, normalization=normalization, seed=123,
    )  # fmt: skip
    loss, grads = model.loss(X, y)
    print("Running check with dropout = ", dropout, normalization, "Initial loss: ", loss)
    f = lambda _: model.loss(X, y)[0]  # noqa: E731, B023
    grad_num = eval_numerical_gradient(f, model.params["W2"], verbose=False, h=1e-5)
    assert np.allclose(grad_num, grads["W2"], rtol=1e-4, atol=1e-8)
    assert ("gamma1" in model.params) == (normalization is not None)
x = np.random.randn(500, 100) + 10
out, cache = dropout_forward(x, {"mode": "train", "p": 0.25})
print("Fraction of train-time output set to zero: ", (out == 0).mean())
assert abs((out == 0).mean() - 0.75) < 0.02

# %% A checkpoint an epoch
small = {k: v[:40] for k, v in data.items()}
model = FullyConnectedNet([20], dropout=0.5, normalization="layernorm")
solver = Solver(
    model, small, num_epochs=2, batch_size=20, checkpoint_name="net", update_rule="adam"
)
solver.train()

# %% Convolution, naive and fast
from cs231n.classifiers.cnn import *
from cs231n.fast_layers import conv_backward_fast, conv_forward_fast

x, w, b = np.random.randn(10, 3, 15, 15), np.random.randn(4, 3, 3, 3), np.random.randn(4)
conv_param = {"stride": 2, "pad": 1}
t0 = time.time()
out_naive, cache_naive = conv_forward_naive(x, w, b, conv_param)
t1 = time.time()
out_fast, cache_fast = conv_forward_fast(x, w, b, conv_param)
t2 = time.time()
print("Testing conv_forward_fast:")
print(f"Naive: {t1 - t0:f}s\nFast: {t2 - t1:f}s\nSpeedup: {(t1 - t0) / (t2 - t1):f}x")
assert rel_error(out_naive, out_fast) < 1e-8
dout = np.random.randn(*out_fast.shape)
for slow, fast in zip(
    conv_backward_naive(dout, cache_naive), conv_backward_fast(dout, cache_fast), strict=True
):
    assert rel_error(slow, fast) < 1e-8

# %% Group normalisation, with parameters (1, C, 1, 1)
N, C, H, W, G = 2, 6, 4, 5, 2
x, gamma, beta = (
    5 * np.random.randn(N, C, H, W) + 12,
    np.random.randn(1, C, 1, 1),
    np.zeros((1, C, 1, 1)),
)
dout, gn_param = np.random.randn(N, C, H, W), {}
out, cache = spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
dx, dgamma, dbeta = spatial_groupnorm_backward(dout, cache)
f = lambda _: spatial_groupnorm_forward(x, gamma, beta, G, gn_param)[0]  # noqa: E731
assert rel_error(eval_numerical_gradient_array(f, x, dout), dx) < 1e-5
assert dgamma.shape == dbeta.shape == gamma.shape
assert rel_error(eval_numerical_gradient_array(f, gamma, dout), dgamma) < 1e-7

# %% Assignment 3: LSTM and captions
from cs231n.classifiers.rnn import CaptioningRNN
from cs231n.image_utils import SQUEEZENET_MEAN, deprocess_image, preprocess_image
from cs231n.rnn_layers import *

N, D, T, H = 2, 3, 4, 5
x, h0 = np.random.randn(N, T, D), np.random.randn(N, H)
Wx, Wh, b = np.random.randn(D, 4 * H), np.random.randn(H, 4 * H), np.random.randn(4 * H)
out, cache = lstm_forward(x, h0, Wx, Wh, b)
dout = np.random.randn(*out.shape)
grads = lstm_backward(dout, cache)
f = lambda _: lstm_forward(x, h0, Wx, Wh, b)[0]  # noqa: E731
for value, grad in zip((x, h0, Wx, Wh, b), grads, strict=True):
    assert rel_error(eval_numerical_gradient_array(f, value, dout), grad) < 1e-6
x = np.array([[0, 3, 1, 2], [2, 1, 0, 3]])
out, cache = word_embedding_forward(x, np.linspace(0, 1, num=15).reshape(5, 3))
assert word_embedding_backward(np.ones_like(out), cache).shape == (5, 3)
model = CaptioningRNN(
    {"<NULL>": 0, "cat": 1, "dog": 2}, input_dim=20, wordvec_dim=30, hidden_dim=40,
    cell_type="lstm", dtype=np.float64,
)  # fmt: skip
loss, grads = model.loss(np.random.randn(4, 20), np.arange(4 * 7).reshape(4, 7) % 3)
print("loss: ", loss)
assert set(grads) == set(model.params)
img = np.random.randint(0, 256, (16, 16, 3)).astype(np.uint8)
back = deprocess_image(preprocess_image(img), rescale=False)
assert np.abs(back.astype(int) - img).max() <= 1
assert len(SQUEEZENET_MEAN) == 3
