"""An export of a library: what is in it, how far it is, and when it goes."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from heliograph.errors import NotFoundError
from heliograph.exports import AT_WORK, ExportStatus
from heliograph.photos import EXPORTS, OwnerId, PhotoId
from heliograph_metadata.domain.photo import Photo

KEPT_FOR: Final = timedelta(days=7)
MOST_PHOTOS_OF_A_PART: Final = 5_000
MOST_ATTEMPTS: Final = 10
"""Without coming to the end of a part."""
_UNSAFE: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_MOST_NAME_CHARACTERS: Final = 150


class ExportNotFoundError(NotFoundError):
    """You have no such export, or it has no such part."""

    code = "export-not-found"


@dataclass(frozen=True)
class ExportPart:
    """One ZIP file."""

    number: int
    photos: int
    size_bytes: int


@dataclass(frozen=True)
class Export:
    """All that an account has, in some ZIP files."""

    account_id: OwnerId
    export_id: str
    status: ExportStatus
    asked_at: datetime
    photos: int = 0
    """That there are in all, as soon as that is known."""
    done: int = 0
    parts: tuple[ExportPart, ...] = field(default=())
    cursor: str = ""
    """The last photo that is in a part."""
    attempts: int = 0
    ends_at: datetime | None = None
    """When it is removed."""

    @property
    def is_at_work(self) -> bool:
        """Whether something is still to be done."""
        return self.status in AT_WORK

    def part_key(self, number: int) -> str:
        """Return where a part lies in the bucket."""
        return f"{EXPORTS}/{self.account_id}/{self.export_id}/{number:03}.zip"

    def part_name(self, number: int) -> str:
        """Return what a part is called where it is saved."""
        return f"heliograph-{self.asked_at:%Y-%m-%d}-{number:03}.zip"

    def part(self, number: int) -> ExportPart:
        """Return a part that is made.

        Raises:
            ExportNotFoundError: There is none of that number.
        """
        for part in self.parts:
            if part.number == number:
                return part
        raise ExportNotFoundError("This export has no such part.")


class FileNames:
    """Names of originals in one part: their own, by month, and of several with the same name a number behind it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._taken: Counter[str] = Counter()

    def of(self, photo: Photo) -> str:
        """Return where a photo's original lies in the part."""
        taken_at = photo.taken_at.value if photo.taken_at else photo.created_at
        name = _UNSAFE.sub("_", photo.admission.filename).strip(". ")[-_MOST_NAME_CHARACTERS:] or photo.photo_id
        path = f"{self._folder}/{taken_at:%Y-%m}/{name}"
        while True:
            self._taken[path.casefold()] += 1
            if (number := self._taken[path.casefold()]) == 1:
                return path
            stem, dot, ending = name.rpartition(".")
            path = f"{self._folder}/{taken_at:%Y-%m}/{stem or name} ({number}){dot}{ending if dot else ''}"


def after(ids: Sequence[PhotoId], cursor: str) -> list[PhotoId]:
    """Return the ids behind a cursor, in order."""
    return sorted(one for one in ids if one > cursor)
