"""One network: its images, its start, its outcome."""

from dataclasses import replace

import numpy as np
import pytest
from outcome_checks import assert_same_outcome

from cs231n import data
from cs231n.layers.noise import as_key
from cs231n.marginalize import LAYERS, softmax
from cs231n.nets import parse
from cs231n.training import fit, networks
from cs231n.training.edits import append_dropout, drop_connections
from cs231n.training.networks import Job, Trained, build, run, split, train_network, views_of
from cs231n.training.setups import ONCE, Setup, Way
from cs231n.training.tails import match_moments

PLAIN = tuple(parse("conv3-2 relu pool2 conv3-2 relu pool2 fc-8 relu"))
DROPPED = append_dropout(PLAIN, 0.5)
FLIPPED = ("flip", "crop")
SETUPS = [Setup(layers, names) for layers in (PLAIN, DROPPED) for names in ((), FLIPPED)]
MORE = [*SETUPS, Setup(PLAIN, ("flip",)), Setup(PLAIN, average_weights=True)]
CONNECTED = drop_connections(PLAIN, 0.5)
PASSES, VIEWS, BOTH = Way(4), Way(views=True), Way(4, views=True)
MOMENTS, SAMPLED = Way(moments=True), Way(moments=True, samples=7)


def indexed(dataset):
    """The same labels, but every image says which one it is."""
    X = np.zeros((60, 1, 8, 8), np.uint8) + np.arange(60, dtype=np.uint8)[:, None, None, None]
    return replace(dataset, X_train=X, X_test=X[:30] + np.uint8(100))


def relabelled(dataset, seed=0):
    return replace(dataset, y_test=np.random.default_rng(seed).permutation(dataset.y_test))


# ---- split ----


@pytest.mark.parametrize("seed", range(5))
def test_training_and_validation_images_are_disjoint_and_keep_their_labels(dataset, recipe, seed):
    parts = split(indexed(dataset), recipe, seed)
    train, val = parts["X_train"][:, 0, 0, 0], parts["X_val"][:, 0, 0, 0]
    assert (len(train), len(val)) == (recipe.train_size, recipe.validation_size)
    assert len({*train.tolist(), *val.tolist()}) == len(train) + len(val)
    assert max(train.max(), val.max()) < 60  # none is a test image
    np.testing.assert_array_equal(parts["y_train"], dataset.y_train[train])
    np.testing.assert_array_equal(parts["y_val"], dataset.y_train[val])


def test_the_split_is_that_of_its_seed(dataset, recipe):
    first = split(dataset, recipe, 0)
    np.random.seed(99)
    for key, array in split(relabelled(dataset), recipe, 0).items():
        np.testing.assert_array_equal(array, first[key])
    assert not np.array_equal(split(dataset, recipe, 1)["X_train"], first["X_train"])


def test_all_training_images_can_be_used_and_no_more(dataset, recipe):
    parts = split(dataset, replace(recipe, train_size=45, validation_size=15), 0)
    assert (len(parts["X_train"]), len(parts["X_val"])) == (45, 15)
    with pytest.raises(
        ValueError, match=r"train_size 46 and 15 validation .* the 60 training .* toy"
    ):
        split(dataset, replace(recipe, train_size=46, validation_size=15), 0)


# ---- jobs ----


def test_no_two_jobs_have_the_same_name():
    jobs = [
        Job(setup, seed, member, ways)
        for setup in MORE
        for seed in (0, 1, 11)
        for member in (0, 1, 11)
        for ways in (
            *((), (Way(1),), (Way(11),), (VIEWS,), (Way(11), VIEWS), (Way(11, True),)),
            *((MOMENTS,), (SAMPLED,), (Way(7),), (MOMENTS, SAMPLED)),
        )
    ]
    assert len({job.name for job in jobs}) == len(jobs)


# ---- training ----


def start(dataset, recipe, job, monkeypatch):
    """Return the network before its first step, and what the training loop is given."""
    given = {}
    monkeypatch.setattr(
        networks, "fit", lambda model, data, **options: given.update(options, **data)
    )
    return train_network(job, dataset, recipe)[0], given


