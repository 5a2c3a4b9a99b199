"""Accounts, sessions and tokens, and the public keys that prove them."""
