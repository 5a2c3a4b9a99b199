"""What the words and filters of a search mean in a library's own terms."""

import pytest

from heliograph_metadata.domain.search import (
    MOST_ALTERNATIVES,
    Group,
    Name,
    SearchQuery,
    Vocabulary,
    groups,
    text_tokens,
)
from heliograph_metadata.domain.terms import LOCATED, PRESENT, Term
from heliograph_metadata.domain.tiles import Bounds, Circle

NAMES = [
    Name(Term("label", "dog"), "dog", 20),
    Name(Term("label", "hot dog"), "hot dog", 2),
    Name(Term("label", "traffic light"), "traffic light", 5),
    Name(Term("place", "PT"), "Portugal", 50),
    Name(Term("place", "PT/Lisboa"), "Lisboa, Portugal", 30),
    Name(Term("place", "PT/Lisboa/Lisbon"), "Lisbon, Portugal", 29),
    Name(Term("place", "US/Maine/Lisbon"), "Lisbon, United States", 3),
    Name(Term("camera", "fujifilm x-t4"), "FUJIFILM X-T4", 12),
    Name(Term("camera", "fujifilm x100v"), "FUJIFILM X100V", 9),
    Name(Term("album", "a1"), "Dog days", 4),
    Name(Term("time", "2023-06"), "2023-06", 7),
    Name(Term("time", "2024-06"), "2024-06", 8),
    Name(Term("time", "2024-12"), "2024-12", 1),
]


def meant(text: str, **words: list[str]) -> list[set[str]]:
    vocabulary = Vocabulary(
        NAMES, {token: [Name(Term("word", word), word, 1) for word in found] for token, found in words.items()}
    )
    return [{str(term) for term in group.terms} for group in groups(SearchQuery(text=text), vocabulary)]


def test_a_word_means_everything_in_the_library_that_begins_with_it() -> None:
    assert meant("dog", dog=["dogma"]) == [{"label:dog", "label:hot dog", "album:a1", "word:dogma"}]
    assert meant("LIGHT") == [{"label:traffic light"}]


def test_a_place_in_a_place_that_is_meant_too_is_left_out() -> None:
    assert meant("lisb") == [{"place:PT/Lisboa", "place:US/Maine/Lisbon"}]


def test_a_country_s_word_does_not_mean_its_towns_one_by_one() -> None:
    assert meant("portugal") == [{"place:PT"}]


def test_a_year_and_a_month_are_times() -> None:
    assert meant("2024") == [{"time:2024-06", "time:2024-12"}]
    assert meant("june") == [{"time:2023-06", "time:2024-06"}]
    assert meant("2024-06") == [{"time:2024-06"}]
    assert meant("jun") == meant("june")
    assert meant("ju") == [set()]


def test_all_words_must_be_met() -> None:
    assert meant("dog 2024-12 2023") == [
        {"time:2024-12"},
        {"label:dog", "label:hot dog", "album:a1"},
        {"time:2023-06"},
    ]


def test_a_word_that_means_nothing_matches_nothing() -> None:
    assert meant("unicorn") == [set()]


def test_text_without_words_is_no_filter() -> None:
    assert meant(" -- ! ") == [{str(PRESENT)}]


def test_long_text_is_cut_to_a_few_words() -> None:
    assert len(text_tokens(" ".join(f"word{n}" for n in range(100)))) == 12


def test_of_many_meanings_those_that_most_photos_bear_are_taken() -> None:
    many = [Name(Term("label", f"a{n}"), f"a{n}", n) for n in range(100)]
    [group] = groups(SearchQuery(text="a"), Vocabulary(many))
    assert len(group.terms) == MOST_ALTERNATIVES
    assert Term("label", "a99") in group.terms


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("pt", {"place:PT"}),
        ("PT/Lisboa", {"place:PT/Lisboa"}),
        ("lisbon", {"place:PT/Lisboa/Lisbon", "place:US/Maine/Lisbon"}),
        ("atlantis", set()),
        ("!", set()),
    ],
)
def test_a_place_is_a_value_or_words_of_its_name(wanted: str, expected: set[str]) -> None:
    [group] = groups(SearchQuery(place=wanted), Vocabulary(NAMES))
    assert {str(term) for term in group.terms} == expected


def test_a_camera_is_a_value_or_words_of_its_name() -> None:
    [group] = groups(SearchQuery(camera="fuji"), Vocabulary(NAMES))
    assert len(group.terms) == 2
    [group] = groups(SearchQuery(camera="FUJIFILM X-T4"), Vocabulary(NAMES))
    assert group.terms == (Term("camera", "fujifilm x-t4"),)


def test_each_filter_is_a_group_of_its_own() -> None:
    query = SearchQuery(labels=("Dog", "cat"), min_confidence=0.5, album_id="a1", status="ready", favourite=True)
    assert [str(group.terms[0]) for group in groups(query, Vocabulary())] == [
        "label:dog",
        "label:cat",
        "album:a1",
        "status:ready",
        "is:favourite",
    ]
    assert groups(query, Vocabulary())[0].min_confidence == 0.5


def test_a_small_area_is_a_few_tiles_and_a_large_one_all_that_have_a_location() -> None:
    for area, length in ((Circle(38.71, -9.14, 5), 12), (Circle(38.71, -9.14, 300), 6)):
        [group] = groups(SearchQuery(near=area), Vocabulary())
        assert {(term.kind, len(term.value)) for term in group.terms} == {("area", length)}
        assert group.area == area
    world = Bounds(-180, -90, 180, 90)
    assert groups(SearchQuery(bbox=world), Vocabulary()) == [Group((LOCATED,), area=world)]