def test_the_networks_of_a_seed_and_member_start_alike(dataset, recipe, monkeypatch):
    starts = [start(dataset, recipe, Job(setup, 1, 2), monkeypatch) for setup in SETUPS]
    orders = [given["rng"].permutation(100) for _, given in starts]
    for (model, given), order in zip(starts, orders, strict=True):
        assert set(model.params) == set(starts[0][0].params)
        for name, w in starts[0][0].params.items():
            np.testing.assert_array_equal(model.params[name], w)
        np.testing.assert_array_equal(given["X_train"], starts[0][1]["X_train"])
        np.testing.assert_array_equal(order, orders[0])


@pytest.mark.parametrize(("seed", "member"), [(0, 1), (1, 0), (1, 1)])
def test_other_seeds_and_members_start_elsewhere(dataset, recipe, monkeypatch, seed, member):
    model, given = start(dataset, recipe, Job(SETUPS[0], 0), monkeypatch)
    other, others = start(dataset, recipe, Job(SETUPS[0], seed, member), monkeypatch)
    assert not np.array_equal(other.params["W1"], model.params["W1"])
    assert not np.array_equal(others["rng"].permutation(50), given["rng"].permutation(50))


def test_the_members_of_a_seed_share_its_images(dataset, recipe, monkeypatch):
    given = [start(dataset, recipe, Job(SETUPS[0], 0, m), monkeypatch)[1] for m in (0, 1)]
    np.testing.assert_array_equal(given[0]["X_train"], given[1]["X_train"])


def test_the_setup_decides_what_is_on(dataset, recipe, monkeypatch):
    for setup in SETUPS:
        model, given = start(dataset, recipe, Job(setup, 0), monkeypatch)
        assert model.network.layers[:-1] == setup.layers
        assert model.network.layers[-1].units == 3
        chain = recipe.pipeline(setup.augmentation, given["X_train"]).images
        assert repr(model.pipeline.images) == repr(chain)
        for option in ("epochs", "batch_size", "learning_rate", "learning_rate_decay"):
            assert given[option] == getattr(recipe, option)


def test_order_augmentation_and_weights_are_drawn_apart(dataset, recipe):
    """Else a network with augmentation would see another order of images than one without."""
    job = Job(SETUPS[1], 0)
    model = build(job, dataset, recipe, dataset.X_train)
    draws = [rng.random() for rng in (model.rng, *networks._generators(job, 3))]
    assert draws[0] == draws[2]
    assert len(set(draws)) == 3


def test_augmentation_does_not_change_the_order_of_the_images(dataset, recipe, monkeypatch):
    def step(model, X, y, *args, **hyper):
        orders[-1].append(y)
        return original(model, X, y, *args, **hyper)

    original, orders = networks.NoisyNetwork.step, []
    monkeypatch.setattr(networks.NoisyNetwork, "step", step)
    for setup in SETUPS:
        orders.append([])
        train_network(Job(setup, 0, 1), dataset, recipe)
    for labels in orders[1:]:
        np.testing.assert_array_equal(labels, orders[0])


# ---- outcomes ----


@pytest.mark.parametrize("setup", SETUPS)
def test_a_job_is_the_same_whatever_was_drawn_before(dataset, recipe, setup):
    job = Job(setup, 0, 1, (PASSES, BOTH))
    np.random.seed(1)
    first = run(job, dataset, recipe)
    np.random.seed(2)
    assert_same_outcome(run(job, dataset, recipe), first)


@pytest.mark.parametrize("setup", SETUPS)
def test_the_test_labels_choose_nothing(dataset, recipe, setup):
    job = Job(setup, 0, 0, (PASSES,))
    assert_same_outcome(run(job, relabelled(dataset), recipe), run(job, dataset, recipe))


