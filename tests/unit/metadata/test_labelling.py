"""What networks saw, as labels: who wins at the first look, and what a later one replaces."""

from typing import Any

import pytest

from heliograph.messages import BoundingBox, ClassifiedLabel, Reclassification
from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.labelling import classified, could_not_be_classified, network_of, reclassified
from heliograph_metadata.domain.photo import Label, Photo, PhotoFailure, Source
from tests.builders import NOON, a_photo

DETECTOR, CLASSIFIER = "yolov8n@1", "efficientnet-lite0@1"


def seen(name: str, confidence: float, model: str = DETECTOR, *, boxes: int = 0) -> ClassifiedLabel:
    box = BoundingBox(x1=0.1, y1=0.1, x2=0.5, y2=0.5, confidence=confidence)
    return ClassifiedLabel(name=name, confidence=confidence, model=model, boxes=(box,) * boxes)


def looked_at(*labels: ClassifiedLabel, models: tuple[str, ...] = (DETECTOR, CLASSIFIER), **photo: Any) -> Photo:
    return classified(a_photo(status="prepared", **photo), labels, models, at=NOON)


def looked_at_again(
    photo: Photo, *labels: ClassifiedLabel, models: tuple[str, ...], forget: tuple[str, ...] = ()
) -> Photo:
    again = Reclassification(looked=photo.models, forget=forget)
    return reclassified(photo, labels, models, again, at=NOON)


def shown(photo: Photo) -> list[tuple[str, float, str]]:
    return [(label.name, label.confidence, label.model) for label in photo.labels]


def test_a_photo_remembers_who_looked_also_where_nobody_saw_anything() -> None:
    photo = looked_at()

    assert (photo.status, photo.labels, photo.models) == (PhotoStatus.READY, (), (CLASSIFIER, DETECTOR))


def test_of_two_networks_that_saw_the_same_the_one_that_says_where_wins_then_the_surer() -> None:
    photo = looked_at(seen("dog", 0.9, CLASSIFIER), seen("dog", 0.5, DETECTOR, boxes=2), seen("cat", 0.3, CLASSIFIER))

    assert shown(photo) == [("dog", 0.5, DETECTOR), ("cat", 0.3, CLASSIFIER)]
    assert [len(label.boxes) for label in photo.labels] == [2, 0]
    assert [(one.name, one.model) for one in photo.overruled] == [("dog", CLASSIFIER)]


def test_what_a_person_labelled_stays_whatever_the_networks_see() -> None:
    by_hand = Label("dog", 1.0, Source.PERSON)

    photo = looked_at(seen("Dog", 0.2), labels=[by_hand])

    assert photo.labels == (by_hand,)
    assert looked_at_again(photo, seen("dog", 0.99, "yolov8n@2"), models=("yolov8n@2",)).labels == (by_hand,)


def test_what_a_person_rejected_never_comes_back() -> None:
    photo = looked_at(seen("dog", 0.9), rejected_labels=("dog",))
    assert photo.labels == ()

    again = looked_at_again(photo, seen("Dog", 0.99, "yolov8n@2"), models=("yolov8n@2",))

    assert (again.labels, again.models) == ((), (CLASSIFIER, "yolov8n@2"))


def test_a_newer_version_replaces_what_the_older_one_saw_and_nothing_else() -> None:
    photo = looked_at(seen("dog", 0.9), seen("bus", 0.8), seen("palace", 0.5, CLASSIFIER))

    again = looked_at_again(photo, seen("dog", 0.7, "yolov8n@2"), models=("yolov8n@2",))

    assert shown(again) == [("dog", 0.7, "yolov8n@2"), ("palace", 0.5, CLASSIFIER)]
    assert again.models == (CLASSIFIER, "yolov8n@2")
    assert again.version == photo.version + 1


def test_what_another_network_saw_as_well_is_shown_once_the_better_look_is_replaced() -> None:
    photo = looked_at(seen("dog", 0.9, boxes=1), seen("dog", 0.6, CLASSIFIER))

    again = looked_at_again(photo, models=("yolov8n@2",))

    assert shown(again) == [("dog", 0.6, CLASSIFIER)]
    assert again.overruled == ()


def test_a_network_that_is_no_longer_there_is_forgotten_where_that_is_asked_for() -> None:
    photo = looked_at(seen("dog", 0.9), seen("palace", 0.5, CLASSIFIER))
    fresh = seen("dog", 0.7, "yolov8m@1")

    kept = looked_at_again(photo, fresh, models=("yolov8m@1",))
    forgotten = looked_at_again(photo, fresh, models=("yolov8m@1",), forget=(DETECTOR, CLASSIFIER))

    assert shown(kept) == [("dog", 0.9, DETECTOR), ("palace", 0.5, CLASSIFIER)]
    assert shown(forgotten) == [("dog", 0.7, "yolov8m@1")]
    assert forgotten.models == ("yolov8m@1",)


def test_labels_that_were_stored_without_their_network_are_replaced() -> None:
    photo = a_photo(labels=["dog"])

    again = looked_at_again(photo, seen("cat", 0.7), models=(DETECTOR, CLASSIFIER))

    assert shown(again) == [("cat", 0.7, DETECTOR)]


def test_an_answer_that_comes_twice_or_too_late_or_from_nobody_changes_nothing() -> None:
    photo = looked_at(seen("dog", 0.9))
    again = Reclassification(looked=photo.models)
    newer = reclassified(photo, [seen("cat", 0.7, "yolov8n@3")], ["yolov8n@3"], again, at=NOON)

    assert reclassified(newer, [seen("cat", 0.7, "yolov8n@3")], ["yolov8n@3"], again, at=NOON) is newer
    assert reclassified(newer, [seen("bus", 0.7, "yolov8n@2")], ["yolov8n@2"], again, at=NOON) is newer
    assert reclassified(photo, [], [], Reclassification(looked=photo.models, forget=photo.models), at=NOON) is photo


@pytest.mark.parametrize("status", ["awaiting_upload", "prepared"])
def test_a_later_look_is_nothing_to_a_photo_that_waits_for_its_first(status: str) -> None:
    photo = a_photo(status=status)

    assert looked_at_again(photo, seen("dog", 0.9), models=(DETECTOR,)) is photo


def test_a_photo_that_no_network_could_look_at_is_ready_once_one_can() -> None:
    broken = a_photo(status="failed", failure=PhotoFailure("classification-failed", "It was not to be had."))
    refused = a_photo(status="failed", failure=PhotoFailure("truncated-image", "It ends early."))

    again = looked_at_again(broken, seen("dog", 0.9), models=(DETECTOR,))

    assert (again.status, again.failure, shown(again)) == (PhotoStatus.READY, None, [("dog", 0.9, DETECTOR)])
    assert could_not_be_classified(broken)
    assert not could_not_be_classified(refused)
    assert looked_at_again(refused, seen("dog", 0.9), models=(DETECTOR,)) is refused


def test_the_name_of_a_network_is_what_stands_before_its_version() -> None:
    assert [network_of(model) for model in ("yolov8n@1", "a@b@2", "old")] == ["yolov8n", "a@b", "old"]
