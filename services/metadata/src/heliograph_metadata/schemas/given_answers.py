"""HTTP bodies of what can be said to a question, each told by its `type`."""

from datetime import timedelta
from typing import Annotated, Final, Literal, assert_never

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.question import (
    Answer,
    Keep,
    Named,
    Never,
    No,
    NotSure,
    Off,
    Several,
    Skip,
    When,
    Where,
    Which,
    Yes,
)

MOST_SHIFT_SECONDS: Final = 200 * 366 * 24 * 3600
MOST_SHOWN: Final = 100
"""Photos of one grid, or items of one question."""

ShownPhotoId = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]
SpokenName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class YesBody(_Said):
    """It is so; of a grid or of several things, but for those that are named."""

    type: Literal["yes"]
    but_not: list[Annotated[str, StringConstraints(min_length=1, max_length=80)]] = Field(
        default=[], max_length=MOST_SHOWN, description="Photos of a grid, keys of items, or answers of a check."
    )


class NoBody(_Said):
    """It is not so, of none of them."""

    type: Literal["no"]


class WhereBody(_Said):
    """They were taken here."""

    type: Literal["where"]
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)


class WhenBody(_Said):
    """The first of them was taken then."""

    type: Literal["when"]
    at: AwareDatetime = Field(description="With an offset.")


class OffBody(_Said):
    """They were taken later than they say by this."""

    type: Literal["off"]
    shift_seconds: int = Field(ge=-MOST_SHIFT_SECONDS, le=MOST_SHIFT_SECONDS)


class WhichBody(_Said):
    """Of the things that it might be, this one."""

    type: Literal["which"]
    name: SpokenName


class NamedBody(_Said):
    """It is called that."""

    type: Literal["named"]
    name: SpokenName
    but_not: list[ShownPhotoId] = Field(default=[], max_length=MOST_SHOWN, description="Of a grid: on these it is not.")


class KeepBody(_Said):
    """These are worth keeping, the others are not."""

    type: Literal["keep"]
    photo_ids: list[ShownPhotoId] = Field(min_length=1, max_length=MOST_SHOWN)


class SeveralBody(_Said):
    """The photos don't belong together: ask about fewer at once."""

    type: Literal["several"]


class NotSureBody(_Said):
    """I don't know: it is not asked again for half a year."""

    type: Literal["not_sure"]


class SkipBody(_Said):
    """Not now."""

    type: Literal["skip"]


class NeverBody(_Said):
    """Not this question, at any time."""

    type: Literal["never"]


AnswerBody = Annotated[
    YesBody | NoBody | WhereBody | WhenBody | OffBody | WhichBody | NamedBody | KeepBody | SeveralBody | NotSureBody,
    Field(discriminator="type"),
]
SaidBody = Annotated[
    YesBody
    | NoBody
    | WhereBody
    | WhenBody
    | OffBody
    | WhichBody
    | NamedBody
    | KeepBody
    | SeveralBody
    | NotSureBody
    | SkipBody
    | NeverBody,
    Field(discriminator="type"),
]


def answer_of(body: AnswerBody) -> Answer:  # noqa: C901, PLR0911 - one case for each thing that can be said
    """Return what is meant; the place of a point is not looked up yet."""
    match body:
        case YesBody():
            return Yes(tuple(dict.fromkeys(body.but_not)))
        case NoBody():
            return No()
        case WhereBody():
            return Where(Location(body.latitude, body.longitude))
        case WhenBody():
            return When(body.at)
        case OffBody():
            return Off(timedelta(seconds=body.shift_seconds))
        case WhichBody():
            return Which(body.name)
        case NamedBody():
            return Named(body.name, but_not=tuple(PhotoId(one) for one in dict.fromkeys(body.but_not)))
        case KeepBody():
            return Keep(tuple(PhotoId(one) for one in dict.fromkeys(body.photo_ids)))
        case SeveralBody():
            return Several()
        case NotSureBody():
            return NotSure()
        case _:
            assert_never(body)


def body_of(answer: Answer) -> SaidBody:  # noqa: C901, PLR0911, PLR0912 - one case for each thing to be said
    """Return the wire form of an answer."""
    match answer:
        case Yes():
            return YesBody(type="yes", but_not=list(answer.but_not))
        case No():
            return NoBody(type="no")
        case Where():
            point = answer.location
            return WhereBody(type="where", latitude=point.latitude, longitude=point.longitude)
        case When():
            return WhenBody(type="when", at=answer.at)
        case Off():
            return OffBody(type="off", shift_seconds=round(answer.shift.total_seconds()))
        case Which():
            return WhichBody(type="which", name=answer.name)
        case Named():
            return NamedBody(type="named", name=answer.name, but_not=list(answer.but_not))
        case Keep():
            return KeepBody(type="keep", photo_ids=list(answer.photo_ids))
        case Several():
            return SeveralBody(type="several")
        case NotSure():
            return NotSureBody(type="not_sure")
        case Skip():
            return SkipBody(type="skip")
        case Never():
            return NeverBody(type="never")
        case _:
            assert_never(answer)
