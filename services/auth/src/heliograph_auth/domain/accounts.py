"""An account, and what its address, name and password have to be."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

import idna
from email_validator import EmailNotValidError, validate_email

from heliograph.photos import OwnerId
from heliograph_auth.domain.errors import InvalidEmailError, InvalidNameError

MIN_PASSWORD_CHARACTERS = 10
MAX_PASSWORD_CHARACTERS = 256
MAX_NAME_CHARACTERS = 100
MAX_EMAIL_CHARACTERS = 320


class EmailVerification(StrEnum):
    """Whether somebody has to show that mail to an address reaches them before there is an account."""

    REQUIRED = "required"
    OFFERED = "offered"


@dataclass(frozen=True)
class Account:
    """A person who has photos here."""

    account_id: OwnerId
    email: str
    name: str
    password_hash: str
    created_at: datetime
    generation: int = 0
    """How often everything that was given out for the account has been taken back."""
    is_admin: bool = False
    """Whether they look after accounts; of others' photos they see nothing."""
    is_closed: bool = False
    """Whether an administrator has closed it: nobody gets in, and nothing is lost."""
    email_verified_at: datetime | None = None
    """When somebody proved that mail to the address reaches them."""


def new_account_id() -> OwnerId:
    """Return a new random account id."""
    return OwnerId(uuid4().hex)


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def normalised_email(email: str) -> str:
    """Return an address in the form it is kept in: Unicode NFC, domain in lower case.

    Raises:
        InvalidEmailError: It is no address, or none that all mail reaches (before the @ it has more than ASCII).
            Whether its domain answers is not asked: that takes a network.
    """
    try:
        return validate_email(email, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise InvalidEmailError(str(error)) from error


def email_key(normalised: str) -> str:
    """Return what must be unique of an address: nobody has two mailboxes that differ in case alone."""
    mailbox, at, domain = normalised.rpartition("@")
    return f"{mailbox.casefold()}{at}{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """Return the form of a domain by which mail finds it; what is no domain comes back in lower case.

    Source: RFC 5891 (IDNA 2008), by which straße.de is not strasse.de, as it was in IDNA 2003.
    """
    try:
        return idna.encode(domain.lower()).decode()
    except idna.IDNAError:
        return domain.casefold()


def clean_name(name: str) -> str:
    """Return a name without white space around it.

    Raises:
        InvalidNameError: Nothing visible is left, or there are control characters in it.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned or any(unicodedata.category(character) == "Cc" for character in cleaned):
        raise InvalidNameError
    return cleaned


def password_bytes(password: str) -> bytes:
    """Return what is hashed of a password: NFKC, so that each keyboard's way to write it gives the same.

    Source: NIST SP 800-63B, 5.1.1.2.
    """
    return unicodedata.normalize("NFKC", password).encode()
