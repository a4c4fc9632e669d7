"""Pictures: formats, the old rules of scipy.misc, a server on this machine, both conventions."""

import http.server
import io
import threading
import time

import numpy as np
import pytest
from oracles import run_python, values
from PIL import Image

from cs231n import image_utils
from cs231n.image_utils import (
    SQUEEZENET_MEAN,
    SQUEEZENET_STD,
    blur_image,
    deprocess_image,
    image_from_url,
    imread,
    imresize,
    load_image,
    preprocess_image,
)

COLOURS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3) * 10


def encoded(array, kind="png", **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


# ---- imread ----


def test_colours_and_grey_are_read_as_they_are(tmp_path):
    for name, array in (("c", COLOURS), ("g", COLOURS[:, :, 0]), ("a", COLOURS.reshape(2, 3, 4))):
        path = tmp_path / f"{name}.png"
        path.write_bytes(encoded(array))
        for given in (path, str(path), io.BytesIO(path.read_bytes())):
            image = imread(given)
            np.testing.assert_array_equal(image, array)
            assert image.dtype == np.uint8
            image[0] = 0  # it can be written to


def test_palettes_and_bits_become_ordinary_images():
    image = Image.fromarray(COLOURS).convert("P")
    file = io.BytesIO()
    image.save(file, "png")
    assert imread(file).shape == (2, 4, 3)
    image.save(file := io.BytesIO(), "png", transparency=0)
    assert imread(file).shape == (2, 4, 4)
    Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1").save(file := io.BytesIO(), "png")
    assert imread(file).tolist() == [[0, 255]]


def test_flatten_and_mode():
    file = io.BytesIO(encoded(COLOURS))
    grey = imread(file, flatten=True)
    assert grey.dtype == np.float32
    np.testing.assert_allclose(grey, COLOURS @ [0.299, 0.587, 0.114], atol=0.51)
    assert imread(file, mode="L").dtype == np.uint8
    assert imread(file, False, "RGBA").shape == (2, 4, 4)


# ---- imresize ----


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((5, 7), (5, 7)),
        ([5, 7], (5, 7)),
        (np.array([5, 7]), (5, 7)),
        (50, (10, 15)),
        (np.int64(50), (10, 15)),
        (33, (6, 9)),
        (0.5, (10, 15)),
        (1.0, (20, 30)),
        (np.float32(2), (40, 60)),
    ],
)
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_sizes_are_percent_fraction_or_height_and_width(size, shape, channels):
    resized = imresize(np.zeros((20, 30, *channels), np.uint8), size)
    assert resized.shape == (*shape, *channels)
    assert resized.dtype == np.uint8


def test_bytes_are_not_stretched_and_all_else_is():
    same = {"size": (1, 3), "interp": "nearest"}
    assert imresize(np.array([[10, 20, 30]], np.uint8), **same).tolist() == [[10, 20, 30]]
    assert imresize(np.array([[10, 20, 30]]), **same).tolist() == [[0, 128, 255]]
    assert imresize(np.array([[-1.0, -0.5, 1.0]]), **same).tolist() == [[0, 64, 255]]
    assert imresize(np.array([[7.0, 7.0, 7.0]]), **same).tolist() == [[0, 0, 0]]
    assert imresize(np.array([[False, True, True]]), **same).tolist() == [[0, 255, 255]]
    kept = imresize(np.array([[7.5, -1.0, 300.0]]), **same, mode="F")
    assert kept.dtype == np.float32
    assert kept.tolist() == [[7.5, -1.0, 300.0]]


def test_channels_may_stand_first():
    first = np.ascontiguousarray(COLOURS.transpose(2, 0, 1))
    np.testing.assert_array_equal(imresize(first, (2, 4), "nearest"), COLOURS)


def test_interpolation():
    edge = np.array([[0, 0, 255, 255]] * 4, np.uint8)
    assert set(np.unique(imresize(edge, 200, "nearest"))) == {0, 255}
    smooth = imresize(edge, 200)
    np.testing.assert_array_equal(smooth, imresize(edge, 200, interp="bilinear"))
    assert len(np.unique(smooth)) > 2
    np.testing.assert_array_equal(imresize(edge, 200, "cubic"), imresize(edge, 200, "bicubic"))
    assert imresize(edge, 200, "lanczos").shape == (8, 8)
    np.testing.assert_array_equal(imresize(edge, 200, "nearest")[0], np.repeat(edge[0], 2))


