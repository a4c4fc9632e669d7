"""``cs231n architecture``: what a network costs and sees, layer by layer."""

import difflib
import json
import re
from collections.abc import Iterable
from pathlib import Path

import click

from cs231n.nets.language import parse
from cs231n.nets.specs import Shape, Spec
from cs231n.nets.summary import Summary, summary
from cs231n.nets.zoo import zoo

_SHAPE = re.compile(r"\d{1,9}(x\d{1,9}x\d{1,9})?", re.ASCII)


def _shape(_context: click.Context, _option: click.Parameter, text: str | None) -> Shape | None:
    if text is None:
        return None
    if not _SHAPE.fullmatch(text):
        raise click.BadParameter(f"expected CxHxW such as 3x32x32, or D, got {text!r}")
    return tuple(map(int, text.split("x")))


def _picture(_context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() != ".png":
        raise click.BadParameter(f"must end in .png, got {str(path)!r}", param=option)
    return path


@click.command()
@click.argument("description")
@click.option(
    "--input",
    "input_shape",
    callback=_shape,
    metavar="CxHxW",
    help="One image, or D for vectors.  [default: 3x32x32, or the published one]",
)
@click.option("--classes", type=click.IntRange(1), help="How many.  [default: 10, or as published]")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_picture,
    help="Draw each layer's costs and field as PNG.",
)
@click.option(
    "--stacked-view",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_picture,
    help="Draw what the top unit of one to five layers sees as PNG.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def architecture(
    description: str,
    input_shape: Shape | None,
    classes: int | None,
    plot: Path | None,
    stacked_view: Path | None,
    as_json: bool,
) -> None:
    """Tell what a network costs and what its units see, without training it.

    DESCRIPTION is text such as "conv3-64 relu pool2 fc-10", or a published net's name such as
    vgg-d. A file that is there already is never overwritten.
    """
    try:
        layers, input_shape = _read(description, input_shape, classes)
        table = summary(layers, input_shape)
    except (ValueError, TypeError) as error:
        raise click.UsageError(str(error)) from None
    try:
        _draw(layers, table, plot, stacked_view)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(table.as_dict(), indent=1) if as_json else str(table))


def _read(
    description: str, input_shape: Shape | None, classes: int | None
) -> tuple[Iterable[Spec], Shape]:
    """Return the layers, and the shape of the images that they are for."""
    if description in zoo.names():
        net = zoo(description, input_shape, classes)
        return net, net.input_shape
    try:
        layers = parse(description, classes=classes)
    except ValueError as error:
        near = difflib.get_close_matches(description, zoo.names(), n=3)
        if near:
            raise ValueError(
                f"no net has the name {description!r}: did you mean {' or '.join(near)}?"
            ) from None
        raise error from None
    return layers, input_shape or (3, 32, 32)


def _draw(
    layers: Iterable[Spec], table: Summary, plot: Path | None, stacked_view: Path | None
) -> None:
    for path in filter(None, (plot, stacked_view)):
        if path.exists():
            raise ValueError(f"{path} is there already: choose another name, or remove it")
    if plot is not None and stacked_view is not None and plot.absolute() == stacked_view.absolute():
        raise ValueError(f"--plot and --stacked-view must be two files, got {plot} twice")
    # Imported late, so that the table alone needs no matplotlib.
    from cs231n.visualize import plot_architecture, plot_stacked_view, save_figure

    figures = []
    if plot is not None:
        figures.append((plot_architecture(table), plot))
    if stacked_view is not None:
        figures.append((plot_stacked_view(tuple(layers)), stacked_view))
    for figure, path in figures:
        save_figure(figure, path, colours=32)
