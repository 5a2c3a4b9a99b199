"""The one question about a search: which it is, what its answers find, and what it costs."""

from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.photos import OwnerId
from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.photo import Camera, Label, Location, Photo, Place, Source
from heliograph_metadata.domain.questions.history import Said
from heliograph_metadata.domain.questions.kinds.label import LabelKind, found_by
from heliograph_metadata.domain.questions.memory import Answered, Memory
from heliograph_metadata.domain.questions.question import Never, Question
from heliograph_metadata.domain.search.halving import LEAST_BITS, Met, best_split, narrowed
from heliograph_metadata.domain.search.needs import Filters
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.domain.search.query import All
from heliograph_metadata.service.budget import MOST_LOOKUPS, MOST_POSTINGS, MOST_REQUESTS
from heliograph_metadata.service.found_questions import FoundQuestions
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.search import Search
from heliograph_metadata.service.search_questions import MOST_EXAMINED, SearchQuestion, SearchQuestions
from tests.builders import LISBON, NOON, OWNER, a_photo, a_question
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_answer_store import InMemoryAnswerStore
from tests.fakes.metered_index import MeteredIndex

PORTO = Location(41.15, -8.61, Place("PT", "Portugal", "Porto", "Porto"))
YEAR = timedelta(days=365)


class Library:
    """A library that is searched."""

    def __init__(self, *photos: Photo) -> None:
        self.index = MeteredIndex(photos)
        self.search = Search(self.index, InMemoryAlbumStore(), self.index)
        self.answers = InMemoryAnswerStore()
        self.questions = SearchQuestions(self.index, self.index, self.search, Memories(self.answers), now=lambda: NOON)

    async def asked(self, text: str = "", filters: Filters | None = None) -> SearchQuestion | None:
        return await self.questions.question(OWNER, text, filters or Filters())

    async def number(self, text: str, filters: Filters | None = None) -> int:
        cursor, photos = None, 0
        while True:
            page = await self.search.find(OWNER, text, filters=filters or Filters(), cursor=cursor, limit=200)
            photos += len(page.items)
            if not (cursor := page.next_cursor):
                return photos


def half(number: int) -> bool:
    return number % 2 == 0


async def test_a_search_that_finds_a_pageful_is_asked_nothing_about() -> None:
    assert await Library(*(a_photo(number, labels=["dog"]) for number in range(60))).asked("dog") is None


async def test_a_search_that_finds_much_is_halved_by_what_its_photos_differ_in() -> None:
    library = Library(
        *(a_photo(number, labels=["dog"], location=LISBON if half(number) else PORTO) for number in range(80))
    )

    question = await library.asked("dog")

    assert question
    assert (question.about, question.prompt) == ("broad", "Were they taken in Lisboa, Portugal?")
    assert [(one.says, one.text, one.photos) for one in question.choices] == [
        ("Yes", "dog place:PT/Lisboa", 40),
        ("No", "dog -place:PT/Lisboa", 40),
    ]
    assert question.bits == pytest.approx(1 - 0.1414, abs=0.001)  # a bit, less the entropy of 2 % wrong answers
    assert not question.is_estimate


async def test_many_years_are_halved_in_the_middle() -> None:
    library = Library(*(a_photo(number, taken_at=NOON - (number % 10) * YEAR) for number in range(100)))

    question = await library.asked()

    assert question
    assert question.prompt == "Were they taken before 2020?"
    assert [(one.text, one.photos) for one in question.choices] == [("before:2020", 50), ("from:2020", 50)]


async def test_a_persons_own_label_is_asked_about_by_its_name() -> None:
    rex = Label("Rex", 0.95, Source.PERSON)
    library = Library(*(a_photo(number, labels=[rex] if half(number) else ["dog"]) for number in range(70)))

    question = await library.asked()

    assert question
    assert question.prompt == "Is Rex on them?"
    assert question.choices[0].text == 'label:"rex"'


async def test_what_nobody_would_know_is_asked_last() -> None:
    camera = Camera("FUJIFILM", "X-T4")
    library = Library(
        *(
            a_photo(number, camera=camera if half(number) else None, labels=["dog"] if number % 20 < 8 else [])
            for number in range(80)
        )
    )

    question = await library.asked()

    assert question
    assert question.prompt == "Is a dog on them?"


async def test_photos_that_have_all_in_common_are_not_asked_about() -> None:
    assert await Library(*(a_photo(number, labels=["dog"]) for number in range(90))).asked("dog") is None


