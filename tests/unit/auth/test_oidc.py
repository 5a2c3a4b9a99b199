"""What a provider's address may be."""

import pytest

from heliograph_auth.domain.foreign import code_challenge_of, nonce_of, verifier_of
from heliograph_auth.oidc import OidcClient


@pytest.mark.parametrize("issuer", ["https://accounts.example", "http://127.0.0.1:9000", "http://localhost/realms/a"])
def test_a_provider_is_asked_by_tls_or_on_this_machine(issuer: str) -> None:
    assert OidcClient(issuer, "us", "a secret").issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    ["", "http://accounts.example", "http://10.0.0.1", "ftp://localhost", "https://", "http://127.0.0.1.example"],
)
def test_no_other_address_is(issuer: str) -> None:
    with pytest.raises(ValueError, match="https"):
        OidcClient(issuer, "us", "a secret")


def test_what_the_settings_hold_in_confidence_is_not_shown() -> None:
    assert "a secret" not in repr(OidcClient("https://accounts.example", "us", "a secret"))


def test_the_challenge_of_a_verifier_is_that_of_the_standard() -> None:
    """Source: RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert code_challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_nonce_and_verifier_tell_nothing_of_one_another() -> None:
    assert len({nonce_of("a"), verifier_of("a"), nonce_of("b"), verifier_of("b"), "a"}) == 5
