"""Sources of noise: what they get, and what they may not do with it."""

import numpy as np
import pytest

from cs231n.augmentation import Compose, Flip, Shift, presets, ten_crop
from cs231n.augmentation.views import grid_crops, shifted_views
from cs231n.marginalize import Views, passes, predict, stream
from cs231n.marginalize.sources import memory
from cs231n.nets import Network
from cs231n.training.ensembles import Ensemble

X4 = np.random.default_rng(0).random((5, 3, 8, 8))
PLAIN = X4.reshape(5, -1)[:, :4]


def by_predict(*args, **options):
    return predict(*args, **options)


def by_stream(*args, **options):
    return list(stream(*args, **options))[-1].probabilities


BOTH = pytest.mark.parametrize("function", [by_predict, by_stream])


def in_place(X, rng):
    return X.__iadd__(1)


def spoil(X):
    X -= X.mean()
    return X.reshape(len(X), -1)


@BOTH
@pytest.mark.parametrize(
    ("model", "over"),
    [
        (lambda X: X, in_place),
        (lambda X: X, (in_place, in_place)),
        (lambda X: X, (lambda X, rng: X, in_place)),
        (lambda X: X, (lambda X, rng: X[:, ::-1], in_place)),
        (lambda X: X, (Views(lambda X: [X, X]), in_place)),
        (lambda X: X, Views(lambda X: [X.__iadd__(1)])),
        ([spoil, spoil], ()),
        ([spoil, spoil], Views(lambda X: [X + 1, X + 2])),  # the second sees what the first did
    ],
)
def test_images_are_not_for_writing(function, model, over):
    X = PLAIN.copy()
    with pytest.raises(ValueError, match="read-only"):
        function(model, X, 3, over=over)
    np.testing.assert_array_equal(X, PLAIN)
    X += 1  # the caller's own stay as they were


@BOTH
def test_what_an_augmentation_made_is_its_own(function):
    expected = function(lambda X: X, PLAIN + 1, 3, over=lambda X, rng: X + 1)
    got = function(lambda X: X, PLAIN + 1, 3, over=(lambda X, rng: X.copy(), in_place))
    np.testing.assert_array_equal(got, expected)


def of(size, **options):
    return Network("conv3-4 bn relu dropout0.5 fc-3", (3, size, size), seed=0, **options)


@BOTH
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize(
    ("model", "over"),
    [
        (of(8), "layers"),
        (of(8, dtype=np.float64), Compose(Flip(), Shift(1))),
        (of(6), (Views(ten_crop, (6, 6)), "layers", Flip())),
        (of(6), Views(grid_crops, (6, 6), 2)),
        (of(8), (Views(shifted_views), presets.cs231n_2015(8))),
        (of(8), (presets.airbench(), presets.graham_cifar(8, 8))),
        (Ensemble([of(8), of(8)]), Shift(1)),
        ([of(8), Ensemble([of(8), lambda X: X.reshape(len(X), -1)[:, :3]])], ()),
    ],
)
def test_models_and_sources_of_ours_only_read(function, dtype, model, over):
    X = (255 * X4).astype(dtype)
    before = X.copy()
    assert function(model, X, 4, over=over, seed=0).shape == (5, 3)
    np.testing.assert_array_equal(X, before)


@BOTH
def test_views_that_are_fewer_of_more_images(function):
    views = Views(lambda X: [X] * (3 if len(X) == 1 else 2))
    with pytest.raises(
        ValueError, match=r"Views\(<lambda>\) must give as many views of any .* 3 of one, 2 of 5"
    ):
        function(lambda X: X, PLAIN, over=views)


@BOTH
@pytest.mark.parametrize("passes", [None, 6])
def test_views_that_are_more_of_more_images(function, passes):
    views = Views(lambda X: [X] * (3 if len(X) == 1 else 7))
    with pytest.raises(ValueError, match="3 of one, more of 5"):
        function(lambda X: X, PLAIN, passes, over=views)


class Sized:
    """A model that says how much memory it takes, and tells its batches."""

    def __init__(self, megabytes):
        self.bytes, self.seen = megabytes * 2**20, []

    def summary(self):
        return type("Summary", (), {"memory": self.bytes})

    def scores(self, X, noise=None):
        self.seen.append(len(X))
        return X


@pytest.mark.parametrize(
    ("megabytes", "batches"), [(1, [200, 50]), (10, [102, 102, 46]), (5000, [1] * 250)]
)
def test_batches_are_smaller_for_models_that_take_more_memory(megabytes, batches):
    model, X = Sized(megabytes), np.random.default_rng(0).random((250, 3))
    p = predict(model, X)
    assert model.seen == batches
    np.testing.assert_array_equal(p, predict(Sized(0), X))


def test_models_in_turn_keep_their_memory_all_of_them():
    models = [Sized(4), Sized(6), lambda X: X]
    predict(models, np.zeros((250, 3)))
    assert models[0].seen == models[1].seen == [102, 102, 46]


def test_memory_is_what_the_summary_says_or_unknown():
    network = of(8)
    assert memory(network) == network.summary().memory > 0
    assert memory([network, network, len]) == 2 * memory(network)

    class Prints:
        def summary(self, width):
            raise AssertionError

    class Silent:
        def summary(self):
            return None

    assert memory([Prints(), Silent()]) == 0


@BOTH
def test_large_activations_make_batches_smaller_and_change_no_prediction(function, monkeypatch):
    monkeypatch.setattr(passes, "_ACTIVATION_BYTES", 2**23)  # the default would need a gigabyte
    network = Network("conv3-64 relu pool4 fc-3", (3, 16, 16), seed=0)
    X = np.random.default_rng(0).random((230, 3, 16, 16), dtype=np.float32)
    seen, scores = [], network.scores
    monkeypatch.setattr(network, "scores", lambda X: seen.append(len(X)) or scores(X))
    p = function(network, X)
    assert seen[0] == max(seen) == 2**23 // network.summary().memory < 200
    np.testing.assert_allclose(p, function(network, X, batch_size=230), rtol=1e-5)
