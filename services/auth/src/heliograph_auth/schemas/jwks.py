"""The JWKS document. Source: RFC 7517."""

from typing import Literal

from pydantic import BaseModel, Field


class JsonWebKey(BaseModel):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str = Field(description="The key's RFC 7638 thumbprint.")
    alg: Literal["ES256"]
    use: Literal["sig"]


class JsonWebKeySet(BaseModel):
    keys: list[JsonWebKey]
