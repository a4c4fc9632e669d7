"""Marginalised predictions, against expectations in closed form and averages taken by hand."""

import itertools
import math

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from cs231n.augmentation import Compose, Flip, Shift, ten_crop
from cs231n.augmentation.views import grid_crops
from cs231n.marginalize import Views, predict, softmax, stream, votes
from cs231n.nets import Affine, Conv, Dropout, Network, ReLU

RNG = np.random.default_rng(0)
X4 = RNG.standard_normal((7, 2, 8, 8))
W4 = RNG.standard_normal((10, 2 * 6 * 6, 3)) / 6


def linear(w):
    return lambda X: X.reshape(len(X), -1) @ w  # (n, C, H, W) -> (n, D) @ (D, M)


def jitter(X, rng):
    return X + 0.7 * rng.standard_normal(X.shape)


def conv_net(seed=0, classes=3, size=8):
    layers = [Conv(3), ReLU(), Dropout(0.5), Affine(classes)]
    return Network(layers, (2, size, size), dtype=np.float64, seed=seed)


def last(averages):
    return list(averages)[-1]


def z_scores(average, expected):
    """Errors of class 0 in units of what `standard_error` says."""
    return (average.probabilities[:, 0] - expected) / average.standard_error[:, 0]


def assert_standard_normal(z):
    """400 of them: the mean within 4 of its standard errors, and so the mean square."""
    assert abs(z.mean()) < 4 / math.sqrt(len(z))
    assert abs(np.mean(z**2) - 1) < 4 * math.sqrt(2 / len(z))


def test_votes_of_a_linear_model_under_gaussian_noise():
    """``P(score 0 > score 1) = Phi(x . d / (sigma |d|))`` with d the difference of the weights."""
    rng = np.random.default_rng(1)
    X, w = rng.standard_normal((400, 5)), rng.standard_normal((5, 2))
    d = w[:, 0] - w[:, 1]
    X -= 0.9 * np.outer(X @ d, d) / (d @ d)  # near the border: no image where all agree
    expected = norm.cdf(X @ d / (0.7 * np.linalg.norm(d)))
    average = last(stream(linear(w), X, 400, over=jitter, by="votes", seed=0))
    assert_standard_normal(z_scores(average, expected))


def test_probabilities_of_a_linear_model_under_gaussian_noise():
    """The mean of a logistic function over a normal distribution, by Gauss-Hermite quadrature."""
    rng = np.random.default_rng(2)
    X, w = rng.standard_normal((400, 5)), rng.standard_normal((5, 2))
    d = w[:, 0] - w[:, 1]
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    margins = (X @ d)[:, None] + 0.7 * np.linalg.norm(d) * nodes
    expected = expit(margins) @ weights / weights.sum()
    average = last(stream(linear(w), X, 200, over=jitter, seed=0))
    assert_standard_normal(z_scores(average, expected))
    assert np.abs(average.probabilities[:, 0] - expected).max() < 0.1


def test_probabilities_of_a_linear_model_under_dropout():
    """The mean over all 2^6 masks, each as likely as the others."""
    X = np.random.default_rng(3).standard_normal((400, 6))
    network = Network([Dropout(0.5), Affine(2)], (6,), dtype=np.float64, seed=1)
    network.params["W1"] = np.random.default_rng(4).standard_normal((6, 2))
    masks = np.array(list(itertools.product([0.0, 2.0], repeat=6)))
    w, b = network.params["W1"], network.params["b1"]
    expected = np.mean([softmax((X * mask) @ w + b)[:, 0] for mask in masks], axis=0)
    average = last(stream(network, X, 200, over="layers", seed=0))
    assert_standard_normal(z_scores(average, expected))
    scaled = softmax(network.scores(X))[:, 0]
    closer = np.abs(average.probabilities[:, 0] - expected) < np.abs(scaled - expected)
    assert closer.mean() > 0.7  # weight scaling is only near


