"""What a picture looks like: small changes move its fingerprint little, and copies lie together in a sorted list."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from heliograph_metadata.domain.looks import (
    FINGERPRINT_BITS,
    MOST_PREFIX_BITS,
    SIDE_PX,
    Look,
    distance,
    look_of,
    ranges_around,
    sharpness_of,
)
from heliograph_metadata.domain.stacks import DUPLICATE_DISTANCE
from heliograph_metadata.service.lookalikes import prefix_bits
from tools.test_photos import photo_path

PHOTOS = (
    "bus.jpg",
    "zidane.jpg",
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "china.jpg",
    "flower.jpg",
    "rocket.jpg",
)
Brightness = NDArray[np.uint8]


def opened(name: str) -> Image.Image:
    with Image.open(photo_path(name)) as image:
        return image.convert("RGB")


def squeezed(image: Image.Image) -> Brightness:
    return np.asarray(image.convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX))


def look(brightness: Brightness) -> Look:
    found = look_of(brightness, sharpness=0.0)
    assert found is not None
    return found


def seen(image: Image.Image) -> Look:
    return look(squeezed(image))


def a_picture(seed: int) -> Brightness:
    """Return clouds of all sizes, as photos are made of."""
    chance = np.random.default_rng(seed)
    layers = [
        np.asarray(
            Image.fromarray(chance.integers(0, 256, (side, side), dtype=np.uint8)).resize((SIDE_PX, SIDE_PX)),
            dtype=np.float64,
        )
        for side in (2, 4, 8, 16, 32)
    ]
    return np.asarray(np.mean(layers, axis=0), dtype=np.uint8)


seeds = st.integers(0, 2**32 - 1)
looks = st.builds(
    Look,
    fingerprint=st.integers(0, 2**256 - 1).map(lambda bits: f"{bits:064x}"),
    doubtful=st.permutations(range(MOST_PREFIX_BITS)).map(lambda bits: tuple(bits[:6])),
    sharpness=st.just(0.0),
)


@given(seed=seeds, factor=st.floats(0.5, 1.0), lift=st.integers(0, 30), noise=st.integers(0, 3))
def test_a_picture_made_darker_paler_or_a_little_noisy_has_nearly_the_same_fingerprint(
    seed: int, factor: float, lift: int, noise: int
) -> None:
    picture = a_picture(seed)
    grain = np.random.default_rng(seed + 1).integers(-noise, noise + 1, picture.shape)
    changed = (picture * factor * 0.85 + lift + grain).clip(0, 255).astype(np.uint8)

    assert distance(look(picture).fingerprint, look(changed).fingerprint) <= DUPLICATE_DISTANCE


@given(one=seeds, other=seeds.map(lambda seed: seed + 2**32))
def test_pictures_that_have_nothing_to_do_with_each_other_lie_far_apart(one: int, other: int) -> None:
    assert distance(look(a_picture(one)).fingerprint, look(a_picture(other)).fingerprint) > DUPLICATE_DISTANCE


@given(one=looks, other=looks, third=looks)
def test_distances_are_those_of_a_metric(one: Look, other: Look, third: Look) -> None:
    assert distance(one.fingerprint, one.fingerprint) == 0
    assert distance(one.fingerprint, other.fingerprint) == distance(other.fingerprint, one.fingerprint)
    there = distance(one.fingerprint, other.fingerprint) + distance(other.fingerprint, third.fingerprint)
    assert distance(one.fingerprint, third.fingerprint) <= there <= 2 * FINGERPRINT_BITS


@pytest.mark.parametrize("name", PHOTOS)
def test_a_copy_of_a_photo_is_known_again_and_another_photo_is_not(name: str) -> None:
    photo = opened(name)
    half = photo.resize((photo.width // 2, photo.height // 2))
    copies = {
        "half the size": half,
        "brighter": ImageEnhance.Brightness(photo).enhance(1.2),
        "more contrast": ImageEnhance.Contrast(photo).enhance(1.25),
        "without colours": photo.convert("L"),
        "without its edge": photo.crop((4, 4, photo.width - 4, photo.height - 4)),
    }
    own = seen(photo).fingerprint

    assert all(distance(own, seen(copy).fingerprint) <= DUPLICATE_DISTANCE for copy in copies.values())
    assert all(distance(own, seen(opened(other)).fingerprint) > DUPLICATE_DISTANCE for other in PHOTOS if other != name)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((SIDE_PX, SIDE_PX), np.uint8),
        np.full((SIDE_PX, SIDE_PX), 255, np.uint8),
        np.tile(np.arange(SIDE_PX, dtype=np.uint8), (SIDE_PX, 1)),
    ],
    ids=["black", "white", "a gradient"],
)
def test_a_picture_with_nothing_on_it_is_compared_with_none(picture: Brightness) -> None:
    assert look_of(picture, sharpness=0.0) is None


def test_only_a_squeezed_picture_is_taken() -> None:
    with pytest.raises(ValueError, match="64 × 64"):
        look_of(np.zeros((64, 63), np.uint8), sharpness=0.0)


def test_a_blurred_take_is_less_sharp() -> None:
    photo = opened("astronaut.png")
    blurred = photo.resize((128, 128)).resize(photo.size)

    assert sharpness_of(np.asarray(blurred.convert("L"))) < sharpness_of(np.asarray(photo.convert("L")))
    assert sharpness_of(np.zeros((4, 1), np.uint8)) == 0.0


@given(
    found=looks,
    bits=st.integers(0, MOST_PREFIX_BITS),
    doubtful=st.integers(0, 4),
    otherwise=st.sets(st.integers(0, 3)),
    rest=st.integers(0, 2**240 - 1),
)
def test_a_copy_with_its_most_doubtful_bits_otherwise_lies_in_one_of_few_ranges(
    found: Look, bits: int, doubtful: int, otherwise: set[int], rest: int
) -> None:
    candidates = [bit for bit in found.doubtful if bit < bits][:doubtful]
    prefix = int(found.fingerprint[:4], 16)
    for number in otherwise:
        if number < len(candidates):
            prefix ^= 1 << (MOST_PREFIX_BITS - 1 - candidates[number])
    place = f"{prefix:04x}{rest:060x}#photo"

    ranges = ranges_around(found, prefix_bits=bits, doubtful_bits=doubtful)

    assert len(ranges) <= 2**doubtful
    assert sum(one.first <= place < one.end for one in ranges) == 1
    assert all(one.end < other.first for one, other in pairwise(ranges))


@pytest.mark.parametrize(("photos", "bits"), [(0, 0), (31, 0), (1_000, 5), (100_000, 12), (1_000_000, 15), (10**9, 16)])
def test_the_larger_the_library_the_narrower_the_ranges(photos: int, bits: int) -> None:
    assert prefix_bits(photos) == bits
