"""What an answer does, in words: one photo is one photo, however the question came about."""

from dataclasses import replace

import pytest

from heliograph_metadata.domain.questions.kinds.clock import ClockKind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Question, Reach, Worth
from heliograph_metadata.domain.questions.wording import mended


@pytest.mark.parametrize(
    ("photos", "gain", "expected"),
    [
        (214, "get a place", "214 photos get a place"),
        (1, "get a place", "1 photo gets a place"),
        (1, "go to the trash", "1 photo goes to the trash"),
        (1, "are found, or no longer found, by it", "1 photo is found, or no longer found, by it"),
        (0, "are sure", "0 photos are sure"),
    ],
)
def test_one_photo_is_told_of_as_one(photos: int, gain: str, expected: str) -> None:
    assert mended(photos, gain) == expected


def test_questions_of_one_photo_each_that_join_are_told_of_as_several() -> None:
    one = Question(
        kind="clock", group="2024-06", key="1", prompt="", why="", mends=mended(1, ClockKind.gain),
        reach=Reach((), 1), worth=Worth(1.0, 1.0, 1.0),
    )  # fmt: skip

    joined = ClockKind().joined([one, replace(one, group="2024-07", key="2")], Memory())

    assert joined is not None
    assert (one.mends, joined.mends) == ("1 photo gets the right time", "2 photos get the right time")
