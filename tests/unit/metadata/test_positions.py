"""Positions lie strictly between their neighbours, however often and wherever something is put in between."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph_metadata.domain.positions import MOST_POSITION_CHARACTERS, NoPositionLeftError, between

keys = st.builds(
    "2024-06-{:02}T12:00:00.{:03}#{}".format,
    st.integers(1, 30),
    st.integers(0, 999),
    st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26),
)


def name(number: int) -> str:
    return f"{number:026}".translate(str.maketrans("0123456789", "abcdefghij"))


@given(ends=st.lists(keys, min_size=2, max_size=2, unique=True), count=st.integers(1, 600), near_low=st.booleans())
def test_positions_are_in_order_and_between(ends: list[str], count: int, *, near_low: bool) -> None:
    low, high = sorted(ends)

    positions = between(low, high, [name(number) for number in range(count)], near_low=near_low)

    assert len(positions) == count
    assert [low, *positions, high] == sorted({low, *positions, high})


@given(key=keys, near_low=st.booleans())
def test_either_end_may_be_open(key: str, *, near_low: bool) -> None:
    assert between(None, key, ["a"], near_low=near_low)[0] < key < between(key, None, ["a"], near_low=near_low)[0]
    assert len(between(None, None, ["a", "b"], near_low=near_low)) == 2


@given(st.lists(keys, min_size=1, max_size=4, unique=True), st.lists(st.tuples(st.integers(0, 400), st.booleans())))
def test_a_list_into_which_things_are_put_again_and_again_stays_sorted(
    start: list[str], inserted: list[tuple[int, bool]]
) -> None:
    line = sorted(start)
    for number, (chance, near_low) in enumerate(inserted):
        at = chance % (len(line) + 1)
        low, high = (line[at - 1] if at else None), (line[at] if at < len(line) else None)
        line.insert(at, between(low, high, [name(number)], near_low=near_low)[0])

    assert line == sorted(set(line))


def test_many_moves_behind_one_another_need_few_characters() -> None:
    low, high = "2024-06-01T12:00:00.000#a", "2024-06-01T12:00:00.001#b"
    for number in range(3000):
        low = between(low, high, [name(number)], near_low=True)[0]

    assert len(low) < 200


def test_thousands_of_moves_into_the_same_gap_are_refused_in_the_end() -> None:
    low, high, moves = "2024-06-01T12:00:00.000#a", "2024-06-01T12:00:00.001#b", 0
    with suppress(NoPositionLeftError):
        while moves < 100_000:
            high = between(low, high, [name(moves)], near_low=True)[0]
            assert len(high) <= MOST_POSITION_CHARACTERS
            moves += 1

    assert 1000 < moves < 100_000


def test_nothing_lies_between_a_key_and_itself() -> None:
    with pytest.raises(ValueError, match="nothing lies between"):
        between("a", "a", ["x"], near_low=True)
