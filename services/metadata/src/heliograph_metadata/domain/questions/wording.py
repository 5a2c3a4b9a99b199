"""What an answer does to photos, in words that the web app puts into the past: `1 photo gets a place`."""

from typing import Final

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
