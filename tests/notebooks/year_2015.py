"""A notebook as 2015 wrote them: columns are images, models are dicts, ClassifierTrainer."""
# ruff: noqa: E402, F403, F405

# %% Setup
import random

import matplotlib.pyplot as plt
import numpy as np

from cs231n.data_utils import load_CIFAR10

plt.rcParams["image.interpolation"] = "nearest"
np.random.seed(0)


def rel_error(x, y):
    """Returns relative error."""
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %% Assignment 1: the images
cifar10_dir = "cs231n/datasets/cifar-10-batches-py"
X_train, y_train, X_test, y_test = load_CIFAR10(cifar10_dir)
print("Training data shape: ", X_train.shape)
print("Test labels shape: ", y_test.shape)
classes = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
for y, _ in enumerate(classes[:3]):
    idxs = np.random.choice(np.flatnonzero(y_train == y), 2, replace=False)
    for i, idx in enumerate(idxs):
        plt.subplot(2, 3, i * 3 + y + 1)
        plt.imshow(X_train[idx].astype("uint8"))
        plt.axis("off")
plt.close("all")

# %% k nearest neighbours
from cs231n.classifiers import KNearestNeighbor

flat_train = np.reshape(X_train[:100], (100, -1))
flat_test = np.reshape(X_test[:20], (20, -1))
classifier = KNearestNeighbor()
classifier.train(flat_train, y_train[:100])
dists = classifier.compute_distances_two_loops(flat_test)
print(dists.shape)
y_test_pred = classifier.predict_labels(dists, k=1)
num_correct = np.sum(y_test_pred == y_test[:20])
print(f"Got {num_correct} / 20 correct")
for other in (classifier.compute_distances_one_loop, classifier.compute_distances_no_loops):
    assert np.linalg.norm(dists - other(flat_test), ord="fro") < 0.001
assert np.array_equal(classifier.predict(flat_test, k=5, num_loops=0).shape, (20,))

# %% SVM: a column an image, a row a class
X = np.reshape(X_train[:200], (200, -1)).T
X = X - np.mean(X, axis=1)[:, None]
X = np.vstack([X, np.ones((1, X.shape[1]))])
y = y_train[:200]
from cs231n.classifiers.linear_svm import svm_loss_naive, svm_loss_vectorized
from cs231n.gradient_check import eval_numerical_gradient, grad_check_sparse

W = np.random.randn(10, X.shape[0]) * 0.0001
loss, grad = svm_loss_naive(W, X, y, 0.00001)
print(f"loss: {loss:f}")
assert grad.shape == W.shape
grad_check_sparse(lambda w: svm_loss_naive(w, X[:, :20], y[:20], 0.0)[0], W,
                  svm_loss_naive(W, X[:, :20], y[:20], 0.0)[1], 3)  # fmt: skip
fast_loss, fast_grad = svm_loss_vectorized(W, X, y, 0.00001)
assert abs(loss - fast_loss) < 1e-6
assert np.linalg.norm(grad - fast_grad, ord="fro") < 1e-6

# %% Softmax
from cs231n.classifiers.softmax import softmax_loss_naive, softmax_loss_vectorized

loss_naive, grad_naive = softmax_loss_naive(W, X, y, 0.1)
loss_vectorized, grad_vectorized = softmax_loss_vectorized(W, X, y, 0.1)
print(f"sanity check: {loss_naive:f} is near {-np.log(0.1):f}")
assert abs(loss_naive - loss_vectorized) < 1e-8
assert rel_error(grad_naive, grad_vectorized) < 1e-6
with_penalty, without = (softmax_loss_vectorized(W, X, y, r)[0] for r in (2.0, 0.0))
assert rel_error(with_penalty - without, np.sum(W * W)) < 1e-6  # 2015: half of reg times

# %% Train both, on the columns
from cs231n.classifiers import LinearSVM, Softmax

for model, rate in ((LinearSVM(), 1e-7), (Softmax(), 1e-6)):
    loss_hist = model.train(X, y, learning_rate=rate, reg=1.0, num_iters=60, verbose=False)
    y_train_pred = model.predict(X)
    print(f"training accuracy: {np.mean(y == y_train_pred):f}")
    assert model.W.shape == (10, 3073)
    assert loss_hist[-1] < loss_hist[0]

# %% Features: a column an image
from cs231n.features import *

num_color_bins = 10
feature_fns = [hog_feature, lambda img: color_histogram_hsv(img, nbin=num_color_bins)]
X_train_feats = extract_features(X_train[:30], feature_fns, verbose=True)
print(X_train_feats.shape)
assert X_train_feats.shape == (144 + num_color_bins, 30)

# %% Assignment 2: a network is a dict
from cs231n.classifiers.neural_net import init_two_layer_model, two_layer_net

np.random.seed(0)
toy_model = init_two_layer_model(4, 10, 3)
toy_model = {name: np.random.randn(*p.shape) for name, p in toy_model.items()}
toy_X, toy_y = 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])
assert two_layer_net(toy_X, toy_model).shape == (5, 3)
loss, grads = two_layer_net(toy_X, toy_model, toy_y, reg=0.1)
for param_name in grads:
    param_grad_num = eval_numerical_gradient(
        lambda W: two_layer_net(toy_X, toy_model, toy_y, reg=0.1)[0],
        toy_model[param_name],
        verbose=False,
    )
    error = rel_error(param_grad_num, grads[param_name])
    print(f"{param_name} max relative error: {error:e}")
    assert error < 1e-5

