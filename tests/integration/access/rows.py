"""What is called, in the authorisation matrix: a row for each route of the API, with a request that would succeed.

A row says who may (`allowed`) and what they get (`success`); what everybody else gets follows from who they are, see
`expected`. A row's request names things of Ada's; it is sent by all who may not first, and then by those who may, so
that a refusal that did something after all is noticed by its owner's call.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus

from tests.integration.access.principals import Principal, Standing
from tests.integration.access.requests import (
    Request,
    announcing,
    another_session,
    answering,
    asking,
    changing_address,
    confirming,
    decided,
    deciding,
    forgetting,
    invited,
    keeping,
    moving,
    moving_shared,
    of_export,
    of_invitation,
    of_link,
    of_member,
    of_photo,
    of_question,
    of_shared,
    of_shared_photo,
    of_somebody,
    of_stack,
    of_thumbnail,
    plain,
    registering,
    resetting,
    saying,
    second_step,
    signing_in,
    taking_out,
)
from tests.integration.access.world import PROOF, SECRET, Call

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


ROWS = (
    # --- accounts and sessions ----------------------------------------------------------------------------------
    Row("GET /.well-known/jwks.json", 200, OPEN, plain),
    Row("POST /api/v1/accounts", 201, OPEN, registering),
    Row("POST /api/v1/verifications", 202, ACCOUNTS, plain),
    Row("POST /api/v1/verifications/confirm", 200, OPEN, confirming),
    Row("POST /api/v1/password-resets", 202, OPEN, forgetting),
    Row("POST /api/v1/password-resets/complete", 204, OPEN, resetting),
    Row("POST /api/v1/tokens", 200, OPEN, signing_in),
    Row(
        "POST /api/v1/tokens/refresh",
        200,
        OPEN,
        lambda world: Call(json={"refresh_token": world.signed_in(world.guest).refresh_token}),
    ),
    Row("GET /api/v1/me", 200, ACCOUNTS, plain),
    Row("PATCH /api/v1/me", 200, ACCOUNTS, saying({"name": "Somebody"})),
    Row(
        "PUT /api/v1/me/password",
        403,
        ACCOUNTS,
        saying({"current_password": "not the password", "new_password": "a better horse for staples"}),
        "a wrong one",
    ),
    Row("POST /api/v1/me/email", 202, ACCOUNTS, changing_address),
    Row("POST /api/v1/tokens/second-factor", 200, OPEN, second_step),
    Row("GET /api/v1/me/second-factor", 200, ACCOUNTS, plain),
    Row("POST /api/v1/me/second-factor/on", 409, ACCOUNTS, saying({"code": "no code"}), "where none was begun"),
    Row("POST /api/v1/me/second-factor", 201, ACCOUNTS, saying(PROOF)),
    Row("POST /api/v1/me/second-factor/off", 409, ACCOUNTS, saying(WITH_A_CODE), "where it is off"),
    Row("POST /api/v1/me/second-factor/recovery-codes", 409, ACCOUNTS, saying(WITH_A_CODE), "where it is off"),
    Row(
        "POST /api/v1/me/deletion",
        403,
        ACCOUNTS,
        saying({"password": "not the password"}),
        "with a wrong password",
    ),
    Row("POST /api/v1/me/export", 403, ACCOUNTS, saying({"password": "not the password"}), "with a wrong password"),
    Row("GET /api/v1/exports", 200, ACCOUNTS, plain),
    Row("POST /api/v1/me/export/access", 200, ACCOUNTS, saying(PROOF)),
    Row(
        "POST /api/v1/exports/{export_id}/parts/{number}/link",
        200,
        OWNER,
        of_export,
        "with the password said again",
        is_proved=True,
        takes_no_key=True,
    ),
    Row(
        "POST /api/v1/exports/{export_id}/parts/{number}/link",
        403,
        ACCOUNTS,
        of_export,
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
    Row("GET /api/v1/tokens/ways", 200, OPEN, plain),
    Row("POST /api/v1/tokens/passkey-options", 200, OPEN, saying({})),
    Row("POST /api/v1/tokens/passkey", 200, OPEN, lambda world: Call(json={"credential": world.passkey_signs()})),
    Row("POST /api/v1/tokens/oidc", 404, OPEN, plain, "where there is no provider"),
    Row("GET /api/v1/tokens/oidc/callback", 303, OPEN, asking(state="x", code="y"), "of a sign-in that nobody began"),
    Row("GET /api/v1/me/identities", 200, ACCOUNTS, plain),
    Row("POST /api/v1/me/identities", 404, ACCOUNTS, saying(PROOF), "where there is no provider"),
    Row(
        "POST /api/v1/me/identities/{identity_id}/removal",
        404,
        ACCOUNTS,
        lambda _: Call({"identity_id": "x"}, json=PROOF),
        "of nobody",
    ),
    Row("POST /api/v1/me/passkey-options", 200, ACCOUNTS, saying(PROOF)),
    Row("GET /api/v1/me/passkeys", 200, ACCOUNTS, plain),
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
    Row("GET /api/v1/me/security-log", 200, ACCOUNTS, plain),
    Row("GET /api/v1/api-keys", 200, ACCOUNTS, plain),
    Row("POST /api/v1/api-keys", 201, ACCOUNTS, saying({"name": "Phone", "scopes": ["uploads:write"]} | PROOF)),
    Row("DELETE /api/v1/api-keys/{key_id}", 204, OWNER, lambda world: Call({"key_id": world.api_key()["key_id"]})),
    Row("GET /api/v1/sessions", 200, ACCOUNTS, plain),
    Row("DELETE /api/v1/sessions/{session_id}", 204, OWNER, another_session),
    # --- administrators -----------------------------------------------------------------------------------------
    Row("GET /api/v1/admin/accounts", 200, ADMIN, plain, unseen=403, is_shared=True),
    Row("POST /api/v1/admin/accounts/{account_id}/close", 200, ADMIN, of_somebody(PROOF), unseen=403),
    Row("POST /api/v1/admin/accounts/{account_id}/reopen", 200, ADMIN, of_somebody(), unseen=403),
    Row(
        "POST /api/v1/admin/accounts/{account_id}/deletion",
        202,
        ADMIN,
        of_somebody(PROOF),
        unseen=403,
    ),
    Row("GET /api/v1/admin/invitations", 200, ADMIN, plain, unseen=403),
    Row("POST /api/v1/admin/invitations", 201, ADMIN, saying({"note": "Ben"}), unseen=403),
    Row(
        "DELETE /api/v1/admin/invitations/{invitation_id}",
        204,
        ADMIN,
        lambda world: Call({"invitation_id": world.registration_invitation()["invitation_id"]}),
        unseen=403,
    ),
    # --- photos -------------------------------------------------------------------------------------------------
    Row("POST /api/v1/uploads", 200, ACCOUNTS, announcing),
    Row("POST /api/v1/photos", 200, OWNER, lambda world: Call(file=world.file), "a photo that Ada has", unseen=201),
    Row("GET /api/v1/photos/{photo_id}", 200, OWNER, of_photo),
    Row(
        "PATCH /api/v1/photos/{photo_id}",
        200,
        OWNER,
        lambda world: Call({"photo_id": world.uploaded}, json={"caption": f"{SECRET} caption"}),
    ),
    Row("GET /api/v1/photos/{photo_id}/original", 302, OWNER, of_photo),
    Row("GET /api/v1/photos/{photo_id}/preview", 302, OWNER, of_photo),
    Row("GET /api/v1/photos/{photo_id}/thumbnail", 302, OWNER, of_photo),
    Row("GET /api/v1/thumbnails/{owner_id}/{photo_id}", 200, OPEN, of_thumbnail()),
    Row(
        "GET /api/v1/thumbnails/{owner_id}/{photo_id}",
        403,
        OPEN,
        of_thumbnail(of_another=True),
        "signed for another photo",
    ),
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
    Row("DELETE /api/v1/trash", 202, ACCOUNTS, plain),
    # --- lists --------------------------------------------------------------------------------------------------
    Row("GET /api/v1/timeline", 200, ACCOUNTS, plain),
    Row("GET /api/v1/timeline/{month}", 200, ACCOUNTS, lambda _: Call({"month": "2024-01"})),
    Row("GET /api/v1/timeline/{month}/days", 200, ACCOUNTS, lambda _: Call({"month": "2024-01"})),
    Row("GET /api/v1/search", 200, ACCOUNTS, plain),
    Row(
        "GET /api/v1/search",
        200,
        ACCOUNTS,
        lambda world: Call(query={"album": world.album(world.photo())}),
        "Ada's album",
    ),
    Row("GET /api/v1/search/facets", 200, ACCOUNTS, plain),
    Row("GET /api/v1/search/parse", 200, ACCOUNTS, asking(q="dogs in Lisbon")),
    Row("GET /api/v1/search/question", 200, ACCOUNTS, asking(q="lisbon")),
    Row("GET /api/v1/facets", 200, ACCOUNTS, asking(kind="place")),
    Row("GET /api/v1/suggest", 200, ACCOUNTS, asking(q="ada")),
    Row("GET /api/v1/map", 200, ACCOUNTS, asking(bbox="-180,-85,180,85", zoom="4")),
    Row("GET /api/v1/map/photos", 200, ACCOUNTS, asking(bbox="-10,38,-9,39")),
    Row("GET /api/v1/places", 200, ACCOUNTS, plain),
    Row("GET /api/v1/places/towns", 200, ACCOUNTS, asking(q="Lis")),
    Row("GET /api/v1/progress", 200, ACCOUNTS, plain),
    Row("GET /api/v1/events", 200, ACCOUNTS, plain),
    # --- albums -------------------------------------------------------------------------------------------------
    Row("GET /api/v1/album-folders", 200, ACCOUNTS, plain),
    Row("POST /api/v1/album-folders", 201, ACCOUNTS, saying({"name": "Trips"})),
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
    Row("GET /api/v1/albums", 200, ACCOUNTS, plain),
    Row("POST /api/v1/albums", 201, ACCOUNTS, saying({"name": "Lisbon"})),
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
    Row("POST /api/v1/albums/{album_id}/photos/move", 204, OWNER, moving),
    # --- shared albums ------------------------------------------------------------------------------------------
    Row("GET /api/v1/albums/{album_id}", 200, MEMBERS | OWNER, of_shared(), "shared", is_shared=True),
    Row("PATCH /api/v1/albums/{album_id}", 200, EDITORS, of_shared({"name": "Sea"}), "shared", is_shared=True),
    Row(
        "PATCH /api/v1/albums/{album_id}",
        200,
        OWNER,
        of_shared({"parent_id": None}),
        "shared, to another folder",
        is_shared=True,
    ),
    Row("DELETE /api/v1/albums/{album_id}", 204, OWNER, of_shared(), "shared", is_shared=True),
    Row("GET /api/v1/albums/{album_id}/photos", 200, MEMBERS | OWNER, of_shared(), "shared", is_shared=True),
    Row("GET /api/v1/albums/{album_id}/photos/{photo_id}", 200, MEMBERS | OWNER, of_shared_photo, is_shared=True),
    Row(
        "PATCH /api/v1/albums/{album_id}/photos",
        200,
        CONTRIBUTORS,
        of_shared({"add": []}),
        "shared, putting photos in",
        is_shared=True,
    ),
    Row(
        "PATCH /api/v1/albums/{album_id}/photos",
        200,
        EDITORS,
        taking_out,
        "shared, taking another's photo out",
        is_shared=True,
    ),
    Row("POST /api/v1/albums/{album_id}/photos/move", 204, EDITORS, moving_shared, "shared", is_shared=True),
    Row("GET /api/v1/albums/{album_id}/shares", 200, OWNER, of_shared(), is_shared=True),
    Row("POST /api/v1/albums/{album_id}/links", 201, OWNER, of_shared({}), is_shared=True),
    Row("PATCH /api/v1/albums/{album_id}/links/{link_id}", 200, OWNER, of_link({"name": "Ben"}), is_shared=True),
    Row("DELETE /api/v1/albums/{album_id}/links/{link_id}", 204, OWNER, of_link(), is_shared=True),
    Row(
        "POST /api/v1/albums/{album_id}/invitations",
        201,
        OWNER,
        of_shared({"role": "viewer", "name": "Ben", "owner_name": "Ada"}),
        is_shared=True,
    ),
    Row("DELETE /api/v1/albums/{album_id}/invitations/{invitation_id}", 204, OWNER, of_invitation, is_shared=True),
    Row(
        "PATCH /api/v1/albums/{album_id}/members/{member_id}",
        200,
        OWNER,
        of_member({"role": "editor"}),
        is_shared=True,
    ),
    Row(
        "DELETE /api/v1/albums/{album_id}/members/{member_id}",
        204,
        OWNER | {Standing.VIEWER},
        of_member(),
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
    Row("GET /api/v1/shared-albums", 200, ACCOUNTS, plain, is_shared=True),
    Row("POST /api/v1/invitations/look", 200, ACCOUNTS - OWNER, invited, unseen=409, is_shared=True),
    Row("POST /api/v1/invitations/accept", 200, ACCOUNTS - OWNER, invited, unseen=409, is_shared=True),
    Row(
        "POST /api/v1/shared/visits",
        201,
        OPEN,
        lambda world: Call(json={"secret": world.link_secret}),
        is_shared=True,
    ),
    Row("GET /api/v1/shared/album", 200, LINK, plain, is_shared=True, unauthenticated=404),
    Row("GET /api/v1/shared/photos", 200, LINK, plain, is_shared=True, unauthenticated=404),
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
        of_photo,
        "that is not in the album",
        unauthenticated=404,
    ),
    # --- stacks -------------------------------------------------------------------------------------------------
    Row("GET /api/v1/stacks", 200, ACCOUNTS, plain),
    Row("GET /api/v1/stacks/{stack_id}", 200, OWNER, of_stack),
    Row("POST /api/v1/stacks/{stack_id}/dismiss", 200, OWNER, deciding),
    Row("POST /api/v1/stacks/{stack_id}/stack", 200, OWNER, deciding),
    Row("POST /api/v1/stacks/{stack_id}/keep", 200, OWNER, keeping),
    Row("POST /api/v1/stacks/{stack_id}/undo", 200, OWNER, decided),
    # --- bulk edits ---------------------------------------------------------------------------------------------
    Row("GET /api/v1/jobs", 200, ACCOUNTS, plain),
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
    Row("GET /api/v1/questions", 200, ACCOUNTS, plain),
    Row("POST /api/v1/questions/{question_id}/skip", 202, OWNER, of_question),
    Row("POST /api/v1/questions/{question_id}/never", 202, OWNER, of_question),
    Row("POST /api/v1/questions/{question_id}/answer", 202, OWNER, answering),
    Row(
        "POST /api/v1/questions/{question_id}/undo",
        202,
        OWNER,
        lambda world: Call({"question_id": world.answer()["question_id"]}),
    ),
    Row("GET /api/v1/answers", 200, ACCOUNTS, plain),
    Row("GET /api/v1/answers/{answer_id}", 200, OWNER, lambda world: Call({"answer_id": world.answer()["answer_id"]})),
    Row(
        "POST /api/v1/answers/{answer_id}/undo",
        202,
        OWNER,
        lambda world: Call({"answer_id": world.answer()["answer_id"]}),
    ),
    # Last, for it ends a session.
    Row("DELETE /api/v1/sessions/current", 204, ACCOUNTS, plain),
)
"""The rows of the matrix."""
