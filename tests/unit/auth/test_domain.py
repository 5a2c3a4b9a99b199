"""Addresses, names, refresh tokens and sessions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import clean_name, email_key, normalised_email, password_bytes
from heliograph_auth.domain.errors import InvalidEmailError, InvalidNameError, InvalidRefreshTokenError
from heliograph_auth.domain.sessions import RefreshToken, Session

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
tokens = st.builds(RefreshToken, st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32))


@pytest.mark.parametrize(
    ("written", "kept", "key"),
    [
        ("Ada@Example.COM", "Ada@example.com", "ada@example.com"),
        ("ada+photos@example.com", "ada+photos@example.com", "ada+photos@example.com"),
        ("ada@bücher.example", "ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_kept_as_it_was_meant_and_compared_without_case(written: str, kept: str, key: str) -> None:
    assert normalised_email(written) == kept
    assert email_key(kept) == key


@pytest.mark.parametrize("written", ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@localhost", "a@b@c.de"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(InvalidEmailError, match=r"\w"):
        normalised_email(written)


def test_a_name_loses_the_space_around_it() -> None:
    assert clean_name("  Ada Lovelace \n") == "Ada Lovelace"


@pytest.mark.parametrize("name", ["", "  ", "\n", "Ada\x00", "A\nda"])
def test_what_cannot_be_shown_is_no_name(name: str) -> None:
    with pytest.raises(InvalidNameError):
        clean_name(name)


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert password_bytes("pa\u0308ssword") == password_bytes("pässword")


@given(tokens)
def test_a_refresh_token_comes_back_from_its_text(token: RefreshToken) -> None:
    assert RefreshToken.parse(str(token)) == token


@given(st.text(max_size=100))
def test_any_other_text_is_no_refresh_token(text: str) -> None:
    try:
        token = RefreshToken.parse(text)
    except InvalidRefreshTokenError:
        return
    assert len(token.family + token.secret) == 48


@given(tokens, st.binary(min_size=32, max_size=32))
def test_a_successor_is_of_the_same_session_and_the_same_each_time(token: RefreshToken, key: bytes) -> None:
    successor = token.successor(key)

    assert successor == token.successor(key)
    assert successor.session_id == token.session_id
    assert successor.digest != token.digest
    assert successor != token.successor(key + b"another")


def test_tokens_are_random_and_tell_nothing_when_printed() -> None:
    one, other = RefreshToken.new(), RefreshToken.new()

    assert one.session_id != other.session_id
    assert one.digest != other.digest
    assert repr(one) == repr(other) == "RefreshToken(…)"


@pytest.mark.parametrize(("later", "repeats"), [(0 * SECOND, True), (10 * SECOND, True), (11 * SECOND, False)])
def test_only_the_last_token_repeats_the_last_refresh_and_only_for_a_while(later: timedelta, *, repeats: bool) -> None:
    first = RefreshToken.new()
    second = first.successor(b"key")
    session = Session(first.session_id, OwnerId("ada"), first.digest, "", NOON, NOON + 60 * SECOND, NOON)

    rotated = session.rotated(second.digest, now=NOON + SECOND, lives=60 * SECOND)

    assert rotated.expires_at == NOON + 61 * SECOND
    now = NOON + SECOND + later
    assert rotated.repeats_the_last_refresh(first, now=now, grace=10 * SECOND) is repeats
    assert not rotated.repeats_the_last_refresh(second, now=now, grace=10 * SECOND)
    assert not session.repeats_the_last_refresh(first, now=now, grace=10 * SECOND)


def test_domains_that_mail_tells_apart_are_told_apart_and_others_are_not() -> None:
    keys = {email_key(normalised_email(f"ada@{domain}")) for domain in ("stra\u00dfe.de", "strasse.de")}
    same = {email_key(normalised_email(f"ADA@{domain}")) for domain in ("STRASSE.de", "strasse.de", "Strasse.DE")}

    assert keys == {"ada@xn--strae-oqa.de", "ada@strasse.de"}
    assert same == {"ada@strasse.de"}


def test_an_address_that_not_all_mail_reaches_is_refused() -> None:
    with pytest.raises(InvalidEmailError):
        normalised_email("\u00fc@example.com")
