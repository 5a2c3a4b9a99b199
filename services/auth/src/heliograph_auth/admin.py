"""What an operator runs: `heliograph-admin keys rotate`, or `python -m heliograph_auth.admin keys list`.

It works beside services that run: they read the keyring again when it has changed.
"""

import argparse
import sys

from heliograph_auth.domain.accounts import utc_now
from heliograph_auth.keyring import Keyring, KeyringFile
from heliograph_auth.settings import AuthSettings
from heliograph_auth.signing import SigningKey, new_signing_key


def say(text: str) -> None:
    """Tell the operator."""
    print(f"heliograph: {text}", flush=True)  # noqa: T201 - a command line


def main() -> int:
    """Look after the keys that sign access tokens."""
    parser = argparse.ArgumentParser(prog="heliograph-admin", description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    keys = commands.add_parser("keys", help="the keys that sign access tokens").add_subparsers(
        dest="deed", required=True
    )
    keys.add_parser("list", help="say which keys are live, and which one signs")
    rotate = keys.add_parser("rotate", help="publish a new key, which signs as soon as everyone can know of it")
    rotate.add_argument(
        "--compromised",
        action="store_true",
        help="sign with the new key at once and believe no other: everyone's access token is renewed, or refused",
    )
    given = parser.parse_args()
    settings = AuthSettings()
    file = KeyringFile(settings.auth_keyring_file)
    now = utc_now()
    if given.deed == "rotate":
        pem = new_signing_key()
        ring = file.change(lambda ring: ring.replaced(pem, now) if given.compromised else ring.rotated(pem, now), now)
        say("a new key is in the keyring" + (", and the only one" if given.compromised else ""))
    else:
        ring = file.ring(now)
    _tell(ring, settings)
    return 0


def _tell(ring: Keyring, settings: AuthSettings) -> None:
    now = utc_now()
    signing = ring.signing(now)
    for key in ring.live(now):
        key_id = SigningKey(key.pem, issuer=settings.token_issuer, audience=settings.token_audience).key_id
        verb = (
            "signs since" if key is signing else ("signs from" if key.signs_from > now else "is believed; signed from")
        )
        say(f"{key_id} {verb} {key.signs_from:%Y-%m-%d %H:%M} UTC")


if __name__ == "__main__":
    sys.exit(main())