SOURCES = {
    "nothing": (conv_net(), ()),
    "layers": (conv_net(), "layers"),
    "augmentations": (conv_net(), Compose(Flip(), Shift(1))),
    "several": (conv_net(), ("layers", Flip(), jitter)),
    "views": (conv_net(size=6), Views(ten_crop, (6, 6))),
    "models": ([conv_net(0), conv_net(1), conv_net(2)], ()),
    "all": ([conv_net(0, size=6), conv_net(1, size=6)], (Views(grid_crops, (6, 6), 2), "layers")),
}


@pytest.mark.parametrize("by", ["probabilities", "votes"])
@pytest.mark.parametrize("name", SOURCES)
def test_the_kth_average_is_what_predict_says_with_k_passes(name, by):
    model, over = SOURCES[name]
    options = {"over": over, "by": by, "seed": 3, "batch_size": 3}
    for k, average in enumerate(stream(model, X4, 25, **options), start=1):
        assert average.passes == k
        if k in (1, 2, 7, 25):
            expected = predict(model, X4, k, **options)
            np.testing.assert_array_equal(average.probabilities, expected)


@pytest.mark.parametrize("name", SOURCES)
def test_the_seed_decides_and_nothing_else_does(name):
    model, over = SOURCES[name]
    first = predict(model, X4, 20, over=over, seed=1)
    np.testing.assert_array_equal(predict(model, X4, 20, over=over, seed=1), first)
    drawn = name not in ("nothing", "views", "models")
    assert np.array_equal(predict(model, X4, 20, over=over, seed=2), first) != drawn
    np.random.seed(0)
    a = predict(model, X4, 20, over=over)
    np.random.seed(0)
    np.testing.assert_array_equal(predict(model, X4, 20, over=over), a)


@pytest.mark.parametrize("name", ["nothing", "views", "models"])
@pytest.mark.parametrize("batch_size", [1, 2, 7, 50])
def test_batches_change_nothing_where_nothing_is_drawn(name, batch_size):
    model, over = SOURCES[name]
    expected = predict(model, X4, over=over)
    got = predict(model, X4, over=over, batch_size=batch_size)
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_all_views_by_default_and_each_once():
    expected = np.mean([softmax(linear(W4[0])(view)) for view in ten_crop(X4, (6, 6))], axis=0)
    averages = list(stream(linear(W4[0]), X4, over=Views(ten_crop, (6, 6)), batch_size=2))
    assert len(averages) == 10
    np.testing.assert_allclose(averages[-1].probabilities, expected, rtol=1e-12)
    twice = predict(linear(W4[0]), X4, 20, over=Views(ten_crop, (6, 6)))
    np.testing.assert_allclose(twice, expected, rtol=1e-12)


def test_each_model_sees_each_view():
    models = [linear(w) for w in W4[:3]]
    views = list(grid_crops(X4, (6, 6), 2))
    each = [[softmax(model(view)) for model in models] for view in views]  # (V, M, N, C)
    averages = list(stream(models, X4, over=Views(grid_crops, (6, 6), 2), batch_size=4))
    assert len(averages) == 12
    np.testing.assert_allclose(averages[-1].probabilities, np.mean(each, axis=(0, 1)), rtol=1e-12)
    two = (each[0][0] + each[0][1]) / 2  # models take turns before views do
    np.testing.assert_allclose(averages[1].probabilities, two, rtol=1e-12)


@pytest.mark.parametrize(
    ("model", "over", "passes"),
    [
        (conv_net(), (), 1),
        (conv_net(), "layers", 12),
        ([conv_net()] * 5, "layers", 15),
        ([conv_net()] * 20, "layers", 20),
        ([conv_net()] * 5, (), 5),
    ],
)
def test_passes_by_default(model, over, passes):
    assert len(list(stream(model, X4, over=over, seed=0))) == passes


def test_augmentations_are_applied_in_their_order_after_the_view():
    double, add = (lambda X, rng: 2 * X), (lambda X, rng: X + 1)
    over = (double, Views(lambda X: [X, X + 10]), add)
    seen = []
    predict(lambda X: seen.append(X[0, 0]) or np.zeros((len(X), 2)), np.ones((1, 1)), 2, over=over)
    assert seen == [3, 23]


