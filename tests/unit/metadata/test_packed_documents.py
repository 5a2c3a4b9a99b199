"""Documents as items hold them: small, and readable for good."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.errors import UnavailableError
from heliograph_metadata.domain.document import document_of
from heliograph_metadata.domain.photo import Box, Camera, Exposure, Features, Label, Location, Place, Source
from heliograph_metadata.dynamodb import packed_documents
from heliograph_metadata.dynamodb.packed_documents import packed, unpacked
from tests.builders import a_photo

BESIDE_IT = 480
"""Bytes of what an item has beside its document: ids, times, what the uploader said."""


@given(st.text(st.characters(codec="utf-8")))
def test_a_document_comes_back_as_it_was(document: str) -> None:
    assert unpacked(packed(document)) == document


def test_a_document_of_before_is_plain_text() -> None:
    assert unpacked({"S": '{"width_px":4000}'}) == '{"width_px":4000}'


def test_what_was_packed_once_is_read_for_good() -> None:
    stored = bytes.fromhex("0123b6c8806478cc14046c76011d5c0b00")

    assert unpacked({"B": stored}) == '{"content_type":"image/jpeg","width_px":4000,"labels":[{"name":"dog"}]}'
    assert {
        number: hashlib.sha256(words).hexdigest()[:16] for number, words in packed_documents._DICTIONARIES.items()
    } == {1: "2b60990f11fb5679"}


def test_a_photo_with_many_boxes_fits_into_a_kilobyte() -> None:
    boxes = tuple(Box(0.1234 + n / 50, 0.2345, 0.8765, 0.9 - n / 70, 0.7654 - n / 20) for n in range(8))
    photo = a_photo(
        location=Location(38.713912, -9.139401, Place("PT", "Portugal", "Lisboa", "Lisbon")),
        camera=Camera("Apple", "iPhone 13", "iPhone 13 back dual wide camera 5.1mm f/1.6"),
        exposure=Exposure(1.6, 0.0083, 64, 5.1),
        labels=[Label("person", 0.7654, Source.MODEL, boxes, model="yolov8n@1"), Label("beach", 0.61, Source.MODEL)],
        models=("efficientnet-lite0@1", "yolov8n@1"),
        features=Features("efficientnet-lite0@1/1", "8F3/wBEP++sW0kXlAzIE2n8RPkLyydslFhu5DBWrAzPY6TDtJNMRBzi4Jw7s1cZX"),
    )

    assert len(document_of(photo)) > 1_200
    assert BESIDE_IT + len(packed(document_of(photo))["B"]) < 1_024


def test_what_a_later_version_packed_is_for_its_tasks() -> None:
    with pytest.raises(UnavailableError, match="later version"):
        unpacked({"B": b"\xff" + packed("{}")["B"][1:]})


def test_a_damaged_document_is_no_document() -> None:
    stored = packed('{"labels":[{"name":"a label that nobody else has"}]}')["B"]
    for damaged in (stored[:-2], stored[:1] + b"\xff" * 20, stored + b"more"):
        with pytest.raises(ValueError, match="damaged"):
            unpacked({"B": damaged})
