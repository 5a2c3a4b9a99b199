"""HTTP bodies of passkeys; options and credentials are WebAuthn's own JSON, which browsers read and write."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from heliograph_auth.domain.passkeys import MAX_PASSKEY_NAME_CHARACTERS, Passkey

Name = Annotated[str, Field(min_length=1, max_length=MAX_PASSKEY_NAME_CHARACTERS, examples=["Ada's phone"])]
Credential = Annotated[dict[str, Any], Field(description="What `PublicKeyCredential.toJSON()` gives.", max_length=16)]


class PasskeysHere(BaseModel):
    origin: str = Field(description="Where the web app has to be open for them.", examples=["https://photos.example"])


class ProviderHere(BaseModel):
    name: str = Field(description="Of the other site whose accounts sign in here.", examples=["Example"])
    origin: str = Field(description="Where the web app has to be open for it.", examples=["https://photos.example"])


class SignInWays(BaseModel):
    passkeys: PasskeysHere | None = Field(description="Null: this Heliograph has no address that passkeys work with.")
    provider: ProviderHere | None = Field(description="Null: no other site signs anybody in here.")


class CeremonyOptions(BaseModel):
    options: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON()`, or `…RequestOptionsFromJSON()`."
    )


class PasskeySignInBegin(BaseModel):
    challenge: str | None = Field(
        None, min_length=1, max_length=100, description="Of `POST /api/v1/tokens`, where it is the second step."
    )


class PasskeySignIn(BaseModel):
    credential: Credential


class PasskeyCreate(BaseModel):
    credential: Credential
    name: Name


class PasskeyUpdate(BaseModel):
    name: Name


class PasskeyResponse(BaseModel):
    passkey_id: str = Field(examples=["3f0c8a1f2b5d4c0e9a7b6c5d4e3f2a1b"])
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> "PasskeyResponse":
        """Return what its person may see of a passkey."""
        return cls(
            passkey_id=passkey.passkey_id,
            name=passkey.name,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
        )


class PasskeysResponse(BaseModel):
    passkeys: list[PasskeyResponse]
