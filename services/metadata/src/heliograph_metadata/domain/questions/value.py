"""What a question is worth: the one place of the formula, its priors and their sources.

    value = P(knows) · Σ photos Σ fields w(field) · (H(before) − E[H(after)]) / seconds     weighted bits a second

H is Shannon's entropy of what the library believes of a field. A field is a default that holds with some certainty p,
or else one of 2^a other values:

    H(p, a) = −p·log2 p − (1−p)·log2(1−p) + (1−p)·a

After an answer it is H(c, a), where c = trust · cohesion is the confidence that the answer states: that the person
tapped what they meant, and that what holds for the group holds for the photo. The engine asks the question with the
highest value, and none below `LEAST_VALUE`, the cost of interrupting somebody.

Sources
- Expected information gain over a model of what people answer, errors and "not sure" included: Branson et al., "Visual
  Recognition with Humans in the Loop", ECCV 2010. Divided by the time that an answer takes: Wah et al., "Multiclass
  Recognition and Part Localization with Humans in the Loop", ICCV 2011.
- One question that halves what is left is better than many small ones: Kovashka and Grauman, "Attribute Pivots for
  Guiding Relevance Feedback in Image Search", ICCV 2013; Yu et al., "Interactive Classification by Asking Informative
  Questions", ACL 2020.
- Asking about clusters instead of single photos: Cui et al., "EasyAlbum", CHI 2007.
- Seconds: the keystroke-level model of Card, Moran and Newell (CACM 1980): 1.35 s to decide, 1.1 s to point,
  0.28 s per letter of a typist who is no professional; to this we add what is looked at, by our own estimate.
- The weights and the chances of knowing are our own estimates. Memory (memory.py) replaces the chances by what the
  person in fact knows; the weights should be replaced by counts of the fields that the person searches, once those are
  kept.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from heliograph_metadata.domain.questions.question import Worth

DECIDE_SECONDS: Final = 1.35
POINT_SECONDS: Final = 1.1
LETTER_SECONDS: Final = 0.28
GLANCE_SECONDS: Final = 0.3
"""At one thumbnail."""

UNSURE_SECONDS: Final = DECIDE_SECONDS + POINT_SECONDS + 3 * GLANCE_SECONDS
"""It takes to see that one does not know."""

LEAST_VALUE: Final = 0.15
"""Weighted bits a second: below it nobody is interrupted. A grid of a dozen doubtful labels is worth it."""

TRUST: Final = 0.95
"""The chance that an answer is what the person meant, before any of theirs have been checked."""
TRUST_WEIGHT: Final = 40.0
"""It counts as much as so many checked answers."""
KNOWS_WEIGHT: Final = 4.0
"""The chance of knowing counts as much as so many answers."""

FORGETTING_YEARS: Final = 30.0
"""After so long a person knows but a third of what they knew at first."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is expected of a kind of question before anybody has answered one."""

    knows: float
    """The chance that the person knows."""
    seconds: float
    """That a simple answer takes, the looking at one thumbnail not included."""
    weight: float
    """How often what it mends is searched for, in shares of all searches."""


_TAP: Final = DECIDE_SECONDS + POINT_SECONDS

PRIORS: Final = {
    "place": Prior(0.85, _TAP, 0.25),
    "places": Prior(0.98, _TAP, 0.25),
    "beside": Prior(0.98, _TAP, 0.25),
    "label": Prior(0.99, _TAP, 0.30),
    "lookalike": Prior(0.97, _TAP, 0.45),  # whoever gives a name looks for it
    "date": Prior(0.65, 3 * _TAP, 0.20),
    "clock": Prior(0.85, 2 * _TAP, 0.20),
    "two-labels": Prior(0.95, _TAP + 1.0, 0.30),
    "event": Prior(0.80, 2 * _TAP + 12 * LETTER_SECONDS, 0.10),
    "events": Prior(0.98, _TAP, 0.10),
    "same-place": Prior(0.90, _TAP + 8 * LETTER_SECONDS, 0.10),
    "burst": Prior(0.98, _TAP + 2.0, 0.03),
    "thing": Prior(0.80, _TAP + 6 * LETTER_SECONDS, 0.15),
    "missing": Prior(0.80, 2 * _TAP + 6 * LETTER_SECONDS, 0.20),  # what no network knows is seldom searched for
    "check": Prior(1.00, DECIDE_SECONDS, 0.25),
}

