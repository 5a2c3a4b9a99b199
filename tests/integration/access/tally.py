"""How many calls of the authorisation matrix have been made, and how many were answered other than they should be."""

import pytest

tried = pytest.StashKey[dict[str, int]]()
"""`calls` and `deviations`, in pytest's configuration: what a test counts, the summary prints."""
