"""Pictures of the effective receptive field show what was measured."""

import numpy as np
import pytest
from layout_checks import assert_tidy, shown_texts

from cs231n.nets import Conv, MaxPool, effective_field, effective_growth
from cs231n.visualize import plot_effective_fields, plot_effective_growth

DEPTHS = (2, 4, 8)


@pytest.fixture(scope="module")
def fields():
    return effective_growth(DEPTHS, weights="uniform", draws=1)


def test_each_map_with_its_box_and_circle(fields):
    figure = plot_effective_fields(fields, [f"{n} layers" for n in DEPTHS])
    assert_tidy(figure)
    for axes, field in zip(figure.axes[::2], fields, strict=True):
        (image,) = axes.images
        np.testing.assert_array_equal(image.get_array(), field.map)
        box, circle = axes.patches
        assert (box.get_xy(), box.get_width()) == ((-0.5, -0.5), field.theoretical.size[0])
        assert circle.width == 4 * field.fitted[1]
        assert circle.center == pytest.approx(field.unit)
    texts = " ".join(text for text, _ in shown_texts(figure))
    assert f"fitted deviation {fields[0].fitted[1]:.2f} pixels\nof 5x5 that are seen" in texts


def test_a_field_that_reaches_over_the_image():
    field = effective_field([Conv(2), MaxPool(), Conv(2, 5)], (1, 6, 8), draws=2)
    figure = plot_effective_fields([field], ["a small image with a long title above it"])
    assert figure.axes[0].patches[0].get_height() == field.theoretical.size[0] > 6


def test_growth(fields):
    figure = plot_effective_growth(DEPTHS, {"uniform weights": fields, "the same": fields})
    assert_tidy(figure)
    (axes,) = figure.axes
    seen, law, measured, _ = axes.lines
    assert seen.get_ydata()[[0, -1]] == pytest.approx([5, 17])
    assert law.get_ydata()[[0, -1]] == pytest.approx(4 * np.sqrt([4 / 3, 16 / 3]))
    assert measured.get_ydata() == pytest.approx(4 * np.sqrt(np.array(DEPTHS) * 2 / 3))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_wrong_arguments(fields):
    with pytest.raises(ValueError, match="got 3 fields and 1 titles"):
        plot_effective_fields(fields, ["one"])
    with pytest.raises(ValueError, match="got 0 fields"):
        plot_effective_fields([], [])
    with pytest.raises(ValueError, match="'a' must have 2 fields, got 3"):
        plot_effective_growth((2, 4), {"a": fields})
    with pytest.raises(ValueError, match="series must hold 1 to 4, got 0"):
        plot_effective_growth(DEPTHS, {})
