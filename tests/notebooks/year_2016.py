"""A notebook as 2016 wrote them: models are classes, dropout's p is dropped, captions."""
# ruff: noqa: E402, F403, F405

# %% Setup
import matplotlib.pyplot as plt
import numpy as np

from cs231n.classifiers.fc_net import *
from cs231n.data_utils import get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layers import *
from cs231n.solver import Solver

np.random.seed(0)


def rel_error(x, y):
    """Returns relative error."""
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %% Assignment 1: rows are images now
from cs231n.classifiers import KNearestNeighbor, LinearSVM, Softmax
from cs231n.data_utils import load_CIFAR10

X_train, y_train, X_test, y_test = load_CIFAR10("cs231n/datasets/cifar-10-batches-py")
X_train, X_test = X_train.reshape(len(X_train), -1), X_test.reshape(len(X_test), -1)
X_train -= X_train.mean(axis=0)
knn = KNearestNeighbor()
knn.train(X_train[:200], y_train[:200])
print(np.mean(knn.predict(X_train[200:220], k=3) == y_train[200:220]))
X_dev = np.hstack([X_train[:100], np.ones((100, 1))])
y_dev = y_train[:100]
for Classifier in (LinearSVM, Softmax):
    model = Classifier()
    losses = model.train(X_dev, y_dev, learning_rate=1e-7, reg=5e4, num_iters=100, verbose=True)
    assert losses[-1] < losses[0]
    assert model.W.shape == (3073, 10)
    assert model.predict(X_dev).shape == (100,)

from cs231n.classifiers.linear_svm import svm_loss_vectorized
from cs231n.classifiers.softmax import softmax_loss_vectorized

W = np.random.randn(3073, 10) * 0.0001
for linear_loss in (svm_loss_vectorized, softmax_loss_vectorized):
    penalty = linear_loss(W, X_dev, y_dev, 2.0)[0] - linear_loss(W, X_dev, y_dev, 0.0)[0]
    assert rel_error(penalty, np.sum(W * W)) < 1e-6  # 2016: half of reg times

# %% ... and the network has methods
from cs231n.classifiers.neural_net import TwoLayerNet as NeuralNet

np.random.seed(0)
net = NeuralNet(4, 10, 3, std=1e-1)
X, y = 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])
loss, grads = net.loss(X, y, reg=0.1)
data_loss, _ = net.loss(X, y, reg=0.0)
penalty = 0.5 * 0.1 * sum(np.sum(net.params[k] ** 2) for k in ("W1", "W2"))
assert abs(loss - data_loss - penalty) < 1e-12  # 2016: half of reg times
for param_name in grads:
    f = lambda W: net.loss(X, y, reg=0.1)[0]  # noqa: E731
    param_grad_num = eval_numerical_gradient(f, net.params[param_name], verbose=False)
    print(f"{param_name} max relative error: {rel_error(param_grad_num, grads[param_name]):e}")
stats = net.train(X, y, X, y, learning_rate=1e-1, reg=1e-5, num_iters=100, verbose=False)
print("Final training loss: ", stats["loss_history"][-1])
assert stats["loss_history"][-1] < 0.1
assert {"train_acc_history", "val_acc_history"} <= set(stats)
assert net.predict(X).tolist() == y.tolist()

# %% Features: a row an image
from cs231n.features import color_histogram_hsv, extract_features, hog_feature

raw = load_CIFAR10("cs231n/datasets/cifar-10-batches-py")[0][:20]
features = extract_features(raw, [hog_feature, color_histogram_hsv], verbose=False)
assert features.shape == (20, 154)

# %% Assignment 2: layers
data = get_CIFAR10_data(num_training=400, num_validation=50, num_test=50)
for k, v in data.items():
    print(f"{k}: ", v.shape)

x, w, b = np.random.randn(10, 2, 3), np.random.randn(6, 5), np.random.randn(5)
dout = np.random.randn(10, 5)
dx_num = eval_numerical_gradient_array(lambda x: affine_forward(x, w, b)[0], x, dout)
dw_num = eval_numerical_gradient_array(lambda w: affine_forward(x, w, b)[0], w, dout)
db_num = eval_numerical_gradient_array(lambda b: affine_forward(x, w, b)[0], b, dout)
_, cache = affine_forward(x, w, b)
dx, dw, db = affine_backward(dout, cache)
print("Testing affine_backward function:")
print("dx error: ", rel_error(dx_num, dx))
assert max(map(rel_error, (dx, dw, db), (dx_num, dw_num, db_num))) < 1e-8
for loss_function in (svm_loss, softmax_loss):
    scores, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
    dx_num = eval_numerical_gradient(lambda s: loss_function(s, y)[0], scores, verbose=False)  # noqa: B023
    loss, dx = loss_function(scores, y)
    print("Testing", loss_function.__name__, ": loss", loss, "dx error", rel_error(dx_num, dx))
    assert rel_error(dx_num, dx) < 1e-6

