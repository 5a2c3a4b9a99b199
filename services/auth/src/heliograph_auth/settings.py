"""Settings of the auth service."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from heliograph.settings import SharedSettings
from heliograph_auth.domain.accounts import EmailVerification
from heliograph_auth.domain.throttling import LETTERS_FROM_ONE, REGISTRATIONS, Limit


class AuthSettings(SharedSettings):
    """What auth reads from its environment beside what every service does."""

    auth_keyring_file: Path = Path(".heliograph/auth/keyring.json")
    """The private keys that sign access tokens; made on first start. A `signing-key.pem` beside it is taken in."""

    public_url: str = "http://127.0.0.1:8080"
    """Where people reach Heliograph: links in letters lead there, whatever address a request came to."""

    passkey_url: str = ""
    """The name that passkeys are made for, as `https://photos.example.org`; empty: `public_url`. Under an IP address,
    or a name without TLS but `localhost`, there are none.
    """

    oidc_issuer: str = ""
    """An OpenID provider whose accounts sign in here, exactly as it calls itself; empty: none. It has to allow the
    address `<public_url>/api/v1/tokens/oidc/callback`.
    """

    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_client_secret_file: Path | None = None
    """A file with the secret, in place of the secret itself."""

    oidc_name: str = "OpenID"
    """What people know the provider by: "Sign in with …"."""

    oidc_scopes: str = "openid email profile"
    oidc_opens_accounts: bool = False
    """Whether somebody whom nobody here is linked with gets an account, if the provider has verified the address."""

    registration_is_open: bool = True
    """Whether people can register by themselves; else it takes an administrator's invitation, or
    `heliograph-admin accounts open`.
    """

    email_verification: EmailVerification = EmailVerification.OFFERED
    """Required: an account is opened by a link in a letter, and registering tells nothing of others' accounts. Offered:
    it is there at once, `409 email-taken` tells that an address has one, and its page asks to confirm the address."""

    mail: Literal["folder", "ses"] = "folder"
    """Where letters go: into a folder, as files, or by Amazon SES."""

    mail_folder: Path = Path(".heliograph/mail")
    mail_sender: str = "heliograph@localhost"
    """Whom letters are from; SES must have verified it."""

    registrations_free: int = Field(default=REGISTRATIONS.free, ge=1)
    """How many may register from one address of the network within an hour before each has to wait."""

    letters_free: int = Field(default=LETTERS_FROM_ONE.free, ge=1)
    """How many letters may be asked for from one address of the network within an hour."""

    access_token_seconds: int = Field(default=600, ge=1)
    refresh_token_days: int = Field(default=30, ge=1)
    refresh_grace_seconds: int = Field(default=10, ge=0)
    password_threads: int = Field(default=2, ge=1)
    """How many passwords are hashed at once; each takes 19 MiB and a core."""

    @property
    def registrations(self) -> Limit:
        """How often one address may register."""
        return replace(REGISTRATIONS, free=self.registrations_free)

    @property
    def letters_from_one(self) -> Limit:
        """How often one address may have letters sent."""
        return replace(LETTERS_FROM_ONE, free=self.letters_free)

    @property
    def oidc_secret(self) -> str:
        """What this Heliograph proves itself to the provider by."""
        if self.oidc_client_secret_file:
            return self.oidc_client_secret_file.read_text(encoding="utf-8").strip()
        return self.oidc_client_secret.get_secret_value()

    @property
    def access_token_lives(self) -> timedelta:
        """How long an access token is good for."""
        return timedelta(seconds=self.access_token_seconds)

    @property
    def refresh_token_lives(self) -> timedelta:
        """How long an unused refresh token is good for."""
        return timedelta(days=self.refresh_token_days)

    @property
    def refresh_grace(self) -> timedelta:
        """For how long after its use a refresh token may be repeated."""
        return timedelta(seconds=self.refresh_grace_seconds)
