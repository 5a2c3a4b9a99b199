"""What questions are worth, what they are made from, and what all kinds have in common."""

import pytest

from heliograph_metadata.domain.photo import Label, Source
from heliograph_metadata.domain.questions.engine import changes
from heliograph_metadata.domain.questions.question import Span
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import summed
from heliograph_metadata.domain.questions.value import (
    PRIORS,
    agreed,
    all_right,
    entropy,
    has_looked,
    spread,
    surprise,
    worth,
)
from tests.builders import NOON, a_photo


def test_the_fewer_have_looked_the_more_is_let_stand() -> None:
    assert all_right(0.5, 1) == pytest.approx(0.5)
    assert all_right(1.0, 30) == pytest.approx(1.0)
    assert 0.5**20 < all_right(0.5, 20) < 0.01
    assert has_looked(0.95, 1.0) == pytest.approx(0.95)
    assert has_looked(0.95, 0.0) == 0.0
    assert has_looked(0.95, all_right(0.5, 20)) < 0.2


def test_what_was_met_often_says_little_and_what_was_never_met_a_lot() -> None:
    counts = {"home": 900, "Paris": 99}

    assert surprise(counts, "home", beyond=14.0) < 0.2
    assert 3 < surprise(counts, "Paris", beyond=14.0) < 4
    assert surprise(counts, "Kyoto", beyond=14.0) > 20


def test_a_photo_that_changes_costs_the_difference_of_its_marks_and_nothing_else() -> None:
    photo = a_photo(1, taken_at=NOON, labels=(Label("dog", 0.5, Source.MODEL),))
    new = changes(None, photo)

    assert changes(photo, photo) == {}
    assert all(summed(cells, changes(photo, None)[group]) == {} for group, cells in new.items())
    assert set(changes(photo, None)) == set(new)


def test_photos_in_the_trash_or_unfinished_are_not_asked_about() -> None:
    assert changes(None, a_photo(1, taken_at=NOON, trashed_at=NOON)) == {}
    assert changes(None, a_photo(1, taken_at=NOON, status="awaiting_upload")) == {}


def test_every_kind_has_a_name_of_its_own_and_priors() -> None:
    names = [kind.name for kind in KINDS]

    assert len(names) == len(set(names)) >= 10
    assert set(PRIORS) == {*names, "check"}


def test_the_less_is_known_the_more_bits_an_answer_takes_away() -> None:
    assert entropy(1.0, 8.0) == 0.0
    assert entropy(0.0, 8.0) == 8.0
    assert entropy(0.5, 8.0) == 5.0
    few, many = (
        worth("place", photos=n, certainty=0.0, alternatives=8.0, confidence=0.95, knows=0.9) for n in (2, 200)
    )
    assert many.value == pytest.approx(100 * few.value)


def test_nothing_met_yet_is_as_open_as_can_be_and_one_place_met_often_is_not() -> None:
    assert spread([], beyond=14.0) == 14.0
    assert spread([1000], beyond=14.0) < 0.1
    assert spread([10, 10, 10, 10], beyond=14.0) > 2.0


def test_what_was_likely_and_is_let_stand_is_surer_than_either() -> None:
    assert agreed(0.9, 0.95) > 0.99
    assert agreed(0.0, 0.95) == 0.0


def test_spans_share_by_the_hour() -> None:
    day = Span("2024-06-15T00", "2024-06-15T23")

    assert day.shared(Span("2024-06-15T12", "2024-06-16T12")) == 0.5
    assert day.shared(Span("2024-06-17T00", "2024-06-17T01")) == 0.0
