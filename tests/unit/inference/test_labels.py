"""From what the networks saw to the labels of a photo."""

from heliograph_inference.domain import Box, Detection, Label, labels_of_detections, surest_first


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


def test_what_several_networks_saw_is_told_whole_surest_first() -> None:
    cup, bus = Label("cup", 0.5, "d@1", (a_box(0.5),)), Label("bus", 0.8, "d@1", (a_box(0.8),))
    other = Label("cup", 0.9, "c@1")

    assert surest_first([cup, bus, other]) == (other, bus, cup)
