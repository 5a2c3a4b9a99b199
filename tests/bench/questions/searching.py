"""How well is searched: the service's own search, with fixed queries of which is known what they should find."""

from collections import Counter
from collections.abc import Callable, Sequence

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.service.search import Search
from tests.bench.people import PET_NAMES, PLACE_NAMES, Life, Truth
from tests.builders import OWNER
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.metered_index import MeteredIndex


async def search_quality(
    photos: Sequence[Photo], queries: Sequence[tuple[str, frozenset[PhotoId]]]
) -> tuple[float, float]:
    """Return the mean average precision of fixed searches by the service itself: of those without names, and of all."""
    index = MeteredIndex(photos)
    search = Search(index, InMemoryAlbumStore(), index)
    precisions = []
    for text, expected in queries:
        found: list[PhotoId] = []
        cursor = None
        while len(found) < 600:
            page = await search.find(OWNER, text, cursor=cursor, limit=200)
            found += [one.posting.photo_id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        hits, total = 0, 0.0
        for rank, photo_id in enumerate(found, 1):
            if photo_id in expected:
                hits += 1
                total += hits / rank
        precisions.append(total / min(len(expected), 600))
    plain = [one for one, (text, _) in zip(precisions, queries, strict=True) if ":" in text]
    return sum(plain) / len(plain), sum(precisions) / len(precisions)


def queries_of(life: Life) -> list[tuple[str, frozenset[PhotoId]]]:
    """Return searches that fit this person's life, each with the photos that truly belong."""

    def meant(holds: Callable[[Truth], bool]) -> frozenset[PhotoId]:
        return frozenset(photo_id for photo_id, truth in life.truth.items() if holds(truth))

    towns = Counter(truth.location.place.city for truth in life.truth.values() if truth.location.place)
    things = Counter(thing for truth in life.truth.values() for thing in truth.shows)
    months = Counter(f"{truth.taken_at:%Y-%m}" for truth in life.truth.values())

    def in_town(city: str) -> Callable[[Truth], bool]:
        return lambda truth: truth.location.place is not None and truth.location.place.city == city

    def showing(thing: str) -> Callable[[Truth], bool]:
        return lambda truth: thing in truth.shows

    def in_month(month: str) -> Callable[[Truth], bool]:
        return lambda truth: f"{truth.taken_at:%Y-%m}" == month

    def called(name: str) -> Callable[[Truth], bool]:
        return lambda truth: name in {truth.place_name, truth.pet}

    def both(one: Callable[[Truth], bool], other: Callable[[Truth], bool]) -> Callable[[Truth], bool]:
        return lambda truth: one(truth) and other(truth)

    found = [(f'place:"{city}"', meant(in_town(city))) for city, _ in towns.most_common(12)]
    found += [(f'label:"{thing}"', meant(showing(thing))) for thing, _ in things.most_common(12)]
    found += [(f"month:{month}", meant(in_month(month))) for month, _ in months.most_common(8)]
    found += [
        (f'place:"{city}" label:"{thing}"', meant(both(in_town(city), showing(thing))))
        for city, _ in towns.most_common(6)
        for thing, _ in things.most_common(3)
    ]
    found += [(f'"{name}"', meant(called(name))) for name in (*PLACE_NAMES.values(), *PET_NAMES.values())]
    return [(text, expected) for text, expected in found if expected]
