"""One network: its images, its start, its outcome."""

from dataclasses import replace

import numpy as np
import pytest
from outcome_checks import assert_same_outcome

from cs231n import data
from cs231n.nets import parse
from cs231n.training import networks
from cs231n.training.edits import append_dropout
from cs231n.training.networks import Job, build, run, split, train_network
from cs231n.training.rungs import Setup

PLAIN = tuple(parse("conv3-2 relu pool2 conv3-2 relu pool2 fc-8 relu"))
DROPPED = append_dropout(PLAIN, 0.5)
SETUPS = [Setup(layers, augment) for layers in (PLAIN, DROPPED) for augment in (False, True)]


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
        Job(setup, seed, member, passes)
        for setup in SETUPS
        for seed in (0, 1, 11)
        for member in (0, 1, 11)
        for passes in (0, 1, 12)
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
    starts = [start(dataset, recipe, Job(setup, 1, 2, 0), monkeypatch) for setup in SETUPS]
    orders = [given["rng"].permutation(100) for _, given in starts]
    for (model, given), order in zip(starts, orders, strict=True):
        assert set(model.params) == set(starts[0][0].params)
        for name, w in starts[0][0].params.items():
            np.testing.assert_array_equal(model.params[name], w)
        np.testing.assert_array_equal(given["X_train"], starts[0][1]["X_train"])
        np.testing.assert_array_equal(order, orders[0])


@pytest.mark.parametrize(("seed", "member"), [(0, 1), (1, 0), (1, 1)])
def test_other_seeds_and_members_start_elsewhere(dataset, recipe, monkeypatch, seed, member):
    model, given = start(dataset, recipe, Job(SETUPS[0], 0, 0, 0), monkeypatch)
    other, others = start(dataset, recipe, Job(SETUPS[0], seed, member, 0), monkeypatch)
    assert not np.array_equal(other.params["W1"], model.params["W1"])
    assert not np.array_equal(others["rng"].permutation(50), given["rng"].permutation(50))


def test_the_members_of_a_seed_share_its_images(dataset, recipe, monkeypatch):
    given = [start(dataset, recipe, Job(SETUPS[0], 0, m, 0), monkeypatch)[1] for m in (0, 1)]
    np.testing.assert_array_equal(given[0]["X_train"], given[1]["X_train"])


def test_the_setup_decides_what_is_on(dataset, recipe, monkeypatch):
    for setup in SETUPS:
        model, given = start(dataset, recipe, Job(setup, 0, 0, 0), monkeypatch)
        assert model.network.layers[:-1] == setup.layers
        assert model.network.layers[-1].units == 3
        assert model.augmentation is (recipe.augmentation if setup.augment else None)
        for option in ("epochs", "batch_size", "learning_rate", "learning_rate_decay"):
            assert given[option] == getattr(recipe, option)


def test_order_augmentation_and_weights_are_drawn_apart(dataset, recipe):
    """Else a network with augmentation would see another order of images than one without."""
    job = Job(SETUPS[1], 0, 0, 0)
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
        train_network(Job(setup, 0, 1, 0), dataset, recipe)
    for labels in orders[1:]:
        np.testing.assert_array_equal(labels, orders[0])


# ---- outcomes ----


@pytest.mark.parametrize("setup", SETUPS)
def test_a_job_is_the_same_whatever_was_drawn_before(dataset, recipe, setup):
    job = Job(setup, 0, 1, 2)
    np.random.seed(1)
    first = run(job, dataset, recipe)
    np.random.seed(2)
    assert_same_outcome(run(job, dataset, recipe), first)


@pytest.mark.parametrize("setup", SETUPS)
def test_the_test_labels_choose_nothing(dataset, recipe, setup):
    job = Job(setup, 0, 0, 2)
    assert_same_outcome(run(job, relabelled(dataset), recipe), run(job, dataset, recipe))


def test_the_test_images_do_not_change_the_network(dataset, recipe):
    job = Job(SETUPS[3], 0, 0, 2)
    models = [
        train_network(job, variant, recipe)[0]
        for variant in (dataset, replace(dataset, X_test=255 - dataset.X_test))
    ]
    for name, w in models[0].params.items():
        np.testing.assert_array_equal(models[1].params[name], w)
    np.testing.assert_array_equal(models[0].mean, models[1].mean)


def test_an_outcome_is_complete(dataset, recipe):
    outcome = run(Job(SETUPS[2], 0, 0, 3), dataset, recipe)
    assert outcome.probabilities.shape == outcome.averaged.shape == (30, 3)
    assert outcome.probabilities.dtype == outcome.averaged.dtype == np.float32
    np.testing.assert_allclose(outcome.probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(outcome.averaged.sum(axis=1), 1, rtol=1e-5)
    assert not np.array_equal(outcome.averaged, outcome.probabilities)
    assert outcome.loss.shape == (4,)  # 2 epochs of 20 images in tens
    assert outcome.train_accuracy.shape == outcome.val_accuracy.shape == (2,)
    assert outcome.seconds > 0
    assert outcome.averaging_seconds > 0
    # two 3x3 convolutions of 1 -> 2 -> 2 maps, 8 hidden units on 2*2*2 numbers, 3 classes
    assert outcome.parameters == (18 + 2) + (36 + 2) + (64 + 8) + (24 + 3)


def test_passes_change_nothing_but_the_averages(dataset, recipe):
    plain, averaged = (run(Job(SETUPS[2], 0, 0, p), dataset, recipe) for p in (0, 4))
    assert plain.averaged.shape == (0, 3)
    assert_same_outcome(replace(averaged, averaged=plain.averaged), plain)


def test_without_noise_an_average_is_one_pass(dataset, recipe):
    outcome = run(Job(SETUPS[0], 0, 0, 3), dataset, recipe)
    np.testing.assert_allclose(outcome.averaged, outcome.probabilities, rtol=1e-6)


def test_epochs_are_told(dataset, recipe):
    epochs = []
    run(Job(SETUPS[0], 0, 0, 0), dataset, recipe, epochs.append)
    assert epochs == [1, 2]


def test_a_network_learns(dataset, recipe):
    longer = replace(recipe, epochs=40, train_size=50)
    layers = tuple(parse("conv3-8 relu pool2 conv3-8 relu pool2 fc-16 relu"))
    outcome = run(Job(Setup(layers), 0, 0, 0), dataset, longer)
    assert np.mean(outcome.probabilities.argmax(axis=1) == dataset.y_test) > 0.9


def test_real_digits_are_split(recipe):
    digits = data.load("digits")
    assert split(digits, recipe, 0)["X_train"].shape == (20, 1, 8, 8)
