"""What the words and filters of a search mean in a library's own terms, and what it can go on with."""

from collections.abc import Sequence

import pytest

from heliograph_metadata.domain.search.conditions import (
    EVERYTHING,
    Condition,
    Either,
    Every,
    FileNamed,
    Group,
    How,
    Not,
    Taken,
    groups_of,
)
from heliograph_metadata.domain.search.lexicon import forms, is_known, labels_meant
from heliograph_metadata.domain.search.meaning import MOST_ALTERNATIVES, MOST_TERMS, meaning_of
from heliograph_metadata.domain.search.needs import Filters, word_starts
from heliograph_metadata.domain.search.parsing import MOST_CLAUSES, parse
from heliograph_metadata.domain.search.suggesting import Suggestion, suggestions, typed_at
from heliograph_metadata.domain.search.vocabulary import Name, Names, Vocabulary
from heliograph_metadata.domain.terms import LOCATED, Term
from heliograph_metadata.domain.tiles import Bounds, Circle

NAMES = [
    Name(Term("label", "dog"), "dog", 20),
    Name(Term("label", "beagle"), "beagle", 3),
    Name(Term("label", "hot dog"), "hot dog", 2),
    Name(Term("label", "traffic light"), "traffic light", 5),
    Name(Term("label", "car"), "car", 9),
    Name(Term("label", "bus"), "bus", 4),
    Name(Term("confirmed", "dog"), "dog", 6),
    Name(Term("place", "PT"), "Portugal", 50),
    Name(Term("place", "PT/Lisboa"), "Lisboa, Portugal", 30),
    Name(Term("place", "PT/Lisboa/Lisbon"), "Lisbon, Portugal", 29),
    Name(Term("place", "US/Maine/Lisbon"), "Lisbon, United States", 3),
    Name(Term("place", "US/New York/New York"), "New York, United States", 7),
    Name(Term("place", "ES/Catalonia"), "Catalonia, Spain", 7),
    Name(Term("camera", "fujifilm x-t4"), "FUJIFILM X-T4", 12),
    Name(Term("camera", "fujifilm x100v"), "FUJIFILM X100V", 9),
    Name(Term("lens", "xf35mmf1.4 r"), "XF35mmF1.4 R", 8),
    Name(Term("album", "a1"), "Dog days", 4),
    Name(Term("album", "a2"), "Summer", 4),
    Name(Term("type", "heic"), "HEIC", 4),
]
MONTHS = [("2023-06", 7), ("2024-06", 8), ("2024-12", 1)]
WORDS = ["cat", "dogma", "beaches", "fuji"]


def a_vocabulary(names: Sequence[Name] = NAMES, words: Sequence[str] = WORDS, text: str = "") -> Vocabulary:
    kinds = {name.term.kind for name in names}
    return Vocabulary(
        names={kind: Names(name for name in names if name.term.kind == kind) for kind in kinds},
        months=MONTHS,
        words={
            start: [Name(Term("word", word), word, 1) for word in words if word.startswith(start)]
            for start in word_starts(parse(text))
        },
    )


def meant(text: str, filters: Filters | None = None) -> Condition:
    return meaning_of(parse(text), a_vocabulary(text=text), filters or Filters())


def terms(condition: Condition) -> set[str]:
    return {str(term) for group in groups_of(condition) for term in group.terms}


def hows(text: str) -> dict[str, How]:
    return {str(term): sense.how for group in groups_of(meant(text)) for term, sense in group.senses.items()}


def test_a_word_means_its_very_name_then_names_that_have_it_then_its_kinds() -> None:
    assert hows("dog") == {
        "confirmed:dog": How.CONFIRMED,
        "label:dog": How.EXACT,
        "album:a1": How.PREFIX,
        "label:beagle": How.SYNONYM,
    }


def test_a_label_that_merely_has_a_known_word_in_its_name_is_not_meant() -> None:
    assert "label:hot dog" not in terms(meant("dog"))
    assert terms(meant("hot")) == {"label:hot dog"}
    assert "label:traffic light" in terms(meant("light"))


def test_plurals_synonyms_and_broader_words_find_labels() -> None:
    assert terms(meant("dogs")) == terms(meant("dog"))
    assert {"label:car", "label:bus"} <= terms(meant("vehicle"))
    assert "label:dog" in terms(meant("puppies"))
    assert terms(meant("automobile")) == {"label:car"}
    assert terms(meant("beach")) == {"word:beaches"}