# %% ... and a trainer takes it
from cs231n.classifier_trainer import ClassifierTrainer

for update in ("sgd", "momentum", "rmsprop"):
    model = init_two_layer_model(4, 10, 3)
    trainer = ClassifierTrainer()
    best_model, loss_history, _, _ = trainer.train(
        toy_X, toy_y, toy_X, toy_y, model, two_layer_net,
        reg=0.001, learning_rate=1e-1 if update == "sgd" else 1e-2, momentum=0.9,
        learning_rate_decay=1, update=update, sample_batches=False, num_epochs=100, verbose=False,
    )  # fmt: skip
    print(f"{update}: final loss {loss_history[-1]:f}")
    assert loss_history[-1] < loss_history[0]
    assert isinstance(trainer.step_cache, dict)

# %% Convolutional layers
from cs231n.fast_layers import *
from cs231n.gradient_check import eval_numerical_gradient_array
from cs231n.layers import *

x, w, b = np.random.randn(4, 3, 5, 5), np.random.randn(2, 3, 3, 3), np.random.randn(2)
dout, conv_param = np.random.randn(4, 2, 5, 5), {"stride": 1, "pad": 1}
out, cache = conv_forward_naive(x, w, b, conv_param)
dx, dw, db = conv_backward_naive(dout, cache)
numeric = [
    eval_numerical_gradient_array(lambda _: conv_forward_naive(x, w, b, conv_param)[0], p, dout)
    for p in (x, w, b)
]
print("Testing conv_backward_naive function")
assert max(map(rel_error, (dx, dw, db), numeric)) < 1e-6
assert rel_error(out, conv_forward_fast(x, w, b, conv_param)[0]) < 1e-9
pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
x = np.random.randn(3, 2, 8, 8)
slow, fast = (pool(x, pool_param)[0] for pool in (max_pool_forward_naive, max_pool_forward_fast))
assert rel_error(slow, fast) == 0

# %% Convolutional networks
from cs231n.classifiers.convnet import *

model = init_two_layer_convnet(input_shape=(3, 16, 16), num_filters=3, filter_size=3)
X, y = np.random.randn(20, 3, 16, 16), np.random.randint(10, size=20)
loss, _ = two_layer_convnet(X, model, y, reg=0)
print("Sanity check loss (no regularization): ", loss)
assert abs(loss - np.log(10)) < 0.1
model = init_three_layer_convnet(input_shape=(3, 16, 16), filter_size=3, num_filters=(4, 8))
assert three_layer_convnet(X, model).shape == (20, 10)

# %% Overfit a few images, with dropout and augmented batches
from cs231n.data_augmentation import *

images = np.ascontiguousarray(X_train[:40, ::2, ::2].transpose(0, 3, 1, 2)) / 255.0 - 0.5


def augment_fn(batch):
    return random_contrast(random_flips(random_crops(batch, (14, 14))))


def predict_fn(batch):
    return fixed_crops(batch, (14, 14), "center")


assert random_tint(images, scale=(-0.1, 0.1)).shape == images.shape
model = init_three_layer_convnet(input_shape=(3, 14, 14), filter_size=3, num_filters=(4, 8))
best_model, loss_history, train_acc_history, val_acc_history = ClassifierTrainer().train(
    images, y_train[:40], images, y_train[:40], model, three_layer_convnet,
    dropout=0.5, learning_rate=1e-3, momentum=0.9, reg=1e-4, num_epochs=3, batch_size=10,
    update="rmsprop", augment_fn=augment_fn, predict_fn=predict_fn, verbose=True,
)  # fmt: skip
plt.subplot(2, 1, 1)
plt.plot(loss_history)
plt.subplot(2, 1, 2)
plt.plot(train_acc_history)
plt.legend(["train"], loc="upper left")
plt.close("all")

# %% Look at the filters
from cs231n.vis_utils import vis_grid, visualize_grid

grid = visualize_grid(best_model["W1"].transpose(0, 2, 3, 1))
plt.imshow(grid.astype("uint8"))
plt.imshow(vis_grid(best_model["W1"].transpose(0, 2, 3, 1)))
plt.close("all")

# %% Saliency: the gradient with respect to the image
model = init_five_layer_convnet(
    input_shape=(3, 16, 16), num_classes=5, filter_sizes=(3, 3, 3), num_filters=(4, 4, 4, 8)
)
X, y = np.random.randn(2, 3, 16, 16), np.array([1, 4])
assert five_layer_convnet(X, model, y, compute_dX=True).shape == X.shape
assert np.allclose(five_layer_convnet(X, model, return_probs=True).sum(axis=1), 1)
assert five_layer_convnet(X, model, extract_features=True).shape == (2, 8)
out, cache = dropout_forward(np.ones((50, 50)), {"mode": "train", "p": 0.9})
print("Fraction kept: ", (out != 0).mean())
assert (out != 0).mean() > 0.8  # 2015: p is kept

# %% TinyImageNet, as a tuple
from cs231n.data_utils import load_tiny_imagenet

class_names, X_train, y_train, X_val, y_val, X_test, y_test = load_tiny_imagenet(
    "cs231n/datasets/tiny-imagenet-100-A"
)
assert X_train.min() >= 0  # the notebook itself subtracts the mean
X_train -= X_train.mean(axis=0)[None]
print("classes:", ", ".join(random.choice(words) for words in class_names))
