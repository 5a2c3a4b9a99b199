"""What follows from an answer or from its being taken back: an album, jobs, questions to be made again.

The event is there first. All of this can be done again, so whatever dies in between is mended by the request's coming
again or by `AnswerReconciler`.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from heliograph.errors import HeliographError, UnavailableError
from heliograph.logs import correlation_id
from heliograph.photos import OwnerId
from heliograph.sqs import MessageSender
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.former_values import Part
from heliograph_metadata.domain.job import Job, recalled
from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.answer_jobs import job_to_make
from heliograph_metadata.domain.questions.answers import answers_of
from heliograph_metadata.domain.questions.engine import Group, groups_of
from heliograph_metadata.domain.questions.history import History, Said
from heliograph_metadata.domain.questions.memory import CHECK, Answered, AnswerUndone
from heliograph_metadata.domain.questions.question import Named, Yes
from heliograph_metadata.domain.terms import Term, folded
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.albums import new_id
from heliograph_metadata.service.answer_store import AnswerStore
from heliograph_metadata.service.in_turns import in_turns
from heliograph_metadata.service.job_store import JobStore, change_job
from heliograph_metadata.service.jobs import first_steps
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.photos import Places

_AT_ONCE: Final = 8
_LOOKED_AT: Final = 1_000
"""An album with more photos is not looked through, so it stays."""

_logger = logging.getLogger(__name__)


class StaleGroups(Protocol):
    """Where it is noted whose questions are to be made again."""

    async def mark_stale(self, owner_id: OwnerId, groups: Iterable[Group]) -> None:
        """Have the questions of these groups made again."""


class Albums(Protocol):
    """What makes albums and deletes them."""

    async def create(self, owner_id: OwnerId, said: Mapping[str, Any], *, key: str | None = None) -> object:
        """Make an album; of two calls with the same key the second makes nothing."""

    async def delete(self, owner_id: OwnerId, album_id: str) -> None:
        """Delete an album; its photos stay."""


def album_key(answer_id: str, name: str = "") -> str:
    """Return the key of the album that an answer makes; with its name, where it makes several."""
    return f"answer {answer_id} {folded(name)}" if name else f"answer {answer_id}"


class AnswerEffects:
    """Draws the consequences of events; each time the same."""

    def __init__(
        self,
        answers: AnswerStore,
        memories: Memories,
        jobs: JobStore,
        albums: Albums,
        stored_albums: AlbumStore,
        photos: PhotoStore,
        index: LibraryIndex,
        places: Places,
        stale: StaleGroups,
        steps: MessageSender,
    ) -> None:
        self._answers = answers
        self._memories = memories
        self._jobs = jobs
        self._albums = albums
        self._stored_albums = stored_albums
        self._photos = photos
        self._index = index
        self._places = places
        self._stale = stale
        self._steps = steps

    async def draw(self, owner_id: OwnerId, number: int) -> None:
        """Draw the consequences of the event with that number; doing it again changes nothing."""
        history = await self._memories.history(owner_id)
        said = history.said[number - 1]
        event = said.event
        answered = event if isinstance(event, Answered) else history.answered(event.answer_id)
        if answered is not None:
            if isinstance(event, AnswerUndone):
                await self._take_back(owner_id, said, answered, history)
            elif event.answer_id not in history.undone:
                await self._make(owner_id, said, answered, history)
            await self._stale.mark_stale(owner_id, _groups_of(answered, said, history))
        await self._answers.settle(owner_id, number)

    async def _make(self, owner_id: OwnerId, said: Said, answered: Answered, history: History) -> None:
        for made in _made_now(said, answered, history):
            await self._make_albums(owner_id, made)

        async def one(job_id: str) -> Job | None:
            job = job_to_make(owner_id, answered, job_id, history, placed=self._placed)
            await self._jobs.create(job, [], key=None, request="")
            return await self._jobs.get(owner_id, job_id)

        await self._send(await in_turns([partial(one, job_id) for job_id in said.jobs], at_once=_AT_ONCE))

    async def _take_back(self, owner_id: OwnerId, said: Said, answered: Answered, history: History) -> None:
        at = said.event.at

        async def one(job_id: str) -> Job | None:
            job = await change_job(self._jobs, owner_id, job_id, lambda job: recalled(job, at=at))
            if job is None:  # it was not made yet, and must not be made any more
                maker = history.answered(answers_of(job_id)[0]) or answered
                made = job_to_make(owner_id, maker, job_id, history, placed=self._placed)
                never = replace(made, is_selected=True, is_cancelled=True, is_recalled=True, is_undoing=True)
                await self._jobs.create(never, [], key=None, request="")
                job = await change_job(self._jobs, owner_id, job_id, lambda job: recalled(job, at=at))
            return job

        await self._send(await in_turns([partial(one, job_id) for job_id in said.jobs], at_once=_AT_ONCE))
        for unmade in _made_now(said, answered, history):
            await self._unmake_albums(owner_id, unmade, history)

    async def _make_albums(self, owner_id: OwnerId, answered: Answered) -> None:
        for key, named in _names(answered).items():
            if named.album_id != new_id(owner_id, "album", key):
                continue
            try:
                await self._albums.create(owner_id, {"name": named.name}, key=key)
            except UnavailableError:
                raise
            except HeliographError as error:  # its photos tell that the album is not there
                _logger.warning("an answer's album was not made", extra={"reason": str(error)})

    async def _unmake_albums(self, owner_id: OwnerId, answered: Answered, history: History) -> None:
        """Delete the albums that this or an earlier answer made, unless it stands or somebody has made them theirs."""
        undone = [one for one in map(history.answered, {answered.answer_id, *history.undone}) if one]
        for album_id in {named.album_id for named in _names(answered).values() if named.album_id}:
            if not any(_makes_album(owner_id, one, album_id) for one in undone):
                continue
            album = await self._stored_albums.get(owner_id, album_id)
            if album is None or album.is_deleted or not _is_as_it_was_made(album):
                continue
            placing = {one.answer_id for one in undone if _places_in(one, album_id)}
            if await self._holds_only(owner_id, album_id, placing):
                await self._albums.delete(owner_id, album_id)

    async def _holds_only(self, owner_id: OwnerId, album_id: str, placing: Collection[str]) -> bool:
        """Whether all photos that are in an album still are there by these answers, which are being taken back."""
        postings = await self._index.postings(
            owner_id, Term("album", album_id), before=None, since=None, limit=_LOOKED_AT + 1, consistent=True
        )
        if len(postings) > _LOOKED_AT:
            return False
        photos = await self._photos.get_many([posting.photo_id for posting in postings])
        return all(_is_there_by(photo, album_id, placing) for photo in photos.values())

    def _placed(self, edit: BulkEdit) -> BulkEdit:
        if (point := edit.location) is None:
            return edit
        place = self._places.place_at(point.latitude, point.longitude)
        return replace(edit, location=Location(point.latitude, point.longitude, place))

    async def _send(self, jobs: Iterable[Job | None]) -> None:
        at_work = [job for job in jobs if job is not None and job.is_at_work]
        steps = [step.model_dump_json() for job in at_work for step in first_steps(job, correlation_id())]
        try:
            await self._steps.send(steps)
        except UnavailableError as error:
            _logger.warning("a job begins later: its messages were not sent", extra={"reason": str(error)})


class AnswerReconciler:
    """Looks for events whose consequences were not drawn wholly, because a process died in between."""

    def __init__(
        self, answers: AnswerStore, memories: Memories, effects: AnswerEffects, *, now: Callable[[], datetime]
    ) -> None:
        self._answers = answers
        self._memories = memories
        self._effects = effects
        self._now = now

    async def look(self, after: timedelta) -> None:
        """Draw what is left to be drawn of events that are older than `after`."""
        async for owner_id, number in self._answers.unsettled():
            try:
                await self._draw(owner_id, number, after)
            except Exception:  # whatever it is, others wait behind it
                _logger.exception("an answer's consequences were not drawn", extra={"number": number})

    async def _draw(self, owner_id: OwnerId, number: int, after: timedelta) -> None:
        history = await self._memories.history(owner_id)
        if number <= history.number and self._now() - history.said[number - 1].event.at >= after:
            await self._effects.draw(owner_id, number)
            _logger.warning("an answer's jobs were made later", extra={"number": number})


def _made_now(said: Said, answered: Answered, history: History) -> list[Answered]:
    """Return the answers that are made with an event: its own unless it is held, and those that its check confirms."""
    confirmed = {answers_of(job_id)[1]: history.answered(answers_of(job_id)[1]) for job_id in said.jobs}
    own = [] if answered.is_held else [answered]
    return own + [one for one in confirmed.values() if one is not None and one.is_held]


def _names(answered: Answered) -> dict[str, Named]:
    """Return the names of albums that an answer says, each by the key under which it makes the album."""
    answer, answer_id = answered.answer, answered.answer_id
    if isinstance(answer, Named):
        return {album_key(answer_id): answer}
    if not isinstance(answer, Yes):
        return {}
    ticked = (item.answer for item in answered.question.items if item.key not in answer.but_not)
    return {album_key(answer_id, one.name): one for one in ticked if isinstance(one, Named)}


def _makes_album(owner_id: OwnerId, answered: Answered, album_id: str) -> bool:
    return any(album_id == new_id(owner_id, "album", key) for key in _names(answered))


def _places_in(answered: Answered, album_id: str) -> bool:
    """Whether an answer puts photos into an album, whoever has made it."""
    return any(one.album_id == album_id for one in _names(answered).values())


def _is_there_by(photo: Photo, album_id: str, placing: Collection[str]) -> bool:
    """Whether a photo is in an album because of one of these answers; or not any more."""
    return album_id not in photo.album_ids or any(
        mark.part == Part.ALBUMS and not mark.undone and any(one in placing for one in answers_of(mark.job_id))
        for mark in photo.formers
    )


def _is_as_it_was_made(album: Album) -> bool:
    """Whether nobody has changed an album itself, nor put photos into it by hand but in bulk."""
    return album.updated_at == album.created_at and not album.description and album.cover_photo_id is None


def _groups_of(answered: Answered, said: Said, history: History) -> set[Group]:
    """Return the groups whose questions an answer changes; a check changes those of the answers it is about."""
    concerned = [answered]
    if answered.question.kind == CHECK:
        ids = str(answered.question.facts["answers"]).split()
        concerned = [one for one in map(history.answered, ids) if one is not None]
    concerned += [one for job_id in said.jobs if (one := history.answered(answers_of(job_id)[1])) is not None]
    return {group for one in concerned for group in groups_of(one.question, one.answer)}
