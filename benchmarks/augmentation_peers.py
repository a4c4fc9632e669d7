"""The same augmentations in other libraries, each as fast as its users can make it.

A peer takes images (N, H, W, 3), where to write the result, and a generator, and returns what is
timed: a loop over the images. It draws what it needs for all images at once, as ours does.
"""

from collections.abc import Callable

import numpy as np

Peer = Callable[[np.ndarray, np.ndarray, np.random.Generator], Callable[[], object]]
GREY = (0.299, 0.587, 0.114)


def cv2_module():
    import cv2

    cv2.setNumThreads(1)
    return cv2


def cv2_flip(X, out, rng):
    cv2 = cv2_module()

    def run():
        for image, to, mirrored in zip(X, out, (rng.random(len(X)) < 0.5).tolist(), strict=True):
            if mirrored:
                cv2.flip(image, 1, to)
            else:
                to[...] = image

    return run


def numpy_flip(X, out, rng):
    def run():
        for image, to, mirrored in zip(X, out, (rng.random(len(X)) < 0.5).tolist(), strict=True):
            to[...] = image[:, ::-1] if mirrored else image

    return run


def cv2_crop_with(border):
    def prepare(X, out, rng):
        cv2 = cv2_module()
        size, pad = X.shape[1], X.shape[1] // 8
        mode = getattr(cv2, border)

        def run():
            places = rng.integers(0, 2 * pad + 1, (len(X), 2)).tolist()
            for image, to, (i, j) in zip(X, out, places, strict=True):
                padded = cv2.copyMakeBorder(image, pad, pad, pad, pad, mode)
                to[...] = padded[i : i + size, j : j + size]

        return run

    return prepare


def numpy_crop(X, out, rng):
    size, pad = X.shape[1], X.shape[1] // 8
    padded = np.zeros((len(X), size + 2 * pad, size + 2 * pad, 3), np.uint8)

    def run():
        padded[:, pad:-pad, pad:-pad] = X
        places = rng.integers(0, 2 * pad + 1, (len(X), 2)).tolist()
        for image, to, (i, j) in zip(padded, out, places, strict=True):
            to[...] = image[i : i + size, j : j + size]

    return run


def affine_matrices(n, size, rng):
    """From places of the result to places of the image, (n, 2, 3)."""
    angle, scale = np.deg2rad(rng.uniform(-15, 15, n)), rng.uniform(0.9, 1.1, (n, 2))
    linear = np.empty((n, 2, 2))
    linear[:, 0, 0], linear[:, 0, 1] = np.cos(angle) / scale[:, 0], np.sin(angle) / scale[:, 0]
    linear[:, 1, 0], linear[:, 1, 1] = -np.sin(angle) / scale[:, 1], np.cos(angle) / scale[:, 1]
    centre = np.full(2, (size - 1) / 2)
    shift = rng.uniform(-0.1 * size, 0.1 * size, (n, 2))
    return np.concatenate([linear, (centre - linear @ centre + shift)[:, :, None]], axis=2)


def cv2_affine_with(interpolation="INTER_LINEAR", border="BORDER_CONSTANT"):
    def prepare(X, out, rng):
        cv2 = cv2_module()
        size = X.shape[1:3]
        flags, mode = getattr(cv2, interpolation) | cv2.WARP_INVERSE_MAP, getattr(cv2, border)

        def run():
            for image, to, m in zip(X, out, affine_matrices(len(X), size[0], rng), strict=True):
                cv2.warpAffine(image, m, size, to, flags=flags, borderMode=mode)

        return run

    return prepare


def pillow_affine_with(interpolation="BILINEAR"):
    def prepare(X, out, rng):
        from PIL import Image

        size, how = X.shape[1:3], getattr(Image.Resampling, interpolation)

        def run():
            for image, to, m in zip(X, out, affine_matrices(len(X), size[0], rng), strict=True):
                picture = Image.fromarray(image)
                to[...] = picture.transform(size, Image.Transform.AFFINE, m.ravel().tolist(), how)

        return run

    return prepare


def skimage_affine(X, out, rng):
    from skimage.transform import warp

    def run():
        matrices = affine_matrices(len(X), X.shape[1], rng)
        for image, to, m in zip(X, out, matrices, strict=True):
            full = np.concatenate([m, [[0, 0, 1]]])
            to[...] = warp(image, full, order=1, preserve_range=True)

    return run


