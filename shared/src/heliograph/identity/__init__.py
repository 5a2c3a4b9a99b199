"""Who is calling, and what they may do: access tokens and API keys, checked alike in every service.

principal   who it is, the scopes, the refusals
keys        auth's public keys over HTTP (JWKS), cached
tokens      ES256 access tokens
api_keys    what programs hold for longer
access      what the table `access` says: what was taken back, and which keys there are
dependency  `CurrentPrincipal`, for routes
"""

from heliograph.identity.access import AccessRecord, AccessRecords, DynamoAccessRecords
from heliograph.identity.api_keys import ApiKeyRecord, ApiKeySecret, KeyRefusals
from heliograph.identity.dependency import CurrentPrincipal, SecurityTrail, install_identity
from heliograph.identity.keys import KeySet, PublicKeys
from heliograph.identity.principal import (
    EVERYTHING,
    SCOPE_MEANINGS,
    InsufficientScopeError,
    InvalidTokenError,
    MethodScopes,
    Principal,
    Scope,
)
from heliograph.identity.tokens import ALGORITHM, TOKEN_TYPE, TokenVerifier

__all__ = [
    "ALGORITHM",
    "EVERYTHING",
    "SCOPE_MEANINGS",
    "TOKEN_TYPE",
    "AccessRecord",
    "AccessRecords",
    "ApiKeyRecord",
    "ApiKeySecret",
    "CurrentPrincipal",
    "DynamoAccessRecords",
    "InsufficientScopeError",
    "InvalidTokenError",
    "KeyRefusals",
    "KeySet",
    "MethodScopes",
    "Principal",
    "PublicKeys",
    "Scope",
    "SecurityTrail",
    "TokenVerifier",
    "install_identity",
]
