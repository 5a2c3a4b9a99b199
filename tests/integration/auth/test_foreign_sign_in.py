"""Signing in by another site, against a provider on loopback: the right way, and the attacks on it."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from heliograph_auth.main import create_app
from tests.fakes.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, serving
from tests.integration.auth.ada import ADA, bearing, running, signed_in

SITE = "http://auth"
"""Where the tests' own client believes to be."""
CALLBACK = "/api/v1/tokens/oidc/callback"
BY_COOKIE = {"X-Heliograph-Session": "cookie"}


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with serving(OpenIdProvider()) as running_provider:
        yield running_provider


@pytest.fixture
async def auth(
    environment: None,
    provider: OpenIdProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[httpx.AsyncClient]:
    settings = {
        "PUBLIC_URL": SITE,
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_NAME": "There",
        "OIDC_OPENS_ACCOUNTS": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"HELIOGRAPH_{name}", value)
    async with running(create_app()) as client:
        yield client


async def begun(auth: httpx.AsyncClient) -> str:
    response = await auth.post("/api/v1/tokens/oidc")
    assert response.status_code == 200, response.text
    url: str = response.json()["url"]
    return url


async def at_the_provider(url: str) -> str:
    """Sign in there; return where the browser is sent back to, without the site."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        response = await browser.get(url)
    assert response.status_code == 302, response.text
    back: str = response.headers["Location"]
    return back.removeprefix(SITE)


async def signed_in_there(auth: httpx.AsyncClient) -> httpx.Response:
    return await auth.get(await at_the_provider(await begun(auth)))


async def me(auth: httpx.AsyncClient) -> dict[str, Any] | None:
    """Return the account that the browser's cookie is of, if anyone's."""
    refreshed = await auth.post("/api/v1/tokens/refresh", headers=BY_COOKIE)
    if refreshed.status_code == 204:
        return None
    found: dict[str, Any] = (await auth.get("/api/v1/me", headers=bearing(refreshed.json()))).json()
    return found


async def test_who_signs_in_there_has_an_account_here_and_comes_back_to_it(auth: httpx.AsyncClient) -> None:
    ways = (await auth.get("/api/v1/tokens/ways")).json()
    assert ways["provider"] == {"name": "There", "origin": SITE}

    url = await begun(auth)
    query = parse_qs(urlsplit(url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [SITE + CALLBACK]
    first = await auth.get(await at_the_provider(url))
    assert (first.status_code, first.headers["Location"]) == (303, "/")
    cookies = first.headers.get_list("Set-Cookie")
    assert any("heliograph_refresh=" in one and "HttpOnly" in one and "SameSite=strict" in one for one in cookies)
    account = await me(auth)
    assert account is not None
    assert (account["email"], account["name"]) == ("ada@there.example", "ada")

    assert (await signed_in_there(auth)).headers["Location"] == "/"
    assert await me(auth) == account


async def test_the_browser_keeps_a_short_lived_cookie_that_no_script_reads(auth: httpx.AsyncClient) -> None:
    response = await auth.post("/api/v1/tokens/oidc")

    [kept] = response.headers.get_list("Set-Cookie")
    assert kept.startswith("heliograph_oidc=")
    assert all(part in kept for part in ("HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/api/v1/tokens/oidc"))


def with_another_state(back: str) -> str:
    return back.replace("state=", "state=x")


def without_a_state(back: str) -> str:
    return back.replace("state=", "stat=")


def with_another_issuer(back: str) -> str:
    return back.replace("iss=", "iss=https%3A%2F%2Fevil.example%2F")


def without_an_issuer(back: str) -> str:
    return back.replace("iss=", "is=")


def with_an_error(back: str) -> str:
    return f"{back}&error=access_denied"


def without_a_code(back: str) -> str:
    return back.replace("code=", "cod=")


def with_another_code(back: str) -> str:
    return back.replace("code=", "code=x")


@pytest.mark.parametrize(
    "changed",
    [
        with_another_state,
        without_a_state,
        with_another_issuer,
        without_an_issuer,
        with_an_error,
        without_a_code,
        with_another_code,
    ],
)
async def test_an_answer_that_is_not_as_it_was_given_signs_nobody_in(
    auth: httpx.AsyncClient, changed: Callable[[str], str]
) -> None:
    back = await at_the_provider(await begun(auth))

    refused = await auth.get(changed(back))

    assert refused.headers["Location"] == "/sign-in?problem=oidc-refused"
    assert await me(auth) is None


async def test_an_answer_in_another_browser_signs_nobody_in(auth: httpx.AsyncClient) -> None:
    back = await at_the_provider(await begun(auth))
    auth.cookies.clear()
    assert (await auth.get(back)).headers["Location"] == "/sign-in?problem=oidc-refused"

    another_s = await at_the_provider(await begun(auth))
    auth.cookies.clear()
    await begun(auth)
    assert (await auth.get(another_s)).headers["Location"] == "/sign-in?problem=oidc-refused"
    assert await me(auth) is None


async def test_an_answer_is_good_once(auth: httpx.AsyncClient) -> None:
    response = await auth.post("/api/v1/tokens/oidc")
    kept = response.headers["Set-Cookie"].partition(";")[0]
    back = await at_the_provider(response.json()["url"])
    assert (await auth.get(back)).headers["Location"] == "/"

    again = await auth.get(back, headers={"Cookie": kept})

    assert again.headers["Location"] == "/sign-in?problem=oidc-refused"


async def test_a_code_of_another_sign_in_is_refused_by_its_challenge(auth: httpx.AsyncClient) -> None:
    stolen = parse_qs(urlsplit(await at_the_provider(await begun(auth))).query)["code"][0]
    back = await at_the_provider(await begun(auth))
    own = parse_qs(urlsplit(back).query)["code"][0]

    refused = await auth.get(back.replace(own, stolen))

    assert refused.headers["Location"] == "/sign-in?problem=oidc-refused"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
    ],
)
async def test_a_token_that_says_anything_else_signs_nobody_in(
    auth: httpx.AsyncClient, provider: OpenIdProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims

    refused = await signed_in_there(auth)

    assert refused.headers["Location"] == "/sign-in?problem=oidc-refused"
    assert await me(auth) is None


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_that_anyone_could_have_made_signs_nobody_in(
    auth: httpx.AsyncClient, provider: OpenIdProvider, algorithm: str
) -> None:
    provider.algorithm = algorithm

    assert (await signed_in_there(auth)).headers["Location"] == "/sign-in?problem=oidc-refused"
    assert await me(auth) is None


async def test_a_token_of_another_key_under_a_known_name_signs_nobody_in(
    auth: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    provider.signing_key = provider.another_key()

    assert (await signed_in_there(auth)).headers["Location"] == "/sign-in?problem=oidc-refused"


async def test_either_kind_of_key_is_known(auth: httpx.AsyncClient, provider: OpenIdProvider) -> None:
    provider.algorithm = "ES256"

    assert (await signed_in_there(auth)).headers["Location"] == "/"


@pytest.mark.parametrize(
    "document",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": 7}],
)
async def test_a_provider_that_is_not_the_one_of_the_settings_is_not_asked(
    auth: httpx.AsyncClient, provider: OpenIdProvider, document: dict[str, Any]
) -> None:
    provider.document = document

    response = await auth.post("/api/v1/tokens/oidc")

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


async def test_an_address_that_the_provider_names_gets_into_no_account_that_has_it(
    auth: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    await signed_in(auth)
    provider.who["email"] = ADA["email"].lower()

    taken = await signed_in_there(auth)
    assert taken.headers["Location"] == "/sign-in?problem=email-taken"
    provider.who |= {"email": "new@there.example", "email_verified": False}
    unverified = await signed_in_there(auth)
    assert unverified.headers["Location"] == "/sign-in?problem=oidc-unknown"
    assert await me(auth) is None


async def test_an_account_is_linked_by_its_person_with_the_password_and_unlinked_again(
    auth: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    pair = await signed_in(auth)
    wrong = await auth.post("/api/v1/me/identities", headers=bearing(pair), json={"password": "no"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")
    link = await auth.post("/api/v1/me/identities", headers=bearing(pair), json={"password": ADA["password"]})
    back = await at_the_provider(link.json()["url"])
    assert (await auth.get(back)).headers["Location"] == "/account"
    assert await me(auth) is None

    assert (await signed_in_there(auth)).headers["Location"] == "/"
    found = await me(auth)
    assert found is not None
    assert found["email"] == ADA["email"]
    [identity] = (await auth.get("/api/v1/me/identities", headers=bearing(pair))).json()["identities"]
    assert identity["issuer"] == provider.issuer
    path, proof = f"/api/v1/me/identities/{identity['identity_id']}/removal", {"password": ADA["password"]}
    assert (await auth.post(path, headers=bearing(pair), json={"password": "no"})).json()["code"] == "wrong-password"
    assert (await auth.post(path, headers=bearing(pair), json=proof)).status_code == 204
    assert (await auth.post(path, headers=bearing(pair), json=proof)).json()["code"] == "identity-not-found"
    log = (await auth.get("/api/v1/me/security-log", headers=bearing(pair))).json()["events"]
    assert [event["kind"] for event in log][:4] == [
        "identity-unlinked",
        "sign-in-failed",
        "signed-in",
        "identity-linked",
    ]


async def test_an_account_elsewhere_is_linked_with_one_here_alone(auth: httpx.AsyncClient) -> None:
    await signed_in_there(auth)
    pair = await signed_in(auth)
    link = await auth.post("/api/v1/me/identities", headers=bearing(pair), json={"password": ADA["password"]})

    refused = await auth.get(await at_the_provider(link.json()["url"]))

    assert refused.headers["Location"] == "/account?problem=oidc-linked-elsewhere"


async def test_where_unknown_people_may_not_come_in_they_do_not(
    environment: None,
    auth: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HELIOGRAPH_OIDC_OPENS_ACCOUNTS", "false")
    async with running(create_app()) as closed:
        assert (await signed_in_there(closed)).headers["Location"] == "/sign-in?problem=oidc-unknown"


async def test_without_a_provider_there_is_no_such_way(environment: None) -> None:
    async with running(create_app()) as auth:
        assert (await auth.get("/api/v1/tokens/ways")).json()["provider"] is None
        refused = await auth.post("/api/v1/tokens/oidc")
        assert (refused.status_code, refused.json()["code"]) == (404, "oidc-off")
        back = await auth.get(CALLBACK, params={"state": "x", "code": "y"})
        assert back.headers["Location"] == "/sign-in?problem=oidc-off"
