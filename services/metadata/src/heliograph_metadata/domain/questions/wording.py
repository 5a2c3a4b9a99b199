"""Words of several kinds: what an answer does to photos, which the web app puts into the past, and what to tick."""

from typing import Final

from heliograph_metadata.domain.questions.question import Yes

_OF_ONE: Final = {"are": "is", "go": "goes"}


def mended(photos: int, gain: str) -> str:
    """Return what becomes of so many photos.

    Args:
        photos: How many they are.
        gain: What becomes of several, its verb first: `get a place`.
    """
    if photos != 1:
        return f"{photos} photos {gain}"
    verb, _, rest = gain.partition(" ")
    return f"1 photo {_OF_ONE.get(verb, f'{verb}s')} {rest}"


def to_tick(default: Yes) -> str:
    """Return what is to be done with things of which some begin unticked, or none."""
    return "Untick what is wrong, and tick what is right." if default.but_not else "Untick what is wrong."
