"""What Heliograph writes to people: each letter's subject and lines, as plain text and as simple HTML."""

from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Final

REGISTRATION_LIVES: Final = timedelta(hours=24)
VERIFICATION_LIVES: Final = timedelta(hours=24)
EMAIL_CHANGE_LIVES: Final = timedelta(hours=24)
RESET_LIVES: Final = timedelta(minutes=30)

_SIGNATURE: Final = "Heliograph, the photo library that you have an account in"
_GREETING: Final = "Hello,"
"""Without a name: whoever registers with an address of somebody else's would write to them what he likes."""


@dataclass(frozen=True)
class Link:
    """Where a letter leads; what is secret in it is behind the `#`, which browsers send to nobody."""

    label: str
    address: str

    def __repr__(self) -> str:
        return f"Link({self.label!r}, …)"

    @property
    def html(self) -> str:
        """The link, and under it what it is, for whoever would rather not follow what they can't see."""
        address = escape(self.address)
        return f'<a href="{address}">{escape(self.label)}</a><br><small>{address}</small>'


@dataclass(frozen=True)
class Letter:
    """One letter to one person."""

    to: str
    subject: str
    parts: tuple[str | Link, ...]
    signature: str = _SIGNATURE

    @property
    def text(self) -> str:
        """The letter as plain text."""
        lines = [part if isinstance(part, str) else f"{part.label}:\n{part.address}" for part in self.parts]
        return "\n\n".join([*lines, f"-- \n{self.signature}"]) + "\n"

    @property
    def html(self) -> str:
        """The same as HTML, without a picture, a style or anything else that is fetched."""
        paragraphs = [f"<p>{escape(part) if isinstance(part, str) else part.html}</p>" for part in self.parts]
        body = "\n".join([*paragraphs, f"<p><small>{escape(self.signature)}</small></p>"])
        return f'<!doctype html>\n<html lang="en"><body>\n{body}\n</body></html>\n'


class Letters:
    """Writes letters whose links lead to one Heliograph.

    Args:
        base_url: Where people reach it, from a setting: an address that a request brings could be anybody's.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    def to_open_an_account(self, to: str, token: str) -> Letter:
        """Return what whoever registers gets before there is an account."""
        return Letter(
            to,
            "Open your Heliograph account",
            (
                _GREETING,
                "somebody, hopefully you, wants to open an account with this address. It is opened by this page:",
                self._link("Open the account", "verify", token),
                (
                    f"The link is good for {_in_words(REGISTRATION_LIVES)}. If this was not you, do nothing: without "
                    "the link there will be no account."
                ),
            ),
            "Heliograph, a photo library",
        )

    def to_a_holder(self, to: str) -> Letter:
        """Return what the holder of an address gets with which somebody wants to have another account."""
        return Letter(
            to,
            "You have a Heliograph account already",
            (
                _GREETING,
                "somebody, maybe you, wants to use this address for an account. It has one, so nothing was changed.",
                Link("Sign in", f"{self._base_url}/sign-in"),
                Link("Choose a new password, if you have forgotten yours", f"{self._base_url}/forgot-password"),
                "If this was not you, you need not do anything.",
            ),
        )

    def to_verify(self, to: str, token: str) -> Letter:
        """Return what asks whether an address is its account's."""
        return Letter(
            to,
            "Confirm your address",
            (
                _GREETING,
                "please confirm that this address is yours. A forgotten password can then be replaced by mail.",
                self._link("Confirm the address", "verify", token),
                (
                    f"The link is good for {_in_words(VERIFICATION_LIVES)}. If you have no account at Heliograph, "
                    "somebody has mistaken your address for theirs: do nothing."
                ),
            ),
        )

    def to_change_address(self, to: str, token: str) -> Letter:
        """Return what asks whether an address is that of whoever wants it for their account."""
        return Letter(
            to,
            "Confirm your new address",
            (
                _GREETING,
                "somebody, hopefully you, wants to use this address for their account from now on. Confirm it here:",
                self._link("Use this address", "verify", token),
                (
                    f"The link is good for {_in_words(EMAIL_CHANGE_LIVES)}. If this was not you, do nothing: without "
                    "the link nothing is changed."
                ),
            ),
        )

    def of_a_changed_address(self, to: str) -> Letter:
        """Return what the former address of an account is told; the new one is not named, it could be a stranger's."""
        return Letter(
            to,
            "Your address was changed",
            (
                _GREETING,
                (
                    "your account has another address, to which its letters go from now on. It was changed with the "
                    "password of the account, by a link in a letter to the new address."
                ),
                Link("Your account", f"{self._base_url}/account"),
                (
                    "If this was not you, somebody knows your password: sign in with it while you can, or ask whoever "
                    "runs this Heliograph to close the account."
                ),
            ),
        )

    def to_reset(self, to: str, token: str) -> Letter:
        """Return what lets its reader choose a new password."""
        return Letter(
            to,
            "Choose a new password",
            (
                _GREETING,
                "somebody, hopefully you, has forgotten the password of your account. Choose a new one here:",
                self._link("Choose a new password", "reset-password", token),
                (
                    f"The link is good once, for {_in_words(RESET_LIVES)}. If this was not you, do nothing: your "
                    "password stays as it is."
                ),
            ),
        )

    def of_a_reset(self, to: str, *, all_is_closed: bool) -> Letter:
        """Return what says that a password was replaced by mail, and whether with all other ways into the account."""
        rest = (
            "Its API keys, passkeys and two-step sign-in were removed too, since this address had never been confirmed."
            if all_is_closed
            else "Its API keys, passkeys and two-step sign-in are as they were: look whether you know them all."
        )
        return Letter(
            to,
            "Your password was changed",
            (
                _GREETING,
                (
                    "the password of your account was just replaced by a link in a mail to this address, and everybody "
                    "who was signed in to the account was signed out."
                ),
                rest,
                Link("Your account", f"{self._base_url}/account"),
                "If this was not you, somebody reads your mail: change its password first, then this one.",
                Link("Choose a new password", f"{self._base_url}/forgot-password"),
            ),
        )

    def _link(self, label: str, page: str, token: str) -> Link:
        return Link(label, f"{self._base_url}/{page}#{token}")


def _in_words(lives: timedelta) -> str:
    hours, seconds = divmod(int(lives.total_seconds()), 3600)
    return f"{hours} hours" if hours else f"{seconds // 60} minutes"
