import hashlib
import zipfile
from functools import partial

import numpy as np
import pytest

from cs231n.data import available, catalog, cifar10, load
from cs231n.data.download import fetch_archive
from cs231n.data.registry import RemoteFile
from cs231n.data.sources import Offline, OnDisk


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache folder, so that no test sees the user's."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CS231N_DATA", str(folder))
    return folder


@pytest.fixture
def no_network(monkeypatch):
    """Any look-up of an address fails the test."""

    def look_up(*args, **kwargs):
        raise AssertionError("a test asked for the network")

    monkeypatch.setattr("socket.getaddrinfo", look_up)


def test_the_four_data_sets_are_there():
    assert list(catalog.SOURCES) == ["digits", "shapes", "mnist", "cifar10"]


def test_offline_sets_load_without_files(no_network):
    for name, channels, size, num_train in (("digits", 1, 8, 1000), ("shapes", 3, 32, 10_000)):
        data = load(name)
        assert data.name == name
        assert data.X_train.shape == (num_train, channels, size, size)


def test_an_unknown_name_lists_the_known_ones():
    words = "name is 'imagenet'; expected one of digits, shapes, mnist, cifar10"
    with pytest.raises(ValueError, match=words):
        load("imagenet")


@pytest.mark.parametrize("function", [available, partial(load, "digits"), partial(load, "mnist")])
def test_a_wrong_data_dir_is_named(function, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_dir is .*nowhere; expected an existing"):
        function(data_dir=tmp_path / "nowhere")
    with pytest.raises(TypeError, match="data_dir is 3; expected a path"):
        function(data_dir=3)


def test_available_tells_what_is_missing_and_never_downloads(no_network, cache):
    entries = {entry.name: entry for entry in available()}
    assert [entry.found for entry in entries.values()] == [True, True, False, False]
    assert entries["mnist"].where == ""
    assert "train-images-idx3-ubyte.gz" in entries["mnist"].advice
    assert str(cache / "cifar10") in entries["cifar10"].advice
    assert "cifar-10-batches-bin" in entries["cifar10"].advice
    assert not cache.exists()


def test_available_tells_where(write_mnist, cache, tmp_path):
    folder = write_mnist(cache / "mnist")
    found = {entry.name: entry for entry in available()}["mnist"]
    assert (found.found, found.where, found.advice) == (True, str(folder), "")
    elsewhere = {entry.name: entry for entry in available(tmp_path)}["mnist"]
    assert not elsewhere.found
    assert str(tmp_path / "mnist") in elsewhere.advice


def test_a_missing_module_is_told(monkeypatch):
    source = Offline(lambda: None, "made", "no_such_module")
    assert source.where(None) is None
    assert source.advice(None) == "install no_such_module"


@pytest.mark.parametrize("place", ["", "mnist"])
def test_the_cache_is_read(write_mnist, cache, place, no_network):
    write_mnist(cache / place)
    assert load("mnist").X_train.shape == (5, 1, 28, 28)


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_a_folder_without_the_files_is_not_filled(tmp_path, name, no_network):
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(FileNotFoundError, match=rf"{name} is not in .*mine: put the .* into"):
        load(name, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_downloading_can_be_forbidden(name, cache, no_network):
    with pytest.raises(FileNotFoundError, match=rf"{name} is not in .*cache"):
        load(name, download=False)
    assert not cache.exists()


def test_a_download_goes_into_the_cache(write_cifar, server, tmp_path, cache, monkeypatch):
    pixels, _ = write_cifar(tmp_path / "made", pickled=False)
    with zipfile.ZipFile(server.folder / "cifar.zip", "w") as file:
        for path in (tmp_path / "made").iterdir():
            file.write(path, f"cifar-10-batches-bin/{path.name}")
    digest = hashlib.md5((server.folder / "cifar.zip").read_bytes()).hexdigest()
    remote = RemoteFile("cifar.zip", f"md5:{digest}", (server.url + "/cifar.zip",))
    source = OnDisk(
        "cifar10",
        cifar10.find_cifar10,
        partial(cifar10.load_cifar10, rows=4),
        partial(fetch_archive, [remote]),
        "files",
    )
    monkeypatch.setitem(catalog.SOURCES, "cifar10", source)
    for _ in range(2):
        data = load("cifar10", progress=False)
        np.testing.assert_array_equal(data.X_test.reshape(4, -1), pixels[5])
    assert server.asked == ["/cifar.zip"]
    assert available()[3].where == str(cache / "cifar10" / "cifar-10-batches-bin")
