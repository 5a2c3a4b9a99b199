"""A photo's id and its keys."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from heliograph.photos import (
    PHOTO_ID_PATTERN,
    Admission,
    OriginalPrefix,
    OwnerId,
    PhotoId,
    original_key,
    original_keys,
    original_of,
    photo_id_of,
    preview_key,
    thumbnail_key,
)

ids = st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=1, max_size=32)
sha256s = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(ids, sha256s)
def test_the_same_bytes_in_the_same_library_have_the_same_id(owner_id: str, sha256: str) -> None:
    photo_id = photo_id_of(OwnerId(owner_id), sha256)

    assert photo_id == photo_id_of(OwnerId(owner_id), sha256)
    assert Admission(filename="a", content_type="image/png", size_bytes=1, sha256=sha256).sha256 == sha256
    assert re.fullmatch(PHOTO_ID_PATTERN, photo_id)


@given(st.tuples(ids, sha256s), st.tuples(ids, sha256s))
def test_other_bytes_or_another_library_give_another_id(one: tuple[str, str], other: tuple[str, str]) -> None:
    same = photo_id_of(OwnerId(one[0]), one[1]) == photo_id_of(OwnerId(other[0]), other[1])

    assert same == (one == other)


@given(ids, ids, st.sampled_from(OriginalPrefix))
def test_an_original_s_key_tells_whose_photo_it_is(owner_id: str, photo_id: str, prefix: OriginalPrefix) -> None:
    key = original_key(OwnerId(owner_id), PhotoId(photo_id), prefix)

    assert original_of(key) == (owner_id, photo_id, prefix)
    assert key in original_keys(OwnerId(owner_id), PhotoId(photo_id))


@pytest.mark.parametrize("key", ["", "originals", "originals/a", "renditions/a/b", "originals/a/b/c", "import/a/b"])
def test_another_key_is_no_original_s(key: str) -> None:
    with pytest.raises(ValueError, match=r"OriginalPrefix|unpack"):
        original_of(key)


def test_renditions_lie_together_under_their_photo() -> None:
    assert thumbnail_key(OwnerId("o"), PhotoId("p")) == "renditions/o/p/thumbnail.webp"
    assert preview_key(OwnerId("o"), PhotoId("p")) == "renditions/o/p/preview.jpg"


@pytest.mark.parametrize(
    "wrong", [{"filename": ""}, {"filename": "a" * 256}, {"size_bytes": 0}, {"sha256": "A" * 64}, {"sha256": "0" * 63}]
)
def test_an_admission_holds_only_what_can_be(wrong: dict[str, object]) -> None:
    right = {"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 1, "sha256": "0" * 64}

    with pytest.raises(ValidationError):
        Admission.model_validate(right | wrong)
