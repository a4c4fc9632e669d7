import io
import os
import stat
import tarfile
import zipfile

import pytest

from cs231n.data import archives, unpack

FILES = {"in/a.txt": b"hello", "in/deep/b.bin": bytes(300_000), "c": b""}


def make_tar(path, members, mode="w:gz"):
    """Write a tar of (TarInfo or name, content) pairs."""
    with tarfile.open(path, mode) as tar:
        for info, content in members:
            info = tarfile.TarInfo(info) if isinstance(info, str) else info
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for info, content in members:
            file.writestr(info, content)
    return path


MAKERS = {"tar.gz": make_tar, "zip": make_zip}


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(tmp_path, archive, words, **arguments):
    """The archive is refused, and nothing is left of it anywhere."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=words):
        unpack(archive, tmp_path / "out", **arguments)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", MAKERS)
def test_files_arrive(tmp_path, kind):
    # The name does not tell the kind: downloads are called all sorts of things.
    archive = MAKERS[kind](tmp_path / "archive", FILES.items())
    out = unpack(archive, tmp_path / "new" / "out")
    assert tree(out) == FILES
    assert sorted(path.name for path in out.parent.iterdir()) == ["out"]


def test_a_plain_tar_and_one_that_holds_a_zip(tmp_path):
    inner = make_zip(tmp_path / "inner", FILES.items()).read_bytes()
    archive = make_tar(tmp_path / "a.tar", [("inner.zip", inner)], "w")
    assert tree(unpack(str(archive), str(tmp_path / "out"))) == {"inner.zip": inner}


def test_empty_folders_arrive(tmp_path):
    archive = make_tar(tmp_path / "a", [(special("./empty", tarfile.DIRTYPE), b"")])
    assert (unpack(archive, tmp_path / "out") / "empty").is_dir()


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(
    "name",
    ["/etc/x", "../x", "a/../../x", "a/..", "..", "//x", "C:/x", "C:x", "a\\..\\x", "\\x", "a:b"],
)
def test_names_that_lead_outside_are_refused(tmp_path, kind, name):
    archive = MAKERS[kind](tmp_path / "a", [("fine", b"1"), (name, b"x")])
    refused(tmp_path, archive, "a name that leads out of its folder")


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (special("l", tarfile.SYMTYPE, "/etc/passwd"), "'l', a link"),
        (special("l", tarfile.SYMTYPE, "../x"), "'l', a link"),
        (special("l", tarfile.SYMTYPE, "fine"), "'l', a link"),
        (special("l", tarfile.LNKTYPE, "/etc/passwd"), "'l', a link"),
        (special("l", tarfile.LNKTYPE, "fine"), "'l', a link"),
        (special("d", tarfile.CHRTYPE), "'d', a special file"),
        (special("d", tarfile.BLKTYPE), "'d', a special file"),
        (special("d", tarfile.FIFOTYPE), "'d', a special file"),
        (special("d", tarfile.CONTTYPE, ""), None),
    ],
)
def test_links_and_devices_are_refused(tmp_path, member, words):
    archive = make_tar(tmp_path / "a", [("fine", b"1"), (member, b"")])
    if words is None:  # "contiguous" is an old word for a plain file
        assert set(tree(unpack(archive, tmp_path / "out"))) == {"fine", "d"}
    else:
        refused(tmp_path, archive, words)


def test_writing_through_a_link_is_refused(tmp_path):
    (tmp_path / "victim").mkdir()
    link = special("l", tarfile.SYMTYPE, str(tmp_path / "victim"))
    refused(tmp_path, make_tar(tmp_path / "a", [(link, b""), ("l/x", b"x")]), "a link")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, kind):
    info = zipfile.ZipInfo("l")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    refused(tmp_path, make_zip(tmp_path / "a", [(info, b"/etc")]), "a link or special file")


@pytest.mark.parametrize("names", [("x", "x"), ("x", "x/y"), ("x/y", "x"), ("x", "./x")])
def test_a_name_twice_is_refused(tmp_path, names):
    archive = make_tar(tmp_path / "a", [(name, b"1") for name in names])
    refused(tmp_path, archive, "twice, or as file and folder")


@pytest.mark.parametrize("name", [".", ""])
def test_a_file_without_a_name_is_refused(tmp_path, name):
    refused(tmp_path, make_tar(tmp_path / "a", [(name, b"1")]), "twice, or as file and folder")


def test_no_rights_come_along(tmp_path):
    info = tarfile.TarInfo("x")
    info.mode, info.uid = 0o6777, 0
    out = unpack(make_tar(tmp_path / "a", [(info, b"1")]), tmp_path / "out")
    assert not (out / "x").stat().st_mode & 0o7111


@pytest.mark.parametrize("kind", MAKERS)
def test_too_much_is_refused(tmp_path, kind):
    archive = MAKERS[kind](tmp_path / "a", [("x", bytes(600)), ("y", bytes(600))])
    refused(tmp_path, archive, "more than the 1199 bytes allowed", max_bytes=1199)
    assert len(tree(unpack(archive, tmp_path / "out", max_bytes=1200))) == 2


@pytest.mark.parametrize("kind", MAKERS)
def test_an_archive_cut_anywhere_is_refused(tmp_path, kind):
    noise = os.urandom(3000)
    data = MAKERS[kind](tmp_path / "whole", [("x", noise), ("y", noise)]).read_bytes()
    archive = tmp_path / "cut"
    for size in range(0, len(data) - 40, 97):
        archive.write_bytes(data[:size])
        refused(tmp_path, archive, "cut")


def test_a_damaged_zip_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a", [("x", os.urandom(500))])
    data = bytearray(archive.read_bytes())
    data[200] ^= 255
    archive.write_bytes(data)
    refused(tmp_path, archive, "damaged at 'x'")


def test_foreign_files_are_refused(tmp_path):
    for content in (b"", b"hello", b"<html>404</html>" * 100, b"\x1f\x8b\x08" + bytes(50)):
        (tmp_path / "a").write_bytes(content)
        refused(tmp_path, tmp_path / "a", "neither a tar nor a zip archive")


def test_nothing_is_overwritten(tmp_path):
    archive = make_zip(tmp_path / "a", FILES.items())
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        unpack(archive, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        unpack(archive, tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_archive_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"archive is .*nowhere; expected"):
        unpack(tmp_path / "nowhere", tmp_path / "out")


def test_a_stop_half_way_leaves_nothing(tmp_path, monkeypatch):
    archive = make_tar(tmp_path / "a", FILES.items())
    write, written = archives._write, []

    def stop_at_the_second(target, source, size):
        if written:
            raise KeyboardInterrupt
        write(target, source, size)
        written.append(target)

    monkeypatch.setattr(archives, "_write", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        unpack(archive, tmp_path / "out")
    assert written
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_kill_half_way_leaves_nothing_that_looks_complete(tmp_path, monkeypatch):
    archive = make_tar(tmp_path / "a", FILES.items())
    # A killed process cleans nothing up, so take the cleaning away.
    monkeypatch.setattr(archives.shutil, "rmtree", lambda *args, **kwargs: None)
    monkeypatch.setattr(archives, "_write", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        unpack(archive, tmp_path / "out")
    left = [path.name for path in tmp_path.iterdir() if path.name != "a"]
    assert all(name.startswith(".unpacking-") for name in left)
    assert len(left) == 1
    monkeypatch.undo()
    assert tree(unpack(archive, tmp_path / "out")) == FILES


def test_a_full_disk_is_not_called_damage(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archives, "_copy", full)
    with pytest.raises(OSError, match="No space left"):
        unpack(make_tar(tmp_path / "a", FILES.items()), tmp_path / "out")


def test_the_folder_appears_by_a_rename_when_all_is_there(tmp_path, monkeypatch):
    archive = make_tar(tmp_path / "a", FILES.items())
    seen = []

    def stop(self, target):
        seen.append((tree(self), target))
        raise KeyboardInterrupt

    monkeypatch.setattr(archives.Path, "rename", stop)
    with pytest.raises(KeyboardInterrupt):
        unpack(archive, tmp_path / "out")
    assert seen == [(FILES, tmp_path / "out")]
    assert not (tmp_path / "out").exists()
