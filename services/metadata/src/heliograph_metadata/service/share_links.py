"""Share links: made, changed and taken back by an album's owner, opened by anyone who has one."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import uuid4

from heliograph.photos import OwnerId
from heliograph_metadata.domain.access import Access, Right
from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.domain.sharing import (
    MOST_LINKS,
    MOST_TRIES,
    MOST_TRIES_FROM_ONE_ADDRESS,
    TRIES_WINDOW,
    VISIT_LIVES,
    EndsInThePastError,
    LinkNotFoundError,
    ShareLink,
    ShareNotFoundError,
    SharePasswordNeededError,
    ShareThrottledError,
    SmartAlbumNotSharedError,
    TooManySharesError,
    Visit,
    WrongSharePasswordError,
    changed_link,
    hash_of,
    is_secret,
    new_secret,
)
from heliograph_metadata.service.album_access import AlbumAccess, OpenLink
from heliograph_metadata.service.share_store import LinkStore

_ATTEMPTS: Final = 10


class SharePasswords(Protocol):
    """Hashes the passwords of links, slowly."""

    async def hashed(self, password: str) -> str:
        """Return what is kept of a password."""

    async def match(self, password: str, password_hash: str) -> bool:
        """Whether a password is the one that was hashed."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was just made: the only time that its secret is known."""

    link: ShareLink
    secret: str


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What whoever opened a link gets: a token for all that follows."""

    token: str
    ends_at: datetime
    open: OpenLink


class ShareLinks:
    """The use cases of links."""

    def __init__(
        self, links: LinkStore, access: AlbumAccess, passwords: SharePasswords, *, now: Callable[[], datetime]
    ) -> None:
        self._links = links
        self._access = access
        self._passwords = passwords
        self._now = now

    async def all(self, account_id: OwnerId, album_id: str) -> Sequence[ShareLink]:
        """Return an album's links, the oldest first.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
        """
        return await self._links.of_album((await self._own(account_id, album_id)).album.owner_id, album_id)

    async def create(self, account_id: OwnerId, album_id: str, said: Mapping[str, Any]) -> NewLink:
        """Make a link.

        Args:
            account_id: The caller.
            album_id: The album.
            said: Any of `name`, `password`, `ends_at`, `allows_download` and `shows_location`.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
            SmartAlbumNotSharedError: It is a smart one.
            TooManySharesError: It has as many links as an album can have.
            EndsInThePastError: It would have run out already.
        """
        access = await self._own(account_id, album_id)
        refuse_smart(access)
        if len(await self._links.of_album(account_id, album_id)) >= MOST_LINKS:
            raise TooManySharesError(f"This album has {MOST_LINKS} links already, which is the most.")
        secret = new_secret()
        link = ShareLink(
            owner_id=account_id,
            album_id=album_id,
            link_id=uuid4().hex,
            secret_hash=hash_of(secret),
            created_at=self._now(),
            **await self._kept(said),
        )
        await self._links.create(link)
        return NewLink(link, secret)

    async def change(self, account_id: OwnerId, album_id: str, link_id: str, said: Mapping[str, Any]) -> ShareLink:
        """Change what a link is called and lets people do; with its password all visits end.

        Args:
            account_id: The caller.
            album_id: The album.
            link_id: The link.
            said: As `create` takes it; a `password` of None takes the password off.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
            LinkNotFoundError: It has no such link.
            EndsInThePastError: It would have run out already.
        """
        await self._own(account_id, album_id)
        kept = await self._kept(said)
        for _ in range(_ATTEMPTS):
            stored = await self._links.get(account_id, album_id, link_id)
            if stored is None:
                raise LinkNotFoundError("This album has no such link.")
            link = changed_link(stored, kept)
            if not kept or await self._links.replace(link, stored=stored):
                return link
        raise EditConflictError("This link is being changed by others at the same time; try again.")

    async def remove(self, account_id: OwnerId, album_id: str, link_id: str) -> None:
        """Take a link back: from now on it shows nothing, nor do visits that were open.

        Raises:
            AlbumNotFoundError, NotAllowedError: The album is not the caller's.
            LinkNotFoundError: It has no such link.
        """
        await self._own(account_id, album_id)
        link = await self._links.get(account_id, album_id, link_id)
        if link is None:
            raise LinkNotFoundError("This album has no such link.")
        await self._links.remove(link)

    async def open(self, secret: str, password: str | None, *, address: str) -> OpenedLink:
        """Open a link, for an hour.

        Args:
            secret: What its address ends with.
            password: Where it has one.
            address: From where it is opened, to slow down who guesses.

        Raises:
            ShareNotFoundError: The link is wrong, has run out or was taken back.
            SharePasswordNeededError: It has a password.
            WrongSharePasswordError: It has another.
            ShareThrottledError: Too many wrong ones were tried.
        """
        link = await self._links.by_secret(hash_of(secret)) if is_secret(secret) else None
        if link is None or not link.is_open(self._now()):
            raise ShareNotFoundError("This link is wrong, or is not shared any more.")
        opened = await self._access.by_link(link)
        if link.password_hash is not None:
            if password is None:
                raise SharePasswordNeededError("This link has a password.")
            await self._check_password(link, link.password_hash, password, address)
        token, at = new_secret(), self._now()
        visit = Visit(
            token_hash=hash_of(token),
            owner_id=link.owner_id,
            album_id=link.album_id,
            link_id=link.link_id,
            password_version=link.password_version,
            ends_at=min(at + VISIT_LIVES, link.ends_at or at + VISIT_LIVES),
        )
        await self._links.open_visit(visit, at=at)
        return OpenedLink(token, visit.ends_at, opened)

    async def _check_password(self, link: ShareLink, password_hash: str, password: str, address: str) -> None:
        """Each try is counted before it is made, so that many at once are no way around; only a wrong one stays so."""
        seconds = TRIES_WINDOW.total_seconds()
        window = int(self._now().timestamp() // seconds)
        until = datetime.fromtimestamp((window + 1) * seconds, self._now().tzinfo)
        there = hashlib.sha256(address.encode()).hexdigest()[:32]
        limits = {f"{link.link_id}#{there}": MOST_TRIES_FROM_ONE_ADDRESS, link.link_id: MOST_TRIES}
        counted: list[str] = []
        for of, most in limits.items():
            if not await self._links.count_try(of, window=window, until=until, most=most):
                for other in counted:
                    await self._links.take_back_try(other, window=window)
                minutes = int((until - self._now()).total_seconds() // 60) + 1
                raise ShareThrottledError(f"Too many wrong passwords were tried. Try again in {minutes} minutes.")
            counted.append(of)
        is_wrong = False
        try:
            is_wrong = not await self._passwords.match(password, password_hash)
        finally:
            if not is_wrong:
                for of in counted:
                    await self._links.take_back_try(of, window=window)
        if is_wrong:
            raise WrongSharePasswordError("This is not the password of the link.")

    async def _own(self, account_id: OwnerId, album_id: str) -> Access:
        return await self._access.of(account_id, album_id, Right.OWN)

    async def _kept(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is kept of what was said: of a password its hash."""
        kept = dict(said)
        if kept.get("ends_at") is not None and kept["ends_at"] <= self._now():
            raise EndsInThePastError("A link must run out later than now.")
        if "password" in kept:
            password = kept.pop("password")
            kept["password_hash"] = None if password is None else await self._passwords.hashed(password)
        return kept


def refuse_smart(access: Access) -> None:
    """See that an album can be shared.

    Raises:
        SmartAlbumNotSharedError: It is a smart one.
    """
    if access.album.is_smart:
        raise SmartAlbumNotSharedError(
            "A smart album cannot be shared: it would show whatever its search comes to find. "
            "Put its photos into an album of their own and share that."
        )
