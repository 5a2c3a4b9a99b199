"""What is called, in the authorisation matrix: a row for each route of the API, with a request that would succeed.

A row says who may (`allowed`) and what they get (`success`); what everybody else gets follows from who they are, see
`expected`. A row's request names things of Ada's; it is sent by all who may not first, and then by those who may, so
that a refusal that did something after all is noticed by its owner's call.
"""

import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus

from jose import jwt

from tests.client import PASSWORD
from tests.integration.access.principals import Principal, Standing
from tests.integration.access.world import PROOF, SECRET, Call, World
from tests.photos import hex_sha256

Request = Callable[[World], Call]

OPEN = frozenset(Standing)
"""Whoever calls, with whatever credentials."""
MEMBERS = frozenset({Standing.VIEWER, Standing.CONTRIBUTOR, Standing.EDITOR})
"""With whom albums are shared that rows call `shared`."""
CONTRIBUTORS = frozenset({Standing.CONTRIBUTOR, Standing.EDITOR, Standing.OWNER})
EDITORS = frozenset({Standing.EDITOR, Standing.OWNER})
ACCOUNTS = frozenset({Standing.STRANGER, Standing.OWNER, Standing.ADMIN}) | MEMBERS
"""Whoever is signed in; each has a list, or an account, of their own there."""
ADMIN = frozenset({Standing.ADMIN})
LINK = frozenset({Standing.LINK})
WITH_A_CODE = PROOF | {"code": "no code"}
OWNER = frozenset({Standing.OWNER})
"""Whose thing it is, alone."""


UPLOADING = frozenset({"/api/v1/uploads", "/api/v1/photos"})
ACCOUNT_PARTS = frozenset({"accounts", "admin", "api-keys", "me", "sessions", "tokens"})
"""What of the API is auth's."""
SHARING = r"/albums/\{album_id\}/(links|invitations|members)|/invitations/accept$"
"""What lets others see something: an API key of one scope alone is never good for it."""


@dataclass(frozen=True)
class Row:
    """One line of the matrix; a route may have several, if it can be called in several ways."""

    route: str
    """Method and path, as the OpenAPI document has them."""
    success: int
    allowed: Collection[Standing]
    request: Request
    way: str = ""
    """What tells it from the route's other rows."""
    unseen: int = HTTPStatus.NOT_FOUND
    """What somebody gets who is signed in and may not: what isn't theirs isn't there."""
    is_shared: bool = False
    """Whether it is about an album that is shared: then members see that it is there, and those who may see Ada's
    photos of it, under her account's id.
    """
    is_proved: bool = False
    """Whether whoever has an account has said the password again, and sends the access token that came of it."""
    takes_no_key: bool = False
    """Whether no API key is good for it, though it is a part of the API for which there are some."""
    unauthenticated: int = HTTPStatus.UNAUTHORIZED
    """What somebody gets who is not signed in and may not."""

    @property
    def scope(self) -> str:
        """What an API key has to be good for, to get as far as who has made it."""
        method, path = self.route.split(" ")
        if path in UPLOADING and method == "POST":
            return "uploads:write"
        if re.search(SHARING, path) and method != "GET":
            return "library:write and shares:write"
        part = "account" if path.split("/")[3] in ACCOUNT_PARTS or self.takes_no_key else "library"
        return f"{part}:{'read' if method == 'GET' else 'write'}"

    @property
    def name(self) -> str:
        """How it is called in the test's report."""
        return f"{self.route} ({self.way})" if self.way else self.route


def expected(row: Row, principal: Principal) -> int:
    """Return the status that this principal's call of this row has to have."""
    if principal.scope is not None and row.allowed != OPEN:
        if row.route.split(" ")[1].startswith("/api/v1/shared/"):
            return row.unauthenticated  # it takes a visit
        if row.scope != principal.scope:
            return HTTPStatus.FORBIDDEN
    if principal.standing in row.allowed:
        return row.success
    if principal.standing in {Standing.NOBODY, Standing.LINK}:
        return row.unauthenticated
    if row.is_shared and principal.standing in MEMBERS and "{album_id}" in row.route:
        return HTTPStatus.FORBIDDEN
    return row.unseen


