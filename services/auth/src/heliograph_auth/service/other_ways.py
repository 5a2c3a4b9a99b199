"""What opens an account beside its password, removed all at once."""

from heliograph.photos import OwnerId
from heliograph_auth.service.api_keys import ApiKeyStore
from heliograph_auth.service.foreign import IdentityStore
from heliograph_auth.service.passkey_store import PasskeyStore
from heliograph_auth.service.second_factor_ports import SecondFactorStore


class OtherWaysIn:
    """API keys, passkeys, links with accounts elsewhere, and the second step at sign-in."""

    def __init__(
        self, keys: ApiKeyStore, second_factors: SecondFactorStore, passkeys: PasskeyStore, identities: IdentityStore
    ) -> None:
        self._keys = keys
        self._second_factors = second_factors
        self._passkeys = passkeys
        self._identities = identities

    async def close(self, account_id: OwnerId) -> None:
        """See `OtherWays.close`."""
        for key in await self._keys.of_account(account_id):
            await self._keys.remove(key.key_id)
        for passkey in await self._passkeys.of_account(account_id):
            await self._passkeys.remove(passkey.passkey_id)
        for identity in await self._identities.of_account(account_id):
            await self._identities.remove(identity.identity_id)
        while factor := await self._second_factors.get(account_id):
            await self._second_factors.remove(factor)
