"""``cs231n augment``: see what augmentation does to images."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from cs231n.augmentation import presets, views
from cs231n.augmentation.images import Shape
from cs231n.augmentation.pipeline import Augmentation
from cs231n.augmentation.presets import PRESETS
from cs231n.augmentation.techniques import TECHNIQUES
from cs231n.augmentation.transform import Transform
from cs231n.augmentation.warps import resized
from cs231n.data import catalog
from cs231n.files import write_atomically
from cs231n.kernels.borders import BORDERS
from cs231n.kernels.resampling import INTERPOLATIONS
from cs231n.validation import Array

# The largest window that fits in all of them, at the scale of the images.
VIEWS: dict[str, Callable[[Array], Iterable[Array]]] = {
    "ten-crop": lambda X: views.ten_crop(X, window(X)),
    "vgg": lambda X: views.vgg_views(X, window(X), sides(X, (256, 384, 512))),
    "googlenet": lambda X: views.googlenet_views(X, window(X), sides(X, (256, 288, 320, 352))),
    "airbench": lambda X: views.shifted_views(X, pixels=max(min(X.shape[2:]) // 16, 1)),
}
# What is written into pictures, so that they are known again.
SIGNATURE = ("Software", "cs231n augment")
# What Pillow raises for files that are damaged, or no pictures.
_UNREADABLE = (ValueError, OSError, SyntaxError)


@click.command()
@click.argument("images", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dataset", type=click.Choice(list(catalog.SOURCES)), help="Instead of images.")
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that holds the data set; without it mnist and cifar10 are downloaded.",
)
@click.option("--preset", type=click.Choice(list(PRESETS)), help="All that a paper did.")
@click.option("--technique", type=click.Choice(list(TECHNIQUES)), help="One kind of change.")
@click.option("--border", type=click.Choice(list(BORDERS)), help="The technique's.")
@click.option("--interpolation", type=click.Choice(list(INTERPOLATIONS)), help="The technique's.")
@click.option("--views", "views_", type=click.Choice(list(VIEWS)), help="What to average over.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="grid.png",
    show_default=True,
    help="A PNG. Only a picture of this command's is written over.",
)
@click.option(
    "--size",
    type=click.IntRange(8, 1024),
    help="Resize images to this height and width: files to 256 by default, data sets not at all.",
)
@click.option(
    "--rows",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Images of a data set.",
)
@click.option(
    "--variants",
    type=click.IntRange(1, 64),
    default=6,
    show_default=True,
    help="Augmented images, or views, a row.",
)
@click.option("--scale", type=click.IntRange(1, 32), default=1, help="Enlarge every pixel.")
@click.option("--colours", type=click.IntRange(2, 256), help="Write a palette: a smaller file.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Of all that is drawn at random.")
@click.option(
    "--list", "as_list", is_flag=True, help="List the techniques, and where they are from."
)
def augment(
    images: tuple[Path, ...],
    dataset: str | None,
    data_dir: Path | None,
    preset: str | None,
    technique: str | None,
    border: str | None,
    interpolation: str | None,
    views_: str | None,
    out: Path,
    size: int | None,
    rows: int,
    variants: int,
    scale: int,
    colours: int | None,
    seed: int,
    as_list: bool,
) -> None:
    """Write a picture: each image in a row, then what augmentation makes of it.

    Give image files or a data set, and one of --preset, --technique and --views. Of a file the
    middle square is taken, upright and on white. Presets are made to fit the images' size.
    """
    if as_list:
        for entry in TECHNIQUES.values():
            click.echo(f"{entry.name:<16} {entry.source}")
        return
    if bool(images) == bool(dataset):
        raise click.UsageError("give image files, or --dataset, and not both")
    if [preset, technique, views_].count(None) != 2:
        raise click.UsageError("give one of --preset, --technique and --views")
    if views_ and (border or interpolation):
        raise click.UsageError("--border and --interpolation are for --technique, not for --views")
    if out.suffix.lower() != ".png":
        raise click.UsageError(f"--out must end in .png, got {out}")
    _check_place(out)
    try:
        X = _from_files(images, size or 256) if images else _from_dataset(dataset, data_dir, rows)
        X = resized(X, (size, size)) if dataset and size else X
        if views_:
            grid = _grid_of_views(X, views_, variants, scale)
        else:
            change = _augmentation(preset, technique, X.shape[1:])
            change = _with(change, border=border, interpolation=interpolation)
            grid = _grid_of_variants(X, change, variants, seed, scale)
        _write(grid, out, colours)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: {grid.shape[1]} x {grid.shape[0]} pixels")


# Pillow and the figures are imported late, so that `cs231n --help` answers at once.
def _grid_of_views(X: Array, name: str, most: int, scale: int) -> Array:
    from cs231n.visualize.augmentations import views_grid

    every = list(VIEWS[name](X))
    shown = np.linspace(0, len(every) - 1, min(most, len(every))).round().astype(int)
    return views_grid(X, [every[k] for k in shown], scale=scale)


def _grid_of_variants(
    X: Array, change: Augmentation, variants: int, seed: int, scale: int
) -> Array:
    from cs231n.visualize.augmentations import augmentation_grid

    if isinstance(change, Transform):
        click.echo(change.describe())
    return augmentation_grid(X, change, variants, seed, scale=scale)


def _write(grid: Array, out: Path, colours: int | None) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    picture = Image.fromarray(grid)
    picture = picture.quantize(colours) if colours else picture
    signed = PngInfo()
    signed.add_text(*SIGNATURE)
    buffer = io.BytesIO()
    picture.save(buffer, "png", optimize=True, pnginfo=signed)
    write_atomically(out, buffer.getvalue())


def _check_place(out: Path) -> None:
    """Refuse to write where there is no folder, or over what this command did not write."""
    from PIL import Image

    if not out.parent.is_dir():
        raise click.UsageError(f"--out must lie in a folder that exists, got {out}")
    if not out.exists():
        return
    name, value = SIGNATURE
    try:
        with Image.open(out) as picture:
            is_ours = picture.info.get(name) == value
    except _UNREADABLE:
        is_ours = False
    if not is_ours:
        raise click.UsageError(
            f"--out {out} is there already, and is no picture of this command: choose another name"
        )


def _augmentation(preset: str | None, technique: str | None, shape: Shape) -> Augmentation:
    if preset is None:
        assert technique is not None
        return TECHNIQUES[technique].make(shape)
    return _fitted(preset, min(shape[1:]))


def _with(change: Augmentation, **options: str | None) -> Augmentation:
    """Return a technique with other options, where they are given."""
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in getattr(change, "__dataclass_fields__", ()):
            raise ValueError(f"--{name} is for techniques that have one, such as rotate")
    return replace(change, **given) if given else change  # type: ignore[type-var]


def _fitted(preset: str, side: int) -> Augmentation:
    """Return a preset for images of another size than its paper's, in proportion."""
    crop = side * 7 // 8  # as 224 is of 256, and 28 of 32
    made: dict[str, Callable[[], Augmentation]] = {
        "alexnet": lambda: presets.alexnet(crop),
        "vgg": lambda: presets.vgg(crop, sides=(float(side), 2.0 * side)),
        "graham_cifar": lambda: presets.graham_cifar(side + 2 * round(side * 31 / 32), side),
        "cs231n_2015": lambda: presets.cs231n_2015(crop),
        "airbench": lambda: presets.airbench(translate=max(round(side / 16), 1)),
    }
    return made[preset]()