def _plain(_: World) -> Call:
    return Call()


def _asking(**query: str) -> Request:
    return lambda _: Call(query={name.rstrip("_"): value for name, value in query.items()})


def _saying(body: object) -> Request:
    return lambda _: Call(json=body)


def _confirming(world: World) -> Call:
    return Call(json={"token": world.link_in_a_letter(world.new_account().email, "verify"), "password": PASSWORD})


def _forgetting(world: World) -> Call:
    return Call(json={"email": world.new_account().email})


def _resetting(world: World) -> Call:
    email = world.new_account().email
    world.call("POST", "/password-resets", json={"email": email})
    token = world.link_in_a_letter(email, "reset-password")
    return Call(json={"token": token, "new_password": f"{PASSWORD} and another"})


def _of_photo(world: World) -> Call:
    return Call({"photo_id": world.uploaded})


def _of_stack(world: World) -> Call:
    return Call({"stack_id": world.stack()["stack_id"]})


def _deciding(world: World) -> Call:
    stack = world.stack()
    return Call({"stack_id": stack["stack_id"]}, json={"version": stack["version"]})


def _keeping(world: World) -> Call:
    stack = world.stack()
    kept = {"photo_ids": [stack["photos"][0]["photo_id"]], "version": stack["version"]}
    return Call({"stack_id": stack["stack_id"]}, json=kept)


def _decided(world: World) -> Call:
    stack = world.stack()
    world.call("POST", f"/stacks/{stack['stack_id']}/dismiss", json={"version": stack["version"]})
    return Call({"stack_id": stack["stack_id"]})


def _answering(world: World) -> Call:
    question = world.question()
    return Call({"question_id": question["question_id"]}, json={"answer": question["default"], "shown": []})


def _of_question(world: World) -> Call:
    return Call({"question_id": world.question()["question_id"]})


def _moving(world: World) -> Call:
    first, second = world.photo(), world.photo()
    return Call({"album_id": world.album(first, second)}, json={"photo_ids": [second], "before": first})


def _of_shared(body: object = None) -> Request:
    return lambda world: Call({"album_id": world.shared_album()}, json=body)


def _of_shared_photo(world: World) -> Call:
    photo_id = world.photo()
    return Call({"album_id": world.shared_album(photo_id), "photo_id": photo_id})


def _taking_out(world: World) -> Call:
    photo_id = world.photo()
    return Call({"album_id": world.shared_album(photo_id)}, json={"remove": [photo_id]})


def _moving_shared(world: World) -> Call:
    first, second = world.photo(), world.photo()
    return Call({"album_id": world.shared_album(first, second)}, json={"photo_ids": [second], "before": first})


def _of_link(body: object = None) -> Request:
    def request(world: World) -> Call:
        album_id = world.shared_album()
        return Call({"album_id": album_id, "link_id": world.link(album_id)["link_id"]}, json=body)

    return request


def _of_invitation(world: World) -> Call:
    album_id = world.shared_album()
    return Call({"album_id": album_id, "invitation_id": world.invitation(album_id)["invitation_id"]})


def _of_member(body: object = None) -> Request:
    return lambda world: Call(
        {"album_id": world.shared_album(), "member_id": world.members["viewer"].account_id}, json=body
    )


def _invited(world: World) -> Call:
    return Call(json={"secret": world.invitation(world.album())["secret"]})


def _registering(_: World) -> Call:
    return Call(json={"email": f"{secrets.token_hex(8)}@example.org", "password": PASSWORD, "name": "Somebody"})


def _changing_address(_: World) -> Call:
    return Call(json={"email": f"{secrets.token_hex(8)}@example.org"} | PROOF)


def _signing_in(world: World) -> Call:
    return Call(form={"grant_type": "password", "username": world.guest.email, "password": PASSWORD})


