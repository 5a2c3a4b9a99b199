"""What an operator runs: `heliograph-admin keys rotate`, `accounts open ada@example.com`, `accounts appoint …`.

It works beside services that run: they read the keyring again when it has changed. `accounts` speaks to the same tables
with the operator's own keys.
"""

import argparse
import asyncio
import secrets
import sys
from typing import Final

from heliograph.audit import AuditEvent, AuditKind, DynamoAuditLog
from heliograph.aws import aws_clients
from heliograph.errors import HeliographError
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import (
    Account,
    clean_name,
    email_key,
    new_account_id,
    normalised_email,
    utc_now,
)
from heliograph_auth.domain.errors import AccountNotFoundError
from heliograph_auth.dynamodb.accounts import DynamoAccountStore
from heliograph_auth.dynamodb.directory import DynamoAccountDirectory
from heliograph_auth.dynamodb.invitations import DynamoInvitationStore
from heliograph_auth.dynamodb.second_factors import DynamoSecondFactorStore
from heliograph_auth.keyring import Keyring, KeyringFile
from heliograph_auth.passwords import Argon2Passwords
from heliograph_auth.service.opening import opened
from heliograph_auth.settings import AuthSettings
from heliograph_auth.signing import SigningKey, new_signing_key

_PASSWORD_BYTES: Final = 12
_OPERATOR: Final = "whoever runs this Heliograph"


def say(text: str) -> None:
    """Tell the operator."""
    print(f"heliograph: {text}", flush=True)  # noqa: T201 - a command line


def main() -> int:
    """Look after accounts and the keys that sign access tokens."""
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
    accounts = commands.add_parser("accounts", help="people's accounts").add_subparsers(dest="deed", required=True)
    opening = accounts.add_parser("open", help="open an account, also where registration is closed")
    opening.add_argument("email")
    opening.add_argument("--name", required=True)
    appointing = accounts.add_parser("appoint", help="make somebody an administrator: close accounts, invite people")
    appointing.add_argument("email")
    dismissing = accounts.add_parser(
        "dismiss", help="make somebody no administrator any more, at once; their invitations end"
    )
    dismissing.add_argument("email")
    helping = accounts.add_parser(
        "second-factor-off", help="turn somebody's two-step sign-in off and sign them out everywhere: they know no code"
    )
    helping.add_argument("email")
    given = parser.parse_args()
    settings = AuthSettings()
    if given.command == "accounts":
        try:
            if given.deed == "open":
                return asyncio.run(open_account(settings, email=given.email, name=given.name))
            if given.deed == "second-factor-off":
                return asyncio.run(turn_second_factor_off(settings, email=given.email))
            return asyncio.run(appoint(settings, email=given.email, is_admin=given.deed == "appoint"))
        except HeliographError as error:
            say(str(error) or type(error).__doc__ or error.code)
            return 1
    return look_after_keys(settings, given)


async def open_account(settings: AuthSettings, *, email: str, name: str) -> int:
    """Open an account with a password of our own making, and tell it this once."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    passwords = Argon2Passwords(threads=1)
    address, cleaned = normalised_email(email), clean_name(name)
    account = Account(new_account_id(), address, cleaned, await passwords.hashed(password), utc_now())
    passwords.close()
    async with aws_clients() as aws:
        store = DynamoAccountStore(
            aws.dynamodb, table=settings.table_name("accounts"), access_table=settings.table_name("access")
        )
        audit = DynamoAuditLog(aws.dynamodb, settings.table_name("audit"))
        await opened(account, store, audit, Visit(device=_OPERATOR))
    say(f"{address} can sign in with the password {password} and should change it on the account page")
    return 0


async def appoint(settings: AuthSettings, *, email: str, is_admin: bool) -> int:
    """Make an account an administrator's; or none, and take back the invitations that they have made."""
    accounts_table, access_table = settings.table_name("accounts"), settings.table_name("access")
    async with aws_clients() as aws:
        store = DynamoAccountStore(aws.dynamodb, table=accounts_table, access_table=access_table)
        account = await _account_of(email, store)
        directory = DynamoAccountDirectory(aws.dynamodb, table=accounts_table, access_table=access_table)
        await directory.appoint(account, is_admin=is_admin)
        if not is_admin:
            invitations = DynamoInvitationStore(aws.dynamodb, accounts_table)
            for invitation in await invitations.made_by(account.account_id):
                await invitations.remove(invitation.digest)
        kind = AuditKind.ADMIN_APPOINTED if is_admin else AuditKind.ADMIN_DISMISSED
        log = DynamoAuditLog(aws.dynamodb, settings.table_name("audit"))
        await log.record(AuditEvent(account.account_id, utc_now(), kind, device=_OPERATOR))
    when = "an administrator from their next sign-in on" if is_admin else "no administrator any more"
    say(f"{account.email} is {when}")
    return 0


async def turn_second_factor_off(settings: AuthSettings, *, email: str) -> int:
    """Let an account's password be enough again, for somebody who has lost app and recovery codes; end all sessions.

    Passkeys sign in as before: each is a way in of its own, and no second step.
    """
    accounts_table, access_table = settings.table_name("accounts"), settings.table_name("access")
    async with aws_clients() as aws:
        store = DynamoAccountStore(aws.dynamodb, table=accounts_table, access_table=access_table)
        account = await _account_of(email, store)
        factors = DynamoSecondFactorStore(aws.dynamodb, accounts_table)
        factor = await factors.get(account.account_id)
        if factor is None or not factor.is_on:
            say(f"two-step sign-in of {account.email} is off")
            return 1
        # The same password of a new generation: what was given out before is good no more.
        if not await store.change_password(account, account.password_hash):
            say("the account is in use at this moment; try again")
            return 1
        while factor and not await factors.remove(factor):  # a code was used meanwhile
            factor = await factors.get(account.account_id)
        log = DynamoAuditLog(aws.dynamodb, settings.table_name("audit"))
        event = AuditEvent(account.account_id, utc_now(), AuditKind.SECOND_FACTOR_OFF, device=_OPERATOR)
        await log.record(event)
    say(f"the password of {account.email} is enough to sign in; they are signed out everywhere")
    return 0


async def _account_of(email: str, store: DynamoAccountStore) -> Account:
    account = await store.with_email(email_key(normalised_email(email)))
    if account is None:
        raise AccountNotFoundError(f"there is no account for {email}")
    return account


def look_after_keys(settings: AuthSettings, given: argparse.Namespace) -> int:
    """List or rotate the keys that sign access tokens."""
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
