"""The kernel of noise: its oracle, the same bits everywhere, arrays, and what it refuses."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n import kernels
from cs231n.kernels import numpy_noise

pytestmark = pytest.mark.usefixtures("machine")


def images(*shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, shape).astype(dtype)


def noise(seeds, *shape):
    """Return the normal numbers themselves, (N, *shape)."""
    seeds = np.asarray(seeds, np.uint64)
    zeros = np.zeros((len(seeds), *shape), np.float32)
    return kernels.add_noise(zeros, seeds, np.ones(len(seeds)))


# ---- the oracle: SplitMix64 in Python's integers, Box and Muller's method in float64 ----

MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
STEP = 0x9E3779B97F4A7C15


def splitmix(seed, i):
    z = (seed + (i + 1) * STEP) % 2**64
    z = ((z ^ (z >> 30)) * MULTIPLIERS[0]) % 2**64
    z = ((z ^ (z >> 27)) * MULTIPLIERS[1]) % 2**64
    return z ^ (z >> 31)


def seed_of_word(word):
    """Return the seed whose first word this is: each step of the generator can be undone."""
    z = word ^ (word >> 31) ^ (word >> 62)
    z = (z * pow(MULTIPLIERS[1], -1, 2**64)) % 2**64
    z = z ^ (z >> 27) ^ (z >> 54)
    z = (z * pow(MULTIPLIERS[0], -1, 2**64)) % 2**64
    return (z ^ (z >> 30) ^ (z >> 60)) - STEP


def box_muller(word):
    low, high = word % 2**32, word >> 32
    uniform = float(np.float32(np.float32(low // 2) + np.float32(0.5))) / 2**31  # in (0, 1]
    radius = np.sqrt(-2 * np.log(uniform))
    angle = 2 * np.pi * high / 2**32
    return radius * np.cos(angle), radius * np.sin(angle)


def oracle(seed, count):
    z = np.empty(-(-count // 256) * 256)
    for i in range(len(z) // 2):
        block, place = divmod(i, 128)
        z[256 * block + place], z[256 * block + 128 + place] = box_muller(splitmix(seed, i))
    return z[:count]


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1, 0x123456789ABCDEF])
def test_it_is_the_oracles(seed):
    z = noise([seed], 3, 20, 50)
    np.testing.assert_allclose(z.ravel(), oracle(seed, 3000), rtol=0, atol=2e-6)


HALVES = [0, 1, 2, 3, 2**20, 2**29, 2**30 - 1, 2**30, 2**31 - 1, 2**31, 2**31 + 2**30]
HALVES += [2**32 - 2**20, 2**32 - 2, 2**32 - 1]


def test_the_ends_of_both_uniforms():
    words = [low + (high << 32) for low in HALVES for high in HALVES]
    z = noise([seed_of_word(word) % 2**64 for word in words], 256)
    expected = np.array([box_muller(word) for word in words])
    np.testing.assert_allclose(z[:, [0, 128]], expected, rtol=0, atol=2e-6)
    assert np.abs(z).max() == pytest.approx(np.sqrt(64 * np.log(2)), abs=1e-5)


def test_the_first_numbers_never_change():
    """Seeds are part of a run's record: another machine must add the same noise."""
    bits = noise([0, 2**64 - 1], 130)[:, [0, 1, 127, 128, 129]].view(np.uint32)
    assert bits.tolist() == [
        [0x3F662AAF, 0xBF5EFF45, 0x3FB8E8CF, 0xBF4F4D53, 0x3ECCA991],
        [0x3FD4B7DC, 0x3EF0909E, 0xBF6551C6, 0xBFA7469C, 0xBE933762],
    ]


# ---- one set of bits ----


def by_twin(x, seeds, strengths):
    out = np.empty_like(x)
    flat = (len(x), x[0].size)
    numpy_noise.add(
        x.reshape(flat), seeds, strengths.astype(np.float32), out.reshape(flat), threads=1
    )
    return out


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@settings(max_examples=30)
@given(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 20), st.integers(1, 40)),
    st.integers(0, 2**64 - 1),
    st.sampled_from([0.0, 1e-3, 0.7, 12.0, -40.0, 1e6]),
)
def test_the_bits_are_those_of_the_twin(dtype, shape, seed, strength):
    x = images(*shape, dtype=dtype)
    seeds = np.random.default_rng(seed).integers(0, 2**64, len(x), dtype=np.uint64)
    strengths = strength * np.arange(1, len(x) + 1)
    actual, expected = kernels.add_noise(x, seeds, strengths), by_twin(x, seeds, strengths)
    np.testing.assert_array_equal(actual.view(np.uint8), expected.view(np.uint8))


def test_a_million_bits_are_those_of_the_twin():
    z = noise([7, 8], 1 << 19)
    zeros = np.zeros_like(z)
    np.testing.assert_array_equal(z, by_twin(zeros, np.arange(7, 9, dtype=np.uint64), np.ones(2)))


def test_an_image_does_not_depend_on_the_others_nor_on_its_size():
    seeds = np.arange(5, dtype=np.uint64)
    z = noise(seeds, 700)
    np.testing.assert_array_equal(noise(seeds[3:4], 700)[0], z[3])
    np.testing.assert_array_equal(noise(seeds, 300), z[:, :300])


