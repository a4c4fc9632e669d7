"""Augmentation against OpenCV, Pillow, scikit-image and albumentations: bytes, one change an image.

``python -m benchmarks.augmentation [--threads 1] [--rounds 7] [--size 32] [--only affine,lens]``

Ours works on the batch (N, 3, H, W), the others on images (H, W, 3) one after the other, as their
users do. All draw or compute new parameters for each image in the time that counts, and write into
arrays that are there. What is printed is the fastest of the others over ours.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.augmentation_chains import CHAINS
from benchmarks.augmentation_peers import PEERS as SINGLE
from benchmarks.harness import Contender, Timing, compare
from benchmarks.machine import processor

PEERS = SINGLE | CHAINS
BATCHES = {32: 256, 224: 64}
# What each may differ by is the same for all: these are the ranges.
DEGREES, SHIFT, JITTER, LENS = 15, 0.1, 0.2, 0.2


def images(size: int) -> np.ndarray:
    """Return smooth images with some noise, (N, 3, size, size)."""
    rng = np.random.default_rng(0)
    i, j = np.indices((size, size)) / size
    waves = 127 + 90 * np.sin(9 * i + 7 * j + rng.uniform(0, 6, (BATCHES[size], 3, 1, 1)))
    return np.clip(waves + rng.normal(0, 8, waves.shape), 0, 255).astype(np.uint8)


def ours(name: str, size: int, threads: int) -> Callable[[], object]:
    from cs231n import augmentation as aug
    from cs231n import kernels

    kernels.set_num_threads(threads)
    jitter = [aug.Brightness(JITTER), aug.Contrast(JITTER), aug.Saturation(JITTER)]
    pixels, window = size // 8, size * 7 // 8
    affine = aug.Affine(degrees=DEGREES, scale=0.1, shift=SHIFT * size)
    transforms = {
        "flip": aug.Flip(),
        "crop": aug.Crop((size, size), pad=pixels),
        "mirrored crop": aug.Crop((size, size), pad=pixels, border="reflect"),
        "resized crop": aug.ResizedCrop((size, size)),
        "affine": affine,
        "affine nearest": replace(affine, interpolation="nearest"),
        "affine bicubic": replace(affine, interpolation="bicubic"),
        "affine edge": replace(affine, border="edge"),
        "affine reflect": replace(affine, border="reflect"),
        "perspective": aug.Perspective(0.1),
        "lens": aug.Lens(LENS),
        "elastic": aug.Elastic(alpha=34, sigma=4),
        "colour jitter": aug.Compose(*jitter),
        "fancy PCA": aug.FancyPCA(),
        "hue": aug.HueSaturation(hue=0.1, saturation=JITTER),
        "gamma": aug.Gamma(),
        "tint": aug.Tint(20),
        "grayscale": aug.Grayscale(p=1),
        "vignette": aug.Vignette(),
        "noise": aug.Noise((0.02, 0.05)),
        "blur": aug.Blur((0.5, 1.5)),
        "cutout": aug.Cutout(size // 4),
        "alexnet": aug.presets.alexnet(window),
        "vgg": aug.presets.vgg(window, (size, 2 * size)),
        "graham_cifar": aug.presets.graham_cifar(size + 2 * round(size * 31 / 32), size),
        "cs231n_2015": aug.presets.cs231n_2015(window),
        "airbench": aug.presets.airbench(),
    }
    X = images(size)
    rng, out = np.random.default_rng(0), np.empty_like(X)
    if name == "ten-crop":
        return lambda: [None for _ in aug.ten_crop(X, (window, window))]
    if name == "vgg views":
        sides = (size, size * 3 // 2, size * 2)
        return lambda: [None for _ in aug.vgg_views(X, (window, window), sides)]
    if name == "mixup":
        mixup = aug.MixUp()
        return lambda: mixup.apply(X, mixup.draw(len(X), X.shape[1:], rng), out=out)
    if name == "cutmix":
        cutmix = aug.CutMix()
        return lambda: cutmix.apply(X, cutmix.draw(len(X), X.shape[1:], rng), out=out)
    transform = transforms[name]
    out = np.empty((len(X), *transform.output_shape(X.shape[1:])), np.uint8)
    return lambda: transform(X, rng, out=out)


def peer(name: str, library: str, size: int) -> Callable[[], object]:
    prepare = PEERS[name][library]
    X = np.ascontiguousarray(images(size).transpose(0, 2, 3, 1))
    return prepare(X, np.empty_like(X), np.random.default_rng(0))


def time_one(name: str, size: int, threads: int, rounds: int) -> list[Timing]:
    """Time ours and all peers that have this, in turns."""
    environment = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": "1"}
    # The warm-up is as long as the turn: at first the system may put both threads on one core.
    turn = 1 if name == "vgg views" else 20
    contenders = [Contender("ours", ours, (name, size, threads), environment, turn, turn)]
    for library in PEERS[name]:
        calls = 2 if library in ("OpenCV", "NumPy") else 1
        contenders.append(Contender(library, peer, (name, library, size), environment, calls, 1))
    return compare(f"{name} {size}", contenders, rounds)


def row(name: str, timings: list[Timing], images_: int) -> str:
    """Return one line: speeds, and how much slower the fastest of the others is."""
    mine, *others = timings
    best = min(others, key=lambda timing: timing.median)
    rest = ", ".join(
        f"{timing.name} {timing.ratio(mine):.2f}" for timing in others if timing is not best
    )
    return (
        f"{name:<22} {images_ / mine.median:>10,.0f} {mine.spread:>5.0%} "
        f"{images_ / best.median:>10,.0f} {best.spread:>5.0%}  {best.ratio(mine):>6.2f}  "
        f"{best.name}" + (f" ({rest})" if rest else "")
    )


def main() -> None:
    """Print the table."""
    from cs231n import kernels

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", type=int, choices=list(BATCHES))
    parser.add_argument("--only", help="names, separated by commas")
    options = parser.parse_args()
    info = kernels.info()
    names = options.only.split(",") if options.only else list(PEERS)
    print(
        f"{processor()}, {options.threads} threads; {info['compiler']}, {info['instruction_set']}"
    )
    for size in [options.size] if options.size else list(BATCHES):
        count = BATCHES[size]
        print(f"\n{count} x {size}x{size}x3, uint8, images/s")
        print(f"{'':<22} {'ours':>10} {'':>5} {'fastest':>10} {'':>5}  {'ratio':>6}  other")
        for name in names:
            timings = time_one(name, size, options.threads, options.rounds)
            print(row(name, timings, count), flush=True)


if __name__ == "__main__":
    main()