def albumentations_with(make):
    """Return a peer that calls one of albumentations' transforms on each image."""

    def prepare(X, out, rng):
        import os

        os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
        import albumentations

        cv2_module()
        transform = make(albumentations, X.shape[1])

        def run():
            for image, to in zip(X, out, strict=True):
                to[...] = transform(image=image)["image"]

        return run

    return prepare


def cv2_resized_crop(X, out, rng):
    cv2 = cv2_module()
    size = X.shape[1]

    def run():
        n = len(X)
        area = size * size * rng.uniform(0.08, 1, n)
        aspect = np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3), n))
        height = np.minimum(np.sqrt(area / aspect), size).astype(int)
        width = np.minimum(np.sqrt(area * aspect), size).astype(int)
        top, left = (rng.random((2, n)) * (size - np.stack([height, width]) + 1)).astype(int)
        boxes = np.stack([top, top + height, left, left + width], axis=1).tolist()
        for image, to, (i, ii, j, jj) in zip(X, out, boxes, strict=True):
            cv2.resize(image[i:ii, j:jj], (size, size), to, interpolation=cv2.INTER_LINEAR)

    return run


def cv2_perspective(X, out, rng):
    cv2 = cv2_module()
    size = X.shape[1:3]
    end = size[0] - 1
    corners = np.array([(0, 0), (end, 0), (end, end), (0, end)], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP

    def run():
        moves = rng.uniform(-0.1 * end, 0.1 * end, (len(X), 4, 2)).astype(np.float32)
        for image, to, moved in zip(X, out, corners + moves, strict=True):
            m = cv2.getPerspectiveTransform(corners, moved)
            cv2.warpPerspective(image, m, size, to, flags=flags)

    return run


def cv2_lens(X, out, rng):
    cv2 = cv2_module()
    size = X.shape[1]
    centre = (size - 1) / 2
    y, x = (np.indices((size, size), np.float32) - np.float32(centre)) / np.float32(centre)
    squares = (x * x + y * y) / 2
    x, y = x * np.float32(centre), y * np.float32(centre)

    def run():
        # The map of one direction: cheaper than the inverse that ours finds.
        strengths = rng.uniform(-0.2, 0.2, len(X)).astype(np.float32)
        for image, to, k in zip(X, out, strengths, strict=True):
            factor = 1 + k * squares
            cv2.remap(image, x * factor + centre, y * factor + centre, cv2.INTER_LINEAR, to)

    return run


def cv2_elastic(X, out, rng):
    cv2 = cv2_module()
    size = X.shape[1]
    y, x = np.indices((size, size), np.float32)

    def run():
        for image, to in zip(X, out, strict=True):
            noise = rng.random((size, size, 2), np.float32) * 2 - 1
            noise = cv2.GaussianBlur(noise, (33, 33), 4) * 34
            cv2.remap(image, x + noise[..., 0], y + noise[..., 1], cv2.INTER_LINEAR, to)

    return run


def cv2_jitter(X, out, rng):
    """Brightness, contrast about the mean and saturation, folded by hand into one matrix."""
    cv2 = cv2_module()
    grey = np.array(GREY)

    def run():
        factors = rng.uniform(0.8, 1.2, (len(X), 3))
        for image, to, (bright, contrast, share) in zip(X, out, factors, strict=True):
            mean = bright * (grey @ cv2.mean(image)[:3])
            matrix = np.empty((3, 4))
            matrix[:, :3] = bright * contrast * ((1 - share) * grey + share * np.eye(3))
            matrix[:, 3] = (1 - contrast) * mean
            cv2.transform(image, matrix, to)

    return run


def pillow_jitter(X, out, rng):
    from PIL import Image, ImageEnhance

    def run():
        factors = rng.uniform(0.8, 1.2, (len(X), 3)).tolist()
        for image, to, (bright, contrast, share) in zip(X, out, factors, strict=True):
            picture = ImageEnhance.Brightness(Image.fromarray(image)).enhance(bright)
            picture = ImageEnhance.Contrast(picture).enhance(contrast)
            to[...] = ImageEnhance.Color(picture).enhance(share)

    return run


def cv2_offsets_with(draw):
    def prepare(X, out, rng):
        cv2 = cv2_module()

        def run():
            for image, to, colour in zip(X, out, draw(len(X), rng).tolist(), strict=True):
                cv2.add(image, (*colour, 0.0), to)

        return run

    return prepare


def pca_offsets(n, rng):
    vectors = np.array([(-0.57, -0.58, -0.58), (0.72, 0.0, -0.69), (0.40, -0.81, 0.42)])
    return 255 * (rng.normal(0, 0.1, (n, 3)) * (0.2175, 0.0188, 0.0045)) @ vectors


def cv2_hue(X, out, rng):
    cv2 = cv2_module()
    steps = np.arange(256)

    def run():
        turns, factors = rng.uniform(-0.1, 0.1, len(X)), rng.uniform(0.8, 1.2, len(X))
        for image, to, turn, factor in zip(X, out, turns, factors, strict=True):
            table = np.empty((1, 256, 3), np.uint8)
            table[0, :, 0] = (steps + 180 * turn) % 180
            table[0, :, 1] = np.minimum(steps * factor, 255)
            table[0, :, 2] = steps
            hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
            cv2.cvtColor(cv2.LUT(hsv, table), cv2.COLOR_HSV2RGB, to)

    return run


def cv2_gamma(X, out, rng):
    cv2 = cv2_module()

    def run():
        powers = np.exp(rng.uniform(np.log(0.7), np.log(1.4), (len(X), 1)))
        tables = (255 * (np.arange(256) / 255) ** powers + 0.5).astype(np.uint8)
        for image, to, table in zip(X, out, tables, strict=True):
            cv2.LUT(image, table, to)

    return run


def cv2_grayscale(X, out, rng):
    cv2 = cv2_module()

    def run():
        for image, to in zip(X, out, strict=True):
            cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB, to)

    return run


