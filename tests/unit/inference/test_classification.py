"""Classification without a network: softmax, classes of one name, thresholds, readable names."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heliograph_inference.classification import ClassNames, labels_of_classes, probabilities, readable

NAMES = ClassNames(("tabby cat", "tabby cat", "espresso", "", "palace"))


def labels(*row: float, threshold: float = 0.35, most: int = 3) -> list[tuple[str, float]]:
    found = labels_of_classes(np.array(row, np.float32), NAMES, model="m@1", threshold=threshold, most=most)
    return [(label.name, round(label.confidence, 2)) for label in found]


@given(arrays(np.float32, 12, elements=st.floats(-50, 50, width=32)))
def test_logits_become_probabilities_in_the_same_order(logits: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
    assume(logits.min() < 0 or abs(logits.sum() - 1) > 0.1)  # else nobody can tell them from probabilities

    result = probabilities(logits)

    assert result.sum() == pytest.approx(1)
    assert result.argmax() == logits.argmax() or result.max() == pytest.approx(result[logits.argmax()])


@given(arrays(np.float64, 12, elements=st.floats(0.01, 1)), st.floats(-20, 0))
def test_of_logits_the_probabilities_are_what_other_exports_softmax_gives(
    weights: np.ndarray[tuple[int], np.dtype[np.float64]], shift: float
) -> None:
    expected = weights / weights.sum()

    result = probabilities((np.log(expected) + shift).astype(np.float32))

    assert result == pytest.approx(expected, abs=1e-5)


def test_an_output_that_sums_to_one_is_taken_as_it_is() -> None:
    row = np.array([0.2, 0.8], np.float32)

    assert probabilities(row).tolist() == row.tolist()


def test_classes_with_the_same_name_count_as_one() -> None:
    assert labels(0.3, 0.3, 0.2, 0.1, 0.1) == [("tabby cat", 0.6)]


def test_a_class_without_a_name_is_never_a_label() -> None:
    assert labels(0.0, 0.0, 0.0, 0.9, 0.1) == []


def test_only_the_surest_few_above_the_threshold_are_shown() -> None:
    assert labels(0.3, 0.0, 0.3, 0.0, 0.4, threshold=0.1, most=2) == [("palace", 0.4), ("tabby cat", 0.3)]


def test_names_of_exports_become_names_for_people() -> None:
    assert [readable(name) for name in ("Egyptian_cat", "crane_(bird)", "traffic light")] == [
        "egyptian cat",
        "crane (bird)",
        "traffic light",
    ]
