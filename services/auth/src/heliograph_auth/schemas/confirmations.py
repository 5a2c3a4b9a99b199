"""HTTP bodies of what people do by mail."""

from typing import Annotated

from pydantic import BaseModel, Field

from heliograph_auth.domain.accounts import MAX_EMAIL_CHARACTERS, MAX_PASSWORD_CHARACTERS, Account
from heliograph_auth.schemas.accounts import NewPassword
from heliograph_auth.schemas.second_factor import Proof

LinkToken = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="What stands behind the `#` of the link in the letter.",
        examples=["Zm9yIHRoZSBzYWtlIG9mIGFuIGV4YW1wbGUsIDMyIGJ5"],
    ),
]


class Confirm(BaseModel):
    token: LinkToken
    password: str = Field(
        min_length=1,
        max_length=MAX_PASSWORD_CHARACTERS,
        description="The one that was chosen with the account: the letter may have been asked for by somebody else.",
    )


class Confirmed(BaseModel):
    email: str = Field(examples=["ada@example.com"])

    @classmethod
    def of(cls, account: Account) -> "Confirmed":
        """Return what whoever follows a link may know of the account."""
        return cls(email=account.email)


class EmailChangeAsked(Proof):
    email: str = Field(max_length=MAX_EMAIL_CHARACTERS, description="The new one.", examples=["ada@example.net"])


class ResetAsked(BaseModel):
    email: str = Field(max_length=MAX_EMAIL_CHARACTERS, examples=["ada@example.com"])


class Reset(BaseModel):
    token: LinkToken
    new_password: NewPassword
