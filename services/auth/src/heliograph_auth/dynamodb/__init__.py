"""The DynamoDB table `accounts`, and what other services read of it in `access`.

| pk | sk | what |
| --- | --- | --- |
| account#<account_id> | account | the account |
| email#<email_key> | email | whose address this is; its existence is what makes addresses unique |
| session#<session_id> | session | a session; DynamoDB's TTL clears it some time after `expires_at` |
| key#<key_id> | key | an API key as its person sees it |
| place-of-key#<account_id>#<number> | place-of-key | a place that an account has for its keys, and which has it |
| invitation#<digest> | invitation | an invitation to register, `account_id` being its maker's |
| tries#<key> | tries | how often something was tried under a key, until it is forgotten |
| link#<digest> | link | what a link in a mail stands for, until it was followed or its time is over |
| place#<account:address> | place | an address that an account was signed in from, as digests, until it is forgotten |
| factor#<account_id> | factor | the second factor: its sealed secret, digests of recovery codes |
| passkey#<passkey_id> | passkey | a passkey: its public key |
| identity#<identity_id> | identity | an account of the OpenID provider that signs in to one here |
| challenge#<digest> | challenge | what ties the second request of something to its first, for minutes |

The index `by-account` finds what has an `account_id`. `access` is described in heliograph.identity.access.
"""