@pytest.mark.parametrize("text", ["dog", "dog OR cat", "-cat", "(dog OR cat) from:2020", ""])
async def test_both_answers_share_out_just_what_the_search_finds(text: str) -> None:
    library = Library(
        *(
            a_photo(
                number,
                labels=["dog" if number % 3 else "cat", *(["beagle"] if number % 4 else [])],
                location=(LISBON, PORTO, None)[number % 3],
                taken_at=NOON - (number % 7) * YEAR,
            )
            for number in range(190)
        )
    )

    question = await library.asked(text)

    assert question
    found = [await library.number(one.text) for one in question.choices]
    assert found == [one.photos for one in question.choices]
    assert sum(found) == await library.number(text)


async def test_labels_less_sure_than_the_search_wants_are_not_counted() -> None:
    library = Library(
        *(a_photo(number, labels=[Label("dog", 0.3 + 0.6 * half(number), Source.MODEL)]) for number in range(80))
    )

    question = await library.asked("", Filters(min_confidence=0.5))

    assert question
    assert [one.photos for one in question.choices] == [40, 40]
    assert [await library.number(one.text, Filters(min_confidence=0.5)) for one in question.choices] == [40, 40]


async def test_a_large_library_is_sampled_over_all_of_its_time_at_a_bounded_cost() -> None:
    library = Library(
        *(
            a_photo(
                number,
                labels=["dog"] if number % 5 == 0 else [],
                location=LISBON if number < 2_000 else PORTO,
                taken_at=NOON - timedelta(hours=30 * number),
            )
            for number in range(4_000)
        )
    )
    await library.asked("dog")  # the names are read
    library.index.forget()

    question = await library.asked("dog")

    index = library.index
    read = (index.requests, index.postings_read, index.looked_up)
    print(f"requests {read[0]}, postings {read[1]}, lookups {read[2]}, photos {MOST_EXAMINED} at most")
    assert all(one <= 2 * most for one, most in zip(read, (MOST_REQUESTS, MOST_POSTINGS, MOST_LOOKUPS), strict=True))
    assert question
    assert question.is_estimate
    assert sum(one.photos for one in question.choices) == pytest.approx(800, rel=0.1)
    for one in question.choices:
        assert one.photos == pytest.approx(await library.number(one.text), rel=0.15)


DOGS = [
    a_photo(number, labels=[Label("dog", 0.6, Source.MODEL)], location=LISBON, taken_at=NOON) for number in range(5)
]
CATS = [a_photo(number, labels=["cat"], taken_at=NOON + 40 * timedelta(days=1)) for number in range(5, 8)]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("label:dog>0.8", [("“label:dog>=0.5”", "label:dog>=0.5", 5)]),
        ("dog cat", [("without “dog”", "cat", 3), ("without “cat”", "dog", 5)]),
        ("dog day:2024-06-20", [("“date:2024-06”", "dog date:2024-06", 5), ("without “day:2024-06-20”", "dog", 5)]),
        ("cat 2023", [("“year:2022..2024”", "cat year:2022..2024", 3), ("without “2023”", "cat", 3)]),
        ("cat to:2023", [("“to:2024”", "cat to:2024", 3), ("without “to:2023”", "cat", 3)]),
        ("cat place:lisbon", [("without “place:lisbon”", "cat", 3), ("without “cat”", "place:lisbon", 5)]),
        ("dog unicorn -place:PT", [("only “-place:PT”", "-place:PT", 3), ("only “dog”", "dog", 5)]),
        ("unicorn", None),
    ],
)
async def test_a_search_that_finds_nothing_is_loosened_or_loses_a_part(
    text: str, choices: list[tuple[str, str, int]] | None
) -> None:
    library = Library(*DOGS, *CATS)

    question = await library.asked(text)

    assert (question and [(one.says, one.text, one.photos) for one in question.choices]) == choices
    for one in question.choices if question else ():
        assert await library.number(one.text) == one.photos


async def test_a_place_is_widened_to_the_one_around_it() -> None:
    porto = a_photo(20, location=PORTO, labels=["bus"])

    question = await Library(*DOGS, porto).asked("dog place:porto")

    assert question
    assert [(one.text, one.photos) for one in question.choices][:1] == [("dog place:PT", 5)]


