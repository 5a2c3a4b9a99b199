"""What every `Mail` does: the fake, a folder of files and SES, held to the same."""

import json
import stat
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from heliograph.errors import UnavailableError
from heliograph_auth.domain.letters import Letter, Letters, Link
from heliograph_auth.mail_folder import MailFolder
from heliograph_auth.service.mail import Mail
from heliograph_auth.ses import SesMail, ses_client
from tests.fakes.in_memory_mail import InMemoryMail
from tools.standin import Standin

SENDER = "heliograph@photos.example.org"
RESET = Letters("https://photos.example.org").to_reset("ada@example.com", "A" * 43)
UNUSUAL = Letter(
    "ada@bücher.example",
    "Grüße – “so”",
    ("A line that is longer than the 998 characters that mail allows: " + "x" * 1500,),
)


@dataclass
class Office:
    """A mail and a look at what has arrived."""

    mail: Mail
    folder: Path | None = None
    standin: Standin | None = None

    def arrived(self, to: str) -> list[tuple[str, str, str]]:
        """Return subject, text and HTML of each letter to somebody."""
        if isinstance(self.mail, InMemoryMail):
            return [(one.subject, one.text, one.html) for one in self.mail.letters if one.to == to]
        if self.folder:
            messages = [
                message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.folder.glob("*.eml")
            ]
            return [_said(message) for message in messages if to in str(message["To"])]
        assert self.standin
        with urllib.request.urlopen(f"{self.standin.endpoint.url}/_ministack/ses/messages") as answer:  # noqa: S310 - the stand-in
            [accounts] = json.load(answer)["messages"].values()
        return [(one["Subject"], one["BodyText"], one["BodyHtml"]) for one in accounts if one["To"] == [to]]


def _said(message: EmailMessage) -> tuple[str, str, str]:
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (body.get_content() if body else "" for body in bodies)
    return str(message["Subject"]), text, html


@pytest.fixture(params=["in memory", "folder", "ses"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    if request.param == "in memory":
        yield Office(InMemoryMail())
    elif request.param == "folder":
        yield Office(MailFolder(tmp_path / "mail", sender=SENDER), folder=tmp_path / "mail")
    else:
        standin: Standin = request.getfixturevalue("standin")
        standin.endpoint.client("sesv2").create_email_identity(EmailIdentity="photos.example.org")
        async with ses_client() as ses:
            yield Office(SesMail(ses, sender=SENDER), standin=standin)


async def test_a_letter_arrives_with_its_subject_and_both_its_forms(office: Office) -> None:
    await office.mail.send(RESET)

    assert office.arrived("ada@example.com")[-1] == (RESET.subject, RESET.text, RESET.html)
    link = next(part for part in RESET.parts if isinstance(part, Link))
    assert link.address in office.arrived("ada@example.com")[-1][1]


async def test_letters_in_any_language_to_any_domain_arrive(office: Office) -> None:
    await office.mail.send(UNUSUAL)

    arrived = office.arrived("ada@bücher.example") + office.arrived("ada@xn--bcher-kva.example")
    assert arrived == [(UNUSUAL.subject, UNUSUAL.text, UNUSUAL.html)]


async def test_two_letters_are_two(office: Office) -> None:
    before = len(office.arrived("ada@example.com"))

    await office.mail.send(RESET)
    await office.mail.send(RESET)

    assert len(office.arrived("ada@example.com")) == before + 2
    assert await office.mail.check()


async def test_letters_in_a_folder_are_their_owner_s_alone(tmp_path: Path) -> None:
    await MailFolder(tmp_path / "mail", sender=SENDER).send(RESET)

    [letter] = (tmp_path / "mail").iterdir()
    assert letter.name.endswith(f"{RESET.subject}.eml")
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    message = message_from_bytes(letter.read_bytes(), policy=policy.default)
    assert RESET.text in letter.read_text(encoding="utf-8")
    assert (message["From"], message["To"]) == (f"Heliograph <{SENDER}>", "ada@example.com")


async def test_what_takes_no_letters_is_said_to_be_unavailable(
    standin: Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError):
        await MailFolder(tmp_path / "file" / "mail", sender=SENDER).send(RESET)

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    async with ses_client() as ses:
        with pytest.raises(UnavailableError):
            await SesMail(ses, sender=SENDER).send(RESET)
