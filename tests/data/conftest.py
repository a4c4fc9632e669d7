"""Small files in the official formats, and a web server on the loopback interface."""

import functools
import gzip
import http.server
import pickle
import struct
import threading

import numpy as np
import pytest

ROWS = 4  # images per CIFAR-10 batch, instead of 10,000


def idx_bytes(array):
    """The IDX file of a uint8 array, written without the library."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def write_mnist():
    """Write a tiny MNIST into a folder: 5 training and 3 test images."""

    def write(folder, suffix=".gz"):
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(0)
        pack = gzip.compress if suffix else bytes
        for part, count in (("train", 5), ("t10k", 3)):
            X, y = rng.integers(0, 256, (count, 28, 28)), rng.integers(0, 10, count)
            (folder / f"{part}-images-idx3-ubyte{suffix}").write_bytes(pack(idx_bytes(X)))
            (folder / f"{part}-labels-idx1-ubyte{suffix}").write_bytes(pack(idx_bytes(y)))
        return folder

    return write


@pytest.fixture
def write_cifar():
    """Write a tiny CIFAR-10 into a folder, in either layout; return pixels and labels."""

    def write(folder, pickled, protocol=2):
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(1)
        names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
        pixels = rng.integers(0, 256, (6, ROWS, 3072)).astype(np.uint8)
        labels = rng.integers(0, 10, (6, ROWS))
        for name, X, y in zip(names, pixels, labels, strict=True):
            if pickled:
                batch = {b"data": X, b"labels": y.tolist(), b"filenames": [b"a.png"] * ROWS}
                (folder / name).write_bytes(pickle.dumps(batch, protocol))
            else:
                rows = b"".join(
                    bytes([k]) + row.tobytes() for k, row in zip(y.tolist(), X, strict=True)
                )
                (folder / f"{name}.bin").write_bytes(rows)
        return pixels, labels

    return write


class _Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/cut/"):  # promises 1,000 bytes and hangs up after 10
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"0123456789")
            return
        super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A web server for the folder ``server.folder``; ``server.asked`` lists the requests."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_Handler, directory=str(folder))
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    httpd.folder, httpd.asked = folder, []
    httpd.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield httpd
    httpd.shutdown()
    httpd.server_close()
    thread.join()