def test_the_beginning_of_a_name_counts_where_a_word_means_nothing_else() -> None:
    assert terms(meant("lisb")) == {"place:PT/Lisboa", "place:US/Maine/Lisbon"}
    assert terms(meant("cat")) == {"word:cat"}  # and not Catalonia
    assert terms(meant("cata")) == {"place:ES/Catalonia"}
    assert terms(meant("dogm")) == {"word:dogma"}


def test_cameras_are_found_by_the_beginning_of_their_names_always() -> None:
    assert terms(meant("fuji")) == {"word:fuji", "camera:fujifilm x-t4", "camera:fujifilm x100v"}


def test_a_place_in_a_place_that_is_meant_too_is_left_out() -> None:
    assert terms(meant("lisbon")) == {"place:PT/Lisboa/Lisbon", "place:US/Maine/Lisbon"}
    assert terms(meant("place:lisb")) == {"place:PT/Lisboa", "place:US/Maine/Lisbon"}
    assert terms(meant("portugal")) == {"place:PT"}


def test_words_that_together_are_a_name_mean_it_too() -> None:
    condition = meant("hot dogs")
    assert isinstance(condition, Either)
    whole, each = condition.parts
    assert terms(whole) == {"label:hot dog"}
    assert isinstance(each, Every)
    assert "place:US/New York/New York" in terms(meant("new york"))


def test_words_people_write_around_it_are_passed_over() -> None:
    assert meant("photos of my dog") == meant("dog")
    assert terms(meant("the")) == set()


def test_years_and_months_are_times() -> None:
    for text in ("2024", "june", "jun", "2024-06", "2024-06-15", "2023-06..2024-01"):
        assert isinstance(meant(text), Taken), text
    assert not isinstance(meant("ju"), Taken)
    assert terms(meant("1999")) == set()


def test_a_word_that_means_nothing_matches_nothing() -> None:
    assert terms(meant("unicorn")) == set()
    assert terms(meant("place:atlantis")) == set()
    assert terms(meant("album:nothing")) == set()


def test_punctuation_is_no_filter() -> None:
    assert meant(" -- ! ") == meant("") == EVERYTHING
    assert meant("dog !") == meant("dog")


def test_quotes_ask_for_the_very_name_or_the_very_words() -> None:
    assert terms(meant('"dog"')) == {"label:dog", "confirmed:dog"}
    assert terms(meant('"Dog days"')) == {"album:a1"}
    assert terms(meant('label:"beag"')) == set()
    assert terms(meant('"cat"')) == {"word:cat"}
    assert terms(meant('"Lisbon"')) == {"place:PT/Lisboa/Lisbon", "place:US/Maine/Lisbon"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("label:dog", {"label:dog", "confirmed:dog", "label:beagle"}),
        ("confirmed:dog", {"confirmed:dog"}),
        ("confirmed:puppy", {"confirmed:dog"}),
        ("place:pt", {"place:PT"}),
        ('place:"PT/Lisboa"', {"place:PT/Lisboa"}),
        ('camera:"fujifilm x-t4"', {"camera:fujifilm x-t4"}),
        ("camera:fuji", {"camera:fujifilm x-t4", "camera:fujifilm x100v"}),
        ("lens:xf35", {"lens:xf35mmf1.4 r"}),
        ("album:a2", {"album:a2"}),
        ("album:summer", {"album:a2"}),
        ("type:heif", {"type:heic"}),
        ("is:favorite", {"is:favourite"}),
        ("is:confirmed", {"confirmed:dog"}),
        ("has:gps", {"has:location"}),
        ("status:failed", {"status:failed"}),
        ("caption:cat", {"word:cat"}),
    ],
)
def test_a_filter_is_a_value_or_words_of_a_name(text: str, expected: set[str]) -> None:
    assert terms(meant(text)) == expected


def test_a_file_is_found_by_a_part_of_its_name() -> None:
    assert meant("filename:DSCF2041.JPG") == FileNamed("DSCF2041.JPG")
    assert terms(meant("filename:cat-2.jpg")) == {"word:cat"}


def test_what_must_not_hold_is_kept_apart() -> None:
    condition = meant("dog -car")
    assert isinstance(condition, Every)
    assert isinstance(condition.parts[1], Not)


def test_a_small_area_is_a_few_tiles_and_a_large_one_all_that_have_a_location() -> None:
    for area, length in ((Circle(38.71, -9.14, 5), 12), (Circle(38.71, -9.14, 300), 6)):
        group = meant("", Filters(near=area))
        assert isinstance(group, Group)
        assert {(term.kind, len(term.value)) for term in group.terms} == {("area", length)}
    world = Bounds(-180, -90, 180, 90)
    assert meant("", Filters(bbox=world)) == Group((LOCATED,), area=world)