def test_noise_differs_between_passes_batches_and_augmentations():
    drawn = []

    def draw(X, rng):
        drawn.append(rng.integers(2**62))
        return X

    predict(lambda X: X, np.zeros((5, 2)), 3, batch_size=2, over=(draw, draw), seed=0)
    assert len(set(drawn)) == len(drawn) == 3 * 3 * 2


def test_noise_of_layers_differs_between_passes_and_batches():
    seen = []

    class Spy:
        def scores(self, X, noise):
            seen.append(noise)
            return X

    predict(Spy(), np.zeros((5, 2)), 3, batch_size=2, over="layers", seed=0)
    assert len(set(seen)) == len(seen) == 3 * 3
    assert all(type(noise) is int and noise >= 0 for noise in seen)


def test_votes_are_counted():
    models = [linear(w) for w in W4[:, :8]]
    X = np.random.default_rng(0).standard_normal((30, 8))
    counts = np.zeros((30, 3))
    for n, model in itertools.product(range(30), models):
        counts[n, max(range(3), key=model(X)[n].__getitem__)] += 1
    np.testing.assert_allclose(predict(models, X, by="votes"), counts / 10, rtol=1e-12)
    assert votes(np.zeros((0, 3))).shape == (0, 3)


def test_entropy_and_mutual_information_are_those_of_the_formulas():
    model, over = SOURCES["several"]
    *_, average = stream(model, X4, 9, over=over, seed=5)
    each = []  # the passes, from differences of the averages' sums
    before = 0
    for a in stream(model, X4, 9, over=over, seed=5):
        each.append(a.passes * a.probabilities - before)
        before = a.passes * a.probabilities
    for n in range(len(X4)):
        mean = [math.fsum(p[n, c] for p in each) / 9 for c in range(3)]
        predictive = -math.fsum(m * math.log(m) for m in mean)
        expected = -math.fsum(q * math.log(q) for p in each for q in p[n]) / 9
        assert average.entropy[n] == pytest.approx(predictive, rel=1e-10)
        assert average.mutual_information[n] == pytest.approx(predictive - expected, rel=1e-8)
        errors = [np.std([p[n, c] for p in each], ddof=1) / 3 for c in range(3)]
        np.testing.assert_allclose(average.standard_error[n], errors, rtol=1e-8)
    largest = max(*average.standard_error.ravel(), 1 / 9)  # of seven images, all must be certain
    assert average.uncertainty == pytest.approx(largest, rel=1e-12)


def test_it_stops_when_the_average_has_settled():
    model, over = SOURCES["layers"]
    whole = list(stream(model, X4, 300, over=over, seed=0))
    stopped = list(stream(model, X4, 300, over=over, seed=0, until=0.03))
    expected = next(a.passes for a in whole if a.passes >= 4 and a.uncertainty <= 0.03)
    assert len(stopped) == expected < 300
    early = predict(model, X4, 300, over=over, seed=0, until=0.03)
    np.testing.assert_array_equal(early, whole[expected - 1].probabilities)


def test_it_goes_on_until_there_are_four_passes_and_all_views_were_seen():
    still = linear(np.zeros((2 * 6 * 6, 3)))
    assert len(list(stream(still, X4[:, :, :6, :6], 50, until=0.25))) == 4
    assert len(list(stream(still, X4, 50, over=Views(ten_crop, (6, 6)), until=0.25))) == 10
    three = [still] * 3
    assert len(list(stream(three, X4[:, :, :6, :6], 50, until=0.25))) == 6


def test_images_are_handed_on_as_they_are():
    before = X4.copy()
    for model, over in SOURCES.values():
        predict(model, X4, 3, over=over)
    np.testing.assert_array_equal(X4, before)


def test_batches_are_sized_to_memory():
    seen = []

    def count(X):
        seen.append(len(X))
        return np.zeros((len(X), 2))

    predict(count, np.zeros((450, 3)))
    assert seen == [200, 200, 50]
    seen.clear()
    predict(count, np.broadcast_to(np.float32(0), (101, 3, 400, 400)))
    assert max(seen) * 3 * 400 * 400 * 8 <= 2**26
    assert sum(seen) == 101


