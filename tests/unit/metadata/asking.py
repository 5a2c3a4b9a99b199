"""Libraries that questions are asked of, and what is asked of them first."""

from datetime import datetime, timedelta

from heliograph_metadata.domain.photo import Camera, Location, Photo
from heliograph_metadata.domain.questions.question import Question
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions

NOW = NOON + timedelta(days=400)
PARIS = Location(48.857, 2.352)
PORTO = Location(41.149, -8.611)
FUJI, PHONE = Camera("FUJIFILM", "X-T4"), Camera("Apple", "iPhone 13")


def asked(library: InMemoryQuestions, kind: str) -> Question:
    """Return the best question of a kind, as it is shown."""
    return library.asked(next(one for one in library.ranked(NOW) if one.kind == kind), NOW)


def kinds_asked(library: InMemoryQuestions, now: datetime = NOW) -> list[str]:
    return [one.kind for one in library.ranked(now)]


def a_day_without_places(photos: int = 5, *, day: int = 0, first: int = 0) -> list[Photo]:
    at = NOON + timedelta(days=day)
    return [a_photo(first + number, taken_at=at + timedelta(minutes=number)) for number in range(photos)]


def places_of(library: InMemoryQuestions) -> list[Location | None]:
    return [photo.point for photo in library.photos.values()]


def at_home(label: str = "cat") -> list[Photo]:
    days = [NOON + timedelta(days=30 * month, minutes=n) for month in range(5) for n in range(3)]
    return [a_photo(n, taken_at=at, location=LISBON, labels=(label,)) for n, at in enumerate(days)]
