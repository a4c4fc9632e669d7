"""A notebook as 2021 wrote them: the build line, dropout_keep_ratio, paths of the package."""
# ruff: noqa: E402, F403, F405

# %% Setup, as after mounting a drive: the build line is a cell of its own
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import cs231n

inner_setup = Path(cs231n.__file__).parent / "setup.py"
assert inner_setup.is_file()  # `%cd cs231n`, `!python setup.py build_ext --inplace`
print(subprocess.run([sys.executable, "-c", "import cs231n.setup"], check=True).returncode)

from cs231n.classifiers.cnn import *
from cs231n.classifiers.fc_net import *
from cs231n.data_utils import get_CIFAR10_data, load_CIFAR10
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layers import *
from cs231n.solver import Solver

np.random.seed(231)


def rel_error(x, y):
    """Returns relative error."""
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %% kNN, with folds
from cs231n.classifiers import KNearestNeighbor

X_train, y_train, X_test, y_test = load_CIFAR10("cs231n/datasets/cifar-10-batches-py")
X_train, y_train = X_train[:100].reshape(100, -1), y_train[:100]
X_folds, y_folds = np.array_split(X_train, 5), np.array_split(y_train, 5)
k_to_accuracies = {}
for k in (1, 3):
    for i in range(5):
        classifier = KNearestNeighbor()
        classifier.train(
            np.concatenate([X_folds[j] for j in range(5) if j != i]),
            np.concatenate([y_folds[j] for j in range(5) if j != i]),
        )
        y_pred = classifier.predict(X_folds[i], k=k)
        k_to_accuracies.setdefault(k, []).append(np.mean(y_pred == y_folds[i]))
for k, accuracies in sorted(k_to_accuracies.items()):
    print(f"k = {k}, accuracy = {np.mean(accuracies):f}")
dists = classifier.compute_distances_two_loops(X_train[:5])
assert np.allclose(dists, classifier.compute_distances_no_loops(X_train[:5]), atol=1e-3)

# %% A two-layer net with the Solver, in assignment 1
data = get_CIFAR10_data(num_training=300, num_validation=50, num_test=50, subtract_mean=True)
model = TwoLayerNet(3 * 32 * 32, 40, 10, weight_scale=1e-3, reg=1e-4)
solver = Solver(
    model, data, update_rule="sgd", optim_config={"learning_rate": 1e-3}, lr_decay=0.95,
    num_epochs=3, batch_size=30, print_every=10,
)  # fmt: skip
solver.train()
y_val_pred = np.argmax(model.loss(data["X_val"]), axis=1)
print("Validation set accuracy: ", (y_val_pred == data["y_val"]).mean())
assert (y_val_pred == data["y_val"]).mean() == solver.best_val_acc

# %% Its first layer, and features
from cs231n.features import color_histogram_hsv, extract_features, hog_feature
from cs231n.vis_utils import visualize_grid

W1 = model.params["W1"].reshape(3, 32, 32, -1).transpose(3, 1, 2, 0)
plt.imshow(visualize_grid(W1, padding=3).astype("uint8"))
plt.gca().axis("off")
plt.close("all")
features = extract_features(X_train[:10].reshape(-1, 32, 32, 3), [hog_feature, color_histogram_hsv])
features -= np.mean(features, axis=0, keepdims=True)
assert features.shape == (10, 154)

# %% Assignment 2: fully connected, with a ratio to keep
np.random.seed(231)
N, D, H1, H2, C = 2, 15, 20, 30, 10
X, y = np.random.randn(N, D), np.random.randint(C, size=(N,))
for dropout_keep_ratio in [1, 0.75, 0.5]:
    print("Running check with dropout = ", dropout_keep_ratio)
    model = FullyConnectedNet(
        [H1, H2], input_dim=D, num_classes=C, weight_scale=5e-2, dtype=np.float64,
        dropout_keep_ratio=dropout_keep_ratio, seed=123,
    )  # fmt: skip
    loss, grads = model.loss(X, y)
    print("Initial loss: ", loss)
    assert abs(loss - 2.302) < 0.1
    assert model.use_dropout == (dropout_keep_ratio != 1)
    for name in sorted(grads)[:3]:
        f = lambda _: model.loss(X, y)[0]  # noqa: B023, E731
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
        error = rel_error(grad_num, grads[name])
        print(f"{name} relative error: {error}")
        assert np.allclose(grad_num, grads[name], rtol=1e-4, atol=1e-8)
model = FullyConnectedNet([H1, H2], input_dim=D, num_classes=C, reg=3.14, normalization="batchnorm")
assert [sorted(p) for p in model.bn_params] == [["mode"], ["mode"]]
assert (model.num_layers, model.reg, model.dtype) == (3, 3.14, np.float32)

# %% Overfit 50 images
small_data = {
    "X_train": data["X_train"][:50],
    "y_train": data["y_train"][:50],
    "X_val": data["X_val"],
    "y_val": data["y_val"],
}
model = FullyConnectedNet([60, 60], weight_scale=3e-2, dtype=np.float64)
solver = Solver(
    model, small_data, print_every=10, num_epochs=15, batch_size=25, update_rule="sgd_momentum",
    optim_config={"learning_rate": 1e-3},
)  # fmt: skip
solver.train()
assert solver.train_acc_history[-1] > 0.9
plt.plot(solver.loss_history)
plt.close("all")