@pytest.mark.parametrize("dtype", ["u1", "u2", "i1", "i8", "f2", "f4", "f8", ">f4", "longdouble"])
def test_every_dtype_gets_the_same_noise(dtype):
    x = (images(3, 2, 9, 11) // 2).astype(dtype)
    seeds, strengths = np.arange(3, dtype=np.uint64), np.array([0.5, 5, 50])
    out = kernels.add_noise(x, seeds, strengths)
    assert out.dtype == x.dtype
    expected = x + strengths[:, None, None, None] * noise(seeds, 2, 9, 11).astype(float)
    if x.dtype.kind != "f":
        expected = np.clip(expected, *(np.iinfo(dtype).min, np.iinfo(dtype).max))
    error = {"u": 0.501, "i": 0.501, "f": 0.2 if dtype == "f2" else 1e-4}[x.dtype.kind]
    np.testing.assert_allclose(out.astype(float), expected, rtol=0, atol=error)


# ---- arrays ----


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_the_result_goes_where_it_is_asked_for(dtype):
    x = images(4, 3, 10, 17, dtype=dtype)
    before = x.copy()
    seeds, strengths = np.arange(4, dtype=np.uint64), np.array([9.0, 0, 20, 3])
    expected = kernels.add_noise(x, seeds, strengths)
    np.testing.assert_array_equal(x, before)
    out = np.empty_like(x)
    assert kernels.add_noise(x, seeds, strengths, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert kernels.add_noise(x, seeds, strengths, out=x) is x
    np.testing.assert_array_equal(x, expected)
    memory = np.concatenate([before, before[:1]])  # shifted by an image
    memory[1:] = before
    kernels.add_noise(memory[1:], seeds, strengths, out=memory[:-1])
    np.testing.assert_array_equal(memory[:-1], expected)


def test_strides_do_not_matter():
    x = images(4, 3, 10, 18)
    seeds, strengths = np.arange(8, dtype=np.int64)[::2], np.arange(8.0)[::2]
    for view in (x.transpose(0, 1, 3, 2), x[::-1, :, ::2, ::-1], np.asfortranarray(x)):
        expected = kernels.add_noise(view.copy(), seeds.copy(), strengths.copy())
        np.testing.assert_array_equal(kernels.add_noise(view, seeds, strengths), expected)


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4), (2, 3, 0, 0), (3,)])
def test_no_pixels_or_one(shape):
    seeds, strengths = np.arange(shape[0]), np.ones(shape[0])
    assert kernels.add_noise(images(*shape), seeds, strengths).shape == shape


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_and_infinity_stay_where_they_are(dtype):
    x = images(2, 3, 8, 30, dtype=dtype)
    x[0, 1, 2, 3], x[1, 0, 0, 7], x[1, 0, 0, 8] = np.nan, np.inf, -np.inf
    out = kernels.add_noise(x, np.arange(2), np.array([2.0, 3.0]))
    lost = ~np.isfinite(x)
    np.testing.assert_array_equal(out[lost], x[lost])
    assert np.isfinite(out[~lost]).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float16, np.float32, np.float64])
def test_noise_may_lead_beyond_what_the_dtype_holds(dtype):
    x = images(2, 3, 8, 30, dtype=dtype)
    limits = np.finfo if x.dtype.kind == "f" else np.iinfo
    most = float(np.finfo(np.result_type(dtype, np.float32)).max)
    out = kernels.add_noise(x, np.arange(2), np.array([most, most / 2]))
    assert out.max() >= limits(dtype).max
    assert out.min() <= limits(dtype).min


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_strength_zero_keeps_every_bit(dtype):
    x = images(2, 3, 8, 30, dtype=dtype)
    x[0, 0, 0, :2] = [0, 0] if dtype == np.uint8 else [-0.0, np.iinfo(np.int32).max]
    out = kernels.add_noise(x, np.arange(2), np.array([0.0, 5.0]))
    assert out[0].tobytes() == x[0].tobytes()
    assert out[1].tobytes() != x[1].tobytes()


@pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")
def test_no_noise_is_ever_stored():
    x = images(16, 3, 64, 64)
    tracemalloc.start()
    kernels.add_noise(x, np.arange(16), np.ones(16))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < x.nbytes + 10_000


# ---- what it refuses ----


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x, s, g: (x, s[1:], g), ValueError, r"seeds must have shape \(2,\), got \(1,\)"),
        (lambda x, s, g: (x, s, g[:, None]), ValueError, r"strengths must have shape \(2,\)"),
        (lambda x, s, g: (x, s * 1.0, g), TypeError, "seeds must hold integers, got .* float64"),
        (lambda x, s, g: (x > 0, s, g), TypeError, "x must hold integers or real numbers"),
        (lambda x, s, g: (x * 1j, s, g), TypeError, "x must hold integers or real numbers"),
        (lambda x, s, g: (x, s, g * np.nan), ValueError, "strengths must be finite in float32"),
        (lambda x, s, g: (x, s, g * 1e39), ValueError, "strengths must be finite in float32"),
    ],
)
def test_wrong_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        kernels.add_noise(*call(images(2, 3, 4, 4), np.arange(2), np.ones(2)))


def test_other_results_are_refused():
    x = images(2, 3, 4, 4)
    with pytest.raises(ValueError, match="out must have shape"):
        kernels.add_noise(x, np.arange(2), np.ones(2), out=np.empty(3, np.uint8))
