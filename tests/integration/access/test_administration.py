"""What an administrator does is so at once, in every service; who is invited gets in once."""

import re
import secrets

import httpx

from tests.client import PASSWORD
from tests.integration.access.principals import bearer
from tests.integration.access.world import PROOF, Account, World

PARTS = ("/me", "/timeline", "/albums")
"""Routes of auth and of metadata."""


def said(world: World, account: Account, method: str, path: str, **request: object) -> httpx.Response:
    return world.http.request(method, f"/api/v1{path}", headers=account.headers, **request)  # type: ignore[arg-type]


def registered(world: World, invitation: str, email: str) -> httpx.Response:
    given = {"email": email, "password": PASSWORD, "name": "Ben", "invitation": invitation}
    return world.http.post("/api/v1/accounts", json=given)


def an_address() -> str:
    return f"{secrets.token_hex(8)}@example.org"


def test_a_closed_account_is_closed_everywhere_at_once_and_as_it_was_when_it_is_reopened(world: World) -> None:
    ben = world.new_account("Ben")
    key = said(world, ben, "POST", "/api-keys", json={"name": "Phone", "scopes": ["library:read"]} | PROOF).json()[
        "api_key"
    ]
    album_id = said(world, ben, "POST", "/albums", json={"name": "Sea"}).json()["album_id"]
    secret = said(world, ben, "POST", f"/albums/{album_id}/links", json={}).json()["secret"]
    visit = world.http.post("/api/v1/shared/visits", json={"secret": secret}).json()["token"]
    form = {"grant_type": "password", "username": ben.email, "password": PASSWORD}

    assert (
        said(world, world.admin, "POST", f"/admin/accounts/{ben.account_id}/close", json=PROOF).json()["is_closed"]
        is True
    )

    assert [said(world, ben, "GET", path).status_code for path in PARTS] == [401] * len(PARTS)
    assert said(world, ben, "POST", "/uploads", json={"files": []}).status_code == 401
    assert world.http.get("/api/v1/timeline", headers=bearer(key)).status_code == 401
    assert world.http.get("/api/v1/shared/album", headers=bearer(visit)).status_code == 404
    refused = world.http.post("/api/v1/tokens", data=form)
    assert (refused.status_code, refused.json()["code"]) == (403, "account-closed")
    refreshed = world.http.post("/api/v1/tokens/refresh", json={"refresh_token": ben.refresh_token})
    assert refreshed.status_code == 401

    assert said(world, world.admin, "POST", f"/admin/accounts/{ben.account_id}/reopen").json()["is_closed"] is False

    assert world.http.get("/api/v1/timeline", headers=bearer(key)).is_success
    assert world.http.get("/api/v1/shared/album", headers=bearer(visit)).is_success
    assert said(world, world.signed_in(ben), "GET", "/me").is_success
    assert said(world, ben, "GET", "/me").status_code == 401  # a session of before


def test_an_administrator_is_told_of_accounts_and_of_nothing_that_is_in_them(world: World) -> None:
    found: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = said(world, world.admin, "GET", "/admin/accounts", params=query | {"limit": 3}).json()
        found += page["accounts"]
        if (cursor := page["next_cursor"]) is None:
            break

    by_address = {one["email"]: one for one in found}
    assert len(by_address) == len(found)
    assert by_address[world.admin.email]["is_admin"] is True
    assert by_address[world.ada.email]["is_admin"] is False
    assert by_address[world.ada.email].keys() == {
        "account_id",
        "email",
        "name",
        "created_at",
        "is_admin",
        "is_closed",
        "last_seen_at",
    }


def test_who_was_dismissed_is_no_administrator_with_the_very_next_request(world: World) -> None:
    other = world.appointed(world.new_account("Other"))
    assert said(world, other, "GET", "/admin/accounts").is_success

    assert world.system.operate("accounts", "dismiss", other.email) == ""

    assert said(world, other, "GET", "/admin/accounts").json()["code"] == "not-admin"


