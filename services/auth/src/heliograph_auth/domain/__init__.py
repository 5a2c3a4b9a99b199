"""Accounts and what lets people into them: values, rules and this service's errors."""
