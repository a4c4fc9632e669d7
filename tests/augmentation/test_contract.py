"""What every transform promises, in one table."""

import pickle

import numpy as np
import pytest

from cs231n import augmentation as aug
from cs231n import kernels

TRANSFORMS = [
    aug.Flip(),
    aug.Flip(axis="vertical"),
    aug.Crop((5, 6), pad=2, border="reflect"),
    aug.Shift(2),
    aug.ResizedCrop((6, 5)),
    aug.ScaledCrop((4, 4), sides=(5, 9)),
    aug.Affine(degrees=20, scale=0.2, shear=0.1, shift=1, zoom=0.2, shear_columns=0.1),
    aug.Perspective(0.2),
    aug.Lens(0.1, 0.05),
    aug.Elastic(alpha=4, sigma=1, interpolation="bicubic"),
    aug.Brightness(),
    aug.Contrast(),
    aug.Contrast(about=10),
    aug.Saturation(),
    aug.Grayscale(),
    aug.ColourCast(),
    aug.Tint(20),
    aug.FancyPCA(sigma=2),
    aug.HueSaturation(0.2, 0.3, 0.1),
    aug.Gamma(),
    aug.Vignette((0.2, 0.9)),
    aug.Noise((0.05, 0.1)),
    aug.Blur((0.2, 1)),
    aug.Cutout(3),
    aug.Sometimes(aug.Vignette((0.5, 0.9)), 0.5),
    aug.OneOf(aug.Affine(degrees=20), aug.Tint(30), weights=(1, 3)),
    aug.Compose(aug.Flip(), aug.Shift(1), aug.Affine(degrees=9), aug.Lens(0.1), aug.Tint(9)),
]
every_transform = pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
KEEPING = [t for t in TRANSFORMS if t.output_shape((3, 7, 9)) == (3, 7, 9)]


def images(N=8, C=3, H=7, W=9, dtype=np.uint8):
    X = np.random.default_rng(0).integers(0, 256, (N, C, H, W))
    return (X / 255).astype(dtype) if np.dtype(dtype).kind == "f" else X.astype(dtype)


def run(transform, X, seed=0, **options):
    return transform(X, np.random.default_rng(seed), **options)


@every_transform
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_dtype_and_input_are_kept(transform, dtype):
    X = images(dtype=dtype)
    before = X.copy()
    out = run(transform, X)
    assert out.dtype == dtype
    assert out.shape == (len(X), *transform.output_shape(X.shape[1:]))
    assert not np.shares_memory(out, X)
    np.testing.assert_array_equal(X, before)


@every_transform
def test_the_seed_decides_and_not_the_threads(transform, monkeypatch):
    monkeypatch.setattr("cs231n.kernels.arrays._WORK_OF_ONE_THREAD", 0)
    first = run(transform, images())
    assert not np.array_equal(run(transform, images(), seed=1), first)
    threads = kernels.get_num_threads()
    try:
        kernels.set_num_threads(3)
        np.testing.assert_array_equal(run(transform, images()), first)
    finally:
        kernels.set_num_threads(threads)


@every_transform
def test_strides_do_not_matter(transform):
    X = images()
    for view in (X.transpose(0, 1, 3, 2), X[::-1, :, ::2, ::-1], np.asfortranarray(X)):
        np.testing.assert_array_equal(run(transform, view), run(transform, view.copy()))


