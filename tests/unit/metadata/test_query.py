"""The search box's language: what is written is read as meant, or refused with one sentence and a place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.search.parsing import (
    DEEPEST_PARENTHESES,
    MOST_CLAUSES,
    MOST_QUERY_CHARACTERS,
    parse,
    parse_beginning,
)
from heliograph_metadata.domain.search.query import All, Any, Certainty, Field, Filter, Negation, Part, Query, Words
from heliograph_metadata.domain.search.values import EachYear, TimeSpan, certainty_of, certainty_text, time_of
from heliograph_metadata.domain.search.writing import written


def word(value: str) -> Words:
    return Words(value=value)


def refused(text: str) -> tuple[str, int | None]:
    with pytest.raises(InvalidQueryError) as error:
        parse(text)
    return str(error.value), error.value.position


def test_words_and_filters_stand_in_one_box() -> None:
    query = parse('dog label:cat>0.8 -in:lisboa album:"Summer trip" NOT has:location')
    assert query.parts == (
        word("dog"),
        Filter(field=Field.LABEL, value="cat", certainty=Certainty(0.8, with_least=False)),
        Negation(part=Filter(field=Field.PLACE, value="lisboa")),
        Filter(field=Field.ALBUM, value="Summer trip", quoted=True),
        Negation(part=Filter(field=Field.HAS, value="location")),
    )


def test_every_part_knows_where_it_stands() -> None:
    text = "dog  (cat OR -bus)  label:owl>0.5 -(a b)"
    assert [text[part.span.start : part.span.end] for part in parse(text).parts] == [
        "dog",
        "(cat OR -bus)",
        "label:owl>0.5",
        "-(a b)",
    ]


def test_or_binds_less_than_standing_side_by_side() -> None:
    assert parse("a b OR c").root == Any(parts=(All(parts=(word("a"), word("b"))), word("c")))
    assert parse("a (b or c)").root == All(parts=(word("a"), Any(parts=(word("b"), word("c")))))
    assert parse("a | b AND c").root == parse("a OR (b c)").root


def test_not_twice_is_not_at_all() -> None:
    assert parse("NOT NOT dog").root == parse("-(-dog)").root == word("dog")
    assert parse("NOT " * 399 + "dog").root == Negation(part=word("dog"))


def test_a_minus_within_a_word_is_part_of_it() -> None:
    assert parse("x-t4 - 2024-06").parts == (word("x-t4"), word("-"), word("2024-06"))


def test_quotes_of_all_kinds_hold_a_name_together() -> None:
    for text in ('"Summer trip"', "“Summer trip”", "„Summer trip“"):
        assert parse(text).parts == (Words(value="Summer trip", quoted=True),)
    assert parse(r'"a \"b\" \\c"').parts == (Words(value=r'a "b" \c', quoted=True),)


def test_nothing_written_asks_for_everything() -> None:
    assert parse("").parts == parse("  \t ").parts == ()


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        (">0.8", Certainty(0.8, with_least=False)),
        (">=80%", Certainty(0.8)),
        ("<0.5", Certainty(most=0.5, with_most=False)),
        ("<=.5", Certainty(most=0.5)),
        ("=0.5..0.8", Certainty(0.5, 0.8)),
        ("=1", Certainty(1.0, 1.0)),
        (">2", None),
        (">", None),
        ("=0.8..0.5", None),
        (">nan", None),
        (">1e-1", None),
        (">٠", None),
    ],
)
def test_a_confidence_is_a_bound_or_a_range(text: str, certainty: Certainty | None) -> None:
    assert certainty_of(text) == certainty


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("from:2024-06", TimeSpan("2024-06", "")),
        ("to:2024-06", TimeSpan("", "2024-06~")),
        ("after:2024", TimeSpan("2024~", "")),
        ("before:2024-06-15T18:30", TimeSpan("", "2024-06-15T18:30")),
        ("date:2024-06..2024-08", TimeSpan("2024-06", "2024-08~")),
        ("date:2024-06-15", TimeSpan("2024-06-15", "2024-06-15~")),
        ("year:2020..2023", TimeSpan("2020", "2023~")),
        ("month:2024-06", TimeSpan("2024-06", "2024-06~")),
        ("month:june", EachYear(6)),
        ("month:06", EachYear(6)),
        ("day:2024-02-29", TimeSpan("2024-02-29", "2024-02-29~")),
    ],
)
def test_times_are_spans_of_the_calendar(text: str, span: TimeSpan | EachYear) -> None:
    [clause] = parse(text).parts
    assert isinstance(clause, Filter)
    assert time_of(clause) == span


REFUSED: list[tuple[str, int]] = [
    ("dog OR", 6),
    ("OR dog", 0),
    ("dog AND AND cat", 8),
    ("dog NOT", 7),
    ("()", 1),
    ("dog )", 4),
    ("dog (cat", 4),
    ('dog "cat', 4),
    (r'"cat\"', 0),
    ("label:", 6),
    ('label:""', 6),
    ("dog colour:red", 4),
    ("at 10:30", 5),
    ("label:dog>2", 9),
    ("place:lisboa>0.5", 12),
    (">0.5", 0),
    ("from:yesterday", 5),
    ("from:2023-02-29", 5),
    ("date:2024..2023", 5),
    ("from:٢٠٢٤", 5),
    ("year:24", 5),
    ("month:13", 6),
    ("day:2024-06", 4),
    ("near:lisbon", 5),
    ("near:91,0,1", 5),
    ("near:0,0,0", 5),
    ("near:0,0,1e400km", 5),
    ("bbox:0,50,1,40", 5),
    ("status:lost", 7),
    ("is:nice", 3),
    ("has:wings", 4),
    ("dog \x00", 4),
    ("dog \x1b[31m", 4),
    ("dog \ud83d", 4),
    ("dog \ufdd0", 4),
    ("label:" + "a" * 300, 6),
    ("a" * 10_000, MOST_QUERY_CHARACTERS),
    ("(" * 50 + "a" + ")" * 50, DEEPEST_PARENTHESES),
    ("a " * (MOST_CLAUSES + 1), 2 * MOST_CLAUSES),
]


@pytest.mark.parametrize(("text", "position"), REFUSED)
def test_what_cannot_be_meant_is_refused_at_its_character(text: str, position: int) -> None:
    sentence, at = refused(text)
    assert at == position
    assert sentence.endswith(".")


def test_what_stands_before_an_error_can_still_be_shown() -> None:
    query, error = parse_beginning("dog label:cat month:13 bus")
    assert [part.span.end for part in query.parts] == [3, 13]
    assert error is not None
    assert error.position == 20
    assert parse_beginning("dog")[1] is None
    assert parse_beginning("((((((((((((dog")[0].parts == ()


@pytest.mark.parametrize(
    "bomb",
    ["((((((((((", '"' * 1999, "-" * 2000, "a-" * 1000, "\\" * 2000, "NOT " * 500, "=" * 2000, '"\\' * 999, "a:" * 999],
)
def test_no_text_takes_long_to_read(bomb: str) -> None:
    parse_beginning(bomb)  # milliseconds; what is feared are minutes


values = st.text(min_size=1, max_size=8).filter(str.strip)
plain_words = st.from_regex(r"[a-z0-9é][a-z0-9é'.-]{0,8}", fullmatch=True).filter(lambda text: text != "or")
certainties = st.none() | st.builds(
    lambda ends, low, high: Certainty(min(ends), max(ends), low, high),
    st.tuples(*(st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0]),) * 2),
    st.just(value=True),
    st.just(value=True),
)
printable = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=8).filter(
    str.strip
)
leaves: st.SearchStrategy[Part] = st.one_of(
    st.builds(word, plain_words),
    st.builds(Words, value=printable, quoted=st.just(value=True), certainty=certainties),
    st.builds(
        Filter,
        field=st.sampled_from([Field.LABEL]),
        value=printable,
        quoted=st.just(value=True),
        certainty=certainties,
    ),
    st.builds(
        Filter,
        field=st.sampled_from([Field.PLACE, Field.CAMERA, Field.LENS, Field.ALBUM, Field.WORD, Field.FILENAME]),
        value=plain_words,
    ),
    st.sampled_from([Filter(field=Field.FROM, value="2024-06"), Filter(field=Field.NEAR, value="38.7,-9.1,5km")]),
)


def _negation(part: Part) -> Part:
    return part.part if isinstance(part, Negation) else Negation(part=part)


trees: st.SearchStrategy[Part] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(_negation, inner),
        st.builds(lambda parts: All(parts=tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: Any(parts=tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)


@given(trees)
def test_what_is_written_is_read_as_the_same_tree(tree: Part) -> None:
    assert parse(written(tree)).root == tree


@given(certainties.filter(lambda one: one is not None))
def test_a_confidence_is_written_as_it_is_read(certainty: Certainty) -> None:
    assert certainty_of(certainty_text(certainty)) == certainty


@given(st.text(max_size=60) | st.text('()"-:<>=| \\aORNDT.0~,“', max_size=60))
def test_any_text_at_all_is_read_or_refused_with_a_place(text: str) -> None:
    query, error = parse_beginning(text)
    assert isinstance(query, Query)
    if error is not None:
        assert error.position is not None
        assert 0 <= error.position <= len(text)
