"""The one question that halves a search best, made from what the search itself has found.

    value = P(knows) · (H(p(1−e) + (1−p)e) − H(e)) / seconds                                  bits a second

p is the share of the photos that say yes, e how often a yes or a no is wrong of a photo: because the person errs, or
because the library does. It is the information that an answer through a noisy channel gives about the photo that is
looked for, all photos found being as likely. Source: Kovashka and Grauman, "Attribute Pivots for Guiding Relevance
Feedback in Image Search", ICCV 2013, and the entropy of a binary symmetric channel.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.photo import Photo, Source
from heliograph_metadata.domain.questions.value import DECIDE_SECONDS, POINT_SECONDS, binary_entropy
from heliograph_metadata.domain.search.lexicon import is_known
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.domain.search.query import Any, Field
from heliograph_metadata.domain.search.values import MONTHS
from heliograph_metadata.domain.search.writing import filter_text, quoted
from heliograph_metadata.domain.terms import Term, label_term, month_of, terms

BROAD: Final = 60
"""Photos that can be looked through; of more, halving is worth a question."""
LEAST_BITS: Final = 0.4
"""An answer that brings less, as one that nine of ten photos share, is not worth asking for."""
_WORDS_A_SECOND: Final = 4.0
"""That are read. Source: Brysbaert, "How many words do we read per minute?", 2019: 238 a minute."""


@dataclass(frozen=True, slots=True)
class Met:
    """A photo that a search has found, and for how many of them it stands."""

    photo: Photo
    stands_for: float = 1.0


@dataclass(frozen=True, slots=True)
class Split:
    """A question to which some photos of a search say yes and the others no."""

    kind: str
    prompt: str
    yes: str
    no: str
    """Filters of the search's language that find the ones and the others."""
    photos_yes: int
    photos_no: int
    bits: float
    """What an answer is expected to bring."""
    value: float
    """Bits a second."""


@dataclass(frozen=True, slots=True)
class _Prior:
    knows: float
    error: float


_PRIORS: Final = {
    "year": _Prior(0.80, 0.03),
    "month": _Prior(0.55, 0.05),
    "place": _Prior(0.90, 0.02),
    "own": _Prior(0.97, 0.05),
    "label": _Prior(0.97, 0.10),
    "camera": _Prior(0.60, 0.01),
}
"""How often a person knows, and how often an answer is wrong of a photo; our own estimates. `own` are labels that the
person has made, which nothing but the person and what has learned from them sets."""


@dataclass(frozen=True, slots=True)
class _Aspect:
    kind: str
    prompt: str
    yes: str
    no: str


def best_split(met: Sequence[Met], *, min_confidence: float = 0.0) -> Split | None:
    """Return the question whose answer brings most bits a second; None where none brings `LEAST_BITS`.

    Args:
        met: Photos that a search has found.
        min_confidence: Labels that are less sure count as not there, as in the search.
    """
    total = sum(one.stands_for for one in met)
    if not total:
        return None
    photos: dict[_Aspect, float] = {}
    for one in met:
        for aspect in _aspects(one.photo, min_confidence):
            photos[aspect] = photos.get(aspect, 0.0) + one.stands_for
    photos |= dict(_boundaries(met))
    splits = [_split(aspect, min(count, total), total) for aspect, count in photos.items()]
    return min(
        (one for one in splits if one.bits >= LEAST_BITS),
        key=lambda one: (-one.value, one.yes),
        default=None,
    )


def narrowed(text: str, added: str) -> str | None:
    """Return a search's text with one more filter that must hold; None where it would be too long a search.

    Raises:
        InvalidQueryError: The text can't be understood.
    """
    whole = f"({text})" if isinstance(parse(text).root, Any) else text.strip()
    wanted = f"{whole} {added}".strip()
    try:
        return parse(wanted).text
    except InvalidQueryError:
        return None


def _split(aspect: _Aspect, photos: float, total: float) -> Split:
    prior, share = _PRIORS[aspect.kind], photos / total
    bits = binary_entropy(share * (1 - prior.error) + (1 - share) * prior.error) - binary_entropy(prior.error)
    seconds = DECIDE_SECONDS + POINT_SECONDS + len(aspect.prompt.split()) / _WORDS_A_SECOND
    return Split(
        kind="label" if aspect.kind == "own" else aspect.kind,
        prompt=aspect.prompt,
        yes=aspect.yes,
        no=aspect.no,
        photos_yes=round(photos),
        photos_no=round(total - photos),
        bits=bits,
        value=prior.knows * bits / seconds,
    )


def _aspects(photo: Photo, min_confidence: float) -> Iterator[_Aspect]:
    """Yield what can be asked of a photo to which it says yes."""
    borne = terms(photo)
    for label in photo.labels:
        term = label_term(label.name)
        if term in borne and label.confidence >= min_confidence:
            is_own = label.source is Source.PERSON and not is_known(term.value)
            called = label.name if is_own or not label.name[:1].islower() else article(label.name)
            yield _filtered("own" if is_own else "label", f"Is {called} on them?", _label_text(term))
    for term, name in borne.items():
        if term.kind == "place":
            yield _filtered("place", f"Were they taken in {name}?", filter_text(Field.PLACE, term.value))
        elif term.kind == "camera":
            yield _filtered("camera", f"Were they taken with the {name}?", filter_text(Field.CAMERA, term.value))
    month = month_of(photo)
    yield _filtered("year", f"Were they taken in {month[:4]}?", f"year:{month[:4]}")
    yield _filtered("month", f"Were they taken in {_month_name(month)}?", f"month:{month}")


def _boundaries(met: Iterable[Met]) -> Iterator[tuple[_Aspect, float]]:
    """Yield for each year and month but the first whether photos are older, and how many are."""
    months: dict[str, float] = {}
    for one in met:
        month = month_of(one.photo)
        months[month] = months.get(month, 0.0) + one.stands_for
    older, year = 0.0, ""
    for month in sorted(months):
        if older:
            yield _Aspect("month", f"Were they taken before {_month_name(month)}?", *_sides(month)), older
            if month[:4] != year:
                yield _Aspect("year", f"Were they taken before {month[:4]}?", *_sides(month[:4])), older
        older, year = older + months[month], month[:4]


def _sides(boundary: str) -> tuple[str, str]:
    return f"before:{boundary}", f"from:{boundary}"


def _filtered(kind: str, prompt: str, text: str) -> _Aspect:
    return _Aspect(kind, prompt, text, f"-{text}")


def _label_text(term: Term) -> str:
    """Return the filter for just this label: unquoted it would also mean kinds of it."""
    return f"label:{quoted(term.value)}"


def _month_name(month: str) -> str:
    return f"{MONTHS[int(month[5:]) - 1].capitalize()} {month[:4]}"


def article(name: str) -> str:
    """Return a thing's name with its article."""
    return f"an {name}" if name[:1].casefold() in "aeiou" else f"a {name}"
