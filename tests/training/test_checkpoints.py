"""A training that is saved half-way and loaded goes on as if nothing had happened."""

import numpy as np
import pytest

from cs231n.nets import Network
from cs231n.training.checkpoints import load_checkpoint, save_checkpoint

TEXT = "conv3-2 bn relu pool2 fc-3"


def network(seed=0, text=TEXT):
    return Network(text, (1, 6, 6), seed=seed)


@pytest.fixture
def images():
    rng = np.random.default_rng(1)
    return rng.random((12, 1, 6, 6), dtype=np.float32), rng.integers(3, size=12)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "nesterov_momentum", "adam"])
def test_it_goes_on_to_the_bit(tmp_path, images, rule):
    straight, first, second = network(), network(), network(seed=5)
    losses = [straight.step(*images, rule, learning_rate=0.01) for _ in range(6)]
    for _ in range(3):
        first.step(*images, rule, learning_rate=0.01)
    save_checkpoint(tmp_path / "half.npz", first, {"loss": np.array(losses[:3])})

    curves = load_checkpoint(tmp_path / "half.npz", second)
    assert curves["loss"].tolist() == losses[:3]
    assert [second.step(*images, rule, learning_rate=0.01) for _ in range(3)] == losses[3:]
    for name, values in straight.params.items():
        assert np.array_equal(second.params[name], values), name
    for name, values in straight.state.items():
        assert np.array_equal(second.state[name], values), name


def test_a_network_that_has_not_learnt_has_no_rule(tmp_path, images):
    save_checkpoint(tmp_path / "new.npz", network(), {})
    other = network(seed=5)
    assert load_checkpoint(tmp_path / "new.npz", other) == {}
    assert other.step(*images, "adam") == network().step(*images, "adam")


@pytest.mark.parametrize("keep", [None, 0, 10, 500])
def test_what_is_not_there_or_not_whole_is_none(tmp_path, keep):
    path, other = tmp_path / "half.npz", network(seed=5)
    if keep is not None:
        save_checkpoint(path, network(), {"loss": np.ones(3)})
        path.write_bytes(path.read_bytes()[:keep])
    before = {name: values.copy() for name, values in other.params.items()}
    assert load_checkpoint(path, other) is None
    assert all(np.array_equal(other.params[name], values) for name, values in before.items())


@pytest.mark.parametrize("text", ["conv3-3 bn relu pool2 fc-3", "conv3-2 relu pool2 fc-3"])
def test_another_network_is_refused_and_left_alone(tmp_path, images, text):
    path, other = tmp_path / "half.npz", network(5, text)
    learnt = network()
    learnt.step(*images, "adam")
    save_checkpoint(path, learnt, {})
    before = {name: values.copy() for name, values in other.params.items()}
    with pytest.raises(ValueError, match=r"half\.npz must hold the arrays .*got"):
        load_checkpoint(path, other)
    assert all(np.array_equal(other.params[name], values) for name, values in before.items())
