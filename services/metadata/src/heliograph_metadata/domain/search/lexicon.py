"""Which labels a word can mean that is none of their names: synonyms, broader words, narrower ones, plurals."""

import json
from functools import cache
from pathlib import Path
from typing import Final

WORDS: Final = Path(__file__).with_name("words.json")
"""Made by tools/wordnet.py out of WordNet 3.1, whose licence it holds."""

_IRREGULAR: Final = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "geese": "goose",
    "oxen": "ox",
    "knives": "knife",
    "wolves": "wolf",
    "leaves": "leaf",
    "calves": "calf",
    "loaves": "loaf",
    "shelves": "shelf",
    "feet": "foot",
    "teeth": "tooth",
}
_ENDINGS: Final = (("ies", "y"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("zes", "z"), ("ses", "s"), ("s", ""))
"""Source: WordNet's rules of detachment for nouns (morphy)."""
_SHORTEST: Final = 3


def forms(word: str) -> tuple[str, ...]:
    """Return a word, folded, and the words of which it may be the plural."""
    found = [word]
    if word in _IRREGULAR:
        found.append(_IRREGULAR[word])
    elif not word.endswith("ss"):
        found += [
            word.removesuffix(ending) + singular
            for ending, singular in _ENDINGS
            if word.endswith(ending) and len(word) - len(ending) + len(singular) >= _SHORTEST
        ]
    return tuple(dict.fromkeys(found))


@cache
def _words() -> dict[str, frozenset[str]]:
    body = json.loads(WORDS.read_text("utf-8"))
    classes = body["classes"]
    return {word: frozenset(classes[number] for number in numbers) for word, numbers in body["words"].items()}


@cache
def _known_classes() -> frozenset[str]:
    return frozenset(json.loads(WORDS.read_text("utf-8"))["classes"])


def labels_meant(word: str) -> frozenset[str]:
    """Return the names of the labels that a word in any of its forms means, without the word's own."""
    return frozenset().union(*(_words().get(form, frozenset()) for form in forms(word)))


def is_known(word: str) -> bool:
    """Whether it is known which labels a word means: others that merely have it in their name are not meant."""
    return any(form in _words() or form in _known_classes() for form in forms(word))
