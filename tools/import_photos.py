"""Imports folders of photos through the API, as the web app does: duplicates are known before a byte travels.

Its photos go by the backlog lane: whoever drops a single one meanwhile doesn't wait for them.

    python -m tools.import_photos ~/Pictures [--address http://127.0.0.1:8080] [--email me@example.org]

Without --email it signs in to the demo account, whose password it makes up and keeps beside the demo's data.
"""

import argparse
import asyncio
import getpass
import hashlib
import os
import ssl
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tools.api_client import CHUNK_BYTES, Candidate, DemoAccount, ImportFailedError, Session, put

CONTENT_TYPES = {
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
}
_BATCH = 50
_CONCURRENCY = 6


@dataclass
class Summary:
    """What became of the files."""

    uploaded: int = 0
    duplicates: int = 0
    uploaded_bytes: int = 0
    unsupported: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        sent = f"{self.uploaded} uploaded ({self.uploaded_bytes / 1e6:.1f} MB in {self.seconds:.0f} s)"
        lines = [f"{sent}, {self.duplicates} there already"]
        if self.unsupported:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self.unsupported.most_common(8))
            lines.append(f"{self.unsupported.total()} files of other kinds left out: {kinds}")
        lines += [f"not taken: {said}" for said in self.refused]
        return "\n".join(lines)


def photos_in(folders: Sequence[Path], unsupported: Counter[str]) -> Iterator[Path]:
    """Yield the photos in folders, all levels, in order; count the other files by their suffix.

    Hidden files and folders are passed over: they hold thumbnails and what other programs note.
    """
    for folder in folders:
        for directory, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for name in sorted(files):
                path = Path(directory) / name
                if name.startswith(".") or not path.is_file():
                    continue
                if path.suffix.lower() in CONTENT_TYPES:
                    yield path
                else:
                    unsupported[path.suffix.lower() or "(no suffix)"] += 1


def _candidate(path: Path) -> Candidate:
    digest = hashlib.sha256()
    size_bytes = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += len(chunk)
    modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    return Candidate(path, CONTENT_TYPES[path.suffix.lower()], size_bytes, digest.digest(), modified_at)


async def import_folder(
    address: str, account: DemoAccount, folders: Sequence[Path], *, trusted: Path | None = None
) -> Summary:
    """Upload all photos in folders that the account doesn't have yet.

    Args:
        address: Where Heliograph answers.
        account: Whose library they go into.
        folders: Where the photos are.
        trusted: The certificate at the address, where no authority has signed it.

    Raises:
        ImportFailedError: Nobody answers at `address`, or the account can't sign in.
    """
    try:
        return await _import_folder(address, account, folders, trusted)
    except* ImportFailedError as failed:
        reason = failed.exceptions[0]
    raise ImportFailedError(str(reason))


async def _import_folder(address: str, account: DemoAccount, folders: Sequence[Path], trusted: Path | None) -> Summary:
    summary = Summary()
    started = time.monotonic()
    paths = await asyncio.to_thread(lambda: list(photos_in(folders, summary.unsupported)))
    progress = _Progress(len(paths))
    timeout = httpx.Timeout(60, read=300, write=300)
    near = httpx.URL(address).host in ("127.0.0.1", "localhost", "::1")
    verify = ssl.create_default_context(cafile=str(trusted)) if trusted else True
    async with httpx.AsyncClient(base_url=address, timeout=timeout, trust_env=not near, verify=verify) as client:
        session = Session(client, account)
        await session.sign_in()
        wanted: asyncio.Queue[tuple[Candidate, dict[str, Any]] | None] = asyncio.Queue(maxsize=2 * _CONCURRENCY)
        async with asyncio.TaskGroup() as group:
            for _ in range(_CONCURRENCY):
                group.create_task(_upload_all(client, wanted, summary, progress))
            for start in range(0, len(paths), _BATCH):
                await _offer(session, paths[start : start + _BATCH], wanted, summary, progress)
            for _ in range(_CONCURRENCY):
                await wanted.put(None)
    summary.seconds = time.monotonic() - started
    progress.end()
    return summary


async def _offer(
    session: Session,
    paths: Sequence[Path],
    wanted: "asyncio.Queue[tuple[Candidate, dict[str, Any]] | None]",
    summary: Summary,
    progress: "_Progress",
) -> None:
    candidates = []
    for path in paths:
        try:
            candidate = await asyncio.to_thread(_candidate, path)
        except OSError as error:
            summary.refused.append(f"{path}: {error.strerror}")
            progress.step()
            continue
        candidates.append(candidate)
    offers = [candidate.offered() | {"lane": "backlog"} for candidate in candidates]
    answers = await session.offer(offers) if offers else []
    for candidate, answer in zip(candidates, answers, strict=True):
        if answer["status"] == "accepted":
            await wanted.put((candidate, answer["upload"]))
            continue
        if answer["status"] == "duplicate":
            summary.duplicates += 1
        else:
            summary.refused.append(f"{candidate.path}: {(answer.get('problem') or {}).get('detail', 'refused')}")
        progress.step()


async def _upload_all(
    client: httpx.AsyncClient,
    wanted: "asyncio.Queue[tuple[Candidate, dict[str, Any]] | None]",
    summary: Summary,
    progress: "_Progress",
) -> None:
    while (item := await wanted.get()) is not None:
        candidate, upload = item
        answer = await put(client, candidate, upload)
        if answer.is_success or answer.status_code == 412:  # noqa: PLR2004 - there already: an earlier try got through
            summary.uploaded += 1
            summary.uploaded_bytes += candidate.size_bytes
        else:
            summary.refused.append(f"{candidate.path}: the storage answered {answer.status_code}")
        progress.step()


class _Progress:
    """One line that grows on a terminal; a line for each tenth elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._terminal = sys.stdout.isatty()

    def step(self) -> None:
        """Count one more file as done."""
        self._done += 1
        if self._terminal:
            print(f"\r{self._done} of {self._total} photos", end="", flush=True)
        elif self._done * 10 // self._total != (self._done - 1) * 10 // self._total:
            print(f"{self._done} of {self._total} photos", flush=True)

    def end(self) -> None:
        """Go to the next line."""
        if self._terminal and self._done:
            print(flush=True)


def main() -> int:
    """Import folders of photos into a Heliograph library."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--address", default="http://127.0.0.1:8080")
    parser.add_argument("--trust", type=Path, help="the certificate at the address, where no authority has signed it")
    parser.add_argument("--email", help="whose library; the password is asked for")
    parser.add_argument("--account-file", type=Path, default=Path(".heliograph/demo-account.json"))
    given = parser.parse_args()
    if missing := [str(folder) for folder in given.folders if not folder.is_dir()]:
        print(f"no folder: {', '.join(missing)}", file=sys.stderr)
        return 2
    if given.email:
        account = DemoAccount(given.email, getpass.getpass())
    else:
        given.account_file.parent.mkdir(parents=True, exist_ok=True)
        account = DemoAccount.kept_in(given.account_file)
    try:
        summary = asyncio.run(import_folder(given.address, account, given.folders, trusted=given.trust))
    except ImportFailedError as error:
        print(error, file=sys.stderr)
        return 1
    print(summary)
    if not given.email:
        print(f"sign in as {account.email} with the password {account.password}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
