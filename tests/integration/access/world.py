"""What the authorisation matrix is tried on: two accounts, and a library of which the second may see nothing.

Everything of Ada's bears `SECRET` in a name or a caption, so that a leak of it into anybody else's answer is seen.
"""

import asyncio
import json
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx
import pyotp
import pytest

from heliograph.aws import aws_clients
from heliograph.photos import PhotoId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Photo, PhotoFailure
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.stack_store import DynamoStackStore
from heliograph_metadata.service.lookalikes import LookalikeService
from tests.bench.system import System
from tests.builders import LISBON, NOON, a_photo
from tests.client import PASSWORD
from tests.fakes.authenticator import Authenticator
from tests.integration.metadata.library import Shelf
from tests.letters import link_in_a_letter
from tests.photos import a_jpeg

SECRET = "adas-secret"
PROOF = {"password": PASSWORD}
THUMBNAIL_SIGNING_KEY = "of addresses at which thumbnails are read"
"""What is asked for before what a stolen session must not do; nobody here has a second factor but Carl."""
_WITHIN_SECONDS = 90.0
_POLL_SECONDS = 0.1
_QUESTIONS = 9
KEY_SCOPES = ("library:read", "library:write", "uploads:write", "shares:write", "account:read")


@dataclass(frozen=True)
class Call:
    """One request of the matrix, without any credentials.

    `json`, `form` and `file` exclude one another; `parameters` fill the braces of the route's path.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    file: bytes | None = None

    def said(self) -> str:
        """Return all that the caller says itself: an answer that repeats it has told nothing."""
        return json.dumps([dict(self.parameters), dict(self.query), self.json, dict(self.form or {})])


@dataclass(frozen=True)
class Account:
    """Somebody who has registered and signed in."""

    account_id: str
    email: str
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        """What the account's requests carry."""
        return {"Authorization": f"Bearer {self.access_token}"}


