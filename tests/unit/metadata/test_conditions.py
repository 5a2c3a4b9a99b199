"""What a condition says of a photo of which not everything is known yet."""

import pytest

from heliograph_metadata.domain.index import Card, Posting
from heliograph_metadata.domain.search.conditions import Candidate, Condition, Group, Not, judge
from heliograph_metadata.domain.terms import JPEG, Term

PNG = Term("type", "png")
KEY = "2024-06-15T12:00:00.000#photo"
OLD = Card.from_json('[1.5,null,false,"a.jpg",true,0,null,null]')


@pytest.mark.parametrize(
    ("condition", "said"), [(Group((JPEG,)), True), (Group((PNG,)), False), (Not(Group((JPEG,))), False)]
)
def test_a_card_says_of_what_type_the_file_is(condition: Condition, said: bool) -> None:  # noqa: FBT001 - a case
    assert judge(condition, Candidate(KEY, OLD._replace(file_type="jpeg"))) is said


@pytest.mark.parametrize("condition", [Group((JPEG,)), Group((PNG,)), Not(Group((JPEG,)))])
def test_a_card_of_before_does_not_so_the_list_is_asked(condition: Condition) -> None:
    assert judge(condition, Candidate(KEY, OLD)) is None


def test_what_the_list_says_of_a_card_of_before_holds() -> None:
    assert judge(Group((JPEG,)), Candidate(KEY, OLD, {JPEG: Posting(KEY, OLD)})) is True
    assert judge(Not(Group((JPEG,))), Candidate(KEY, OLD, {JPEG: None})) is True
