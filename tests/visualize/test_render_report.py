"""The report: well-formed, self-contained, escaped, complete, and the same every time."""

import base64
import io
import os
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import sample_results as sample
from matplotlib.image import imread

from cs231n.visualize import render_report
from cs231n.visualize.report.markup import encode_png

VOID = {"meta", "link", "img", "br"}
HOSTILE = "<script>alert('x')</script>\"&amp;"


class Page(HTMLParser):
    """A parsed page that complains about elements which are closed wrongly."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.elements, self.ids, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.stack, f"never closed: {self.stack}"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.stack, f"</{tag}> closes nothing"
        opened = self.stack.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"

    def handle_data(self, data):
        if "style" not in self.stack:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def colour():
    names = [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
    return sample.make_results(name="cifar10", input_shape=[3, 32, 32], class_names=names)


def without_curves():
    results = sample.make_results()
    for rung in results["rungs"]:
        rung["curves"] = []
    return results


CASES = {
    "five": lambda: (sample.make_results(), sample.make_augmented(), sample.make_misclassified(53)),
    "hurting, no mistakes": lambda: (sample.hurting(), None, sample.make_misclassified(0)),
    "crowded": lambda: (sample.crowded(), sample.make_augmented(1, 1), None),
    "single": lambda: (sample.single(), None, None),
    "one seed": lambda: (sample.one_seed(), None, sample.make_misclassified(1)),
    "colour": lambda: (
        colour(), sample.make_augmented(2, 3, 3, 32), sample.make_misclassified(5, 3, 32)
    ),
    "large": lambda: (
        sample.single(), sample.make_augmented(1, 2, 3, 64), sample.make_misclassified(2, 3, 64)
    ),
    "no curves": lambda: (without_curves(), None, None),
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def case(request):
    arguments = CASES[request.param]()
    text = render_report(*arguments)
    return arguments, text, Page(text)


def test_is_a_proper_page(case):
    (results, *_), text, page = case
    assert text.startswith("<!DOCTYPE html>")
    assert page.all("html") == [{"lang": "en"}]
    assert [tag for tag, _ in page.elements].count("h1") == 1
    assert results["dataset"]["name"] in re.search("<title>(.*?)</title>", text)[1]
    assert not page.all("script")
    assert "$" not in text


def test_fetches_nothing(case):
    _, text, page = case
    for tag, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
            target = attributes.get(name, "data:")
            assert target.startswith(("data:", "#")), f"{tag} fetches {target}"
    assert not re.search(r"https?://|//\w|@import|url\((?!#)", re.sub('base64,[^"]*', "", text))
    policies = [meta for meta in page.all("meta") if "http-equiv" in meta]
    assert policies[0]["content"].startswith("default-src 'none'")


def test_ids_are_unique_and_references_lead_somewhere(case):
    _, _, page = case
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        wanted = [attributes.get("aria-labelledby"), attributes.get("href", "").partition("#")[2]]
        assert all(name in ids for name in wanted if name)


def test_pictures_have_alternatives(case):
    _, _, page = case
    assert all(attributes.get("alt") for attributes in page.all("img"))
    drawings = [a for _, a in page.elements if a.get("role") == "img"]
    assert drawings
    assert all(drawing["aria-label"] for drawing in drawings)


def test_table_holds_every_number(case):
    (results, *_), text, page = case
    table = re.search("<table>.*</table>", text)[0]
    rows = [unescape(re.sub("<.*?>", "|", row)) for row in re.findall("<tr>.*?</tr>", table)]
    assert len(rows) == 1 + len(results["rungs"])
    decimals = 2 if len(results["seeds"]) == 20 else 1  # many seeds, small standard errors
    for row, rung in zip(rows[1:], results["rungs"], strict=True):
        cells = row.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
        expected = [rung["title"], f"{rung['mean']:.{decimals}f}", f"{rung['parameters']:,}"]
        expected += [f"|{rung['seconds']:.1f}|"]
        if rung["standard_error"] is not None:
            expected += [f" ± {rung['standard_error']:.{decimals}f}"]
        if rung["difference"]:
            expected += [
                f"{rung['difference']['mean']:+.{decimals}f}",
                rung["difference"]["verdict"],
            ]
        for words in expected:
            assert words in cells
    scopes = [attributes.get("scope") for attributes in page.all("th")]
    assert scopes == ["col"] * 5 + ["row"] * len(results["rungs"])


def test_tells_how_it_was_made(case):
    (results, *_), _, page = case
    assert results["command"] in page.text
    assert "2026-11-23 14:30 UTC" in page.text
    assert "The test set chooses nothing" in page.text
    for key, value in {**results["settings"], **results["environment"]}.items():
        assert key in page.text
        assert value is False or str(value) in page.text
    assert all(rung["description"] in page.text for rung in results["rungs"])


def test_images_are_the_ones_given():
    misclassified = sample.make_misclassified(3, 3, 32)
    misclassified["confidence"] = np.array([0.5, 0.9, 0.7])
    page = Page(render_report(colour(), None, misclassified))
    shown = page.all("img")
    for attributes, i in zip(shown, (1, 2, 0), strict=True):  # the surest first
        data = base64.b64decode(attributes["src"].removeprefix("data:image/png;base64,"))
        pixels = np.rint(255 * imread(io.BytesIO(data))[..., :3]).astype(np.uint8)
        np.testing.assert_array_equal(pixels, misclassified["images"][i].transpose(1, 2, 0))
        assert int(attributes["width"]) % 32 == 0
    assert ", 90 %" in page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_augmented_images_stand_beside_their_original():
    page = Page(render_report(sample.single(), sample.make_augmented(2, 3)))
    assert [a["alt"] for a in page.all("img")] == [
        "training image 1", *(f"variant {k} of training image 1" for k in (1, 2, 3)),
        "training image 2", *(f"variant {k} of training image 2" for k in (1, 2, 3)),
    ]  # fmt: skip


def test_at_most_forty_mistakes_and_none_is_said():
    results = sample.single()
    results["rungs"][0]["curves"] = []
    page = Page(render_report(results, None, sample.make_misclassified(53)))
    assert len(page.all("img")) == 40
    assert "The 40 surest of 53 mistakes" in page.text
    page = Page(render_report(results, None, sample.make_misclassified(0)))
    assert "every test image is classified correctly" in page.text


def test_leaves_out_the_pictures_that_it_was_not_given():
    text = render_report(sample.single())
    assert "Misclassified" not in text
    assert "Augmented" not in text


def test_escapes_everything():
    results = sample.make_results(name=HOSTILE, class_names=[HOSTILE] * 10)
    results.update(command=HOSTILE, date=HOSTILE)
    results["settings"] = {HOSTILE: HOSTILE, "list": [HOSTILE]}
    results["environment"] = {HOSTILE: HOSTILE}
    for rung in results["rungs"]:
        rung.update(title=HOSTILE, description=HOSTILE, name=HOSTILE)
    text = render_report(results, sample.make_augmented(), sample.make_misclassified(5))
    page = Page(text)
    assert "<script" not in text.lower()
    assert not page.all("script")
    assert page.text.count(HOSTILE) > 30
    assert HOSTILE in page.all("img")[-1]["alt"]


def test_names_another_rung_than_the_one_before():
    results = without_curves()
    results["rungs"][3]["difference"]["previous"] = "dropout"
    text = Page(render_report(results)).text
    assert "no clear difference, against + dropout" in text
    assert text.count("against") == 1


@pytest.mark.parametrize(
    ("augmented", "misclassified", "words"),
    [
        ({"originals": sample.images(2)}, None, "must have the key 'variants'"),
        ({"originals": sample.images(2), "variants": sample.images(2)}, None, "R = 2"),
        (None, sample.make_misclassified(3) | {"true": [0, 1, 10]}, "labels from 0 to 9"),
        (None, sample.make_misclassified(3) | {"confidence": [0.5]}, r"must have shape \(3,\)"),
        (None, sample.make_misclassified(2) | {"confidence": [0.5, 87]}, "lie in .* to 87"),
        (None, sample.make_misclassified(3) | {"images": np.zeros((3, 8, 8))}, "images"),
    ],
)
def test_refuses_other_pictures(augmented, misclassified, words):
    with pytest.raises(ValueError, match=words):
        render_report(sample.single(), augmented, misclassified)


def test_same_input_same_text_in_another_process():
    code = (
        "import sys, sample_results as s; from cs231n.visualize import render_report; "
        "page = render_report(s.hurting(), s.make_augmented(), s.make_misclassified(9)); "
        "sys.stdout.buffer.write(page.encode())"
    )
    folders = [str(Path(__file__).parent), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders), "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True
    )
    here = render_report(sample.hurting(), sample.make_augmented(), sample.make_misclassified(9))
    assert other.stdout.decode() == here


def test_png_rows_survive():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    decoded = imread(io.BytesIO(encode_png(image)))
    np.testing.assert_array_equal(np.rint(255 * decoded[..., :3]), image)
