"""Which photos a question means: by the little that lists say of them, and by what they are now."""

from collections.abc import Callable, Collection
from datetime import datetime

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.answers import answers_of, kind_of, reached
from heliograph_metadata.domain.questions.memory import CHECK
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.service.photo_store import PhotoStore


class MeantPhotos:
    """Reads photos, and passes over those that a question is not about."""

    def __init__(self, photos: PhotoStore, *, now: Callable[[], datetime]) -> None:
        self._photos = photos
        self._now = now

    async def of(self, owner_id: OwnerId, question: Question, ids: Collection[PhotoId]) -> dict[PhotoId, Photo]:
        """Return those of some photos that a question means, in their order."""
        there = await self._photos.get_many(list(ids)) if ids else {}
        photos = [there[one] for one in ids if one in there and there[one].owner_id == owner_id]
        if question.kind == CHECK:
            asked = set(str(question.facts["answers"]).split())
            return {one.photo_id: one for one in photos if _is_changed_by(one, asked)}
        meant = set(reached(question, photos, at=self._now()))
        return {photo.photo_id: photo for photo in photos if photo.photo_id in meant}


def may_be_meant(question: Question, posting: Posting) -> bool:
    """Whether a question can mean a photo, by what a list says of it; what it can't mean is not read."""
    if question.kind == CHECK:
        return True
    card = posting.card
    point = (card.latitude, card.longitude) if card.latitude is not None and card.longitude is not None else None
    return kind_of(question).may_reach(question, point, posting.confidence)


def _is_changed_by(photo: Photo, answer_ids: set[str]) -> bool:
    """Whether a photo is as one of some answers has made it."""
    return photo.trashed_at is None and any(
        not mark.undone and not answer_ids.isdisjoint(answers_of(mark.job_id)) for mark in photo.formers
    )
