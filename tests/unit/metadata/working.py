"""What works jobs off in tests: of bulk edits that a person asked for, and of those that an answer makes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.job_runner import JobRunner
from heliograph_metadata.service.photo_selection import SearchSelection
from heliograph_metadata.service.purge import Purger
from heliograph_metadata.service.search import Search
from tests.builders import LISBON
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_job_store import InMemoryJobStore
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_queue import InMemoryQueue
from tests.fakes.in_memory_trashed_photos import InMemoryTrashedPhotos


class Places:
    """Every point lies in Lisbon."""

    def place_at(self, latitude: float, longitude: float) -> Any:
        return LISBON.place


def a_runner(
    jobs: InMemoryJobStore,
    photos: InMemoryPhotoStore,
    albums: InMemoryAlbumStore,
    answers: AnswerSelection,
    queue: InMemoryQueue,
    *,
    files: InMemoryPhotoFiles,
    now: Callable[[], datetime],
) -> JobRunner:
    """Return what makes the edits of jobs, and purges what has been in the trash for thirty days."""
    selection = SearchSelection(Search(photos, albums, photos))
    purger = Purger(photos, InMemoryTrashedPhotos(photos), files, keeps=timedelta(days=30), now=now)
    return JobRunner(jobs, photos, albums, selection, answers, purger, queue, now=now)
