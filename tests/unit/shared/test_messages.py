"""Messages between services, with S3's own event among them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from heliograph.messages import (
    PHOTO_PREPARED,
    ClassifiedLabel,
    Lane,
    PhotoClassified,
    PhotoPrepared,
    PhotoUploaded,
    photos_uploaded,
    queue_in,
    s3_event,
)

# What S3 sends: "Event message structure" in the Amazon S3 user guide, cut to what is read and a little more.
ARRIVAL: dict[str, Any] = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": "heliograph-photos"},
                "object": {"key": "originals/o%2B1/my+photo", "size": 1024, "sequencer": "0055AED6DCD90281E5"},
            },
        }
    ]
}


def test_an_arrival_is_read_from_s3_s_event_with_its_key_decoded() -> None:
    assert photos_uploaded(json.dumps(ARRIVAL)) == [PhotoUploaded(object_key="originals/o+1/my photo", size_bytes=1024)]


def test_s3_s_test_event_tells_of_no_arrival() -> None:
    assert photos_uploaded('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "heliograph-photos"}') == []


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "{}", '{"Records": 1}', '{"Records": [{}]}', '{"Records": [1]}']
)
def test_another_body_is_no_event(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the JSON parser's own texts are among them
        photos_uploaded(body)


@given(st.text(min_size=1).filter(lambda key: key.isprintable()), st.integers(min_value=0))
def test_an_event_that_is_told_again_reads_as_it_was_written(object_key: str, size_bytes: int) -> None:
    uploaded = PhotoUploaded(object_key=object_key, size_bytes=size_bytes)

    assert photos_uploaded(s3_event("bucket", uploaded)) == [uploaded]


def test_a_newer_sender_s_fields_are_passed_over() -> None:
    prepared = PhotoPrepared.model_validate_json(
        '{"correlation_id": "c", "photo_id": "p", "owner_id": "o", "preview_key": "k",'
        ' "width_px": 4000, "height_px": 3000, "colour_space": "new"}'
    )

    assert (prepared.width_px, prepared.height_px) == (4000, 3000)


def test_each_lane_has_a_queue_of_its_own_and_the_interactive_one_is_named_like_the_kind() -> None:
    assert queue_in(PHOTO_PREPARED, Lane.INTERACTIVE) == "photo-prepared"
    assert queue_in(PHOTO_PREPARED, Lane.BACKLOG) == "photo-prepared-backlog"


def test_a_prepared_photo_is_looked_at_by_every_network_unless_it_says_by_which() -> None:
    body = (
        '{"correlation_id": "c", "photo_id": "p", "owner_id": "o", "preview_key": "k", "width_px": 4, "height_px": 3%s}'
    )

    assert PhotoPrepared.model_validate_json(body % "").models is None
    some = PhotoPrepared.model_validate_json(body % ', "models": ["yolov8n@1"]')
    assert some.models == ("yolov8n@1",)
    assert PhotoPrepared.model_validate_json(some.model_dump_json()) == some


def test_labels_come_through_the_wire_whole() -> None:
    body = (
        '{"correlation_id": "c", "photo_id": "p", "owner_id": "o", "models": ["yolov8n"], "failure": null,'
        ' "features": {"space": "b0@1/1", "values": "gAB/AA=="},'
        ' "again": {"looked": ["yolov8n@1"], "forget": []}, "labels": '
        '[{"name": "bus", "confidence": 0.9, "model": "yolov8n", "raw_confidence": 0.93,'
        ' "boxes": [{"x1": 0.0, "y1": 0.1, "x2": 0.5, "y2": 1.0, "confidence": 0.9}]}]}'
    )

    classified = PhotoClassified.model_validate_json(body)

    assert PhotoClassified.model_validate_json(classified.model_dump_json()) == classified
    assert json.loads(classified.model_dump_json()) == json.loads(body)


def test_a_label_of_a_sender_that_calibrates_nothing_was_said_as_it_is_shown() -> None:
    label = ClassifiedLabel.model_validate_json('{"name": "dog", "confidence": 0.8, "model": "yolov8n@1"}')

    assert label.raw_confidence == 0.8


def test_what_a_network_said_comes_along_and_a_reader_that_knows_nothing_of_it_passes_it_over() -> None:
    class OlderLabel(BaseModel):
        name: str
        confidence: float
        model: str

    sent = ClassifiedLabel(name="dog", confidence=0.7, raw_confidence=0.8, model="yolov8n@1").model_dump_json()

    assert ClassifiedLabel.model_validate_json(sent).raw_confidence == 0.8
    assert OlderLabel.model_validate_json(sent).confidence == 0.7