_TOGETHER: Final = 12.0
"""Guesses of one grid are as alike as if their chance of being right had been seen of so many. Our own estimate."""

HARM: Final = 4.0
"""A field that a person is said to have set, and that is wrong, does so many times the harm of one that is not set:
it is what a check is for. Our own estimate."""


def entropy(certainty: float, alternatives: float) -> float:
    """Return the bits that are not known of a field.

    Args:
        certainty: Of its likeliest value, 0-1.
        alternatives: Bits of choice among the others, >= 0.
    """
    return binary_entropy(certainty) + (1 - certainty) * alternatives


def binary_entropy(chance: float) -> float:
    """Return the bits of a yes or no; 0 at both ends."""
    if not 0 < chance < 1:
        return 0.0
    return -chance * math.log2(chance) - (1 - chance) * math.log2(1 - chance)


def spread(counts: Iterable[int], *, beyond: float) -> float:
    """Return the bits of choice among values that were met so often, and among those never met yet.

    Args:
        counts: How often each value was met.
        beyond: Bits of choice among what was never met.

    Source: the chance of meeting something new is the share of what was met once (Good and Turing).
    """
    met = [count for count in counts if count > 0]
    total = sum(met)
    if not total:
        return beyond
    new = min(1.0, (sum(count == 1 for count in met) + 1) / (total + 1))
    known = -sum(count / total * math.log2(count / total) for count in met)
    return entropy(1 - new, beyond) + (1 - new) * known


def worth(
    kind: str,
    *,
    photos: float,
    certainty: float,
    alternatives: float,
    confidence: float,
    knows: float,
    seconds: float = 0.0,
) -> Worth:
    """Return what an answer is expected to bring to photos that are all equally uncertain.

    Args:
        kind: The kind of question, for its weight and its seconds.
        photos: How many the answer reaches.
        certainty: Of the default before the answer, as `entropy` takes it.
        alternatives: As `entropy` takes them.
        confidence: Of the answer, as it is stated in the photos.
        knows: The chance that the person knows, 0-1.
        seconds: What the looking takes besides.
    """
    prior = PRIORS[kind]
    gain = max(0.0, entropy(certainty, alternatives) - entropy(max(confidence, certainty), alternatives))
    takes = knows * (prior.seconds + seconds) + (1 - knows) * UNSURE_SECONDS
    return Worth(prior.weight * photos * gain, knows, takes)


def agreed(certainty: float, trust: float) -> float:
    """Return how sure a value is that was likely before, and that a person has let stand.

    Args:
        certainty: Of the value before, 0-1.
        trust: The chance that the person looked: whoever did not lets also stand what is wrong.
    """
    return certainty / (certainty + (1 - certainty) * (1 - trust)) if certainty else 0.0


def all_right(certainty: float, things: int) -> float:
    """Return the chance that of several guesses all are right.

    Guesses err together, as whoever has moved is nowhere where they used to be; so their common chance of being right
    is itself uncertain, as by `_TOGETHER` guesses seen before.

    Args:
        certainty: Of one of them, 0-1.
        things: How many they are.

    Source: the beta-binomial distribution (Skellam, 1948).
    """
    right = certainty * _TOGETHER
    return math.prod((right + number) / (_TOGETHER + number) for number in range(things))


def has_looked(trust: float, chance: float) -> float:
    """Return the chance that somebody has looked who has said what is said without looking, too.

    Args:
        trust: The chance that a person looks, 0-1.
        chance: That it is what a person says who has looked, 0-1.
    """
    return trust * chance / (trust * chance + 1 - trust) if chance else 0.0


def surprise(counts: Mapping[str, int], value: str, *, beyond: float) -> float:
    """Return the bits that it takes to say a value, given how often each was met.

    Args:
        counts: How often each value was met.
        value: The one that is said.
        beyond: Bits of choice among what was never met.
    """
    total = sum(counts.values())
    return -math.log2(counts[value] / (total + 1)) if counts.get(value) else beyond + math.log2(total + 1)


def remembering(years: float) -> float:
    """Return by what the chance of knowing falls after so many years."""
    return math.exp(-max(0.0, years) / FORGETTING_YEARS)
