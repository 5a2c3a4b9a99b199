"""Letters as files that any mail program opens, for the demo and Compose: one `.eml` each in a folder."""

import asyncio
import os
import tempfile
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from heliograph.errors import UnavailableError
from heliograph_auth.domain.letters import Letter

_DOMAIN = "heliograph.invalid"
"""Of the ids of messages that no mail server ever sees."""

_LONGEST_LINE = 900
"""Source: RFC 5322, section 2.1.1: 998 characters at most."""


class MailFolder:
    """A `Mail` that puts letters into a folder, readable by its owner alone."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self.folder = folder
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        """See `Mail.send`."""
        try:
            await asyncio.to_thread(self._put, letter)
        except OSError as error:
            raise UnavailableError(f"folder of letters: {error}") from error

    async def check(self) -> str:
        """See `Mail.check`."""
        return str(self.folder)

    def _put(self, letter: Letter) -> None:
        now = datetime.now(UTC)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, written = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")  # mode 600
        with os.fdopen(descriptor, "wb") as file:
            file.write(_message(letter, self._sender, now).as_bytes())
        name = f"{now:%Y-%m-%dT%H-%M-%S.%f} {letter.subject}.eml"
        Path(written).replace(self.folder / name)


def _message(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address("Heliograph", addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=_DOMAIN)
    message.set_content(letter.text, cte=_spelt(letter.text))
    message.add_alternative(letter.html, subtype="html", cte=_spelt(letter.html))
    return message


def _spelt(text: str) -> str:
    """Return the encoding in which a person who opens the file in an editor sees its links whole, if there is one."""
    return "8bit" if max(map(len, text.splitlines())) < _LONGEST_LINE else "quoted-printable"
