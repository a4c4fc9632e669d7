"""A notebook as 2025 wrote them: Softmax is kept, saved models, networks from assignment 1 on."""
# ruff: noqa: E402, F403, F405

# %% Setup
import matplotlib.pyplot as plt
import numpy as np

from cs231n.data_utils import get_CIFAR10_data, load_CIFAR10

plt.rcParams["figure.figsize"] = (10.0, 8.0)
plt.rcParams["image.cmap"] = "gray"
np.random.seed(231)


def rel_error(x, y):
    """Returns relative error."""
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %% kNN
from cs231n.classifiers import KNearestNeighbor

cifar10_dir = "cs231n/datasets/cifar-10-batches-py"
try:
    del X_train, y_train
    print("Clear previously loaded data.")
except NameError:
    pass
X_train, y_train, X_test, y_test = load_CIFAR10(cifar10_dir)
print("Training data shape: ", X_train.shape)
classifier = KNearestNeighbor()
classifier.train(X_train[:80].reshape(80, -1), y_train[:80])
one, none = (
    getattr(classifier, f"compute_distances_{loops}")(X_test[:10].reshape(10, -1))
    for loops in ("one_loop", "no_loops")
)
difference = np.linalg.norm(one - none, ord="fro")
print(f"No loop difference was: {difference:f}")
assert difference < 0.001

# %% Softmax: train, validate, save, load
from cs231n.classifiers import Softmax
from cs231n.classifiers.softmax import softmax_loss_naive, softmax_loss_vectorized
from cs231n.gradient_check import grad_check_sparse

X_dev = X_train[:200].reshape(200, -1)
X_dev = np.hstack([X_dev - np.mean(X_dev, axis=0), np.ones((200, 1))])
y_dev = y_train[:200]
W = np.random.randn(3073, 10) * 0.0001
loss, grad = softmax_loss_naive(W, X_dev, y_dev, 0.0)
print(f"loss: {loss:f}", f"sanity check: {-np.log(0.1):f}")
grad_check_sparse(lambda w: softmax_loss_naive(w, X_dev, y_dev, 0.0)[0], W, grad, 3)
loss_vectorized, grad_vectorized = softmax_loss_vectorized(W, X_dev, y_dev, 0.0)
assert abs(loss - loss_vectorized) < 1e-8
assert np.allclose(grad, grad_vectorized)
softmax = Softmax()
loss_hist = softmax.train(
    X_dev, y_dev, learning_rate=1e-6, reg=1e3, num_iters=100, batch_size=100, verbose=True
)
assert loss_hist[-1] < loss_hist[0]
print(f"training accuracy: {np.mean(y_dev == softmax.predict(X_dev)):f}")
w = softmax.W[:-1, :].reshape(32, 32, 3, 10)
w_min, w_max = np.min(w), np.max(w)
plt.imshow((255.0 * (w[:, :, :, 0] - w_min) / (w_max - w_min)).astype("uint8"))
plt.close("all")

# %% A fully connected network with every update rule
from cs231n.classifiers.fc_net import *
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.solver import Solver

data = get_CIFAR10_data(num_training=300, num_validation=50, num_test=50)
X, y = np.random.randn(2, 15), np.random.randint(10, size=2)
for reg in [0, 3.14]:
    print("Running check with reg = ", reg)
    model = FullyConnectedNet(
        [20, 30], input_dim=15, num_classes=10, reg=reg, weight_scale=5e-2, dtype=np.float64
    )
    loss, grads = model.loss(X, y)
    print("Initial loss: ", loss)
    for name in ("W2", "b3"):
        f = lambda _: model.loss(X, y)[0]  # noqa: B023, E731
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
        assert np.allclose(grad_num, grads[name], rtol=1e-5, atol=1e-8)
solvers = {}
for update_rule in ["sgd", "sgd_momentum", "rmsprop", "adam"]:
    model = FullyConnectedNet([30, 30], weight_scale=5e-2, normalization="batchnorm")
    solver = Solver(
        model, data, num_epochs=2, batch_size=50, update_rule=update_rule,
        optim_config={"learning_rate": 1e-3}, verbose=False,
    )  # fmt: skip
    solver.train()
    solvers[update_rule] = solver
fig, axes = plt.subplots(3, 1, figsize=(15, 15))
for update_rule, solver in solvers.items():
    axes[0].plot(solver.loss_history, label=f"loss_{update_rule}")
    axes[1].plot(solver.train_acc_history, label=f"train_acc_{update_rule}")
    axes[2].plot(solver.val_acc_history, label=f"val_acc_{update_rule}")
plt.close("all")