def test_the_test_images_do_not_change_the_network(dataset, recipe):
    job = Job(SETUPS[3], 0, 0, (PASSES,))
    models = [
        train_network(job, variant, recipe)[0]
        for variant in (dataset, replace(dataset, X_test=255 - dataset.X_test))
    ]
    for name, w in models[0].params.items():
        np.testing.assert_array_equal(models[1].params[name], w)
    np.testing.assert_array_equal(models[0].mean, models[1].mean)


def test_an_outcome_is_complete(dataset, recipe):
    outcome = run(Job(SETUPS[2], 0, ways=(PASSES,)), dataset, recipe)
    assert (outcome.probabilities.shape, outcome.averaged.shape) == ((30, 3), (1, 30, 3))
    assert outcome.probabilities.dtype == outcome.averaged.dtype == np.float32
    np.testing.assert_allclose(outcome.probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(outcome.averaged.sum(axis=2), 1, rtol=1e-5)
    assert not np.array_equal(outcome.averaged[0], outcome.probabilities)
    assert outcome.loss.shape == (4,)  # 2 epochs of 20 images in tens
    assert outcome.train_accuracy.shape == outcome.val_accuracy.shape == (2,)
    assert outcome.seconds > 0
    assert outcome.averaging_seconds.shape == (1,)
    assert outcome.averaging_seconds[0] > 0
    # two 3x3 convolutions of 1 -> 2 -> 2 maps, 8 hidden units on 2*2*2 numbers, 3 classes
    assert outcome.parameters == (18 + 2) + (36 + 2) + (64 + 8) + (24 + 3)


@pytest.mark.parametrize("setup", MORE)
def test_how_else_it_predicts_changes_nothing_of_a_prediction(dataset, recipe, setup):
    """Each way has noise of its own, so that it does not matter which others are asked for."""
    plain = run(Job(setup, 0), dataset, recipe)
    assert (plain.averaged.shape, plain.averaging_seconds.shape) == ((0, 30, 3), (0,))
    ways = (PASSES, VIEWS, BOTH)
    together = Trained(job := Job(setup, 0, ways=ways), run(job, dataset, recipe))
    assert_same_outcome(replace(together.outcome, averaged=plain.averaged), plain)
    np.testing.assert_array_equal(together.probabilities(ONCE), plain.probabilities)
    assert together.seconds(ONCE) == together.outcome.seconds
    for k, way in enumerate(ways):
        alone = run(Job(setup, 0, ways=(way,)), dataset, recipe)
        np.testing.assert_array_equal(alone.averaged[0], together.probabilities(way))
        assert together.seconds(way) == (
            together.outcome.seconds + together.outcome.averaging_seconds[k]
        )


@pytest.mark.parametrize("layers", [DROPPED, CONNECTED])
def test_few_passes_are_the_first_of_more(dataset, recipe, layers):
    """One pass after the other is run here, and averaged: neither others nor in another order."""
    job = Job(Setup(layers), 0, 1, ways=(Way(5), Way(1), Way(3)))
    outcome = run(job, dataset, recipe)
    model, _ = train_network(job, dataset, recipe)
    tail, rng = model.tail(dataset.X_test), np.random.default_rng([0, 1, 3])
    key = as_key("seed", rng)
    passes = []
    for r in range(5):  # 30 images are one batch, number 0
        noise = np.random.SeedSequence([key, r, 0, 0]).generate_state(1, np.uint64)[0] >> np.uint64(
            1
        )
        passes.append(softmax(tail.network.scores(tail.features, noise=int(noise))))
    for found, n in zip(outcome.averaged, (5, 1, 3), strict=True):
        np.testing.assert_allclose(found, np.mean(passes[:n], axis=0), rtol=1e-5)
        alone = networks.predict(model, dataset.X_test, job, recipe, Way(n))
        np.testing.assert_array_equal(found, alone.astype(np.float32))
    seconds = outcome.averaging_seconds
    assert seconds[1] < seconds[2] < seconds[0]  # each with all that it needed


@pytest.mark.parametrize("layers", [DROPPED, CONNECTED])
def test_passes_are_averaged_over_as_if_the_whole_network_were_run(dataset, recipe, layers):
    """Features are still; only their noise is drawn anew."""
    job = Job(Setup(layers), 0)
    model, _ = train_network(job, dataset, recipe)
    X, R = dataset.X_test, 500
    found = networks.predict(model, X, job, recipe, Way(R))
    passes = np.array([softmax(model.scores(X, noise=r)) for r in range(R)])
    error = passes.std(axis=0) * (2 / R) ** 0.5
    assert (np.abs(found - passes.mean(axis=0)) <= 5 * error + 1e-6).all()


def test_moments_are_those_of_the_layer(dataset, recipe):
    job = Job(Setup(CONNECTED), 0, ways=(Way(2), MOMENTS, SAMPLED))
    trained = Trained(job, run(job, dataset, recipe))
    model, _ = train_network(job, dataset, recipe)
    tail = model.tail(dataset.X_test)
    np.testing.assert_allclose(trained.probabilities(MOMENTS), match_moments(tail), rtol=1e-6)
    seed = np.random.default_rng([0, 0, 3])
    np.testing.assert_allclose(
        trained.probabilities(SAMPLED), match_moments(tail, 7, seed), rtol=1e-6
    )
    assert not np.allclose(trained.probabilities(MOMENTS), trained.probabilities(ONCE), rtol=1e-4)


def test_networks_without_dropconnect_have_no_moments(dataset, recipe):
    with pytest.raises(ValueError, match="moments are matched where"):
        run(Job(Setup(DROPPED), 0, ways=(MOMENTS,)), dataset, recipe)


def test_without_noise_an_average_is_one_pass(dataset, recipe):
    outcome = run(Job(SETUPS[0], 0, ways=(PASSES,)), dataset, recipe)
    np.testing.assert_array_equal(outcome.averaged[0], outcome.probabilities)


def test_views_are_shifted_and_mirrored_where_that_is_allowed(dataset, recipe):
    X = dataset.X_test[:4]
    padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="reflect")
    shifts = [X, padded[:, :, :8, :8], padded[:, :, 2:, 2:]]
    refusing = replace(recipe, refuses={"flip": "no"})
    for found, expected in zip(views_of(X, refusing), shifts, strict=True):
        np.testing.assert_array_equal(found, expected)
    both = [view for shifted in shifts for view in (shifted, shifted[..., ::-1])]
    for found, expected in zip(views_of(X, recipe), both, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("refuses", [{}, {"flip": "no"}])
def test_an_average_over_views_is_the_mean_over_them(dataset, recipe, refuses):
    recipe = replace(recipe, refuses=refuses, view_shift=2)
    job = Job(SETUPS[2], 0, ways=(VIEWS,))
    model, _ = train_network(job, dataset, recipe)
    expected = np.mean(
        [softmax(model.scores(view)) for view in views_of(dataset.X_test, recipe)], axis=0
    )
    found = networks.predict(model, dataset.X_test, job, recipe, VIEWS)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


class Counter:
    """Says for each image how often it was seen, and what the noise was."""

    def __init__(self, sources):
        self.seen, self.noise, self._sources = [], [], sources

    def sources(self):
        return self._sources

    def only_drops(self):
        return False

    def scores(self, X, noise=None):
        self.seen.append(X)
        self.noise.append(noise)
        return np.zeros((len(X), 3))


@pytest.mark.parametrize(
    ("way", "sources", "passes"),
    [
        (ONCE, (LAYERS,), 1),
        (Way(7), (LAYERS,), 7),
        (Way(7), (), 1),  # there is nothing to average over
        (Way(views=True), (LAYERS,), 6),
        (Way(7, True), (LAYERS,), 12),  # rounded up, so that each view is seen twice
        (Way(12, True), (LAYERS,), 12),
        (Way(7, True), (), 6),
    ],
)
def test_passes_and_views_are_averaged_over_together(dataset, recipe, way, sources, passes):
    model, X = Counter(sources), dataset.X_test[:5]
    networks.predict(model, X, Job(SETUPS[0], 0), recipe, way)
    assert len(model.seen) == passes
    noisy = bool(way.passes and sources)
    assert len(set(model.noise)) == (passes if noisy else 1)
    assert (None in model.noise) != noisy
    different = len(np.unique([view.ravel() for view in model.seen], axis=0))
    assert different == (6 if way.views else 1)
    again = Counter(sources)
    networks.predict(again, X, Job(SETUPS[3], 0), recipe, way)
    assert again.noise == model.noise  # paired by seed


# ---- running averages of the weights ----


def test_averaged_weights_are_what_is_validated_and_kept(dataset, recipe, monkeypatch):
    """The steps are those without averaging; what is kept is the average after the best epoch."""
    plain = run(Job(Setup(DROPPED, FLIPPED), 0), dataset, recipe)
    averages, after = [], []
    original_step, original = networks.SmoothedNetwork.step, fit.accuracy

    def step(smoothed, *args, **hyper):
        loss = original_step(smoothed, *args, **hyper)
        after.append({name: w.copy() for name, w in smoothed.model.params.items()})
        return loss

    def accuracy(model, X, y):
        averages.append({name: w.copy() for name, w in model.params.items()})
        np.testing.assert_array_equal(model.scores(X), model.average.scores(X))
        assert not np.allclose(model.scores(X), model.model.scores(X), rtol=1e-3)
        return original(model, X, y)

    monkeypatch.setattr(networks.SmoothedNetwork, "step", step)
    monkeypatch.setattr(fit, "accuracy", accuracy)
    recipe = replace(recipe, averaged_epochs=2.0)
    model, history = train_network(
        Job(Setup(DROPPED, FLIPPED, average_weights=True), 0), dataset, recipe
    )
    np.testing.assert_array_equal(history.loss, plain.loss)
    decay = 1 - 1 / 4  # two epochs of two steps
    shares = decay ** np.arange(4)[::-1]
    for epoch, steps in enumerate((2, 4)):
        for name in after[0]:
            weights = [w[name].astype(float) for w in after[:steps]]
            mean = np.average(weights, axis=0, weights=shares[-steps:])
            np.testing.assert_allclose(averages[2 * epoch][name], mean, rtol=1e-5, atol=1e-7)
    for name, w in model.params.items():
        np.testing.assert_array_equal(w, averages[2 * history.best_epoch][name])
    assert history.val_accuracy[history.best_epoch] == history.val_accuracy.max()


def test_batch_normalisation_is_refreshed_for_averaged_weights(dataset, recipe):
    setup = Setup(tuple(parse("conv3-2 bn relu pool2 fc-8 relu")), average_weights=True)
    job, data = Job(setup, 0), split(dataset, recipe, 0)
    model, _ = train_network(job, dataset, recipe)
    kept = model.state["running_mean1"].copy()
    model.network.refresh(model.standardized(data["X_train"]), recipe.batch_size)
    np.testing.assert_allclose(model.state["running_mean1"], kept, rtol=1e-5, atol=1e-7)
    raw = train_network(replace(job, setup=replace(setup, average_weights=False)), dataset, recipe)
    assert not np.allclose(raw[0].state["running_mean1"], kept)


def test_epochs_are_told(dataset, recipe):
    epochs = []
    run(Job(SETUPS[0], 0), dataset, recipe, epochs.append)
    assert epochs == [1, 2]


def test_a_network_learns(dataset, recipe):
    longer = replace(recipe, epochs=40, train_size=50)
    layers = tuple(parse("conv3-8 relu pool2 conv3-8 relu pool2 fc-16 relu"))
    outcome = run(Job(Setup(layers), 0), dataset, longer)
    assert np.mean(outcome.probabilities.argmax(axis=1) == dataset.y_test) > 0.9


def test_real_digits_are_split(recipe):
    digits = data.load("digits")
    assert split(digits, recipe, 0)["X_train"].shape == (20, 1, 8, 8)
