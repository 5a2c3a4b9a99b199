"""HTTP bodies of the second step at sign-in."""

from datetime import datetime
from io import BytesIO
from typing import Annotated, Literal

import segno
from pydantic import BaseModel, Field

from heliograph_auth.domain.accounts import MAX_PASSWORD_CHARACTERS
from heliograph_auth.domain.second_factor import BEGUN_LIVES, SecondFactor
from heliograph_auth.service.second_factor import Enrolment, SecondStep

Code = Annotated[
    str, Field(min_length=1, max_length=40, description="Of the app, or a recovery code.", examples=["492039"])
]
Password = Annotated[
    str,
    Field(
        max_length=MAX_PASSWORD_CHARACTERS,
        json_schema_extra={"format": "password"},
        examples=["correct horse battery staple"],
    ),
]
Factor = Literal["code", "recovery-code", "passkey"]
_QUIET_MODULES = 2
_MODULE_PX = 5


class SecondStepNeeded(BaseModel):
    challenge: str = Field(description="Send it with a code to `/api/v1/tokens/second-factor`; good once.")
    expires_in: int = Field(description="Seconds for which it is good.", examples=[300])
    factors: list[Factor] = Field(description="With what the second step can be made.")

    @classmethod
    def of(cls, step: SecondStep) -> "SecondStepNeeded":
        """Return what somebody is told who knew the password."""
        factors: list[Factor] = ["code", "recovery-code"]
        if step.has_passkeys:
            factors.append("passkey")
        return cls(challenge=step.challenge, expires_in=int(step.lives.total_seconds()), factors=factors)


class SecondStepMade(BaseModel):
    challenge: str = Field(min_length=1, max_length=100)
    code: Code


class SecondFactorResponse(BaseModel):
    is_on: bool = Field(description="Whether a password alone is not enough to sign in.")
    turned_on_at: datetime | None
    recovery_codes_left: int

    @classmethod
    def of(cls, factor: SecondFactor | None) -> "SecondFactorResponse":
        """Return what its person may see of a second factor."""
        return cls(
            is_on=factor is not None,
            turned_on_at=factor.turned_on_at if factor else None,
            recovery_codes_left=len(factor.recovery_digests) if factor else 0,
        )


class Proof(BaseModel):
    """What is asked for once more before what a stolen session must not do."""

    password: Password = Field(description="The caller's own, asked again.")
    code: Code | None = Field(None, description="Needed where two-step sign-in is on: of the app, or a recovery code.")


class SecondFactorBegin(BaseModel):
    password: Password


class SecondFactorBegun(BaseModel):
    secret: str = Field(description="For an app that can't read the picture; told this once.")
    otpauth_uri: str = Field(description="What the picture holds.")
    qr_svg: str = Field(description="A picture of it, as SVG, for an authenticator app.")
    expires_in: int = Field(description="Seconds within which a first code has to come.")

    @classmethod
    def of(cls, enrolment: Enrolment) -> "SecondFactorBegun":
        """Return what is shown once."""
        svg = BytesIO()
        segno.make(enrolment.uri, error="m", micro=False).save(
            svg, kind="svg", scale=_MODULE_PX, border=_QUIET_MODULES, light="#fff", xmldecl=False, omitsize=True
        )
        return cls(
            secret=enrolment.secret,
            otpauth_uri=enrolment.uri,
            qr_svg=svg.getvalue().decode(),
            expires_in=int(BEGUN_LIVES.total_seconds()),
        )


class CodeBody(BaseModel):
    code: Code


class PasswordAndCode(BaseModel):
    password: Password
    code: Code


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Each good once in place of a code; told this once.")
