"""The metadata service's domain: photos, their terms, tiles and search, as frozen dataclasses and pure functions."""
