"""From what the networks saw to the labels of a photo."""

from heliograph_inference.domain import Box, Detection, Label, labels_of_detections, united


def a_box(confidence: float) -> Box:
    return Box(0.1, 0.1, 0.5, 0.5, confidence)


def test_a_label_is_as_sure_as_its_best_box_and_has_all_of_them() -> None:
    found = [Detection("person", a_box(0.4)), Detection("bus", a_box(0.8)), Detection("person", a_box(0.9))]

    labels = labels_of_detections(found, model="yolov8n@1", threshold=0.35)

    assert {(label.name, label.confidence, len(label.boxes)) for label in labels} == {
        ("person", 0.9, 2),
        ("bus", 0.8, 1),
    }
    assert [box.confidence for box in next(label for label in labels if label.name == "person").boxes] == [0.9, 0.4]


def test_a_name_whose_best_box_is_unsure_is_no_label() -> None:
    assert labels_of_detections([Detection("kite", a_box(0.3))], model="yolov8n@1", threshold=0.35) == []


def test_labels_of_several_models_are_united_surest_first() -> None:
    street = [Label("person", 0.9, "d@1", (a_box(0.9),)), Label("bus", 0.8, "d@1", (a_box(0.8),))]

    labels = united([*street, Label("minibus", 0.85, "c@1")])

    assert [label.name for label in labels] == ["person", "minibus", "bus"]


def test_where_two_models_name_the_same_the_one_that_says_where_wins() -> None:
    with_box = Label("cup", 0.5, "d@1", (a_box(0.5),))

    assert united([with_box, Label("cup", 0.9, "c@1")]) == (with_box,)
    assert united([Label("cup", 0.9, "c@1"), with_box]) == (with_box,)
