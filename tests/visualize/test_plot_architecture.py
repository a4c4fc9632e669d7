"""Each layer's costs as bars: every number is there, and nothing overlaps."""

import pytest
from layout_checks import assert_tidy, shown_texts

from cs231n.nets import summary, zoo
from cs231n.visualize import plot_architecture
from cs231n.visualize.architecture import short


@pytest.mark.parametrize("name", zoo.names()[::3])
def test_no_text_overlaps_or_is_clipped(name):
    net = zoo(name)
    assert_tidy(plot_architecture(summary(net, net.input_shape)))


def test_the_bars_are_the_numbers():
    table = summary("conv3-8 relu pool2 fc-10", (3, 8, 8))
    figure = plot_architecture(table)
    lengths = [[bar.get_width() for bar in axes.patches] for axes in figure.axes]
    assert lengths == [
        [224, 0, 1290],
        [64 * 216, 0, 1280],
        [2048, 512, 40],
        [3, 4, 10],
    ]
    texts = [text for text, _ in shown_texts(figure)]
    assert {"conv3-8", "pool2", "fc-10", "8x8x8", "13.8 k", "10x10", "3x8x8 in, 10 out"} < {*texts}
    assert "relu" not in texts
    assert "parameters\n1.51 k" in texts


def test_a_vector_sees_nothing_of_a_map():
    assert_tidy(plot_architecture(summary("fc-30 relu fc-10", (20,))))


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="got 0"):
        plot_architecture(summary("relu", (3,)))


def test_short_numbers_round_into_the_next_unit():
    assert [short(n) for n in (1, 1000, 9996, 999_499, 999_500, 10**13)] == [
        *("1", "1 k", "10 k", "999 k", "1 M", "10 T")
    ]
