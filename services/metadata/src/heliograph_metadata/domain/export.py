"""An export of a library: what is in it, how far it is, and when it goes."""

import re
import unicodedata
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
_MOST_NAME_BYTES: Final = 255
"""Of UTF-8, as most file systems have it; NTFS has 255 UTF-16 units, of which a name never has more than bytes."""
_MOST_ENDING_BYTES: Final = 32
"""What is longer behind the last dot is no ending."""


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
        folder = f"{self._folder}/{taken_at:%Y-%m}"
        stem, ending = _parts_of(_UNSAFE.sub("_", photo.admission.filename).strip(". ") or photo.photo_id)
        path = f"{folder}/{_fitting(stem, ending)}"
        while True:
            key = unicodedata.normalize("NFC", path).casefold()
            self._taken[key] += 1
            if (number := self._taken[key]) == 1:
                return path
            path = f"{folder}/{_fitting(stem, f' ({number}){ending}')}"


def _parts_of(name: str) -> tuple[str, str]:
    """Return a name in front of its ending, and the ending with its dot, or nothing where there is none."""
    stem, dot, ending = name.rpartition(".")
    is_one = stem and len(ending.encode(errors="replace")) <= _MOST_ENDING_BYTES
    return (stem, dot + ending) if is_one else (name, "")


def _fitting(stem: str, rest: str) -> str:
    """Return a name that file systems take: as much of the stem, in whole characters, as there is room for."""
    room = _MOST_NAME_BYTES - len(rest.encode(errors="replace"))
    return stem.encode(errors="replace")[:room].decode(errors="ignore").rstrip(". ") + rest


def after(ids: Sequence[PhotoId], cursor: str) -> list[PhotoId]:
    """Return the ids behind a cursor, in order."""
    return sorted(one for one in ids if one > cursor)
