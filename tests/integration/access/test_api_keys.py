"""API keys in every service, through nginx: each scope opens what it names and nothing else."""

import pytest

from tests.client import PASSWORD
from tests.integration.access.principals import bearer
from tests.integration.access.world import World

ROUTES = {
    "library:read": ("GET", "/api/v1/search"),
    "library:write": ("DELETE", "/api/v1/trash"),
    "uploads:write": ("POST", "/api/v1/uploads"),
    "account:read": ("GET", "/api/v1/me"),
}
SHARING: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("POST", "/api/v1/albums/none/links", {}),
    ("PATCH", "/api/v1/albums/none/links/none", {}),
    ("DELETE", "/api/v1/albums/none/links/none", None),
    ("POST", "/api/v1/albums/none/invitations", {"role": "viewer", "name": "Ben", "owner_name": "Ada"}),
    ("DELETE", "/api/v1/albums/none/invitations/none", None),
    ("PATCH", "/api/v1/albums/none/members/none", {}),
    ("DELETE", "/api/v1/albums/none/members/none", None),
    ("POST", "/api/v1/invitations/accept", {"secret": "x"}),
)
NOBODY_S = (
    ("POST", "/api/v1/api-keys"),
    ("PUT", "/api/v1/me/password"),
    ("PATCH", "/api/v1/me"),
    ("DELETE", "/api/v1/sessions/current"),
    ("DELETE", "/api/v1/sessions/none"),
    ("DELETE", "/api/v1/api-keys/none"),
)


@pytest.mark.parametrize("scope", ROUTES)
def test_a_key_opens_what_its_scope_names_and_nothing_else(world: World, scope: str) -> None:
    headers = dict(bearer(world.api_key(scope)["api_key"]))

    statuses = {
        each: world.http.request(method, path, headers=headers).status_code for each, (method, path) in ROUTES.items()
    }

    assert statuses.pop(scope) not in {401, 403}
    assert set(statuses.values()) == {403}
    for method, path in NOBODY_S:
        said = {"name": "x", "scopes": ["library:read"], "password": PASSWORD}
        answer = world.http.request(method, path, headers=headers, json=said)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope"), (method, path)


@pytest.mark.parametrize(("method", "path", "body"), SHARING)
def test_a_key_lets_others_see_albums_only_where_it_says_so(
    world: World, method: str, path: str, body: dict[str, str] | None
) -> None:
    without, with_it = (
        world.http.request(method, path, headers=dict(bearer(world.api_key(*scopes)["api_key"])), json=body)
        for scopes in (("library:read", "library:write"), ("library:write", "shares:write"))
    )

    assert (without.status_code, without.json()["code"]) == (403, "insufficient-scope")
    assert with_it.status_code == 404


def test_the_security_log_says_by_which_key_an_album_was_shared(world: World) -> None:
    key = world.api_key("library:write", "shares:write")
    album = world.call("POST", "/albums", json={"name": "Shared by a program"})
    made = world.http.post(
        f"/api/v1/albums/{album['album_id']}/links", headers=dict(bearer(key["api_key"])), json={"name": "Grandma"}
    )

    assert made.status_code == 201
    events = world.call("GET", "/me/security-log")["events"]
    (event,) = [one for one in events if one["kind"] == "link-made" and one["about"].get("album") == album["album_id"]]
    assert event["about"]["by_key"] == key["key_id"]


def test_a_revoked_key_is_taken_by_no_service_at_once_and_its_use_is_shown(world: World) -> None:
    made = world.api_key(*ROUTES)
    headers = dict(bearer(made["api_key"]))
    for method, path in ROUTES.values():
        assert world.http.request(method, path, headers=headers).status_code not in {401, 403}
    shown = {key["key_id"]: key for key in world.call("GET", "/api-keys")["api_keys"]}[made["key_id"]]
    assert shown["last_used_at"] is not None
    assert "api_key" not in shown

    world.call("DELETE", f"/api-keys/{made['key_id']}")

    for method, path in ROUTES.values():
        assert world.http.request(method, path, headers=headers).status_code == 401


def test_whoever_tries_a_keys_id_with_another_secret_shows_in_its_owners_log(world: World) -> None:
    account, other = world.new_account(), world.api_key()
    said = {"name": "Phone", "scopes": list(ROUTES), "password": PASSWORD}
    made = world.http.post("/api/v1/api-keys", headers=account.headers, json=said).json()
    forged = f"{made['api_key'][:-43]}{other['api_key'][-43:]}"
    for method, path in ROUTES.values():
        assert world.http.request(method, path, headers=dict(bearer(forged))).status_code == 401

    events = world.http.get("/api/v1/me/security-log", headers=account.headers).json()["events"]
    refused = [one for one in events if one["kind"] == "api-key-refused"]

    assert refused
    assert {one["about"]["key"] for one in refused} == {made["key_id"]}
    assert len({one["at"] for one in refused}) == len(refused)  # one a minute, whichever services were asked


def test_a_changed_password_leaves_keys_as_they_are_and_ends_the_tokens(world: World) -> None:
    account = world.new_account()
    said = {"name": "Phone", "scopes": list(ROUTES), "password": PASSWORD}
    change = {"current_password": PASSWORD, "new_password": f"another {PASSWORD}"}
    before = world.http.post("/api/v1/api-keys", headers=account.headers, json=said).json()

    changed = world.http.put("/api/v1/me/password", headers=account.headers, json=change)
    new = bearer(changed.json()["access_token"])
    said["password"] = change["new_password"]
    after = world.http.post("/api/v1/api-keys", headers=dict(new), json=said).json()

    assert world.http.get("/api/v1/me", headers=account.headers).status_code == 401
    for made in (before, after):
        for method, path in ROUTES.values():
            answer = world.http.request(method, path, headers=dict(bearer(made["api_key"])))
            assert answer.status_code not in {401, 403}, (method, path, answer.text)


@pytest.mark.parametrize("scope", ["account:write", "admin", ""])
def test_no_key_is_made_that_could_change_the_account(world: World, scope: str) -> None:
    said = {"name": "Phone", "scopes": [scope], "password": PASSWORD}
    answer = world.http.post("/api/v1/api-keys", headers=world.ada.headers, json=said)

    assert answer.status_code == 422


def test_a_key_speaks_for_its_maker_s_library_only(world: World) -> None:
    headers = dict(bearer(world.api_key("library:read")["api_key"]))
    eves = world.http.get(f"/api/v1/photos/{world.uploaded}", headers=world.eve.headers)

    assert world.http.get(f"/api/v1/photos/{world.uploaded}", headers=headers).status_code == 200
    assert eves.status_code == 404


def test_a_session_that_was_signed_out_is_good_for_no_service_at_once(world: World) -> None:
    account = world.signed_in(world.ada)
    for path in ("/api/v1/me", "/api/v1/search"):
        assert world.http.get(path, headers=account.headers).status_code == 200

    assert world.http.delete("/api/v1/sessions/current", headers=account.headers).status_code == 204

    for method, path in ROUTES.values():
        assert world.http.request(method, path, headers=account.headers).status_code == 401
