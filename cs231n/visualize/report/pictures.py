"""The parts of the report that show images: augmented ones, and misclassified ones."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n.validation import Array, as_labels, as_shaped, parameter
from cs231n.visualize.grid import as_rgb_bytes
from cs231n.visualize.report.markup import Markup, element, picture, section
from cs231n.visualize.results import Results
from cs231n.visualize.wording import plural

SIZE = 56  # CSS pixels, about
MOST_SHOWN = 40


def augmented_section(augmented: Mapping[str, Any] | None) -> Markup:
    """Return every original beside its variants, or nothing where there are none."""
    if augmented is None:
        return Markup()
    originals = as_rgb_bytes(
        "augmented['originals']", parameter("augmented", augmented, "originals")
    )
    variants = np.asarray(parameter("augmented", augmented, "variants"))
    R = len(originals)
    if variants.ndim != 5 or len(variants) != R:
        raise ValueError(
            f"augmented['variants'] must have shape (R, K, C, H, W) with R = {R}, "
            f"got {variants.shape}"
        )
    if not R or not variants.shape[1]:
        return Markup()
    rows = (
        _augmented_row(number, original, as_rgb_bytes("augmented['variants']", row))
        for number, (original, row) in enumerate(zip(originals, variants, strict=True), start=1)
    )
    note = "On the left the training image, beside it what the network is shown in its place."
    return section(
        "augmented",
        "Augmented training images",
        element("p", note),
        element("div", *rows, class_="augmented"),
    )


def _augmented_row(number: int, original: Array, variants: Array) -> Markup:
    pictures = (
        picture(variant, f"variant {k} of training image {number}", SIZE)
        for k, variant in enumerate(variants, start=1)
    )
    return element(
        "div",
        element("div", picture(original, f"training image {number}", SIZE), class_="original"),
        element("div", *pictures, class_="variants"),
        class_="row",
    )


def misclassified_section(misclassified: Mapping[str, Any] | None, results: Results) -> Markup:
    """Return the images that the last rung gets wrong, the most confident mistakes first.

    Nothing where it is not known which they are; a sentence where there are none.
    """
    if misclassified is None:
        return Markup()
    images, true, predicted, confidence = _checked(misclassified, results)
    last = results.rungs[-1].title
    # A stable sort, so that equal confidences keep the order in which they came.
    order = np.argsort(-confidence, kind="stable")[:MOST_SHOWN]
    names = results.dataset.class_names
    mistakes = (
        _mistake(images[i], names[true[i]], names[predicted[i]], confidence[i]) for i in order
    )
    if not len(images):
        text = f"None: with “{last}” every test image is classified correctly."
    else:
        text = f"With “{last}”: true class → predicted class, and how sure the network was."
        if len(order) < len(images):
            text += f" The {len(order)} surest of {plural(len(images), 'mistake')}."
    return section(
        "misclassified",
        "Misclassified test images",
        element("p", text),
        element("ul", *mistakes, class_="mistakes") if len(order) else Markup(),
    )


def _checked(misclassified: Mapping[str, Any], results: Results) -> tuple[Array, ...]:
    """Return images (M, H, W, 3), true classes, predicted classes and confidences (M,)."""
    images, true, predicted, confidence = (
        parameter("misclassified", misclassified, key)
        for key in ("images", "true", "predicted", "confidence")
    )
    images = as_rgb_bytes("misclassified['images']", images)
    M, classes = len(images), len(results.dataset.class_names)
    confidence = as_shaped("misclassified['confidence']", confidence, (M,), "one number an image")
    # Written so that NaN is refused too.
    if M and not (confidence.min() >= 0 and confidence.max() <= 1):
        raise ValueError(
            "misclassified['confidence'] must lie in [0, 1], "
            f"got values from {confidence.min()} to {confidence.max()}"
        )
    return (
        images,
        as_labels("misclassified['true']", true, M, classes),
        as_labels("misclassified['predicted']", predicted, M, classes),
        confidence,
    )


def _mistake(image: Array, true: str, predicted: str, confidence: float) -> Markup:
    percent = f"{100 * confidence:.0f}\N{NO-BREAK SPACE}%"
    caption = element(
        "span", element("b", true), " → ", element("b", predicted), ", ", percent, class_="caption"
    )
    alt = f"test image of class {true}, taken for {predicted}"
    return element("li", picture(image, alt, SIZE), caption)
