"""The presets, and views at test time, in OpenCV: each in as few calls as its users can make of it.

As in :mod:`benchmarks.augmentation_peers`; but the results have shapes of their own, so that each
peer makes the arrays it writes to.
"""

import numpy as np

from benchmarks.augmentation_peers import Peer, cv2_module, pca_offsets


def crop_side(X):
    """Return 7/8 of an image's side, as 224 is of 256 and 28 of 32."""
    return X.shape[1] * 7 // 8


def corners(X, side, rng):
    return rng.integers(0, X.shape[1] - side + 1, (len(X), 2)).tolist()


def coins(n, rng):
    return (rng.random(n) < 0.5).tolist()


def cv2_alexnet(X, _, rng):
    """Crop, mirror, add a colour."""
    cv2, n, side = cv2_module(), len(X), crop_side(X)
    out = np.empty((n, side, side, 3), np.uint8)

    def run():
        drawn = zip(X, out, corners(X, side, rng), coins(n, rng), pca_offsets(n, rng), strict=True)
        for image, to, (i, j), mirrored, colour in drawn:
            part = image[i : i + side, j : j + side]
            part = cv2.flip(part, 1) if mirrored else part
            cv2.add(part, (*colour.tolist(), 0.0), to)

    return run


def cv2_vgg(X, _, rng):
    """Resize a box, mirror, add a colour."""
    cv2, n, side = cv2_module(), len(X), crop_side(X)
    out = np.empty((n, side, side, 3), np.uint8)

    def run():
        size = np.rint(side / rng.uniform(1, 2, n)).astype(int)  # of a box in the image itself
        places = (rng.random((2, n)) * (X.shape[1] - size + 1)).astype(int)
        boxes = np.stack([*places, size], axis=1).tolist()
        drawn = zip(X, out, boxes, coins(n, rng), pca_offsets(n, rng), strict=True)
        for image, to, (i, j, extent), mirrored, colour in drawn:
            part = cv2.resize(image[i : i + extent, j : j + extent], (side, side))
            part = cv2.flip(part, 1) if mirrored else part
            cv2.add(part, (*colour.tolist(), 0.0), to)

    return run


def graham_matrices(n, image, field, rng):
    """From places of the field to places of the image, all four changes multiplied, (n, 2, 3)."""
    which, by = rng.integers(0, 3, n), rng.uniform(-0.2, 0.2, n)
    turn = np.tile(np.eye(2), (n, 1, 1))
    turn[which == 0, 0, 1], turn[which == 1, 1, 0] = by[which == 0], by[which == 1]
    angle = by[which == 2]
    rotations = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turn[which == 2] = rotations.transpose(2, 0, 1)
    scale = np.zeros((n, 2, 2))
    scale[:, [0, 1], [0, 1]] = 1 / rng.uniform(0.8, 1.2, (n, 2))
    scale[:, 0] *= rng.choice([-1, 1], (n, 1))
    linear = scale @ turn
    most = round(field * 16 / 94)
    centre = (field - 1) / 2 + rng.integers(-most, most + 1, (n, 2, 1))
    return np.concatenate([linear, (image - 1) / 2 - linear @ centre], axis=2)


def cv2_graham(X, _, rng):
    """Add a colour, then one warp into the field."""
    cv2, n, image = cv2_module(), len(X), X.shape[1]
    field = image + 2 * round(image * 31 / 32)
    out = np.empty((n, field, field, 3), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP

    def run():
        matrices, colours = (
            graham_matrices(n, image, field, rng),
            rng.uniform(-43.3, 43.3, (n, 3)).tolist(),
        )
        for one, to, matrix, colour in zip(X, out, matrices, colours, strict=True):
            cv2.warpAffine(cv2.add(one, (*colour, 0.0)), matrix, (field, field), to, flags=flags)

    return run


def cv2_2015(X, _, rng):
    """Crop, mirror, then contrast and tint as one matrix."""
    cv2, n, side = cv2_module(), len(X), crop_side(X)
    out = np.empty((n, side, side, 3), np.uint8)

    def run():
        matrices = np.zeros((n, 3, 4))
        matrices[:, :, :3] = rng.uniform(0.8, 1.2, (n, 1, 1)) * np.eye(3)
        matrices[:, :, 3] = rng.uniform(-10, 10, (n, 3))
        drawn = zip(X, out, corners(X, side, rng), coins(n, rng), matrices, strict=True)
        for image, to, (i, j), mirrored, matrix in drawn:
            part = image[i : i + side, j : j + side]
            cv2.transform(cv2.flip(part, 1) if mirrored else part, matrix, to)

    return run


def cv2_airbench(X, _, rng):
    """Mirror, then shift by up to 2 pixels with a mirrored border."""
    cv2, out = cv2_module(), np.empty_like(X)
    H, W = X.shape[1:3]

    def run():
        places = rng.integers(0, 5, (len(X), 2)).tolist()
        for image, to, mirrored, (i, j) in zip(X, out, coins(len(X), rng), places, strict=True):
            image = cv2.flip(image, 1) if mirrored else image
            padded = cv2.copyMakeBorder(image, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
            to[...] = padded[i : i + H, j : j + W]

    return run


def numpy_ten_crop(X, _, rng):
    """Copy the centre and the corners, and their mirror images."""
    side = crop_side(X)
    free = X.shape[1] - side
    places = [(free // 2, free // 2), (0, 0), (0, free), (free, 0), (free, free)]

    def run():
        for i, j in places:
            view = X[:, i : i + side, j : j + side].copy()
            view = view[:, :, ::-1].copy()
        return view

    return run


def cv2_vgg_views(X, _, rng):
    """Resize to three sizes, copy a grid of 25 windows of each, and mirror."""
    cv2, n, size, side = cv2_module(), len(X), X.shape[1], crop_side(X)
    out = np.empty((n, side, side, 3), np.uint8)

    def run():
        for scaled in (size, size * 3 // 2, size * 2):
            shape = (scaled, scaled)
            images = X if scaled == size else [cv2.resize(image, shape) for image in X]
            places = np.linspace(0, scaled - side, 5).round().astype(int).tolist()
            for i in places:
                for j in places:
                    for image, to in zip(images, out, strict=True):
                        to[...] = image[i : i + side, j : j + side]
                    for image, to in zip(images, out, strict=True):
                        cv2.flip(image[i : i + side, j : j + side], 1, to)

    return run


CHAINS: dict[str, dict[str, Peer]] = {
    "alexnet": {"OpenCV": cv2_alexnet},
    "vgg": {"OpenCV": cv2_vgg},
    "graham_cifar": {"OpenCV": cv2_graham},
    "cs231n_2015": {"OpenCV": cv2_2015},
    "airbench": {"OpenCV": cv2_airbench},
    "ten-crop": {"NumPy": numpy_ten_crop},
    "vgg views": {"OpenCV": cv2_vgg_views},
}
