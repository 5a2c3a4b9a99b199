"""What every `QuestionBook` does: the fake and DynamoDB, held to the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.dynamodb.question_book import DynamoQuestionBook
from heliograph_metadata.service.question_book import Book, QuestionBook
from tests.builders import OWNER, a_question
from tests.fakes.in_memory_question_book import InMemoryQuestionBook

JUNE, JULY, DOG = ("place", "2024-06"), ("place", "2024-07"), ("label", "dog")


@pytest.fixture(params=["in memory", "dynamodb"])
def another(request: pytest.FixtureRequest) -> Callable[[], QuestionBook]:
    """Return what opens the book in a process of its own."""
    if request.param == "in memory":
        fake = InMemoryQuestionBook()
        return lambda: fake
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return lambda: DynamoQuestionBook(aws.dynamodb, stack.table_name("questions"))


async def written(book: QuestionBook, made: dict[tuple[str, str], list[Question]], *, generation: int = 0) -> Book:
    after = await book.replace(OWNER, made, book=await book.read(OWNER), generation=generation)
    assert after is not None
    return after


async def test_a_book_that_nobody_has_written_is_empty(another: Callable[[], QuestionBook]) -> None:
    assert await another().read(OWNER) == Book()


async def test_what_was_written_is_read_by_others_as_it_was(another: Callable[[], QuestionBook]) -> None:
    first, second = a_question(key="a"), a_question(key="b", facts={"camera": "Фуджи 📷", "bits": 2.5})
    after = await written(another(), {JUNE: [first, second]})

    there = await another().read(OWNER)

    assert there == after
    assert sorted(there.questions[JUNE], key=lambda one: one.key) == [first, second]
    assert await another().read(OwnerId("stranger")) == Book()


async def test_groups_that_are_not_made_anew_stay(another: Callable[[], QuestionBook]) -> None:
    june, july, dog = a_question(), a_question(group="2024-07"), a_question("label", group="dog")
    book = another()
    await written(book, {JUNE: [june], JULY: [july], DOG: [dog]})
    later = replace(july, key="later")

    await written(book, {JULY: [later]})

    assert (await another().read(OWNER)).questions == {JUNE: (june,), JULY: (later,), DOG: (dog,)}


async def test_a_group_of_which_nothing_is_asked_any_more_is_gone(another: Callable[[], QuestionBook]) -> None:
    book = another()
    await written(book, {JUNE: [a_question()], DOG: [a_question("label", group="dog")]})
    await written(book, {JUNE: [], ("event", "2024-06"): []})
    assert set((await another().read(OWNER)).questions) == {DOG}

    await written(book, {DOG: []})

    assert (await another().read(OWNER)).questions == {}


async def test_who_has_not_seen_the_last_change_changes_nothing(another: Callable[[], QuestionBook]) -> None:
    slow, quick = another(), another()
    before = await slow.read(OWNER)
    quickly = await written(quick, {JUNE: [a_question(key="new")]})

    assert await slow.replace(OWNER, {JUNE: [a_question(key="old")]}, book=before, generation=0) is None

    assert await slow.read(OWNER) == quickly
    assert await slow.replace(OWNER, {JUNE: []}, book=await slow.read(OWNER), generation=0) is not None
    assert (await quick.read(OWNER)).questions == {}


async def test_each_writing_makes_another_version_even_where_nothing_is_different(
    another: Callable[[], QuestionBook],
) -> None:
    book = another()
    first = await written(book, {JUNE: [a_question()]})
    second = await written(book, {JUNE: [a_question()]})

    assert second.version > first.version
    assert second.questions == first.questions


async def test_another_index_makes_another_book(another: Callable[[], QuestionBook]) -> None:
    book, reader = another(), another()
    june = a_question()
    await written(book, {JUNE: [june], JULY: [a_question(group="2024-07")], DOG: [a_question("label", group="dog")]})
    await reader.read(OWNER)

    await written(book, {JUNE: [june]}, generation=1)

    there = await reader.read(OWNER)
    assert (there.generation, there.questions) == (1, {JUNE: (june,)})
