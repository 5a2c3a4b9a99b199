"""Reads the letters that a demo puts into a folder, as whoever they are for."""

import re
import time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final

_WITHIN_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1


def link_in_a_letter(folder: Path, email: str, page: str) -> str:
    """Return the link to a page of the web app in the latest letter to somebody; letters come a little after answers.

    Raises:
        AssertionError: None has come.
    """
    until = time.monotonic() + _WITHIN_SECONDS
    while True:
        for path in sorted(folder.glob("*.eml"), reverse=True):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",)) if letter["To"] == email else None
            if found := re.search(rf"https?://\S+/{page}#\S+", body.get_content() if body else ""):
                return found[0]
        assert time.monotonic() < until, f"no letter to {email} that leads to {page}"
        time.sleep(_POLL_SECONDS)