def cv2_vignette(X, out, rng):
    cv2 = cv2_module()
    size = X.shape[1]
    y, x = (np.indices((size, size), np.float32) - (size - 1) / 2) / ((size - 1) / 2)
    squares = np.repeat(((x * x + y * y) / 2)[..., None], 3, axis=2).astype(np.float32)

    def run():
        strengths = rng.uniform(0, 0.8, len(X)).astype(np.float32)
        for image, to, strength in zip(X, out, strengths, strict=True):
            cv2.multiply(image, 1 - strength * squares, to, dtype=cv2.CV_8U)

    return run


def cv2_noise(X, out, rng):
    cv2 = cv2_module()
    noise = np.empty(X.shape[1:], np.int16)

    def run():
        for image, to, sigma in zip(X, out, rng.uniform(5, 13, len(X)).tolist(), strict=True):
            cv2.randn(noise, (0, 0, 0), (sigma, sigma, sigma))
            cv2.add(image, noise, to, dtype=cv2.CV_8U)

    return run


def cv2_blur(X, out, rng):
    cv2 = cv2_module()

    def run():
        for image, to, sigma in zip(X, out, rng.uniform(0.5, 1.5, len(X)).tolist(), strict=True):
            side = 2 * int(4 * sigma + 0.999) + 1
            cv2.GaussianBlur(image, (side, side), sigma, to)

    return run


def numpy_cutout(X, out, rng):
    size = X.shape[1]
    half = size // 8

    def run():
        places = (rng.integers(0, size, (len(X), 2)) - half).tolist()
        for image, to, (i, j) in zip(X, out, places, strict=True):
            to[...] = image
            to[max(i, 0) : i + 2 * half, max(j, 0) : j + 2 * half] = 0

    return run


def cv2_mixup(X, out, rng):
    cv2 = cv2_module()

    def run():
        shares = rng.beta(0.2, 0.2, len(X)).tolist()
        pairs = zip(X, out, rng.permutation(len(X)).tolist(), shares, strict=True)
        for image, to, other, share in pairs:
            cv2.addWeighted(image, share, X[other], 1 - share, 0, to)

    return run


def numpy_cutmix(X, out, rng):
    size = X.shape[1]

    def run():
        side = (size * np.sqrt(rng.random(len(X)))).astype(int)
        first = rng.integers(0, size, (len(X), 2)) - side[:, None] // 2
        boxes = np.concatenate([first, first + side[:, None]], axis=1).tolist()
        pairs = zip(X, out, rng.permutation(len(X)).tolist(), boxes, strict=True)
        for image, to, other, (i, j, ii, jj) in pairs:
            to[...] = image
            i, j = max(i, 0), max(j, 0)
            to[i:ii, j:jj] = X[other, i:ii, j:jj]

    return run