@pytest.mark.parametrize(
    ("arr", "options", "message"),
    [
        (np.zeros((4, 4)), {"size": 50, "interp": "sinc"}, "interp must be one of nearest"),
        (np.zeros((5, 5, 2)), {"size": 50}, r"arr must be an image.*got \(5, 5, 2\)"),
        (np.zeros(4), {"size": 50}, r"arr must be an image.*got \(4,\)"),
        (np.zeros((4, 4)), {"size": 1}, "size must leave at least one pixel, got 0 x 0"),
        (np.zeros((4, 4, 3)), {"size": 50, "mode": "F"}, "mode must be None, or 'F'"),
        (np.zeros((4, 4)), {"size": 50, "mode": "CMYK"}, "mode must be None, or 'F'"),
    ],
)
def test_what_cannot_be_resized(arr, options, message):
    with pytest.raises(ValueError, match=message):
        imresize(arr, **options)


# ---- load_image ----


@pytest.mark.parametrize("shape", [(20, 30), (30, 20), (77, 100), (20, 20)])
@pytest.mark.parametrize("size", [None, 10, 13, 50])
def test_the_shorter_side_gets_the_size(tmp_path, shape, size):
    path = tmp_path / "picture.jpg"
    path.write_bytes(encoded(np.full((*shape, 3), 90, np.uint8), "jpeg"))
    image = load_image(str(path), size)
    short = size or min(shape)
    expected = [max(short, int(extent * short / min(shape))) for extent in shape]
    assert image.shape == (*expected, 3)
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - 90).max() <= 3


# ---- from the web ----


class Pages(http.server.BaseHTTPRequestHandler):
    """What the tests ask for; it says nothing on the console."""

    def do_GET(self):
        if self.path == "/slow":
            time.sleep(1.5)
        moved = {"/moved": "/image.png", "/to-file": "file:///etc/hostname", "/to-ftp": "ftp://a/b"}
        status = 302 if self.path in moved else 404 if self.path == "/missing" else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", moved[self.path])
        content = b"<html>" if self.path == "/page" else encoded(COLOURS)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:60] if self.path == "/torn" else content)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize("page", ["/image.png", "/moved"])
def test_images_come_from_the_web(server, page, capsys):
    np.testing.assert_array_equal(image_from_url(server + page), COLOURS)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("/missing", "HTTP Error: 404 "),
        ("/page", "URL Error: what came is not an image "),
        ("/to-file", "HTTP Error: 302 "),
        ("/to-ftp", "URL Error: unknown url type: ftp "),
        ("/torn", "URL Error: "),
    ],
)
def test_failure_is_printed_and_gives_none(server, page, printed, capsys):
    assert image_from_url(server + page) is None
    out = capsys.readouterr().out
    assert out.startswith(printed)
    assert out.count("\n") == 1


def test_a_server_that_is_not_there(capsys):
    with http.server.HTTPServer(("127.0.0.1", 0), Pages) as gone:
        address = f"http://127.0.0.1:{gone.server_port}/"
    assert image_from_url(address) is None
    assert capsys.readouterr().out.startswith("URL Error: ")


def test_a_server_that_keeps_silent(server, monkeypatch, capsys):
    monkeypatch.setattr(image_utils, "TIMEOUT", 0.2)
    assert image_from_url(f"{server}/slow") is None
    assert "timed out" in capsys.readouterr().out


def test_more_than_an_image_can_have(server, monkeypatch, capsys):
    monkeypatch.setattr(image_utils, "MOST_BYTES", 20)
    assert image_from_url(f"{server}/image.png") is None
    assert capsys.readouterr().out.startswith("URL Error: more than 20 bytes")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://a/b.png", "picture.png", ""])
def test_only_the_web_is_asked(url):
    with pytest.raises(ValueError, match=r"^url must begin with http:// or https://"):
        image_from_url(url)


# ---- blur ----


def test_blur_is_a_weighted_sum_of_neighbours():
    X = values(2, 3, 4, 5)
    weights = np.array([[1, 2, 1], [2, 188, 2], [1, 2, 1]]) / 200
    expected = np.zeros_like(X)
    for n, c, i, j in np.ndindex(X.shape):
        for di, dj in np.ndindex(3, 3):
            row, column = i + di - 1, j + dj - 1
            if 0 <= row < 4 and 0 <= column < 5:
                expected[n, c, i, j] += weights[di, dj] * X[n, c, row, column]
    np.testing.assert_allclose(blur_image(X), expected, rtol=1e-12)