def window(X: Array) -> tuple[int, int]:
    """Return 7/8 of the shorter side, as 224 is of 256."""
    side = max(min(X.shape[2:]) * 7 // 8, 1)
    return side, side


def sides(X: Array, published: tuple[int, ...]) -> list[int]:
    """Return the published sides, in proportion to images whose shorter side is not 256."""
    return [round(side * min(X.shape[2:]) / 256) for side in published]


def _from_files(paths: tuple[Path, ...], size: int) -> Array:
    """Return the middle squares of pictures, (N, 3, size, size)."""
    from PIL import Image, ImageOps

    squares = []
    for path in paths:
        try:
            with Image.open(path) as picture:
                upright = ImageOps.exif_transpose(picture)
                square = ImageOps.fit(_as_rgb(upright), (size, size), Image.Resampling.LANCZOS)
        except (*_UNREADABLE, Image.DecompressionBombError) as error:
            raise click.ClickException(f"{path}: {error}") from None
        squares.append(np.asarray(square))
    return np.ascontiguousarray(np.stack(squares).transpose(0, 3, 1, 2))  # (N, size, size, 3) ->


def _as_rgb(picture: Any) -> Any:
    """Return a picture in 8 bits of red, green and blue; what can be seen through lies on white."""
    from PIL import Image

    if picture.mode.startswith("I;16"):  # Pillow's own way would end at 255
        wide = np.asarray(picture).astype(np.float64)
        picture = Image.fromarray(np.rint(wide / 257).astype(np.uint8))
    if picture.mode in ("I", "F"):
        raise ValueError(f"has pixels of mode {picture.mode!r}, but 8 or 16 bits are needed")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")


def _from_dataset(name: str | None, data_dir: Path | None, rows: int) -> Array:
    assert name is not None
    return catalog.load(name, data_dir).X_train[:rows]
