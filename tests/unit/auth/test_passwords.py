"""Argon2id, off the event loop and never more at once than there is room for."""

import asyncio
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from heliograph_auth.domain.errors import TooManySignInsError
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


@pytest.mark.parametrize("password", ["Password123!", "qwertyuiop12", "a" * 300, "iloveheliograph", "1234567890"])
async def test_what_would_be_tried_first_is_weak_and_it_is_said_so(passwords: Argon2Passwords, password: str) -> None:
    said = await passwords.weakness(password, ["ada@example.com", "ada", "lovelace"])

    assert said is not None
    assert said.startswith("This password is too easy to guess.")
    assert password not in said


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "x7Fq-29kk-Lmz0", "пароль для солнца и моря", "🌞" * 3 + "Зимой9q"]
)
async def test_what_takes_long_to_guess_is_not_weak(passwords: Argon2Passwords, password: str) -> None:
    assert await passwords.weakness(password, ["ada@example.com"]) is None


async def test_a_hash_of_other_parameters_is_outdated(passwords: Argon2Passwords) -> None:
    assert not passwords.is_outdated(await passwords.hashed("password"))
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("password"))
    assert not passwords.is_outdated("not a hash")