@every_transform
def test_channels_may_come_last(transform):
    X = images()
    expected = np.ascontiguousarray(run(transform, X).transpose(0, 2, 3, 1))
    last = np.ascontiguousarray(X.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(run(transform, last, layout="NHWC"), expected)
    out = np.empty_like(expected)
    assert run(transform, last, layout="NHWC", out=out) is out
    np.testing.assert_array_equal(out, expected)


@every_transform
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_the_result_goes_where_it_is_asked_for(transform, dtype):
    X = images(dtype=dtype)
    expected = run(transform, X)
    out = np.empty_like(expected)
    assert run(transform, X, out=out) is out
    np.testing.assert_array_equal(out, expected)
    if expected.shape == X.shape:
        assert run(transform, X, out=X) is X
        np.testing.assert_array_equal(X, expected)


@every_transform
def test_an_empty_batch_stays_empty(transform):
    out = run(transform, images(N=0))
    assert (out.shape, out.dtype) == ((0, *transform.output_shape((3, 7, 9))), np.uint8)


@pytest.mark.parametrize("transform", KEEPING, ids=repr)
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_left_out_it_leaves_images_as_they_are(transform, dtype):
    X = images(dtype=dtype)
    out = run(aug.Sometimes(transform, 0), X)
    np.testing.assert_allclose(out, X, atol=1e-12 if dtype == np.float64 else 0)


@pytest.mark.parametrize("transform", KEEPING, ids=repr)
def test_left_out_it_leaves_floats_below_zero_as_they_are(transform):
    X = images(dtype=np.float32) - np.float32(0.5)
    np.testing.assert_allclose(run(aug.Sometimes(transform, 0), X), X, atol=1e-6)


POINTWISE = [
    t for t in KEEPING if isinstance(t, aug.Tint | aug.Brightness | aug.Contrast | aug.Gamma)
] + [aug.ColourCast(), aug.FancyPCA(), aug.HueSaturation(), aug.Vignette((0.2, 0.9))]


@pytest.mark.parametrize("transform", POINTWISE, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_stays_where_it_is(transform, dtype):
    X = images(dtype=dtype)
    X[2, 1, 3, 4] = np.nan
    lost = np.isnan(run(transform, X))
    assert lost[2, 1, 3, 4]
    if getattr(transform, "about", 0) == "mean":  # of the image, which is NaN, too
        assert not np.delete(lost, 2, axis=0).any()
    else:
        assert not np.delete(lost, 3 * 9 + 4, axis=None)[: 2 * 3 * 63].any()
        assert lost.sum() == (3 if isinstance(transform, aug.HueSaturation) else 1)


def test_no_blur_reaches_no_neighbour():
    X = images(N=2, dtype=np.float64)
    X[0, 0, 3, 4] = np.nan
    parameters = {"sigma": np.array([0.0, 2.0])}  # the second decides how many weights there are
    out = aug.Blur().apply(X, parameters)
    np.testing.assert_array_equal(out[0], X[0])


@every_transform
@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_the_largest_integers_do_not_wrap_around(transform, dtype):
    X = np.full((8, 3, 7, 9), np.iinfo(dtype).max, dtype)
    out = run(transform, X)  # a cast beyond the limit would warn, and warnings are errors
    # Bicubic interpolation goes a little below 0 beside a black border.
    assert (out >= -0.25 * np.iinfo(dtype).max).all()


@every_transform
def test_big_endian_and_read_only_images_are_as_good(transform):
    for X in (images(dtype=">f4"), images(dtype=">i2")):
        native = X.astype(X.dtype.newbyteorder("="))
        X.flags.writeable = False
        np.testing.assert_allclose(run(transform, X), run(transform, native), rtol=1e-5, atol=1e-5)
    nothing = images(N=0)
    nothing.flags.writeable = False
    assert run(transform, nothing) is not nothing


# A window, and a reflection, that one pixel cannot fill.
TOO_LARGE = (aug.Crop, aug.Shift, aug.Compose)


@every_transform
def test_one_pixel_is_an_image(transform):
    X = images(H=1, W=1)
    if isinstance(transform, TOO_LARGE):
        with pytest.raises(ValueError, match=r"pixels must be below 1 to reflect|shape must fit"):
            run(transform, X)
    else:
        assert run(transform, X).shape == (len(X), *transform.output_shape((3, 1, 1)))


@every_transform
def test_a_seed_is_no_generator(transform):
    for wrong in (0, None, np.random, np.random.RandomState(0)):
        with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator"):
            transform(images(), wrong)


@every_transform
def test_nan_stays_nan_and_reaches_no_other_image(transform):
    X = images(dtype=np.float32)
    expected = run(transform, X)
    X[2, 1, 3, 4] = np.nan
    with np.errstate(invalid="ignore"):
        out = run(transform, X)
    others = np.arange(len(X)) != 2
    np.testing.assert_array_equal(out[others], expected[others])


@every_transform
def test_other_shapes_and_dtypes_are_refused(transform):
    with pytest.raises(ValueError, match=r"X must have shape \(N, C, H, W\), got"):
        run(transform, np.zeros((3, 7, 9)))
    with pytest.raises(ValueError, match=r"X must have shape \(N, H, W, C\), got"):
        run(transform, np.zeros((3, 7, 9)), layout="NHWC")
    with pytest.raises(TypeError, match="X must hold integers or real numbers"):
        run(transform, images().astype(complex))
    with pytest.raises(ValueError, match="layout must be 'NCHW' or 'NHWC', got 'CHWN'"):
        run(transform, images(), layout="CHWN")
    with pytest.raises(ValueError, match="out must have shape"):
        run(transform, images(), out=np.empty((1, 1, 1, 1), np.uint8))


@every_transform
def test_it_can_be_sent_to_another_process_and_described(transform):
    copy = pickle.loads(pickle.dumps(transform))
    assert copy.describe() == transform.describe()
    assert " at 0x" not in transform.describe()
    np.testing.assert_array_equal(run(copy, images()), run(transform, images()))


WRONG = [
    (lambda: aug.Flip(p=1.5), r"p must lie in \[0, 1\], got 1.5"),
    (lambda: aug.Flip(p=float("nan")), "p must lie in"),
    (lambda: aug.Flip(axis="both"), "axis must be 'horizontal' or 'vertical', got 'both'"),
    (lambda: aug.Grayscale(p=-0.1), "p must lie in"),
    (lambda: aug.Sometimes(aug.Flip(), 2), "p must lie in"),
    (lambda: aug.Crop((0, 4)), "shape must lie in"),
    (lambda: aug.Crop(4), r"shape must be \(height, width\)"),
    (lambda: aug.Crop((4, 4), border="wrap"), "border must be"),
    (lambda: aug.Affine(degrees=(10, -10)), "degrees must be .* low <= high"),
    (lambda: aug.Affine(degrees=float("nan")), "degrees must be finite"),
    (lambda: aug.Affine(scale=(0, 1)), r"scale must lie in \(0, inf\]"),
    (lambda: aug.Affine(interpolation="cubic"), "interpolation must be"),
    (lambda: aug.ResizedCrop((4, 4), area=(0.5, 1.5)), r"area must lie in \(0, 1\]"),
    (lambda: aug.ScaledCrop((9, 4), sides=(8, 9)), "sides must lie in"),
    (lambda: aug.Perspective(0.25), "reach must lie in"),
    (lambda: aug.Lens(0.4), "k1 and k2 must keep"),
    (lambda: aug.Lens((0.1, 0.7)), "k1 [+] k2 at 0.6 or below"),
    (lambda: aug.Elastic(sigma=0), "sigma must be finite and above 0"),
    (lambda: aug.Elastic(alpha=-1), "alpha must be finite"),
    (lambda: aug.Brightness((-1, 1)), "reach must lie in"),
    (lambda: aug.Contrast(about="median"), "about must be 'mean' or a number"),
    (lambda: aug.Gamma((0, 1)), r"reach must lie in \(0, inf\]"),
    (lambda: aug.FancyPCA(sigma=-1), "sigma must be finite"),
    (lambda: aug.FancyPCA(values=(1, 2)), "vectors and values must have shapes"),
    (lambda: aug.FancyPCA(spread="range"), "spread must be"),
    (lambda: aug.Vignette((0, 1.5)), r"strength must lie in \[0, 1\], got \(0.0, 1.5\)"),
    (lambda: aug.Vignette(0.5), r"strength must lie in .* got 0.5, which is \(-0.5, 0.5\)"),
    (lambda: aug.Blur((-1, 1)), "sigma must lie in"),
    (lambda: aug.Noise((2, 1)), "sigma must be"),
    (lambda: aug.Cutout(-1), "size must lie in"),
    (lambda: aug.MixUp(0), "alpha must be finite and above 0"),
    (lambda: aug.Gamma(white=0), "white must be finite and above 0"),
    (lambda: aug.Noise(white=float("nan")), "white must be finite and above 0"),
    (lambda: aug.ColourCast(white=-1), "white must be finite and above 0"),
    (lambda: aug.FancyPCA(white=0), "white must be finite and above 0"),
    (lambda: aug.FancyPCA(values=(1, float("nan"), 1)), "values must be finite"),
    (lambda: aug.FancyPCA(vectors=((float("nan"),) * 3,) * 3), "vectors must be finite"),
    (lambda: aug.Tint(1e300), "reach must be finite"),
    (lambda: aug.Tint((0, 1e300)), "reach must be .* finite ends"),
    (lambda: aug.OneOf(aug.Flip(), weights=(float("inf"),)), "weights must be 1 numbers"),
    (
        lambda: run(aug.Cutout(3, 300), images()),
        r"value must lie in \[0, 255\] for images of uint8",
    ),
    (lambda: run(aug.Cutout(3, float("nan")), images()), "value must lie in"),
    (lambda: aug.resized(images(), (0, 4)), "shape must lie in"),
    (lambda: aug.resized(images(), 4), r"shape must be \(height, width\)"),
    (lambda: aug.OneOf(), "at least one transform"),
    (lambda: aug.OneOf(aug.Flip(), weights=(0,)), "weights must be 1 numbers"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_options_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("make", [lambda: aug.Cutout(1.5), lambda: aug.Shift("2")])
def test_options_of_another_kind_are_refused(make):
    with pytest.raises(TypeError, match="must be an integer"):
        make()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: aug.Affine("9"), "degrees"),
        (lambda: aug.Affine(scale=None), "scale"),
        (lambda: aug.Tint((0, "1")), "reach"),
        (lambda: aug.Perspective((0, 0.1)), "reach"),
        (lambda: aug.Elastic(alpha="4"), "alpha"),
        (lambda: aug.Vignette(power=None), "power"),
        (lambda: aug.FancyPCA(sigma="1"), "sigma"),
        (lambda: aug.MixUp("1"), "alpha"),
        (lambda: aug.Cutout(3, "white"), "value"),
        (lambda: aug.OneOf(aug.Flip(), weights=("1",)), "weights"),
    ],
)
def test_what_is_no_number_is_refused_by_name(make, name):
    with pytest.raises(TypeError, match=f"^{name} must be a number, got"):
        make()


def test_whole_floats_are_sizes():
    for transform in (aug.Cutout(2.0), aug.ColourCast(levels=20.0), aug.Crop((4.0, 4.0), pad=1.0)):
        assert run(transform, images()).dtype == np.uint8


def test_classes_and_lists_are_no_steps():
    with pytest.raises(TypeError, match=r"and not their classes: write Flip\(...\)"):
        aug.Compose(aug.Flip)
    with pytest.raises(TypeError, match="out must be an array, got list"):
        run(aug.Flip(), images(), out=[])


@pytest.mark.parametrize(
    "transform",
    [aug.Saturation(), aug.Grayscale(), aug.FancyPCA(), aug.HueSaturation()],
    ids=repr,
)
@pytest.mark.parametrize("channels", [1, 4])
def test_colour_needs_three_channels(transform, channels):
    with pytest.raises(ValueError, match=rf"needs images of 3 channels.* got {channels}"):
        run(transform, images(C=channels))


def test_crops_larger_than_the_image_are_refused():
    with pytest.raises(ValueError, match=r"shape must fit into images \(7, 9\) with pad 1, got"):
        run(aug.Crop((10, 4), pad=1), images())


def test_what_changes_the_shape_cannot_be_left_out():
    with pytest.raises(ValueError, match="cannot be left out of some images"):
        run(aug.Sometimes(aug.Crop((4, 4)), 0.5), images())


def test_ranges_and_vectors_may_be_arrays():
    X = images()
    for given, same in (
        (aug.Affine(degrees=np.array([-5.0, 5.0])), aug.Affine(degrees=(-5.0, 5.0))),
        (aug.Affine(zoom=np.array([0.9, 1.1])), aug.Affine(zoom=(0.9, 1.1))),
        (aug.FancyPCA(vectors=np.eye(3), values=np.ones(3)), None),
    ):
        assert given.describe().startswith(type(given).__name__)
        out = given(X, np.random.default_rng(0))
        if same is not None:
            np.testing.assert_array_equal(out, same(X, np.random.default_rng(0)))
    with pytest.raises(ValueError, match="about must be 'mean' or a number"):
        aug.Contrast(about=np.array([1.0, 2.0]))
