"""A library of a million photos as the timeline's API would tell it to a browser; no photo of it is anywhere.

240 months of 3,750 photos, one of 100,000, and in that one a day of 40,000.
"""

import calendar
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route

MONTHS = [f"{year}-{month:02}" for year in range(2024, 2004, -1) for month in range(12, 0, -1)]
LARGE_MONTH = "2014-06"
LARGE_DAY = "2014-06-15"
LARGE_MONTH_PHOTOS = 100_000
LARGE_DAY_PHOTOS = 40_000
_USUAL_PHOTOS = 3_766
_RATIOS = (1.5, 1.3333, 0.75, 1.7778, 1.0, 0.6667)
_DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def photos_of(month: str) -> int:
    """Return how many photos a month has."""
    return LARGE_MONTH_PHOTOS if month == LARGE_MONTH else _USUAL_PHOTOS


TOTAL = sum(map(photos_of, MONTHS))


def days_of(month: str) -> dict[str, int]:
    """Return the photos of each day, newest first."""
    year, number = map(int, month.split("-"))
    days = [f"{month}-{day:02}" for day in range(calendar.monthrange(year, number)[1], 0, -1)]
    counts = dict.fromkeys(days, 0)
    if month == LARGE_MONTH:
        counts[LARGE_DAY] = LARGE_DAY_PHOTOS
    others = [day for day in days if counts[day] == 0]
    each, more = divmod(photos_of(month) - sum(counts.values()), len(others))
    return counts | {day: each + (place < more) for place, day in enumerate(others)}


def _times(month: str, since: str, until: str) -> Iterator[tuple[datetime, str]]:
    """Yield time and id of the photos of a part of a month, newest first: a day's are spread evenly over it."""
    for day, count in days_of(month).items():
        if day < since[:10] or day > until[:10]:
            continue
        midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
        for number in range(count):
            taken = midnight + timedelta(days=1) * (1 - (number + 1) / (count + 1))
            wall = taken.isoformat()
            if since <= wall[: len(since)] and wall[: len(until)] <= until:
                yield taken, f"{day.replace('-', '')}{number:018}"


def _page(month: str, query: dict[str, list[str]]) -> dict[str, object]:
    since, until = query.get("from", [f"{month}-01"])[0], query.get("to", [f"{month}-31"])[0]
    limit, start = int(query.get("limit", ["500"])[0]), int(query.get("cursor", ["0"])[0])
    rows = [row for place, row in enumerate(_times(month, since, until)) if start <= place <= start + limit]
    more, rows = len(rows) > limit, rows[:limit]
    return {
        "month": month,
        "photo_id": [photo_id for _, photo_id in rows],
        "taken_at": [round(taken.timestamp() * 1000) for taken, _ in rows],
        "offset_minutes": [0] * len(rows),
        "ratio": [_RATIOS[(start + place) % len(_RATIOS)] for place in range(len(rows))],
        "thumbhash": [None] * len(rows),
        "filename": [f"{photo_id}.jpg" for _, photo_id in rows],
        "thumbnail": {"url": f"{_DOT}#{{photo_id}}{{signature}}", "signature": ["0"] * len(rows)},
        "favourite": [],
        "prepared": [],
        "next_cursor": str(start + limit) if more else None,
    }


def answer(address: str) -> dict[str, object]:
    """Return what the API answers at an address under /api/v1/timeline."""
    parts = urlsplit(address)
    match parts.path.removeprefix("/api/v1/timeline").strip("/").split("/"):
        case [""]:
            return {"total": TOTAL, "months": [{"month": month, "count": photos_of(month)} for month in MONTHS]}
        case [month, "days"]:
            days = [{"day": day, "count": count} for day, count in days_of(month).items() if count]
            return {"month": month, "days": days}
        case [month]:
            return _page(month, parse_qs(parts.query))
    raise AssertionError(address)


def serve(page: Page) -> None:
    """Answer a page's requests for the timeline."""

    def fulfil(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(answer(route.request.url)))

    page.route("**/api/v1/timeline**", fulfil)