def test_a_bar_is_shown_when_asked_for(capsys):
    predict(lambda X: X, np.zeros((3, 2)), 4)
    assert capsys.readouterr().err == ""
    predict(lambda X: X, np.zeros((3, 2)), 4, progress=True)
    assert "12/12" in capsys.readouterr().err
    list(stream(lambda X: X, np.zeros((3, 2)), 5, progress=True))
    assert "15/15" in capsys.readouterr().err


class Deterministic:
    def scores(self, X):
        return X


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"passes": 0}, ValueError, "passes must lie in"),
        ({"passes": -3}, ValueError, "passes must lie in"),
        ({"model": []}, ValueError, "got an empty list"),
        ({"model": 3}, TypeError, r"model must have scores\(X\) or loss\(X\)"),
        ({"model": Deterministic(), "over": "layers"}, ValueError, "Deterministic has no scores"),
        ({"over": "layer"}, ValueError, "unknown source 'layer': it takes 'layers'"),
        ({"over": 5}, TypeError, "unknown source 5"),
        ({"over": (Views(iter), Views(iter))}, ValueError, "at most one Views"),
        ({"over": Views(lambda X: [])}, ValueError, "at least one view, got none"),
        ({"over": lambda X, rng: iter([X])}, TypeError, r"given as Views\(...\)"),
        ({"by": "scores"}, ValueError, r"by must be one of \['probabilities', 'votes'\]"),
        ({"until": 0}, ValueError, "until must be a number above 0"),
        ({"until": math.nan}, ValueError, "until must be a number above 0"),
        ({"until": "soon"}, ValueError, "until must be a number above 0, got 'soon'"),
        ({"by": ["votes"]}, ValueError, "by must be one of"),
        ({"over": Flip}, TypeError, r"over has a class: write Flip\(...\)"),
        ({"passes": 1.5}, TypeError, "passes must be an integer"),
        ({"seed": "one"}, TypeError, "seed must be an integer"),
        ({"model": [lambda X: X, lambda X: X[:, :1]]}, ValueError, r"\(2, 4\) before and \(2, 1\)"),
        ({"model": lambda X: X[:1]}, ValueError, r"\(2, C\) for 2 images, got \(1, 4\)"),
        ({"model": lambda X: X[0]}, ValueError, r"\(2, C\) for 2 images, got \(4,\)"),
    ],
)
@pytest.mark.parametrize("function", [predict, stream])
def test_wrong_arguments(function, options, error, message):
    arguments = {"model": lambda X: X, "X": np.ones((2, 4)), "over": jitter} | options
    with pytest.raises(error, match=message):
        list(function(**arguments))


@pytest.mark.parametrize("by", ["probabilities", "votes"])
@pytest.mark.parametrize("function", [predict, stream])
def test_nan_is_an_error_and_no_class(function, by):
    calls = []

    def diverged(X):
        calls.extend([1] * (len(X) == 2))  # only the second batch is lost, and in its fourth turn
        return np.where(len(calls) < 4 or len(X) == 3, X, np.nan)

    X = np.ones((5, 2))
    message = r"model 1 returned NaN for 2 of the 2 images in pass 7 .*begins with image 3"
    with pytest.raises(ValueError, match=message):
        list(function([lambda X: X, diverged], X, 20, 3, by=by))
    one = lambda X: np.where(np.arange(5)[:, None] == 2, np.nan, X)  # noqa: E731
    with pytest.raises(ValueError, match="model 0 returned NaN for 1 of the 5 images in pass 0"):
        list(function(one, X, by=by))


def test_scores_without_bound_are_no_nan_where_they_tell_a_class():
    X = np.array([[0.0, -np.inf], [1.0, 3.0]])
    np.testing.assert_array_equal(predict(lambda X: X, X)[0], [1, 0])
    np.testing.assert_array_equal(predict(lambda X: -X, X[:1], by="votes"), [[0, 1]])


def test_wrong_arguments_are_told_before_the_first_pass():
    with pytest.raises(ValueError, match="passes"):
        stream(lambda X: X, np.ones((2, 4)), 0)
    with pytest.raises(ValueError, match="until"):
        stream(lambda X: X, np.ones((2, 4)), until=-1)
    with pytest.raises(TypeError, match="function must be"):
        Views(3)
