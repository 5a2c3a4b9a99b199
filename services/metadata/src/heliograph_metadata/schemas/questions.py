"""HTTP bodies of questions: what is asked, of which photos, and what the likeliest answer is."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, Field

from heliograph.photos import OwnerId
from heliograph_metadata.domain.index import Posting, card_of, sort_key
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.question import Item, Question
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.schemas.given_answers import SaidBody, body_of
from heliograph_metadata.schemas.grid import GridPhoto, grid_photo
from heliograph_metadata.service.asked_questions import DEFAULT, AskedQuestion
from heliograph_metadata.service.question_photos import Shown
from heliograph_metadata.service.questions import QuestionPage

_LONG_FACTS = ("passing", "right", "everyday")
"""Lists by which a kind tells what its question reaches: nobody shows them."""
_HOUR = Field(description="By the clock of the place, inclusive.", examples=["2024-06-15T13"])


class QuestionItem(BaseModel):
    key: str = Field(description="What an answer's `but_not` names it by.")
    since: str = _HOUR
    until: str = _HOUR
    photos: int
    default: SaidBody
    place: str | None = Field(
        description="The default in words: its place, or the name of the trip.", examples=["Lisbon, Portugal"]
    )
    photo: GridPhoto | None = Field(
        description="One of the photos; null also where none was looked for yet (see `pending`)."
    )
    fills: int = Field(description="Of a trip: how many of them get a place, too, where others of the same hours were.")


class PlaceChoice(BaseModel):
    name: str = Field(description="With its country.", examples=["Porto, Portugal"])
    latitude: float = Field(examples=[41.149])
    longitude: float = Field(examples=[-8.611])


class QuestionResponse(BaseModel):
    question_id: str = Field(description="The same as long as the same is asked.")
    kind: str = Field(
        examples=["place"],
        description="`place`, `places`, `beside`, `label`, `date`, `clock`, `two-labels`, `event`, `events`, "
        "`same-place`, `burst`, `thing`, `missing`, or `check`.",
    )
    prompt: str = Field(examples=["Where were you, 15 June 2024?"])
    why: str = Field(examples=["Photos from before or after have a place, these don't."])
    mends: str = Field(examples=["214 photos get a place"])
    photos: int = Field(description="How many it is about.")
    seconds: float = Field(description="What it takes to answer.")
    value: float = Field(description="What an answer is expected to bring: bits of what is not known, a second.")
    default: SaidBody | None = Field(
        description="The likeliest answer; null where nothing can be guessed. Of several things its `but_not` names "
        "those that are doubtful: they begin unticked."
    )
    place: str | None = Field(description="The default's place in words, if it is one.", examples=["Lisbon, Portugal"])
    choices: list[PlaceChoice] = Field(
        description="Of `place`: up to three other places that it may have been, likeliest first, each with a name of "
        "its own. The answer is `where`, with the point of the one that is taken.",
        examples=[[{"name": "Porto, Portugal", "latitude": 41.149, "longitude": -8.611}]],
    )
    items: list[QuestionItem] = Field(description="Of a question about several things: each with its own default.")
    shown: list[GridPhoto] = Field(
        description="Of a grid: the photos that the question is about. An answer says which of them were shown."
    )
    sample: list[GridPhoto] = Field(description="Up to 12 of the photos.")
    can_be_parted: bool = Field(description="Whether `several` leads to questions about fewer photos at a time.")
    options: list[str] = Field(description="Of `two-labels`: the two.")
    facts: dict[str, str | int | float] = Field(description="What else the kind knows of it.")
    since: str | None = _HOUR
    until: str | None = _HOUR

    @classmethod
    def of(cls, asked: AskedQuestion, *, owner_id: OwnerId, urls: MediaUrls) -> "QuestionResponse":
        """Return the wire form."""
        question, shown = asked.question, asked.shown
        spans = question.reach.spans
        return cls(
            question_id=question.reference,
            kind=question.kind,
            prompt=question.prompt,
            why=question.why,
            mends=question.mends,
            photos=question.reach.photos,
            seconds=question.worth.seconds,
            value=question.worth.value,
            default=body_of(question.default) if question.default else None,
            place=asked.places.get(DEFAULT),
            choices=[
                PlaceChoice(name=name, latitude=point.latitude, longitude=point.longitude)
                for name, point in asked.choices.items()
            ],
            items=[_item(item, shown, asked.places, owner_id, urls) for item in question.items],
            shown=_photos(shown.grid, owner_id, urls),
            sample=_photos(shown.sample, owner_id, urls),
            can_be_parted=question.can_be_parted,
            options=_options(question),
            facts={name: fact for name, fact in question.facts.items() if not name.startswith(_LONG_FACTS)},
            since=min((span.since for span in spans), default=None),
            until=max((span.until for span in spans), default=None),
        )


class QuestionsResponse(BaseModel):
    items: list[QuestionResponse] = Field(description="The most valuable first.")
    next_cursor: str | None = Field(description="Pass as `cursor` to go on; null at the end.")
    budget_left: int = Field(
        description="How many more questions may be asked today of somebody who does not go on by themselves."
    )
    pending: int = Field(
        description="Groups of photos that have changed and were not looked at yet, and `items` of which no photo was "
        "looked for yet; ask again soon. 200 is 200 or more."
    )

    @classmethod
    def of(cls, page: QuestionPage, *, owner_id: OwnerId, urls: MediaUrls) -> "QuestionsResponse":
        """Return the wire form."""
        return cls(
            items=[QuestionResponse.of(one, owner_id=owner_id, urls=urls) for one in page.items],
            next_cursor=page.next_cursor,
            budget_left=page.budget_left,
            pending=page.pending,
        )


def _item(item: Item, shown: Shown, places: Mapping[str, str], owner_id: OwnerId, urls: MediaUrls) -> QuestionItem:
    photo = shown.items.get(item.key)
    return QuestionItem(
        key=item.key,
        since=item.span.since,
        until=item.span.until,
        photos=item.photos,
        default=body_of(item.answer),
        place=places.get(item.key),
        photo=_photo(photo, owner_id, urls) if photo else None,
        fills=sum(one.photos for one in item.fills),
    )


def _photos(photos: Iterable[Photo], owner_id: OwnerId, urls: MediaUrls) -> list[GridPhoto]:
    return [_photo(photo, owner_id, urls) for photo in photos]


def _photo(photo: Photo, owner_id: OwnerId, urls: MediaUrls) -> GridPhoto:
    return grid_photo(Posting(sort_key(photo), card_of(photo)), photo.status, owner_id, urls)


def _options(question: Question) -> list[str]:
    return [str(question.facts[name]) for name in ("first", "second")] if question.kind == "two-labels" else []