# %% Batch normalisation
a = np.random.randn(200, 50).dot(np.random.randn(50, 3))
a_norm, _ = batchnorm_forward(a, np.ones(3), np.zeros(3), {"mode": "train"})
print("  mean: ", a_norm.mean(axis=0))
assert np.allclose(a_norm.std(axis=0), 1, atol=1e-4)
bn_param = {"mode": "train"}
for _ in range(50):
    batchnorm_forward(np.random.randn(200, 3), np.ones(3), np.zeros(3), bn_param)
bn_param["mode"] = "test"
a_norm, cache = batchnorm_forward(np.random.randn(200, 3), np.ones(3), np.zeros(3), bn_param)
assert abs(a_norm.std() - 1) < 0.2
gamma, beta, dout = np.random.randn(5), np.random.randn(5), np.random.randn(4, 5)
_, cache = batchnorm_forward(np.random.randn(4, 5), gamma, beta, {"mode": "train"})
both = zip(batchnorm_backward(dout, cache), batchnorm_backward_alt(dout, cache), strict=True)
assert all(rel_error(u, v) < 1e-8 for u, v in both)

# %% Dropout: p is the probability of dropping
x = np.random.randn(500, 100) + 10
for p in [0.3, 0.6, 0.75]:
    out, cache = dropout_forward(x, {"mode": "train", "p": p})
    out_test, _ = dropout_forward(x, {"mode": "test", "p": p})
    print("Fraction of train-time output set to zero: ", (out == 0).mean())
    assert abs((out == 0).mean() - p) < 0.02
    assert abs(out.mean() - x.mean()) < 0.3
    assert np.array_equal(out_test, x)

# %% A network with both
X, y = np.random.randn(2, 15), np.array([3, 7])
for dropout, use_batchnorm in [(0, False), (0.25, False), (0, True)]:
    model = FullyConnectedNet(
        [20, 30], input_dim=15, num_classes=10, dropout=dropout, use_batchnorm=use_batchnorm,
        weight_scale=5e-2, dtype=np.float64, seed=123, reg=0.1,
    )  # fmt: skip
    assert model.use_dropout == (dropout > 0)
    loss, grads = model.loss(X, y)
    print("Running check with dropout = ", dropout, "Initial loss: ", loss)
    for name in ("W1", "W3", "b2"):
        f = lambda _: model.loss(X, y)[0]  # noqa: E731, B023
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
        assert np.allclose(grad_num, grads[name], rtol=1e-4, atol=1e-8)

# %% Solver, once for each rule
small_data = {k: v[:50] for k, v in data.items()}
for update_rule, rate in (("sgd", 1e-3), ("sgd_momentum", 1e-3), ("rmsprop", 1e-4), ("adam", 1e-3)):
    model = FullyConnectedNet([30, 30], weight_scale=1e-2)
    solver = Solver(
        model, small_data, print_every=10, num_epochs=3, batch_size=25, update_rule=update_rule,
        optim_config={"learning_rate": rate}, verbose=update_rule == "adam", lr_decay=0.95,
    )  # fmt: skip
    solver.train()
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 4
    plt.plot(solver.loss_history, "o", label=update_rule)
plt.legend()
plt.close("all")

# %% Convolution
from cs231n.classifiers.cnn import *
from cs231n.vis_utils import visualize_grid

x, gamma, beta = 4 * np.random.randn(2, 3, 4, 5) + 10, np.ones(3), np.zeros(3)
out, _ = spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})
assert np.allclose(out.mean(axis=(0, 2, 3)), 0)
x, w, b = np.random.randn(2, 3, 8, 8), np.random.randn(3, 3, 3, 3), np.random.randn(3)
conv_param, pool_param = {"stride": 1, "pad": 1}, {"pool_height": 2, "pool_width": 2, "stride": 2}
out, cache = conv_relu_pool_forward(x, w, b, conv_param, pool_param)
dx, dw, db = conv_relu_pool_backward(np.ones_like(out), cache)
f = lambda x: conv_relu_pool_forward(x, w, b, conv_param, pool_param)[0]  # noqa: E731
assert rel_error(eval_numerical_gradient_array(f, x, np.ones_like(out)), dx) < 1e-6
model = ThreeLayerConvNet(num_filters=4, hidden_dim=20, weight_scale=0.01, reg=0.001)
solver = Solver(
    model, small_data, num_epochs=1, batch_size=25, update_rule="adam",
    optim_config={"learning_rate": 1e-3}, verbose=True, print_every=1,
)  # fmt: skip
solver.train()
grid = visualize_grid(model.params["W1"].transpose(0, 2, 3, 1))
plt.imshow(grid.astype("uint8"))
plt.close("all")