# %% Convolutional networks
num_inputs, input_dim = 2, (3, 16, 16)
X, y = np.random.randn(num_inputs, *input_dim), np.random.randint(10, size=num_inputs)
model = ThreeLayerConvNet(
    num_filters=3, filter_size=3, input_dim=input_dim, hidden_dim=7, dtype=np.float64
)
loss, grads = model.loss(X, y)
for param_name in ("W1", "b1", "W3"):
    f = lambda _: model.loss(X, y)[0]  # noqa: E731
    param_grad_num = eval_numerical_gradient(f, model.params[param_name], verbose=False, h=1e-6)
    e = rel_error(param_grad_num, grads[param_name])
    print(f"{param_name} max relative error: {e:e}")
    assert e < 1e-2
model = ThreeLayerConvNet(num_filters=4, filter_size=5, weight_scale=1e-2)
solver = Solver(
    model, small_data, num_epochs=2, batch_size=25, update_rule="adam",
    optim_config={"learning_rate": 1e-3}, verbose=True, print_every=1,
)  # fmt: skip
solver.train()
print(
    "Full data training accuracy:",
    solver.check_accuracy(small_data["X_train"], small_data["y_train"]),
)

# %% Fast layers and sandwiches
from cs231n.fast_layers import *
from cs231n.layer_utils import *

x, w, b = np.random.randn(2, 3, 8, 8), np.random.randn(3, 3, 3, 3), np.random.randn(3)
dout, conv_param = np.random.randn(2, 3, 8, 8), {"stride": 1, "pad": 1}
out, cache = conv_relu_forward(x, w, b, conv_param)
dx, dw, db = conv_relu_backward(dout, cache)
f = lambda _: conv_relu_forward(x, w, b, conv_param)[0]  # noqa: E731
assert rel_error(eval_numerical_gradient_array(f, w, dout), dw) < 1e-6
x, pool_param = np.random.randn(4, 3, 16, 16), {"pool_height": 2, "pool_width": 2, "stride": 2}
out_naive, cache_naive = max_pool_forward_naive(x, pool_param)
out_fast, cache_fast = max_pool_forward_fast(x, pool_param)
print("Testing pool_forward_fast: difference: ", rel_error(out_naive, out_fast))
assert np.array_equal(out_naive, out_fast)
dout = np.random.randn(*out_fast.shape)
dx_naive, dx_fast = (
    max_pool_backward_naive(dout, cache_naive),
    max_pool_backward_fast(dout, cache_fast),
)
assert np.array_equal(dx_naive, dx_fast)
x, gamma, beta = np.random.randn(2, 6, 4, 5), np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
out, cache = spatial_groupnorm_forward(x, gamma, beta, 2, {})
assert np.allclose(out.reshape(2, 2, -1).mean(axis=-1), 0)

# %% Assignment 3: captions
from cs231n.captioning_solver import CaptioningSolver
from cs231n.classifiers.rnn import CaptioningRNN
from cs231n.coco_utils import decode_captions, sample_coco_minibatch
from cs231n.rnn_layers import *

x, prev_h = np.random.randn(3, 10), np.random.randn(3, 4)
Wx, Wh, b = np.random.randn(10, 4), np.random.randn(4, 4), np.random.randn(4)
next_h, cache = rnn_step_forward(x, prev_h, Wx, Wh, b)
assert rel_error(next_h, np.tanh(x @ Wx + prev_h @ Wh + b)) < 1e-8
dx, dprev_h, dWx, dWh, db = rnn_step_backward(np.ones_like(next_h), cache)
assert dWx.shape == Wx.shape
x, w, b = np.random.randn(2, 3, 4), np.random.randn(4, 5), np.random.randn(5)
out, cache = temporal_affine_forward(x, w, b)
dx, dw, db = temporal_affine_backward(np.ones_like(out), cache)
assert rel_error(db, np.full(5, 6.0)) < 1e-12
idx_to_word = ["<NULL>", "<START>", "<END>", "<UNK>", "red", "blue"]
captions = np.tile([[1, 4, 2, 0], [1, 5, 2, 0]], (5, 1))
coco = {"word_to_idx": {word: i for i, word in enumerate(idx_to_word)}, "idx_to_word": idx_to_word}
for split in ("train", "val"):
    coco[f"{split}_captions"], coco[f"{split}_features"] = captions, 3 * np.eye(2, 6)
    coco[f"{split}_image_idxs"] = np.arange(10) % 2
    coco[f"{split}_urls"] = np.array(["", ""])
small_rnn_model = CaptioningRNN(
    cell_type="rnn", word_to_idx=coco["word_to_idx"], input_dim=6, hidden_dim=16, wordvec_dim=8
)
small_rnn_solver = CaptioningSolver(
    small_rnn_model, coco, update_rule="adam", num_epochs=40, batch_size=5,
    optim_config={"learning_rate": 5e-3}, lr_decay=0.95, verbose=True, print_every=20,
)  # fmt: skip
small_rnn_solver.train()
print("Final loss: ", small_rnn_solver.loss_history[-1])
for split in ["train", "val"]:
    gt_captions, features, urls = sample_coco_minibatch(coco, split=split, batch_size=2)
    sample_captions = decode_captions(small_rnn_model.sample(features), coco["idx_to_word"])
    for gt, sample in zip(decode_captions(gt_captions, idx_to_word), sample_captions, strict=True):
        print(f"{split}\n{sample}\nGT:{gt}")
        assert gt.endswith(sample)
