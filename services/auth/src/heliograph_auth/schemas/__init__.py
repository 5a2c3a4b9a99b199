"""HTTP bodies of the auth service."""