def test_whoever_runs_it_lets_somebody_in_who_has_lost_app_and_codes(world: World) -> None:
    careful, _ = world.careful()
    form = {"grant_type": "password", "username": careful.email, "password": PASSWORD}
    assert world.http.post("/api/v1/tokens", data=form).status_code == 202

    assert world.system.operate("accounts", "second-factor-off", careful.email) == ""

    assert said(world, careful, "GET", "/me").status_code == 401
    pair = {"refresh_token": careful.refresh_token}
    assert world.http.post("/api/v1/tokens/refresh", json=pair).status_code == 401
    again = world.signed_in(careful)
    assert said(world, again, "GET", "/me/second-factor").json()["is_on"] is False
    events = said(world, again, "GET", "/me/security-log").json()["events"]
    [event] = [one for one in events if one["kind"] == "second-factor-off"]
    assert event["device"] == "whoever runs this Heliograph"
    assert "two-step sign-in" in world.system.operate("accounts", "second-factor-off", careful.email)


def test_invitations_go_with_the_office_of_their_maker_and_are_seen_by_all_who_have_it(world: World) -> None:
    other = world.appointed(world.new_account("Other"))
    made = said(world, other, "POST", "/admin/invitations", json={"note": "Ben"}).json()
    kept = said(world, other, "POST", "/admin/invitations", json={"note": "Kim"}).json()

    def seen() -> dict[str, str]:
        found = said(world, world.admin, "GET", "/admin/invitations").json()["invitations"]
        return {one["invitation_id"]: one["made_by"] for one in found}

    assert seen()[made["invitation_id"]] == other.email
    assert said(world, world.admin, "DELETE", f"/admin/invitations/{made['invitation_id']}").status_code == 204
    assert registered(world, made["secret"], an_address()).json()["code"] == "invalid-invitation"
    log = said(world, other, "GET", "/me/security-log").json()["events"]
    assert [one["about"] for one in log if one["kind"] == "registration-invitation-removed"] == [{"name": "Ben"}]
    assert world.system.operate("accounts", "dismiss", other.email) == ""
    assert kept["invitation_id"] not in seen()
    assert registered(world, kept["secret"], an_address()).json()["code"] == "invalid-invitation"
    assert world.system.operate("accounts", "appoint", other.email) == ""
    assert registered(world, kept["secret"], an_address()).json()["code"] == "invalid-invitation"


def test_an_administrators_log_has_ids_which_only_they_can_look_up(world: World) -> None:
    ben, kim = world.new_account("Ben"), world.new_account("Kim")
    for one in (ben, kim):
        said(world, world.admin, "POST", f"/admin/accounts/{one.account_id}/close", json=PROOF)
    said(world, world.admin, "POST", f"/admin/accounts/{kim.account_id}/deletion", json=PROOF)

    log = said(world, world.admin, "GET", "/me/security-log")
    found = said(world, world.admin, "GET", "/admin/accounts", params={"account_id": [ben.account_id, kim.account_id]})

    assert {"account-closed", "account-deleted"} <= {one["kind"] for one in log.json()["events"]}
    assert not {ben.email, kim.email} & set(re.findall(r"[^\s\"]+@[^\s\"]+", log.text))
    assert ben.account_id in log.text
    assert [one["email"] for one in found.json()["accounts"]] == [ben.email]


def test_an_invitation_opens_one_account_and_for_its_address_alone(world: World) -> None:
    email = an_address()
    made = said(world, world.admin, "POST", "/admin/invitations", json={"note": "Ben", "email": email.upper()})
    secret = made.json()["secret"]

    assert registered(world, secret, an_address()).json()["code"] == "invalid-invitation"
    assert registered(world, "a guess", email).json()["code"] == "invalid-invitation"
    assert registered(world, secret, email).status_code == 201
    assert registered(world, secret, an_address()).json()["code"] == "invalid-invitation"


def test_an_invitation_that_was_taken_back_opens_none(world: World) -> None:
    made = world.registration_invitation()

    taken_back = said(world, world.admin, "DELETE", f"/admin/invitations/{made['invitation_id']}")

    assert taken_back.status_code == 204
    assert registered(world, made["secret"], an_address()).json()["code"] == "invalid-invitation"