def test_blur_keeps_dtype_and_input():
    X = values(1, 3, 3, 3).astype(np.float32)
    kept = X.copy()
    assert blur_image(X).dtype == np.float32
    np.testing.assert_array_equal(X, kept)
    with pytest.raises(ValueError, match=r"^X must have 4 dimensions"):
        blur_image(X[0])


# ---- for a network, and back ----


def test_squeezenet_convention():
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    ready = preprocess_image(image)
    assert ready.shape == (4, 5, 3)
    assert ready.dtype == np.float32
    for k, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        expected = (image[:, :, k] / 255 - mean) / std
        np.testing.assert_allclose(ready[:, :, k], expected, rtol=1e-5, atol=1e-6)
    back = deprocess_image(ready)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, image)


def test_squeezenet_numbers():
    assert SQUEEZENET_MEAN.tolist() == pytest.approx([0.485, 0.456, 0.406], rel=1e-6)
    assert SQUEEZENET_STD.tolist() == pytest.approx([0.229, 0.224, 0.225], rel=1e-6)


@pytest.mark.parametrize("rescaled", [{"rescale": True}, {"mean_img": True}])
def test_rescale_stretches(rescaled):
    image = preprocess_image(np.array([[[100, 110, 120], [130, 140, 150]]]))
    assert deprocess_image(image, **rescaled).ravel().tolist() == [0, 51, 102, 153, 204, 255]
    np.testing.assert_array_equal(deprocess_image(image, True), deprocess_image(image, **rescaled))
    assert deprocess_image(image, False)[0, 0].tolist() == [100, 110, 120]


@pytest.mark.parametrize("mean", ["image", "pixel", "none"])
def test_convention_of_2016(mean):
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    mean_img = 100 + 10 * values(3, 4, 5)
    ready = preprocess_image(image, mean_img, mean=mean)
    assert ready.shape == (1, 3, 4, 5)
    assert ready.dtype == np.float32
    for k, i, j in np.ndindex(3, 4, 5):
        away = {"image": mean_img[k, i, j], "pixel": mean_img[k].mean(), "none": 0}[mean]
        assert ready[0, k, i, j] == pytest.approx(image[i, j, k] - away, abs=1e-4)
    for form in (ready, ready[0]):
        back = deprocess_image(form, mean_img, mean)
        assert back.dtype == np.uint8
        np.testing.assert_array_equal(back, image)


def test_the_mean_image_is_subtracted_by_default_and_renorm_stretches():
    image, mean_img = np.full((2, 2, 3), 90, np.uint8), np.full((3, 2, 2), 100.0)
    image[0, 0, 0] = 140
    ready = preprocess_image(image, mean_img)
    assert ready.min() == -10
    stretched = deprocess_image(ready, mean_img, renorm=True)
    assert stretched[0, 0].tolist() == [255, 0, 0]
    np.testing.assert_array_equal(deprocess_image(ready, mean_img), image)
    assert deprocess_image(ready[:, 1:2].repeat(3, axis=1), mean_img, renorm=True).max() == 0


def test_nothing_wraps_around():
    mean_img = np.full((3, 1, 1), 100.0)
    dark, bright = (np.full((1, 3, 1, 1), level) for level in (-300.0, 300.0))
    assert deprocess_image(dark, mean_img).max() == 0
    assert deprocess_image(bright, mean_img).min() == 255
    assert deprocess_image(np.full((1, 1, 3), 99.0)).min() == 255


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: preprocess_image(np.ones((2, 2, 3)), m, "row"), "mean must be 'image', 'pixel'"),
        (lambda m: preprocess_image(np.ones((3, 2, 2)), m), r"img must have shape \(H, W, 3\)"),
        (lambda m: preprocess_image(np.ones((2, 2, 3)), m.T), "mean_img must have shape"),
        (lambda m: deprocess_image(np.ones((2, 3, 2, 2)), m), r"img must have shape \(1, 3, H, W"),
        (lambda m: deprocess_image(np.ones((2, 2, 3)), m), r"img must have shape \(1, 3, H, W"),
    ],
)
def test_images_that_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.ones((3, 2, 2)))


def test_importing_needs_no_matplotlib():
    code = "import sys, cs231n.image_utils; print({'matplotlib', 'scipy'} & set(sys.modules))"
    assert run_python(code).stdout.strip() == "set()"
