"""How well searches find what people mean: precision of the first page and recall over a fixed library."""

import pytest

from heliograph.photos import PhotoId
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.service.search import Search
from tests.builders import NOON, OWNER
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.metered_index import MeteredIndex
from tests.unit.search_quality.library import album_id, shots
from tests.unit.search_quality.queries import QUERIES

_PAGE = 60
_SHOULD_REACH = 0.9


async def _search_over_the_library() -> Search:
    index, albums = MeteredIndex([shot.photo for shot in shots()]), InMemoryAlbumStore()
    for name in sorted({shot.album for shot in shots()} - {""}):
        album = Album(owner_id=OWNER, album_id=album_id(name), name=name, created_at=NOON, updated_at=NOON)
        await albums.create(album)
    return Search(index, albums, index)


async def _found(search: Search, text: str) -> list[PhotoId]:
    found: list[PhotoId] = []
    cursor = None
    while True:
        page = await search.find(OWNER, text, cursor=cursor, limit=_PAGE)
        found += [one.posting.photo_id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_people_find_what_they_mean(capsys: pytest.CaptureFixture[str]) -> None:
    search = await _search_over_the_library()
    lines, precisions, recalls = [], [], []
    for text, expects in QUERIES:
        expected = {shot.photo.photo_id for shot in shots() if expects(shot)}
        found = await _found(search, text)
        first = found[:_PAGE]
        precision = len(expected & set(first)) / len(first) if first else float(not expected)
        recall = len(expected & set(found)) / len(expected) if expected else float(not found)
        precisions.append(precision)
        recalls.append(recall)
        lines.append(f"{precision:6.2f} {recall:6.2f} {len(found):5} {len(expected):8}  {text}")
    with capsys.disabled():
        print(f"\n{len(shots())} photos\n  prec. recall found expected  query", *lines, sep="\n")
        print(
            f"mean of {len(QUERIES)}: precision of the first page {_mean(precisions):.3f}, recall {_mean(recalls):.3f}"
        )

    assert _mean(precisions) >= _SHOULD_REACH
    assert _mean(recalls) >= _SHOULD_REACH


def test_the_library_and_the_queries_are_large_enough_to_say_something() -> None:
    assert len(shots()) >= 300
    assert len(QUERIES) >= 60
    assert len({text for text, _ in QUERIES}) == len(QUERIES)
    assert sum(not any(map(expects, shots())) for _, expects in QUERIES) >= 10


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