PEERS: dict[str, dict[str, Peer]] = {
    "flip": {
        "OpenCV": cv2_flip,
        "NumPy": numpy_flip,
        "albumentations": albumentations_with(lambda a, size: a.HorizontalFlip(p=0.5)),
    },
    "crop": {
        "OpenCV": cv2_crop_with("BORDER_CONSTANT"),
        "NumPy": numpy_crop,
        "albumentations": albumentations_with(
            lambda a, size: a.Compose(
                [a.PadIfNeeded(size + size // 4, size + size // 4), a.RandomCrop(size, size)]
            )
        ),
    },
    "mirrored crop": {"OpenCV": cv2_crop_with("BORDER_REFLECT_101")},
    "resized crop": {
        "OpenCV": cv2_resized_crop,
        "albumentations": albumentations_with(
            lambda a, size: a.RandomResizedCrop((size, size), scale=(0.08, 1))
        ),
    },
    "affine": {
        "OpenCV": cv2_affine_with(),
        "Pillow": pillow_affine_with(),
        "scikit-image": skimage_affine,
        "albumentations": albumentations_with(
            lambda a, size: a.Affine(
                scale=(0.9, 1.1), translate_percent=(-0.1, 0.1), rotate=(-15, 15), p=1
            )
        ),
    },
    "affine nearest": {
        "OpenCV": cv2_affine_with("INTER_NEAREST"),
        "Pillow": pillow_affine_with("NEAREST"),
    },
    "affine bicubic": {
        "OpenCV": cv2_affine_with("INTER_CUBIC"),
        "Pillow": pillow_affine_with("BICUBIC"),
    },
    "affine edge": {"OpenCV": cv2_affine_with(border="BORDER_REPLICATE")},
    "affine reflect": {"OpenCV": cv2_affine_with(border="BORDER_REFLECT_101")},
    "perspective": {
        "OpenCV": cv2_perspective,
        "albumentations": albumentations_with(lambda a, size: a.Perspective((0.05, 0.1), p=1)),
    },
    "lens": {
        "OpenCV": cv2_lens,
        "albumentations": albumentations_with(lambda a, size: a.OpticalDistortion(0.2, p=1)),
    },
    "elastic": {
        "OpenCV": cv2_elastic,
        "albumentations": albumentations_with(lambda a, size: a.ElasticTransform(34, 4, p=1)),
    },
    "colour jitter": {
        "OpenCV": cv2_jitter,
        "Pillow": pillow_jitter,
        "albumentations": albumentations_with(lambda a, size: a.ColorJitter(0.2, 0.2, 0.2, 0, p=1)),
    },
    "fancy PCA": {
        "OpenCV": cv2_offsets_with(pca_offsets),
        "albumentations": albumentations_with(lambda a, size: a.FancyPCA(0.1, p=1)),
    },
    "hue": {
        "OpenCV": cv2_hue,
        "albumentations": albumentations_with(lambda a, size: a.HueSaturationValue(18, 50, 0, p=1)),
    },
    "gamma": {
        "OpenCV": cv2_gamma,
        "albumentations": albumentations_with(lambda a, size: a.RandomGamma((70, 140), p=1)),
    },
    "tint": {
        "OpenCV": cv2_offsets_with(lambda n, rng: rng.uniform(-20, 20, (n, 3))),
        "albumentations": albumentations_with(lambda a, size: a.RGBShift(20, 20, 20, p=1)),
    },
    "grayscale": {
        "OpenCV": cv2_grayscale,
        "albumentations": albumentations_with(lambda a, size: a.ToGray(p=1)),
    },
    "vignette": {"OpenCV": cv2_vignette},
    "noise": {
        "OpenCV": cv2_noise,
        "albumentations": albumentations_with(lambda a, size: a.GaussNoise((0.02, 0.05), p=1)),
    },
    "blur": {
        "OpenCV": cv2_blur,
        "albumentations": albumentations_with(
            lambda a, size: a.GaussianBlur((0, 0), (0.5, 1.5), p=1)
        ),
    },
    "cutout": {
        "NumPy": numpy_cutout,
        "albumentations": albumentations_with(
            lambda a, size: a.CoarseDropout(
                (1, 1), (size // 4, size // 4), (size // 4, size // 4), p=1
            )
        ),
    },
    "mixup": {"OpenCV": cv2_mixup},
    "cutmix": {"NumPy": numpy_cutmix},
}