def test_of_many_meanings_those_that_most_photos_bear_are_taken() -> None:
    many = [Name(Term("label", f"zz{n}"), f"zz{n}", n) for n in range(300)]
    [group] = groups_of(meaning_of(parse("zz"), a_vocabulary(many, text="zz"), Filters()))
    assert len(group.terms) == MOST_ALTERNATIVES
    assert Term("label", "zz299") in group.terms
    longest = " OR ".join(f"zz{n % 10}" for n in range(MOST_CLAUSES))
    condition = meaning_of(parse(longest), a_vocabulary(many, text=longest), Filters())
    assert sum(len(group.terms) for group in groups_of(condition)) <= MOST_TERMS


PLURALS = "dogs dog,buses bus,puppies puppy,beaches beach,boxes box,people person,mice mouse,knives knife,dishes dish"


@pytest.mark.parametrize(
    ("plural", "singular"),
    [pair.split() for pair in PLURALS.split(",")],
)
def test_a_plural_has_its_singular_among_its_forms(plural: str, singular: str) -> None:
    assert singular in forms(plural)


def test_words_that_only_look_like_plurals_are_themselves() -> None:
    assert forms("glass") == ("glass",)
    assert forms("bus") == ("bus",)
    assert forms("is") == ("is",)


def test_the_lexicon_knows_what_the_networks_know() -> None:
    assert {"beagle", "golden retriever", "dog"} <= labels_meant("puppy")
    assert "hot dog" not in labels_meant("dog")
    assert {"car", "bus", "bicycle", "airplane"} <= labels_meant("vehicle")
    assert "tabby cat" in labels_meant("animal")
    assert labels_meant("sofas") == {"couch"}
    assert labels_meant("teacher") == frozenset()
    assert is_known("dogs")
    assert not is_known("lisbon")


def suggested(text: str, at: int | None = None) -> list[tuple[str, str]]:
    for typed in typed_at(text, len(text) if at is None else at):
        if found := suggestions(typed, a_vocabulary(text="")):
            return [(one.kind, text[: typed.start] + one.text + text[typed.end :]) for one in found]
    return []


def test_what_is_being_typed_is_completed_by_the_librarys_own_names() -> None:
    assert suggested("lis")[0] == ("place", "place:PT/Lisboa ")
    assert suggested("dog new y") == [("place", 'dog place:"US/New York/New York" ')]
    assert ("album", 'album:"Summer" ') in suggested("sum")
    assert suggested("2024-1") == [("month", "date:2024-12 ")]
    assert [text for _, text in suggested("june")] == ["date:2024-06 ", "date:2023-06 "]
    assert suggested("") == suggested("dog ") == []


def test_the_value_of_a_filter_is_completed_in_its_place() -> None:
    assert suggested("camera:x100")[0] == ("camera", 'camera:"fujifilm x100v" ')
    assert suggested('dog album:"dog d') == [("album", 'dog album:"Dog days" ')]
    assert suggested('dog album:"dog d" cat', 16) == [("album", 'dog album:"Dog days"  cat')]
    assert [text for _, text in suggested("-label:")][:1] == ["-label:dog "]
    assert suggested("is:fav") == [("operator", "is:favourite ")]
    assert suggested("year:202") == [("year", "year:2024 "), ("year", "year:2023 ")]
    assert suggested("near:38") == []


def test_a_filters_name_is_completed_too() -> None:
    assert ("operator", "label:") in suggested("lab")
    assert ("operator", "dog is:favourite ") in suggested("dog is")


def test_what_most_photos_bear_and_what_begins_so_is_suggested_first() -> None:
    shown = [text for kind, text in suggested("li") if kind != "operator"]
    assert shown == ["place:PT/Lisboa ", "place:PT/Lisboa/Lisbon ", "place:US/Maine/Lisbon ", 'label:"traffic light" ']


def test_an_album_with_a_name_that_another_has_is_suggested_by_its_id() -> None:
    twice = [Name(Term("album", "a1"), "Summer", 1), Name(Term("album", "a2"), "Summer", 2)]
    [typed] = typed_at("sum", 3)
    found: list[Suggestion] = suggestions(typed, a_vocabulary(twice, text=""))
    assert [one.text for one in found] == ['album:"a2" ', 'album:"a1" ']
