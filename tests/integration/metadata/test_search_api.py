"""Search through the HTTP API over the real tables: hits, parts, suggestions, facets, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heliograph_metadata.domain.photo import Camera, Label, Source
from tests.builders import LISBON, NOON, a_photo
from tests.integration.metadata.library import Caller, Shelf

DOG = a_photo(
    1,
    labels=[Label("dog", 0.9, Source.MODEL), Label("beagle", 0.4, Source.MODEL)],
    location=LISBON,
    taken_at=datetime(2024, 6, 15, 23, 30, tzinfo=UTC),
    camera=Camera("FUJIFILM", "X-T4", "XF35"),
    caption="Bruno by the river",
)
SAID = a_photo(2, labels=[Label("dog", 1.0, Source.PERSON)], taken_at=NOON - timedelta(days=900), favourite=True)
CAT = a_photo(3, labels=["cat"], taken_at=NOON + timedelta(days=20))


@pytest.fixture
async def library(shelf: Shelf) -> None:
    await shelf.put(DOG, SAID, CAT)


@pytest.mark.usefixtures("library")
async def test_hits_come_by_relevance_and_say_why(owner: Caller) -> None:
    page = await owner.get("/search", q="dog")

    assert page["sort"] == "relevance"
    assert [hit["photo_id"] for hit in page["items"]] == [SAID.photo_id, DOG.photo_id]
    assert [hit["matches"] for hit in page["items"]] == [
        [{"kind": "label", "name": "dog", "confidence": 1.0, "how": "confirmed"}],
        [{"kind": "label", "name": "dog", "confidence": 0.9, "how": "exact"}],
    ]
    by_date = await owner.get("/search", q="dog", sort="date")
    assert [hit["photo_id"] for hit in by_date["items"]] == [DOG.photo_id, SAID.photo_id]
    assert (await owner.get("/search"))["sort"] == "date"
    first = await owner.get("/search", q="dog", limit=1)
    rest = await owner.get("/search", q="dog", limit=1, cursor=first["next_cursor"])
    assert [hit["photo_id"] for hit in rest["items"]] == [DOG.photo_id]


@pytest.mark.usefixtures("library")
async def test_confirmed_labels_lenses_and_types_are_found(owner: Caller) -> None:
    assert await owner.found(q="confirmed:dog") == [SAID.photo_id]
    assert await owner.found(q="is:confirmed") == [SAID.photo_id]
    assert await owner.found(q="lens:xf35 type:jpeg") == [DOG.photo_id]
    assert await owner.found(q="label:beagle>0.5") == []
    assert await owner.found(q="(cat OR is:favourite) -has:location", sort="date") == [CAT.photo_id, SAID.photo_id]


@pytest.mark.usefixtures("library")
async def test_the_parts_of_a_text_can_be_shown_as_chips(owner: Caller) -> None:
    text = "dog -label:beagle>0.5 (cat OR unicorn)"
    answer = await owner.get("/search/parse", q=text)

    assert answer["error"] is None
    word, barred, either = answer["parts"]
    assert [text[part["start"] : part["end"]] for part in answer["parts"]] == [part["text"] for part in answer["parts"]]
    assert (word["kind"], word["value"], word["negated"]) == ("text", "dog", False)
    assert [(one["kind"], one["name"], one["count"]) for one in word["meanings"]] == [
        ("confirmed", "dog", 1),
        ("label", "dog", 2),
        ("label", "beagle", 1),
    ]
    assert (barred["kind"], barred["negated"], barred["operator"], barred["min_confidence"]) == (
        "label",
        True,
        ">",
        0.5,
    )
    assert (either["kind"], [part["value"] for part in either["parts"]]) == ("any", ["cat", "unicorn"])
    assert either["parts"][1]["meanings"] == []


async def test_a_text_with_an_error_is_shown_up_to_it(owner: Caller) -> None:
    answer = await owner.get("/search/parse", q="dog month:13 cat")
    assert [part["text"] for part in answer["parts"]] == ["dog"]
    assert answer["error"]["position"] == 10
    problem = await owner.call("GET", "/search", 400, params={"q": "dog month:13 cat"})
    assert (problem["code"], problem["position"]) == ("invalid-query", 10)


@pytest.mark.usefixtures("library")
async def test_what_is_typed_is_completed_from_the_librarys_own_words(owner: Caller, stranger: Caller) -> None:
    album = await owner.call("POST", "/albums", 201, json={"name": "River days"})
    await owner.call("PATCH", f"/albums/{album['album_id']}/photos", json={"add": [DOG.photo_id]})

    answer = await owner.get("/suggest", q="cat por fuji", position=7)
    assert (answer["start"], answer["end"]) == (4, 7)
    assert answer["items"][0] == {
        "kind": "place",
        "value": "PT",
        "name": "Portugal",
        "count": 1,
        "text": "place:PT ",
    }
    found = {(one["kind"], one["text"]) for one in (await owner.get("/suggest", q="riv"))["items"]}
    assert found == {("album", 'album:"River days" '), ("word", "word:river ")}
    assert (await owner.get("/suggest", q="year:20"))["items"][0]["text"] == "year:2024 "
    assert (await stranger.get("/suggest", q="riv"))["items"] == []
    assert (await stranger.get("/suggest", q="is:fav"))["items"][0]["kind"] == "operator"


@pytest.mark.usefixtures("library")
async def test_facets_are_counted_within_a_search_and_in_the_library(owner: Caller, stranger: Caller) -> None:
    answer = await owner.get("/search/facets", q="dog")
    assert (answer["examined"], answer["complete"]) == (2, True)
    facets = {facet["kind"]: [(one["value"], one["count"]) for one in facet["items"]] for facet in answer["facets"]}
    assert facets["label"] == [("dog", 2), ("beagle", 1)]
    assert facets["year"] == [("2024", 1), ("2021", 1)]
    assert facets["lens"] == [("xf35", 1)]
    for kind, count in (("lens", 1), ("type", 1), ("year", 2)):
        assert len((await owner.get("/facets", kind=kind))["items"]) == count
    assert (await stranger.get("/search/facets", q="dog"))["examined"] == 0


BAD_TEXTS = [
    "dog \x00",
    "dog \u202e\x07",
    "\ufdd0",
    "(" * 500 + ")" * 500,
    '"never closed',
    "dog OR",
    "label:dog>7",
    "a " * 900,
    "from:9999-99-99",
    "near:1e999,0,1",
    "bbox:1,2",
    "x" * 2001,
    "year:0000",
]


async def test_a_text_that_means_nothing_gets_one_problem_with_its_place(owner: Caller) -> None:
    for text in BAD_TEXTS:
        for path in ("/search", "/search/facets"):
            problem: Any = await owner.call("GET", path, 400, params={"q": text})
            assert problem["code"] == "invalid-query", text
            assert 0 <= problem["position"] <= len(text), text
        assert (await owner.get("/search/parse", q=text))["error"]["position"] == problem["position"]
    answer = await owner.http.get("/api/v1/search?q=%ED%A0%80", headers=owner.headers)  # half a surrogate pair
    assert answer.status_code in {200, 400}


async def test_a_long_search_comes_with_the_question_that_halves_it(owner: Caller, shelf: Shelf) -> None:
    await shelf.put(
        *(a_photo(number, labels=["dog"], taken_at=NOON - timedelta(days=365 * (number % 4))) for number in range(64))
    )

    question = await owner.get("/search/question", q="dog")

    assert (question["about"], question["prompt"]) == ("broad", "Were they taken before 2023?")
    assert [(one["q"], one["photos"]) for one in question["choices"]] == [
        ("dog before:2023", 32),
        ("dog from:2023", 32),
    ]
    for one in question["choices"]:
        assert len(await owner.found(q=one["q"], limit=200)) == one["photos"]


@pytest.mark.usefixtures("library")
async def test_a_search_that_finds_nothing_comes_with_what_to_leave_out(owner: Caller) -> None:
    question = await owner.get("/search/question", q="dog", camera="fuji", place="PT", label="cat")

    assert question["about"] == "empty"
    assert [(one["says"], one["q"], one["leave_out"], one["photos"]) for one in question["choices"]] == [
        ("without the labels", "dog", ["label"], 1)
    ]
    assert await owner.get("/search/question", q="dog") is None
    assert await owner.get("/search/question", q="unicorn") is None


@pytest.mark.usefixtures("library")
async def test_another_account_is_asked_nothing_about_it(stranger: Caller, owner: Caller) -> None:
    assert await stranger.get("/search/question", q="dog cat") is None
    assert (await owner.get("/search/question", q="dog cat"))["about"] == "empty"
    assert await owner.refused("/search/question", q="(dog") == "invalid-query"
