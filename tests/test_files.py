"""A file is written whole or not at all."""

import os

import pytest

from cs231n.files import write_atomically


def test_writes_and_replaces(tmp_path):
    target = tmp_path / "page.html"
    write_atomically(target, b"old")
    write_atomically(str(target), b"new \x00 bytes")
    assert target.read_bytes() == b"new \x00 bytes"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_failure_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch, failing):
    target = tmp_path / "page.html"
    target.write_bytes(b"old")

    def fail(*arguments, **options):
        raise OSError("disk full")

    owner = os if failing == "fsync" else type(target)
    monkeypatch.setattr(owner, failing, fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_takes_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "page.html", b"")


def test_refuses_text(tmp_path):
    with pytest.raises(TypeError, match="data must be bytes, got str"):
        write_atomically(tmp_path / "page.html", "text")
    assert not list(tmp_path.iterdir())