class World:
    """The running system with Ada's library in it. Each method makes, or finds, something of hers that is there."""

    def __init__(self, system: System, http: httpx.Client) -> None:
        self.system = system
        self.http = http
        self.ada = self.new_account("Ada")
        self.eve = self.new_account("Eve")
        self.guest = self.new_account("Guest")
        """Who is signed in and out where it doesn't matter who it is: an account has so many sessions and no more."""
        self.admin = self.appointed(self.new_account("Admin"))
        self.file = a_jpeg("bus.jpg", size_px=(400, 540))
        self.uploaded = self._upload(self.file)
        self.photo_ids = asyncio.run(self._furnish())
        self._spare_photos = list(self.photo_ids)
        self.shared_photo = self.photo()
        self.members = {role: self.new_account(role) for role in ("viewer", "contributor", "editor")}
        self.removed = self.new_account("Removed")
        self.keys = {scope: str(self.api_key(scope)["api_key"]) for scope in KEY_SCOPES}
        self._share()
        self._asked: set[str] = set()
        self._codes: list[str] = []
        self._keyring: Authenticator | None = None

    # --- what she shares ----------------------------------------------------------------------------------------

    def shared_album(self, *photo_ids: str) -> str:
        """An album, in manual order, that is shared with an account in each role."""
        album_id = str(self.call("POST", "/albums", json={"name": "Sea", "sort": "manual"})["album_id"])
        if photo_ids:
            self.call("PATCH", f"/albums/{album_id}/photos", json={"add": list(photo_ids)})
        for role, account in self.members.items():
            accepted = {"secret": self.invitation(album_id, role)["secret"]}
            self._made(
                self.http.post("/api/v1/invitations/accept", json=accepted, headers=account.headers), HTTPStatus.OK
            )
        invited = {"secret": self.invitation(album_id, "editor")["secret"]}
        joined = self.http.post("/api/v1/invitations/accept", json=invited, headers=self.removed.headers)
        self._made(joined, HTTPStatus.OK)
        self.call("DELETE", f"/albums/{album_id}/members/{self.removed.account_id}")
        return album_id

    def invitation(self, album_id: str, role: str = "viewer") -> Any:
        """An invitation that nobody has taken up, with its secret."""
        said = {"role": role, "name": "Somebody", "owner_name": "Ada"}
        return self.call("POST", f"/albums/{album_id}/invitations", json=said)

    def link(self, album_id: str, **said: Any) -> Any:
        """A share link, with its secret."""
        return self.call("POST", f"/albums/{album_id}/links", json=said)

    def _visited(self, link: Any, **said: str) -> str:
        """Return the token of whoever opens a link."""
        opened = self.http.post("/api/v1/shared/visits", json={"secret": link["secret"], **said})
        return str(self._made(opened, HTTPStatus.CREATED)["token"])

    def _share(self) -> None:
        """Share an album by links: with a password, without one, and by one that is taken back."""
        album_id = self.shared_album(self.shared_photo)
        plain = self.link(album_id)
        self.link_secret = str(plain["secret"])
        self.visit = self._visited(plain)
        self.visit_with_password = self._visited(self.link(album_id, password=PASSWORD), password=PASSWORD)
        self._share_what_ends(album_id)
        gone = self.link(album_id)
        self.visit_taken_back = self._visited(gone)
        self.call("DELETE", f"/albums/{album_id}/links/{gone['link_id']}")

    def _share_what_ends(self, album_id: str) -> None:
        """Share an album by links that have ended by the time that they are tried."""
        back, changed = self.link(album_id, password=PASSWORD), self.link(album_id, password=PASSWORD)
        self.visit_with_password_taken_back = self._visited(back, password=PASSWORD)
        self.visit_before_the_password_changed = self._visited(changed, password=PASSWORD)
        self.call("DELETE", f"/albums/{album_id}/links/{back['link_id']}")
        self.call("PATCH", f"/albums/{album_id}/links/{changed['link_id']}", json={"password": f"another {PASSWORD}"})
        ends_at = datetime.now(UTC) + timedelta(seconds=2)
        self.visit_run_out = self._visited(self.link(album_id, ends_at=ends_at.isoformat()))
        time.sleep((ends_at - datetime.now(UTC)).total_seconds())

    # --- people -------------------------------------------------------------------------------------------------

    def new_account(self, name: str = "Somebody") -> Account:
        """Register an account and sign in."""
        given = {"email": f"{secrets.token_hex(8)}@example.org", "password": PASSWORD, "name": name}
        account = self._made(self.http.post("/api/v1/accounts", json=given), HTTPStatus.CREATED)
        return self.signed_in(Account(account["account_id"], given["email"], "", ""))

    def appointed(self, account: Account) -> Account:
        """Return the account as an administrator's."""
        assert self.system.operate("accounts", "appoint", account.email) == ""
        return self.signed_in(account)

    def registration_invitation(self) -> dict[str, Any]:
        """An invitation to register that the administrator has made, with its secret."""
        made = self.http.post("/api/v1/admin/invitations", json={"note": "Ben"}, headers=self.admin.headers)
        return self._made(made, HTTPStatus.CREATED)

    def signed_in(self, account: Account) -> Account:
        """Return the account with a session of its own."""
        form = {"grant_type": "password", "username": account.email, "password": PASSWORD}
        pair = self._made(self.http.post("/api/v1/tokens", data=form), HTTPStatus.OK)
        return replace(account, access_token=pair["access_token"], refresh_token=pair["refresh_token"])

    def second_step(self) -> dict[str, str]:
        """What the second step at sign-in is made with: a challenge, and a code that nobody has used.

        It is that of an account of its own, which has nothing but this second factor.
        """
        if not self._codes:
            self._careful, self._codes = self.careful()
        form = {"grant_type": "password", "username": self._careful.email, "password": PASSWORD}
        step = self._made(self.http.post("/api/v1/tokens", data=form), HTTPStatus.ACCEPTED)
        return {"challenge": step["challenge"], "code": self._codes.pop()}

    def careful(self) -> tuple[Account, list[str]]:
        """Return a new account whose two-step sign-in is on, and its recovery codes."""
        account, path = self.new_account("Carl"), "/api/v1/me/second-factor"
        begun = self.http.post(path, json=PROOF, headers=account.headers)
        code = pyotp.TOTP(self._made(begun, HTTPStatus.CREATED)["secret"]).now()
        on = self._made(self.http.post(f"{path}/on", json={"code": code}, headers=account.headers), HTTPStatus.OK)
        return account, list(on["recovery_codes"])

    def passkey_made(self) -> dict[str, Any]:
        """What a new passkey of Ada's says that is not kept yet."""
        options = self.call("POST", "/me/passkey-options", json={"password": PASSWORD})["options"]
        return Authenticator(self.system.named_url).made(options)

    def passkey(self) -> str:
        """A passkey of Ada's."""
        for one in self.call("GET", "/me/passkeys")["passkeys"]:
            self.call("POST", f"/me/passkeys/{one['passkey_id']}/removal", json=PROOF)  # one has twenty at most
        said = {"credential": self.passkey_made(), "name": f"{SECRET} phone"}
        return str(self.call("POST", "/me/passkeys", json=said)["passkey_id"])

    def passkey_signs(self) -> dict[str, Any]:
        """What a passkey says to sign in: of an account of its own, for each time begins one more session."""
        if self._keyring is None:
            self._keyring = Authenticator(self.system.named_url)
            headers = self.new_account("Kim").headers
            begun = self.http.post("/api/v1/me/passkey-options", json={"password": PASSWORD}, headers=headers)
            made = self._keyring.made(self._made(begun, HTTPStatus.OK)["options"])
            kept = self.http.post("/api/v1/me/passkeys", json={"credential": made, "name": "Key"}, headers=headers)
            self._made(kept, HTTPStatus.CREATED)
        begun = self.http.post("/api/v1/tokens/passkey-options", json={})
        return self._keyring.signed(self._made(begun, HTTPStatus.OK)["options"])

    def link_in_a_letter(self, email: str, page: str) -> str:
        """Return what is behind the # of the link to that page in a letter to somebody."""
        return link_in_a_letter(self.system.data / "mail", email, page).partition("#")[2]

    def api_key(self, *scopes: str) -> dict[str, Any]:
        """A new API key of Ada's."""
        said = {"name": f"{SECRET} key", "scopes": scopes or ["library:read"]} | PROOF
        return dict(self.call("POST", "/api-keys", json=said))

    @property
    def signing_key_pem(self) -> bytes:
        """Auth's private key: what a token would have to be signed with."""
        keyring = json.loads((self.system.data / "auth" / "keyring.json").read_text(encoding="utf-8"))
        pem: str = keyring["keys"][-1]["pem"]
        return pem.encode()

    # --- Ada's library ------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, **request: Any) -> Any:
        """Do something as Ada that is to succeed; return the JSON that comes back."""
        response = self.http.request(method, f"/api/v1{path}", headers=self.ada.headers, **request)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def photo(self) -> str:
        """A photo that no other call has touched."""
        return self._spare_photos.pop()

    def trashed_photo(self) -> str:
        """One in the trash."""
        photo_id = self.photo()
        self.call("DELETE", f"/photos/{photo_id}")
        return photo_id

    def folder(self) -> str:
        """An empty folder for albums."""
        return str(self.call("POST", "/album-folders", json={"name": f"{SECRET} folder"})["folder_id"])

    def album(self, *photo_ids: str) -> str:
        """An album, in manual order, with those photos in it."""
        said = {"name": f"{SECRET} album", "sort": "manual"}
        album_id = str(self.call("POST", "/albums", json=said)["album_id"])
        if photo_ids:
            self.call("PATCH", f"/albums/{album_id}/photos", json={"add": list(photo_ids)})
        return album_id

    def job(self) -> str:
        """A bulk edit that is done."""
        body = {"edit": {"caption": f"{SECRET} {secrets.token_hex(4)}"}, "photo_ids": [self.photo()]}
        job_id = self.call("POST", "/jobs", json=body)["job_id"]
        return str(self._eventually(f"/jobs/{job_id}", "status", "done")["job_id"])

    def finished(self, account: Account, job_id: str) -> None:
        """Return when somebody's bulk edit has ended, however."""
        until = time.monotonic() + _WITHIN_SECONDS
        while True:
            job = self.http.get(f"/api/v1/jobs/{job_id}", headers=account.headers).json()
            if job["status"] in {"done", "failed"}:
                return
            assert time.monotonic() < until, job
            time.sleep(_POLL_SECONDS)

    def export(self) -> str:
        """An export that is made."""
        export_id = str(self.call("POST", "/me/export", json={"password": PASSWORD})["export_id"])
        until = time.monotonic() + _WITHIN_SECONDS
        while (there := self.call("GET", "/exports")["exports"])[0]["status"] != "done":
            assert time.monotonic() < until, there
            time.sleep(_POLL_SECONDS)
        return export_id

    def proved(self, headers: Mapping[str, str]) -> str:
        """Return an access token that is good for an export, of an account without a second factor."""
        answered = self.http.post("/api/v1/me/export/access", json=PROOF, headers=dict(headers))
        return str(self._made(answered, HTTPStatus.OK)["access_token"])

    def stack(self) -> dict[str, Any]:
        """The stack, open."""
        for status in ("open", "kept", "stacked", "dismissed"):
            if found := self.call("GET", "/stacks", params={"status": status})["items"]:
                stack: dict[str, Any] = found[0]
                return stack if status == "open" else dict(self.call("POST", f"/stacks/{stack['stack_id']}/undo"))
        raise AssertionError("there is no stack")

    def question(self) -> dict[str, Any]:
        """A question that nobody has answered, a different one each time; none that is just being looked at again."""
        until = time.monotonic() + _WITHIN_SECONDS
        while True:
            page = self.call("GET", "/questions", params={"limit": 30})
            found = [one for one in page["items"] if one["kind"] == "place" and one["question_id"] not in self._asked]
            if found and not page["pending"]:
                self._asked.add(found[0]["question_id"])
                return dict(found[0])
            assert time.monotonic() < until, page
            time.sleep(_POLL_SECONDS)

    def answer(self) -> dict[str, Any]:
        """An answer all of whose photos are changed."""
        question = self.question()
        body = {"answer": question["default"], "shown": []}
        said = self.call("POST", f"/questions/{question['question_id']}/answer", json=body)
        return self._eventually(f"/answers/{said['answer_id']}", "status", "done")

    # ------------------------------------------------------------------------------------------------------------

    async def _furnish(self) -> list[PhotoId]:
        """Put a library of some months behind the service's back: photos, a stack and what questions are made of."""
        now = datetime.now(UTC)  # what was admitted long ago and never came is given up
        of_ada: dict[str, Any] = {"owner_id": self.ada.account_id, "created_at": now, "updated_at": now}
        plain = [
            a_photo(number, taken_at=_at(1, 20, number), filename=_name(number), **of_ada) for number in range(120)
        ]
        questioned: list[Photo] = []
        for month in range(2, 2 + _QUESTIONS):
            first = 1000 * month
            questioned += [
                a_photo(first + n, taken_at=_at(month, 15, n), filename=_name(first + n), **of_ada) for n in range(11)
            ]
            questioned += [
                a_photo(
                    first + 100 + n,
                    taken_at=_at(month, 10 + n % 10, 120 + n),
                    location=LISBON,
                    filename=_name(first + 100 + n),
                    **of_ada,
                )
                for n in range(20)
            ]
        failed = a_photo(
            95000, status="failed", failure=PhotoFailure("truncated-image", SECRET), filename=_name(95000), **of_ada
        )
        self.failed_photo = failed.photo_id
        alike = [
            a_photo(90000 + n, look=_look(n), taken_at=_at(12, 3 * n + 1, 0), filename=_name(90000 + n), **of_ada)
            for n in range(2)
        ]
        self.everything = {self.uploaded, *(photo.photo_id for photo in (*plain, *questioned, *alike, failed))}
        with pytest.MonkeyPatch.context() as environment:
            self._as_operator(environment)
            async with aws_clients() as aws:
                settings = SharedSettings(stack_name="heliograph")
                await Shelf(aws, settings).put(*plain, *questioned, *alike, failed)
                tables: Any = {
                    "photos_table": settings.table_name("photos"),
                    "terms_table": settings.table_name("terms"),
                }
                lookalikes = LookalikeService(
                    DynamoPhotoStore(aws.dynamodb, **tables),
                    DynamoLibraryIndex(aws.dynamodb, **tables),
                    DynamoStackStore(aws.dynamodb, settings.table_name("stacks")),
                    now=lambda: NOON,
                )
                for photo in alike:
                    await lookalikes.look_for(photo)
        return [photo.photo_id for photo in plain]

    def _as_operator(self, environment: pytest.MonkeyPatch) -> None:
        storage = self.system.storage
        environment.setenv("AWS_ENDPOINT_URL", storage.url)
        environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", storage.dynamodb_url)
        environment.setenv("AWS_REGION", storage.place.region)
        environment.setenv("AWS_DEFAULT_REGION", storage.place.region)
        environment.setenv("AWS_ACCESS_KEY_ID", storage.access_key_id)
        environment.setenv("AWS_SECRET_ACCESS_KEY", storage.secret_access_key)

    def _upload(self, content: bytes) -> str:
        part = {"file": (_name(0), content, "image/jpeg")}
        said = self._made(self.http.post("/api/v1/photos", headers=self.ada.headers, files=part), HTTPStatus.CREATED)
        return str(self._eventually(f"/photos/{said['photo_id']}", "status", "ready")["photo_id"])

    def _eventually(self, path: str, name: str, value: str) -> dict[str, Any]:
        until = time.monotonic() + _WITHIN_SECONDS
        while (there := self.call("GET", path))[name] != value:
            assert time.monotonic() < until, there
            time.sleep(_POLL_SECONDS)
        return dict(there)

    def _made(self, response: httpx.Response, expected: int) -> dict[str, Any]:
        assert response.status_code == expected, response.text
        return dict(response.json())


def trusting(system: System) -> ssl.SSLContext:
    """Return what takes the system's own certificate for good, and no other."""
    return ssl.create_default_context(cafile=str(system.certificate))


def _name(number: int) -> str:
    return f"{SECRET}-{number}.jpg"


def _at(month: int, day: int, minute: int) -> datetime:
    return NOON.replace(month=month, day=day) + timedelta(minutes=minute)


def _look(number: int) -> Look:
    return Look(f"{(0xBEEF << 240) ^ number:064x}", (3, 9), 10.0)
