"""WebAuthn by py_webauthn, for one site: its name (RP id) and its origin come from the settings, never from a request.

Source: Web Authentication Level 3, sections 7.1 and 7.2.
"""

import json
from base64 import urlsafe_b64decode
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.challenges import LIVES
from heliograph_auth.domain.passkeys import InvalidPasskeyError, Passkey, PasskeysOffError, RefusedPasskeyError, Wire
from heliograph_auth.service.passkeys import Offered, Registered

_SITE_NAME: Final = "Heliograph"
_TIMEOUT_MS: Final = int(LIVES.total_seconds() * 1000)


def relying_party_of(public_url: str) -> tuple[str, str] | None:
    """Return the RP id and the origin of an address; None where there can be no passkeys.

    An RP id is a name: browsers take no IP address for one, and nothing but `localhost` without TLS.
    """
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    try:
        ip_address(name)
    except ValueError:
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and name == "localhost")
        return (name, f"{parts.scheme}://{parts.netloc}".lower()) if name and is_safe else None
    return None


class WebAuthnCeremonies:
    """`Ceremonies` for the site at `public_url`; without a name there are none."""

    def __init__(self, public_url: str) -> None:
        self.relying_party = relying_party_of(public_url)

    def registration_options(self, account: Account, challenge: str, others: list[Passkey]) -> Wire:
        """See `Ceremonies.registration_options`."""
        rp_id, _ = self._site()
        options = generate_registration_options(
            rp_id=rp_id,
            rp_name=_SITE_NAME,
            user_id=account.account_id.encode(),
            user_name=account.email,
            user_display_name=account.name,
            challenge=challenge.encode(),
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(others),
        )
        return _wire(options_to_json(options))

    def sign_in_options(self, challenge: str, allowed: list[Passkey]) -> Wire:
        """See `Ceremonies.sign_in_options`."""
        rp_id, _ = self._site()
        options = generate_authentication_options(
            rp_id=rp_id,
            challenge=challenge.encode(),
            timeout=_TIMEOUT_MS,
            allow_credentials=_descriptors(allowed),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _wire(options_to_json(options))

    def offered(self, credential: Wire) -> Offered:
        """See `Ceremonies.offered`."""
        try:
            client_data = json.loads(_bytes(credential["response"]["clientDataJSON"]))
            challenge = _bytes(client_data["challenge"]).decode("ascii")
            return Offered(bytes_to_base64url(_bytes(credential["rawId"])), challenge)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise InvalidPasskeyError("This can't be read as a passkey's answer.") from error

    def registered(self, credential: Wire, challenge: str) -> Registered:
        """See `Ceremonies.registered`."""
        rp_id, origin = self._site()
        try:
            made = verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge.encode(),
                expected_rp_id=rp_id,
                expected_origin=origin,
                require_user_verification=True,
            )
        except Exception as error:
            raise RefusedPasskeyError from error
        return Registered(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)

    def sign_count(self, credential: Wire, challenge: str, passkey: Passkey) -> int:
        """See `Ceremonies.sign_count`."""
        rp_id, origin = self._site()
        try:
            handle = credential["response"].get("userHandle")
            is_another_s = bool(handle) and _bytes(handle) != passkey.account_id.encode()
            used = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge.encode(),
                expected_rp_id=rp_id,
                expected_origin=origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,  # the use case compares it, and tells the passkey's person
                require_user_verification=True,
            )
        except Exception as error:
            raise InvalidPasskeyError from error
        if is_another_s:
            raise InvalidPasskeyError
        return used.new_sign_count

    def _site(self) -> tuple[str, str]:
        if self.relying_party is None:
            raise PasskeysOffError
        return self.relying_party


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id)) for passkey in passkeys]


def _wire(text: str) -> Wire:
    options: dict[str, Any] = json.loads(text)
    return options


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
