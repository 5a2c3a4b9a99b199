"""A `LinkStore` in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from heliograph.photos import OwnerId
from heliograph_metadata.domain.sharing import ShareLink, Visit


class InMemoryLinkStore:
    """Links by their ids, visits by the hashes of their tokens, tries by whose they are and when."""

    def __init__(self) -> None:
        self.links: dict[tuple[OwnerId, str, str], ShareLink] = {}
        self.visits: dict[str, Visit] = {}
        self.tries: Counter[tuple[str, int]] = Counter()

    async def create(self, link: ShareLink) -> None:
        self.links[link.owner_id, link.album_id, link.link_id] = link

    async def get(self, owner_id: OwnerId, album_id: str, link_id: str) -> ShareLink | None:
        return self.links.get((owner_id, album_id, link_id))

    async def by_secret(self, secret_hash: str) -> ShareLink | None:
        return next((link for link in self.links.values() if link.secret_hash == secret_hash), None)

    async def of_album(self, owner_id: OwnerId, album_id: str) -> Sequence[ShareLink]:
        found = [link for key, link in self.links.items() if key[:2] == (owner_id, album_id)]
        return sorted(found, key=lambda link: (link.created_at, link.link_id))

    async def replace(self, link: ShareLink, *, stored: ShareLink) -> bool:
        key = link.owner_id, link.album_id, link.link_id
        there = self.links.get(key)
        if there is None or there.version != stored.version:
            return False
        self.links[key] = replace(link, views=there.views, last_viewed_at=there.last_viewed_at)
        return True

    async def remove(self, link: ShareLink) -> None:
        self.links.pop((link.owner_id, link.album_id, link.link_id), None)

    async def open_visit(self, visit: Visit, *, at: datetime) -> None:
        self.visits[visit.token_hash] = visit
        key = visit.owner_id, visit.album_id, visit.link_id
        if link := self.links.get(key):
            self.links[key] = replace(link, views=link.views + 1, last_viewed_at=at)

    async def visit(self, token_hash: str) -> Visit | None:
        return self.visits.get(token_hash)

    async def count_try(self, of: str, *, window: int, until: datetime, most: int) -> bool:
        if self.tries[of, window] >= most:
            return False
        self.tries[of, window] += 1
        return True

    async def take_back_try(self, of: str, *, window: int) -> None:
        if self.tries[of, window] > 0:
            self.tries[of, window] -= 1
