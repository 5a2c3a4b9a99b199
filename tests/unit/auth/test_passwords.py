"""Argon2id, off the event loop and never more at once than there is room for."""

import asyncio
from collections.abc import Iterator

import pytest

from heliograph_auth.domain import TooManySignInsError
from heliograph_auth.passwords import Argon2Passwords


@pytest.fixture
def passwords() -> Iterator[Argon2Passwords]:
    passwords = Argon2Passwords(threads=1, most_waiting=2)
    yield passwords
    passwords.close()


async def test_a_hash_is_argon2id_salted_and_matches_its_password_only(passwords: Argon2Passwords) -> None:
    one, other = await passwords.hashed("pässword"), await passwords.hashed("pässword")

    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert await passwords.match("pa\u0308ssword", one)
    assert not await passwords.match("password", one)


async def test_nobody_has_a_password(passwords: Argon2Passwords) -> None:
    assert not await passwords.match("nobody has this password", None)


async def test_a_hash_that_is_none_matches_nothing(passwords: Argon2Passwords) -> None:
    assert not await passwords.match("password", "not a hash")


async def test_more_than_there_is_room_for_are_turned_away_and_the_others_served(passwords: Argon2Passwords) -> None:
    answers = await asyncio.gather(*(passwords.match("x", None) for _ in range(5)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [bool, bool, bool, TooManySignInsError, TooManySignInsError]
    assert not await passwords.match("x", None)