async def test_a_filter_beside_the_text_can_be_left_out() -> None:
    question = await Library(*DOGS, *CATS).asked("cat", Filters(labels=("dog",)))

    assert question
    assert [(one.says, one.text, one.leaves_out, one.photos) for one in question.choices] == [
        ("without the labels", "cat", ("label",), 3),
        ("without “cat”", "", (), 5),
    ]


async def test_another_library_is_not_asked_about() -> None:
    library = Library(*(a_photo(number, owner_id="stranger", taken_at=NOON - number * YEAR) for number in range(90)))

    assert await library.asked() is None


async def test_a_search_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidQueryError):
        await Library().asked("(dog")


def test_a_text_that_is_as_long_as_can_be_is_not_narrowed() -> None:
    assert narrowed(" ".join(["dog"] * 40), "year:2023") is None


def test_a_filter_is_added_to_all_alternatives() -> None:
    text = narrowed("dog OR cat", "year:2023")

    assert text == "(dog OR cat) year:2023"
    assert isinstance(parse(text).root, All)


@given(st.lists(st.tuples(st.sampled_from(["dog", "cat"]), st.integers(0, 9), st.floats(1, 9)), max_size=40))
def test_a_question_shares_out_all_photos_and_is_worth_asking(drawn: list[tuple[str, int, float]]) -> None:
    met = [
        Met(a_photo(number, labels=[label], taken_at=NOON - years * YEAR), stands_for)
        for number, (label, years, stands_for) in enumerate(drawn)
    ]

    split = best_split(met)

    if split:
        assert split.bits >= LEAST_BITS
        assert split.photos_yes + split.photos_no == pytest.approx(sum(one.stands_for for one in met), abs=1)


def unsure(number: int, confidence: float = 0.5, source: Source = Source.MODEL) -> Photo:
    return a_photo(number, labels=[Label("dog", confidence, source)])


async def test_where_what_is_asked_for_is_doubtful_the_question_is_on_which_photos_it_is() -> None:
    doubtful = [unsure(number, 0.4 + number / 100) for number in range(6)]
    library = Library(*doubtful, *(unsure(number, 0.95) for number in range(6, 12)))

    question = await library.asked("dog")

    assert question
    assert question.asks
    assert (question.about, question.prompt) == ("uncertain", "Is this a dog? Untick those that are not.")
    assert list(question.asks.shown.grid) == doubtful[::-1]
    assert all(LabelKind().reaches(question.asks.question, photo) for photo in doubtful)


@pytest.mark.parametrize(
    "photos",
    [
        [unsure(number) for number in range(3)],
        [unsure(number, 0.5 if number < 4 else 0.95) for number in range(20)],
        [unsure(number, 1.0, Source.PERSON) for number in range(9)],
    ],
    ids=["few", "a few of many", "said by a person"],
)
async def test_where_little_is_doubtful_nothing_is_asked(photos: list[Photo]) -> None:
    assert await Library(*photos).asked("dog") is None


async def test_what_is_doubtful_is_no_question_where_something_else_is_asked_for() -> None:
    library = Library(
        *(a_photo(number, labels=[Label("cat", 0.5, Source.MODEL)], location=LISBON) for number in range(9))
    )

    assert await library.asked("place:lisbon") is None
    assert await library.asked("-dog") is None


async def test_a_grid_that_a_person_never_wants_to_see_is_not_shown() -> None:
    library = Library(*(unsure(number) for number in range(9)))
    question = LabelKind().found("dog", Memory())
    never = Answered(answer_id="a1", question=question, answer=Never(), person_id=OWNER, at=NOON)
    await library.answers.add(OWNER, Said(number=1, event=never))

    assert await library.asked("dog") is None


async def test_the_grid_can_be_answered_by_its_reference_and_other_questions_as_before() -> None:
    other = a_question()

    class Others:
        async def question(self, owner_id: OwnerId, question_id: str) -> Question:
            assert (owner_id, question_id) == (OWNER, other.reference)
            return other

    asked = FoundQuestions(Others(), Memories(InMemoryAnswerStore()))
    grid = LabelKind().found("hot dog", Memory())

    assert await asked.question(OWNER, grid.reference) == grid
    assert await asked.question(OWNER, other.reference) == other


@pytest.mark.parametrize("text", ["label/dog#7", "label/Dog#found", "label/#found", "thing/dog#found", "\x00\xff", ""])
def test_other_references_name_no_grid_of_a_search(text: str) -> None:
    assert found_by(urlsafe_b64encode(text.encode()).decode().rstrip("=")) == ""
    assert found_by(text) == ""