def _second_step(world: World) -> Call:
    return Call(json=world.second_step())


def _of_somebody(body: object = None) -> Request:
    """Return a request about an account that nobody else is."""
    return lambda world: Call({"account_id": world.new_account().account_id}, json=body)


def _another_session(world: World) -> Call:
    token = world.signed_in(world.ada).access_token
    return Call({"session_id": jwt.get_unverified_claims(token)["sid"]})


def _of_export(world: World) -> Call:
    return Call({"export_id": world.export(), "number": "1"})


def _announcing(world: World) -> Call:
    file = {"filename": "bus.jpg", "content_type": "image/jpeg", "size_bytes": len(world.file)}
    return Call(json={"files": [file | {"sha256": hex_sha256(world.file)}]})


ROWS = (
    # --- accounts and sessions ----------------------------------------------------------------------------------
    Row("GET /.well-known/jwks.json", 200, OPEN, _plain),
    Row("POST /api/v1/accounts", 201, OPEN, _registering),
    Row("POST /api/v1/verifications", 202, ACCOUNTS, _plain),
    Row("POST /api/v1/verifications/confirm", 200, OPEN, _confirming),
    Row("POST /api/v1/password-resets", 202, OPEN, _forgetting),
    Row("POST /api/v1/password-resets/complete", 204, OPEN, _resetting),
    Row("POST /api/v1/tokens", 200, OPEN, _signing_in),
    Row(
        "POST /api/v1/tokens/refresh",
        200,
        OPEN,
        lambda world: Call(json={"refresh_token": world.signed_in(world.guest).refresh_token}),
    ),
    Row("GET /api/v1/me", 200, ACCOUNTS, _plain),
    Row("PATCH /api/v1/me", 200, ACCOUNTS, _saying({"name": "Somebody"})),
    Row(
        "PUT /api/v1/me/password",
        403,
        ACCOUNTS,
        _saying({"current_password": "not the password", "new_password": "a better horse for staples"}),
        "a wrong one",
    ),
    Row("POST /api/v1/me/email", 202, ACCOUNTS, _changing_address),
    Row("POST /api/v1/tokens/second-factor", 200, OPEN, _second_step),
    Row("GET /api/v1/me/second-factor", 200, ACCOUNTS, _plain),
    Row("POST /api/v1/me/second-factor/on", 409, ACCOUNTS, _saying({"code": "no code"}), "where none was begun"),
    Row("POST /api/v1/me/second-factor", 201, ACCOUNTS, _saying(PROOF)),
    Row("POST /api/v1/me/second-factor/off", 409, ACCOUNTS, _saying(WITH_A_CODE), "where it is off"),
    Row("POST /api/v1/me/second-factor/recovery-codes", 409, ACCOUNTS, _saying(WITH_A_CODE), "where it is off"),
    Row(
        "POST /api/v1/me/deletion",
        403,
        ACCOUNTS,
        _saying({"password": "not the password"}),
        "with a wrong password",
    ),
    Row("POST /api/v1/me/export", 403, ACCOUNTS, _saying({"password": "not the password"}), "with a wrong password"),
    Row("GET /api/v1/exports", 200, ACCOUNTS, _plain),
    Row("POST /api/v1/me/export/access", 200, ACCOUNTS, _saying(PROOF)),
    Row(
        "POST /api/v1/exports/{export_id}/parts/{number}/link",
        200,
        OWNER,
        _of_export,
        "with the password said again",
        is_proved=True,
        takes_no_key=True,
    ),
    Row(
        "POST /api/v1/exports/{export_id}/parts/{number}/link",
        403,
        ACCOUNTS,
        _of_export,
        "with a session alone",
        takes_no_key=True,
    ),
    Row(
        "DELETE /api/v1/exports/{export_id}",
        204,
        OWNER,
        lambda world: Call({"export_id": world.export()}),
        takes_no_key=True,
    ),
    Row("GET /api/v1/tokens/ways", 200, OPEN, _plain),
    Row("POST /api/v1/tokens/passkey-options", 200, OPEN, _saying({})),
    Row("POST /api/v1/tokens/passkey", 200, OPEN, lambda world: Call(json={"credential": world.passkey_signs()})),
    Row("POST /api/v1/tokens/oidc", 404, OPEN, _plain, "where there is no provider"),
    Row("GET /api/v1/tokens/oidc/callback", 303, OPEN, _asking(state="x", code="y"), "of a sign-in that nobody began"),
    Row("GET /api/v1/me/identities", 200, ACCOUNTS, _plain),
    Row("POST /api/v1/me/identities", 404, ACCOUNTS, _saying(PROOF), "where there is no provider"),
    Row(
        "POST /api/v1/me/identities/{identity_id}/removal",
        404,
        ACCOUNTS,
        lambda _: Call({"identity_id": "x"}, json=PROOF),
        "of nobody",
    ),
    Row("POST /api/v1/me/passkey-options", 200, ACCOUNTS, _saying(PROOF)),
    Row("GET /api/v1/me/passkeys", 200, ACCOUNTS, _plain),
    Row(
        "POST /api/v1/me/passkeys",
        201,
        OWNER,
        lambda world: Call(json={"credential": world.passkey_made(), "name": "Phone"}),
        "made for Ada",
        unseen=401,
    ),
    Row(
        "PATCH /api/v1/me/passkeys/{passkey_id}",
        200,
        OWNER,
        lambda world: Call({"passkey_id": world.passkey()}, json={"name": f"{SECRET} phone"}),
    ),
    Row(
        "POST /api/v1/me/passkeys/{passkey_id}/removal",
        204,
        OWNER,
        lambda world: Call({"passkey_id": world.passkey()}, json=PROOF),
    ),
    Row("GET /api/v1/me/security-log", 200, ACCOUNTS, _plain),
    Row("GET /api/v1/api-keys", 200, ACCOUNTS, _plain),
    Row("POST /api/v1/api-keys", 201, ACCOUNTS, _saying({"name": "Phone", "scopes": ["uploads:write"]} | PROOF)),
    Row("DELETE /api/v1/api-keys/{key_id}", 204, OWNER, lambda world: Call({"key_id": world.api_key()["key_id"]})),
    Row("GET /api/v1/sessions", 200, ACCOUNTS, _plain),
    Row("DELETE /api/v1/sessions/{session_id}", 204, OWNER, _another_session),
    # --- administrators -----------------------------------------------------------------------------------------
    Row("GET /api/v1/admin/accounts", 200, ADMIN, _plain, unseen=403, is_shared=True),
    Row("POST /api/v1/admin/accounts/{account_id}/close", 200, ADMIN, _of_somebody(PROOF), unseen=403),
    Row("POST /api/v1/admin/accounts/{account_id}/reopen", 200, ADMIN, _of_somebody(), unseen=403),
    Row(
        "POST /api/v1/admin/accounts/{account_id}/deletion",
        202,
        ADMIN,
        _of_somebody(PROOF),
        unseen=403,
    ),
    Row("GET /api/v1/admin/invitations", 200, ADMIN, _plain, unseen=403),
    Row("POST /api/v1/admin/invitations", 201, ADMIN, _saying({"note": "Ben"}), unseen=403),
    Row(
        "DELETE /api/v1/admin/invitations/{invitation_id}",
        204,
        ADMIN,
        lambda world: Call({"invitation_id": world.registration_invitation()["invitation_id"]}),
        unseen=403,
    ),
    # --- photos -------------------------------------------------------------------------------------------------
    Row("POST /api/v1/uploads", 200, ACCOUNTS, _announcing),
    Row("POST /api/v1/photos", 200, OWNER, lambda world: Call(file=world.file), "a photo that Ada has", unseen=201),
    Row("GET /api/v1/photos/{photo_id}", 200, OWNER, _of_photo),
    Row(
        "PATCH /api/v1/photos/{photo_id}",
        200,
        OWNER,
        lambda world: Call({"photo_id": world.uploaded}, json={"caption": f"{SECRET} caption"}),
    ),
    Row("GET /api/v1/photos/{photo_id}/original", 302, OWNER, _of_photo),
    Row("GET /api/v1/photos/{photo_id}/preview", 302, OWNER, _of_photo),
    Row("GET /api/v1/photos/{photo_id}/thumbnail", 302, OWNER, _of_photo),
    Row("POST /api/v1/photos/{photo_id}/retry", 200, OWNER, lambda world: Call({"photo_id": world.failed_photo})),
    Row("DELETE /api/v1/photos/{photo_id}", 204, OWNER, lambda world: Call({"photo_id": world.photo()})),
    Row(
        "DELETE /api/v1/photos/{photo_id}",
        204,
        OWNER,
        lambda world: Call({"photo_id": world.trashed_photo()}, query={"permanently": "true"}),
        "for good",
    ),
    Row("POST /api/v1/photos/{photo_id}/restore", 200, OWNER, lambda world: Call({"photo_id": world.trashed_photo()})),
    Row("DELETE /api/v1/trash", 202, ACCOUNTS, _plain),
    # --- lists --------------------------------------------------------------------------------------------------
    Row("GET /api/v1/timeline", 200, ACCOUNTS, _plain),
    Row("GET /api/v1/timeline/{month}", 200, ACCOUNTS, lambda _: Call({"month": "2024-01"})),
    Row("GET /api/v1/timeline/{month}/days", 200, ACCOUNTS, lambda _: Call({"month": "2024-01"})),
    Row("GET /api/v1/search", 200, ACCOUNTS, _plain),
    Row(
        "GET /api/v1/search",
        200,
        ACCOUNTS,
        lambda world: Call(query={"album": world.album(world.photo())}),
        "Ada's album",
    ),
    Row("GET /api/v1/search/facets", 200, ACCOUNTS, _plain),
    Row("GET /api/v1/search/parse", 200, ACCOUNTS, _asking(q="dogs in Lisbon")),
    Row("GET /api/v1/search/question", 200, ACCOUNTS, _asking(q="lisbon")),
    Row("GET /api/v1/facets", 200, ACCOUNTS, _asking(kind="place")),
    Row("GET /api/v1/suggest", 200, ACCOUNTS, _asking(q="ada")),
    Row("GET /api/v1/map", 200, ACCOUNTS, _asking(bbox="-180,-85,180,85", zoom="4")),
    Row("GET /api/v1/map/photos", 200, ACCOUNTS, _asking(bbox="-10,38,-9,39")),
    Row("GET /api/v1/places", 200, ACCOUNTS, _plain),
    Row("GET /api/v1/places/towns", 200, ACCOUNTS, _asking(q="Lis")),
    Row("GET /api/v1/progress", 200, ACCOUNTS, _plain),
    Row("GET /api/v1/events", 200, ACCOUNTS, _plain),
    # --- albums -------------------------------------------------------------------------------------------------
    Row("GET /api/v1/album-folders", 200, ACCOUNTS, _plain),
    Row("POST /api/v1/album-folders", 201, ACCOUNTS, _saying({"name": "Trips"})),
    Row(
        "POST /api/v1/album-folders",
        201,
        OWNER,
        lambda world: Call(json={"name": "Trips", "parent_id": world.folder()}),
        "in Ada's folder",
    ),
    Row("GET /api/v1/album-folders/{folder_id}", 200, OWNER, lambda world: Call({"folder_id": world.folder()})),
    Row(
        "PATCH /api/v1/album-folders/{folder_id}",
        200,
        OWNER,
        lambda world: Call({"folder_id": world.folder()}, json={"name": f"{SECRET} trips"}),
    ),
    Row("DELETE /api/v1/album-folders/{folder_id}", 204, OWNER, lambda world: Call({"folder_id": world.folder()})),
    Row("GET /api/v1/albums", 200, ACCOUNTS, _plain),
    Row("POST /api/v1/albums", 201, ACCOUNTS, _saying({"name": "Lisbon"})),
    Row(
        "POST /api/v1/albums",
        201,
        OWNER,
        lambda world: Call(json={"name": "Lisbon", "parent_id": world.folder()}),
        "in Ada's folder",
    ),
    Row("GET /api/v1/albums/{album_id}", 200, OWNER, lambda world: Call({"album_id": world.album()})),
    Row(
        "PATCH /api/v1/albums/{album_id}",
        200,
        OWNER,
        lambda world: Call({"album_id": world.album()}, json={"name": f"{SECRET} Lisbon"}),
    ),
    Row("DELETE /api/v1/albums/{album_id}", 204, OWNER, lambda world: Call({"album_id": world.album()})),
    Row(
        "GET /api/v1/albums/{album_id}/photos",
        200,
        OWNER,
        lambda world: Call({"album_id": world.album(world.photo())}),
    ),
    Row(
        "PATCH /api/v1/albums/{album_id}/photos",
        200,
        OWNER,
        lambda world: Call({"album_id": world.album()}, json={"add": [world.photo()]}),
    ),
    Row("POST /api/v1/albums/{album_id}/photos/move", 204, OWNER, _moving),
    # --- shared albums ------------------------------------------------------------------------------------------
    Row("GET /api/v1/albums/{album_id}", 200, MEMBERS | OWNER, _of_shared(), "shared", is_shared=True),
    Row("PATCH /api/v1/albums/{album_id}", 200, EDITORS, _of_shared({"name": "Sea"}), "shared", is_shared=True),
    Row(
        "PATCH /api/v1/albums/{album_id}",
        200,
        OWNER,
        _of_shared({"parent_id": None}),
        "shared, to another folder",
        is_shared=True,
    ),
    Row("DELETE /api/v1/albums/{album_id}", 204, OWNER, _of_shared(), "shared", is_shared=True),
    Row("GET /api/v1/albums/{album_id}/photos", 200, MEMBERS | OWNER, _of_shared(), "shared", is_shared=True),
    Row("GET /api/v1/albums/{album_id}/photos/{photo_id}", 200, MEMBERS | OWNER, _of_shared_photo, is_shared=True),
    Row(
        "PATCH /api/v1/albums/{album_id}/photos",
        200,
        CONTRIBUTORS,
        _of_shared({"add": []}),
        "shared, putting photos in",
        is_shared=True,
    ),
    Row(
        "PATCH /api/v1/albums/{album_id}/photos",
        200,
        EDITORS,
        _taking_out,
        "shared, taking another's photo out",
        is_shared=True,
    ),
    Row("POST /api/v1/albums/{album_id}/photos/move", 204, EDITORS, _moving_shared, "shared", is_shared=True),
    Row("GET /api/v1/albums/{album_id}/shares", 200, OWNER, _of_shared(), is_shared=True),
    Row("POST /api/v1/albums/{album_id}/links", 201, OWNER, _of_shared({}), is_shared=True),
    Row("PATCH /api/v1/albums/{album_id}/links/{link_id}", 200, OWNER, _of_link({"name": "Ben"}), is_shared=True),
    Row("DELETE /api/v1/albums/{album_id}/links/{link_id}", 204, OWNER, _of_link(), is_shared=True),
    Row(
        "POST /api/v1/albums/{album_id}/invitations",
        201,
        OWNER,
        _of_shared({"role": "viewer", "name": "Ben", "owner_name": "Ada"}),
        is_shared=True,
    ),
    Row("DELETE /api/v1/albums/{album_id}/invitations/{invitation_id}", 204, OWNER, _of_invitation, is_shared=True),
    Row(
        "PATCH /api/v1/albums/{album_id}/members/{member_id}",
        200,
        OWNER,
        _of_member({"role": "editor"}),
        is_shared=True,
    ),
    Row(
        "DELETE /api/v1/albums/{album_id}/members/{member_id}",
        204,
        OWNER | {Standing.VIEWER},
        _of_member(),
        is_shared=True,
    ),
    Row(
        "DELETE /api/v1/albums/{album_id}/members/{member_id}",
        204,
        MEMBERS,
        lambda world: Call({"album_id": world.shared_album(), "member_id": "me"}),
        "leaving",
        is_shared=True,
    ),
    Row("GET /api/v1/shared-albums", 200, ACCOUNTS, _plain, is_shared=True),
    Row("POST /api/v1/invitations/look", 200, ACCOUNTS - OWNER, _invited, unseen=409, is_shared=True),
    Row("POST /api/v1/invitations/accept", 200, ACCOUNTS - OWNER, _invited, unseen=409, is_shared=True),
    Row(
        "POST /api/v1/shared/visits",
        201,
        OPEN,
        lambda world: Call(json={"secret": world.link_secret}),
        is_shared=True,
    ),
    Row("GET /api/v1/shared/album", 200, LINK, _plain, is_shared=True, unauthenticated=404),
    Row("GET /api/v1/shared/photos", 200, LINK, _plain, is_shared=True, unauthenticated=404),
    Row(
        "GET /api/v1/shared/photos/{photo_id}",
        200,
        LINK,
        lambda world: Call({"photo_id": world.shared_photo}),
        is_shared=True,
        unauthenticated=404,
    ),
    Row(
        "GET /api/v1/shared/photos/{photo_id}",
        404,
        LINK,
        _of_photo,
        "that is not in the album",
        unauthenticated=404,
    ),
    # --- stacks -------------------------------------------------------------------------------------------------
    Row("GET /api/v1/stacks", 200, ACCOUNTS, _plain),
    Row("GET /api/v1/stacks/{stack_id}", 200, OWNER, _of_stack),
    Row("POST /api/v1/stacks/{stack_id}/dismiss", 200, OWNER, _deciding),
    Row("POST /api/v1/stacks/{stack_id}/stack", 200, OWNER, _deciding),
    Row("POST /api/v1/stacks/{stack_id}/keep", 200, OWNER, _keeping),
    Row("POST /api/v1/stacks/{stack_id}/undo", 200, OWNER, _decided),
    # --- bulk edits ---------------------------------------------------------------------------------------------
    Row("GET /api/v1/jobs", 200, ACCOUNTS, _plain),
    Row(
        "POST /api/v1/jobs",
        202,
        ACCOUNTS,
        lambda world: Call(json={"edit": {"favourite": True}, "photo_ids": [world.photo()]}),
    ),
    Row("GET /api/v1/jobs/{job_id}", 200, OWNER, lambda world: Call({"job_id": world.job()})),
    Row("POST /api/v1/jobs/{job_id}/cancel", 409, OWNER, lambda world: Call({"job_id": world.job()}), "of a job done"),
    Row("POST /api/v1/jobs/{job_id}/undo", 202, OWNER, lambda world: Call({"job_id": world.job()})),
    # --- questions ----------------------------------------------------------------------------------------------
    Row("GET /api/v1/questions", 200, ACCOUNTS, _plain),
    Row("POST /api/v1/questions/{question_id}/skip", 202, OWNER, _of_question),
    Row("POST /api/v1/questions/{question_id}/never", 202, OWNER, _of_question),
    Row("POST /api/v1/questions/{question_id}/answer", 202, OWNER, _answering),
    Row(
        "POST /api/v1/questions/{question_id}/undo",
        202,
        OWNER,
        lambda world: Call({"question_id": world.answer()["question_id"]}),
    ),
    Row("GET /api/v1/answers", 200, ACCOUNTS, _plain),
    Row("GET /api/v1/answers/{answer_id}", 200, OWNER, lambda world: Call({"answer_id": world.answer()["answer_id"]})),
    Row(
        "POST /api/v1/answers/{answer_id}/undo",
        202,
        OWNER,
        lambda world: Call({"answer_id": world.answer()["answer_id"]}),
    ),
    # Last, for it ends a session.
    Row("DELETE /api/v1/sessions/current", 204, ACCOUNTS, _plain),
)
"""The rows of the matrix."""
