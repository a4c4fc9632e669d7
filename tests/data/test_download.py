import hashlib
import multiprocessing
import socket
import time
import zipfile

import pytest

from cs231n.data.download import cache_folder, fetch, fetch_all, fetch_archive
from cs231n.data.registry import CIFAR10, MNIST, RemoteFile

CONTENT = b"some data" * 1000
SHA = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
MD5 = "md5:" + hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def dead():
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{probe.getsockname()[1]}"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("known_hash", [SHA, MD5], ids=["sha256", "md5"])
@pytest.mark.parametrize("progress", [False, True])
def test_a_file_arrives_and_is_not_asked_for_again(tmp_path, server, known_hash, progress):
    (server.folder / "x").write_bytes(CONTENT)
    file = RemoteFile("name", known_hash, (server.url + "/x",))
    for _ in range(2):
        path = fetch(file, tmp_path / "deep" / "cache", progress)
        assert path == tmp_path / "deep" / "cache" / "name"
        assert path.read_bytes() == CONTENT
    assert server.asked == ["/x"]


def test_the_progress_bar_can_be_turned_off(tmp_path, server, capfd):
    (server.folder / "x").write_bytes(CONTENT)
    fetch(RemoteFile("a", SHA, (server.url + "/x",)), tmp_path, progress=False)
    assert "%" not in capfd.readouterr().err
    fetch(RemoteFile("b", SHA, (server.url + "/x",)), tmp_path, progress=True)
    assert "100%" in capfd.readouterr().err


def test_a_dead_mirror_is_passed_over(tmp_path, server, dead):
    (server.folder / "x").write_bytes(CONTENT)
    urls = (dead + "/x", server.url + "/missing", server.url + "/cut/x", server.url + "/x")
    assert fetch(RemoteFile("x", SHA, urls), tmp_path / "c", False).read_bytes() == CONTENT
    assert server.asked == ["/missing", "/cut/x", "/x"]
    assert names(tmp_path / "c") == ["x"]


def test_a_mirror_with_another_file_is_passed_over(tmp_path, server):
    (server.folder / "other").write_bytes(b"other")
    (server.folder / "x").write_bytes(CONTENT)
    file = RemoteFile("x", SHA, (server.url + "/other", server.url + "/x"))
    assert fetch(file, tmp_path / "c", False).read_bytes() == CONTENT


def test_a_wrong_hash_is_said_and_the_file_not_kept(tmp_path, server):
    (server.folder / "x").write_bytes(b"other")
    found = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(ConnectionError, match=f"(?s)hash.*{SHA[7:]}.*{found}"):
        fetch(RemoteFile("x", SHA, (server.url + "/x",)), tmp_path / "c", False)
    assert names(tmp_path / "c") == []


def test_without_a_network_it_says_what_was_tried_and_what_to_do(tmp_path, server, dead):
    file = RemoteFile("x.gz", SHA, (dead + "/x", server.url + "/missing"))
    with pytest.raises(ConnectionError) as caught:
        fetch(file, tmp_path / "c", False)
    message = str(caught.value)
    for words in (*file.urls, "404", "By hand", str(tmp_path / "c" / "x.gz"), "data_dir"):
        assert words in message
    assert names(tmp_path / "c") == []


def test_another_file_of_that_name_is_left_alone(tmp_path, server):
    (server.folder / "x").write_bytes(CONTENT)
    (tmp_path / "x").write_bytes(b"mine")
    with pytest.raises(ValueError, match=r"x has the sha256 hash .*; expected .*move it away"):
        fetch(RemoteFile("x", SHA, (server.url + "/x",)), tmp_path, False)
    assert (tmp_path / "x").read_bytes() == b"mine"
    assert server.asked == []


def _fetch_from_a_slow_server(url, folder):
    fetch(RemoteFile("x", SHA, (url,)), folder, False)


def test_a_killed_download_leaves_nothing_under_the_final_name(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as slow:
        url = f"http://127.0.0.1:{slow.getsockname()[1]}/x"
        folder = tmp_path / "c"
        context = multiprocessing.get_context("spawn")
        child = context.Process(target=_fetch_from_a_slow_server, args=(url, folder))
        child.start()
        slow.settimeout(20)
        connection, _ = slow.accept()
        head = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONTENT)
        connection.sendall(head + CONTENT[:-1000])  # all but the end, then silence
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size for path in folder.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        child.kill()
        child.join()
        connection.close()
    assert not (folder / "x").exists()


def test_several_files(tmp_path, server):
    files = []
    for name in "ab":
        (server.folder / name).write_bytes(CONTENT)
        files.append(RemoteFile(name, SHA, (f"{server.url}/{name}",)))
    fetch_all(files, tmp_path / "c", progress=False)
    assert names(tmp_path / "c") == ["a", "b"]


@pytest.fixture
def archive(server):
    """A zip on the server, as a RemoteFile."""
    with zipfile.ZipFile(server.folder / "a.zip", "w") as file:
        file.writestr("in/x", b"hello")
    digest = hashlib.sha256((server.folder / "a.zip").read_bytes()).hexdigest()
    return RemoteFile("a.zip", f"sha256:{digest}", (server.url + "/a.zip",))


def test_an_archive_is_unpacked(tmp_path, archive):
    fetch_archive([archive], tmp_path / "c" / "set", progress=False)
    assert (tmp_path / "c" / "set" / "in" / "x").read_bytes() == b"hello"


def test_an_archive_put_there_by_hand_is_used(tmp_path, server, archive):
    (tmp_path / "a.zip").write_bytes((server.folder / "a.zip").read_bytes())
    fetch_archive([archive], tmp_path / "set", progress=False)
    assert server.asked == []
    assert names(tmp_path / "set") == ["in"]


def test_the_second_archive_serves_when_the_first_cannot_be_had(tmp_path, archive, dead):
    first = RemoteFile("b.zip", SHA, (dead + "/b.zip",))
    fetch_archive([first, archive], tmp_path / "c" / "set", progress=False)
    assert names(tmp_path / "c" / "set") == ["in"]
    with pytest.raises(ConnectionError, match=r"b\.zip could not be downloaded"):
        fetch_archive([first], tmp_path / "other", progress=False)


def test_an_existing_folder_is_left_alone(tmp_path, server, archive):
    (tmp_path / "set").mkdir()
    with pytest.raises(FileExistsError, match="move it away"):
        fetch_archive([archive], tmp_path / "set", progress=False)
    assert server.asked == []


def test_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CS231N_DATA", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("CS231N_DATA", "~/data")
    assert cache_folder().name == "data"
    assert cache_folder().is_absolute()
    monkeypatch.delenv("CS231N_DATA")
    assert "cs231n" in str(cache_folder())


def test_the_registry_is_well_formed():
    lengths = {"sha256": 64, "md5": 32}
    for file in (*MNIST, *CIFAR10):
        algorithm, digest = file.known_hash.split(":")
        assert len(bytes.fromhex(digest)) * 2 == lengths[algorithm]
        assert len(file.urls) >= 2
        assert all(url.endswith("/" + file.name) for url in file.urls)
    assert len({file.known_hash for file in (*MNIST, *CIFAR10)}) == 6