# %% The best model is saved, and comes back the same
best_model = TwoLayerNet(hidden_dim=30)
solver = Solver(best_model, data, num_epochs=3, batch_size=50, optim_config={"learning_rate": 1e-3})
solver.train()
y_test_pred = np.argmax(best_model.loss(data["X_test"]), axis=1)
print("Test set accuracy: ", (y_test_pred == data["y_test"]).mean())
assert (y_test_pred == data["y_test"]).mean() > 0.5
other_model, other_softmax = TwoLayerNet(hidden_dim=30), Softmax()
best_model.save("best_two_layer_net.npy")
other_model.load("best_two_layer_net.npy")
assert all(np.array_equal(other_model.params[k], v) for k, v in best_model.params.items())
softmax.save("best_softmax.npy")
other_softmax.load("best_softmax.npy")
assert np.array_equal(softmax.W, other_softmax.W)

# %% Features
from cs231n.features import *

num_color_bins = 10
feature_fns = [hog_feature, lambda img: color_histogram_hsv(img, nbin=num_color_bins)]
X_train_feats = extract_features(X_train[:50], feature_fns, verbose=True)
X_train_feats -= np.mean(X_train_feats, axis=0, keepdims=True)
X_train_feats /= np.std(X_train_feats, axis=0, keepdims=True) + 1e-8
X_train_feats = np.hstack([X_train_feats, np.ones((50, 1))])
assert X_train_feats.shape == (50, 155)

# %% Normalisation and dropout
x, dout = 5 * np.random.randn(4, 5) + 12, np.random.randn(4, 5)
gamma, beta = np.random.randn(5), np.random.randn(5)
for forward, backward in (
    (batchnorm_forward, batchnorm_backward),
    (batchnorm_forward, batchnorm_backward_alt),
    (layernorm_forward, layernorm_backward),
):
    dx, dgamma, dbeta = backward(dout, forward(x, gamma, beta, {"mode": "train"})[1])
    f = lambda _: forward(x, gamma, beta, {"mode": "train"})[0]  # noqa: E731, B023
    error = rel_error(eval_numerical_gradient_array(f, x, dout), dx)
    print(backward.__name__, "dx error: ", error)
    assert error < 1e-6
dropout_param = {"mode": "train", "p": 0.2, "seed": 123}
x, dout = np.random.randn(10, 10) + 10, np.random.randn(10, 10)
out, cache = dropout_forward(x, dropout_param)
dx = dropout_backward(dout, cache)
f = lambda xx: dropout_forward(xx, dropout_param)[0]  # noqa: E731
print("dx relative error: ", rel_error(dx, eval_numerical_gradient_array(f, x, dout)))
assert rel_error(dx, eval_numerical_gradient_array(f, x, dout)) < 1e-8

# %% Convolution
from cs231n.classifiers.cnn import *
from cs231n.vis_utils import visualize_grid

x, w, b = np.random.randn(4, 3, 5, 5), np.random.randn(2, 3, 3, 3), np.random.randn(2)
dout, conv_param = np.random.randn(4, 2, 5, 5), {"stride": 1, "pad": 1}
out, cache = conv_forward_naive(x, w, b, conv_param)
dx, dw, db = conv_backward_naive(dout, cache)
dw_num = eval_numerical_gradient_array(
    lambda w: conv_forward_naive(x, w, b, conv_param)[0], w, dout
)
print("Testing conv_backward_naive function")
print("dw error: ", rel_error(dw, dw_num))
assert rel_error(dw, dw_num) < 1e-8
gamma, beta, bn_param = np.random.randn(3), np.random.randn(3), {"mode": "train"}
x, dout = 5 * np.random.randn(2, 3, 4, 5) + 12, np.random.randn(2, 3, 4, 5)
dx, dgamma, dbeta = spatial_batchnorm_backward(
    dout, spatial_batchnorm_forward(x, gamma, beta, bn_param)[1]
)
f = lambda _: spatial_batchnorm_forward(x, gamma, beta, bn_param)[0]  # noqa: E731
assert rel_error(eval_numerical_gradient_array(f, gamma, dout), dgamma) < 1e-7
model = ThreeLayerConvNet()
X, y = np.random.randn(50, 3, 32, 32), np.random.randint(10, size=50)
loss, grads = model.loss(X, y)
print("Initial loss (no regularization): ", loss)
assert abs(loss - np.log(10)) < 0.1
model.reg = 0.5
assert model.loss(X, y)[0] > loss
grid = visualize_grid(model.params["W1"].transpose(0, 2, 3, 1))
plt.imshow(grid.astype("uint8"))
plt.axis("off")
plt.close("all")