# %% Assignment 3: recurrent layers
from cs231n.rnn_layers import *

N, T, D, H, V = 2, 3, 4, 5, 6
x, h0, b = np.random.randn(N, T, D), np.random.randn(N, H), np.random.randn(H)
Wx, Wh = np.random.randn(D, H), np.random.randn(H, H)
h, cache = rnn_forward(x, h0, Wx, Wh, b)
dh = np.random.randn(*h.shape)
dx, dh0, dWx, dWh, db = rnn_backward(dh, cache)
f = lambda _: rnn_forward(x, h0, Wx, Wh, b)[0]  # noqa: E731
for name, value, grad in (("dx", x, dx), ("dh0", h0, dh0), ("dWh", Wh, dWh), ("db", b, db)):
    error = rel_error(eval_numerical_gradient_array(f, value, dh), grad)
    print(f"{name} error: ", error)
    assert error < 1e-5
x, y = np.random.randn(N, T, V), np.random.randint(V, size=(N, T))
loss, dx = temporal_softmax_loss(x, y, np.ones((N, T)), verbose=False)
assert dx.shape == x.shape

# %% Captions of made-up images
from cs231n.captioning_solver import CaptioningSolver
from cs231n.classifiers.rnn import CaptioningRNN
from cs231n.coco_utils import decode_captions, sample_coco_minibatch

idx_to_word = ["<NULL>", "<START>", "<END>", "<UNK>", "a", "cat", "dog"]
word_to_idx = {word: i for i, word in enumerate(idx_to_word)}
captions = np.array([[1, 4, 5, 2, 0], [1, 4, 6, 2, 0]])
coco = {"idx_to_word": idx_to_word, "word_to_idx": word_to_idx}
for split in ("train", "val"):
    coco |= {
        f"{split}_captions": np.tile(captions, (10, 1)),
        f"{split}_image_idxs": np.arange(20) % 2,
        f"{split}_features": 3 * np.eye(2, 8),
        f"{split}_urls": np.array(["http://localhost/0.jpg", "http://localhost/1.jpg"]),
    }
minibatch_captions, features, urls = sample_coco_minibatch(coco, batch_size=4)
print(decode_captions(minibatch_captions, coco["idx_to_word"]), urls.shape)
for cell_type in ("rnn", "lstm"):
    model = CaptioningRNN(
        word_to_idx, input_dim=8, wordvec_dim=12, hidden_dim=16, cell_type=cell_type
    )
    solver = CaptioningSolver(
        model, coco, update_rule="adam", num_epochs=30, batch_size=10,
        optim_config={"learning_rate": 5e-3}, lr_decay=0.995, verbose=False, print_every=10,
    )  # fmt: skip
    solver.train()
    print(cell_type, "Final loss: ", solver.loss_history[-1])
    assert solver.loss_history[-1] < solver.loss_history[0] / 4
    sampled = model.sample(coco["val_features"], max_length=4)
    assert decode_captions(sampled, idx_to_word) == ["a cat <END>", "a dog <END>"]

# %% TinyImageNet, as a dict
from cs231n.data_utils import load_tiny_imagenet

data = load_tiny_imagenet("cs231n/datasets/tiny-imagenet-100-A", subtract_mean=True)
class_names, mean_image = data["class_names"], data["mean_image"]
assert abs(data["X_train"].mean()) < 1e-3
assert mean_image.shape == (3, 64, 64)

# %% A deep network, layer by layer
from cs231n.classifiers.pretrained_cnn import PretrainedCNN

model = PretrainedCNN(num_classes=5, input_size=16)
X = np.random.randn(2, 3, 16, 16).astype(np.float32)
feats, cache = model.forward(X, end=2, mode="test")
dX, _ = model.backward(np.ones_like(feats), cache)
assert dX.shape == X.shape
scores, _ = model.forward(feats, start=3)
print("Scores: ", scores.shape)
assert rel_error(scores, model.loss(X)) < 1e-5
