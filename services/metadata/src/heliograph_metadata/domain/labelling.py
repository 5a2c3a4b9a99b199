"""What networks saw, as a photo's labels: the first look at it and later ones. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from heliograph.messages import ClassifiedLabel, Reclassification
from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.photo import (
    CLASSIFICATION_FAILED,
    Box,
    Features,
    Label,
    Photo,
    Source,
    next_version,
)


def classified(
    photo: Photo,
    seen: Iterable[ClassifiedLabel],
    models: Collection[str] = (),
    *,
    at: datetime,
    features: Features | None = None,
) -> Photo:
    """Return the photo with what the networks saw at their first look; unchanged unless that was awaited.

    Where two networks name the same thing, the one that says where it is wins, then the surer one; what the other saw
    is kept for the day when the first is replaced. What a person said stays as it is.

    Args:
        photo: The photo as it is.
        seen: What each network saw.
        models: Every network that looked, as `name@version`.
        at: Now.
        features: What one of them sees on the whole photo.
    """
    if photo.status is not PhotoStatus.PREPARED:
        return photo
    return next_version(
        photo,
        at,
        status=PhotoStatus.READY,
        models=tuple(sorted(set(models))),
        features=features,
        **_united(photo, map(_label, seen)),
    )


def reclassified(
    photo: Photo,
    seen: Iterable[ClassifiedLabel],
    models: Collection[str],
    again: Reclassification,
    *,
    at: datetime,
    features: Features | None = None,
) -> Photo:
    """Return the photo with what some networks saw at a later look, in place of what older versions of them saw.

    Other networks' labels stay, unless they are to be forgotten; of labels that were stored without their network none
    stays. A photo that failed because no network could look at it is ready then. Unchanged where nobody looked, and
    where others have looked since this was asked for: so an answer that comes late or twice is harmless.
    """
    may_be_looked_at = photo.status is PhotoStatus.READY or could_not_be_classified(photo)
    if not (models and may_be_looked_at and set(again.looked) == set(photo.models)):
        return photo
    replaced = {network_of(model) for model in models}

    def stays(model: str) -> bool:
        return bool(model) and network_of(model) not in replaced and model not in again.forget

    kept = [one for one in (*photo.labels, *photo.overruled) if one.source is Source.MODEL and stays(one.model)]
    return next_version(
        photo,
        at,
        status=PhotoStatus.READY,
        failure=None,
        models=tuple(sorted({*filter(stays, photo.models), *models})),
        features=features or photo.features,
        **_united(photo, [*kept, *map(_label, seen)]),
    )


def could_not_be_classified(photo: Photo) -> bool:
    """Whether a photo has failed only because no network could look at it."""
    has_failed = photo.status is PhotoStatus.FAILED
    return has_failed and photo.failure is not None and photo.failure.code == CLASSIFICATION_FAILED


def look_again(
    photo: Photo, configured: Sequence[str], *, forget_others: bool
) -> tuple[tuple[str, ...], Reclassification] | None:
    """Return which networks have yet to look at a photo, and what they should be told; None where nothing is to do.

    Args:
        photo: Any photo.
        configured: The networks that there are, as `name@version`.
        forget_others: Whether the labels of networks that are no longer there go.
    """
    if photo.trashed_at or not (photo.status is PhotoStatus.READY or could_not_be_classified(photo)):
        return None
    names = {network_of(model) for model in configured}
    forget = tuple(model for model in photo.models if forget_others and network_of(model) not in names)
    missing = tuple(model for model in configured if model not in photo.models)
    asked = missing or (tuple(configured[:1]) if forget else ())  # labels go only in exchange for a look
    return (asked, Reclassification(looked=photo.models, forget=forget)) if asked else None


def network_of(model: str) -> str:
    """Return the name of a network given as `name@version`."""
    return model.rpartition("@")[0] or model


_LABEL: Final = TypeAdapter(Label)


def labelled(
    photo: Photo, *, add: Iterable[str] = (), reject: Iterable[str] = (), confidence: float = 1.0, at: datetime
) -> Photo:
    """Return the photo with what a person says is on it, and is not; what networks see of these is kept beside.

    A label that a network sees as well keeps its name and its boxes.
    """
    words: dict[str, Any] = {name.casefold(): {"said": None, "rejected": True} for name in reject}
    for name in add:
        look = next((one for one in _looks_of(photo) if one.name.casefold() == name.casefold()), None)
        label = Label(look.name if look else name, confidence, Source.PERSON, look.boxes if look else ())
        words[name.casefold()] = {"said": _LABEL.dump_python(label, mode="json"), "rejected": False}
    said = with_said(photo, words)
    return next_version(photo, at, labels=said.labels, overruled=said.overruled, rejected_labels=said.rejected_labels)


def with_looks(photo: Photo, model: str, looks: Iterable[Label], *, at: datetime) -> Photo:
    """Return the photo with other labels of one model, given as `name@version`, in place of those it has of it."""
    others = [one for one in _looks_of(photo) if one.model != model]
    return next_version(photo, at, **_united(photo, [*others, *looks]))


def said_of(photo: Photo, name: str) -> dict[str, Any]:
    """Return what a person has said of a label, as JSON has it: `said` (the label or None) and `rejected`."""
    key = name.casefold()
    said = next((one for one in photo.labels if one.source is Source.PERSON and one.name.casefold() == key), None)
    return {
        "said": said and _LABEL.dump_python(said, mode="json"),
        "rejected": key in {one.casefold() for one in photo.rejected_labels},
    }


def with_said(photo: Photo, words: Mapping[str, Mapping[str, Any]]) -> Photo:
    """Return the photo with what a person has said of some labels, as `said_of` gave it; the version stays."""
    if not words:
        return photo
    changed = {name.casefold(): word for name, word in words.items()}
    said = [one for one in photo.labels if one.source is Source.PERSON and one.name.casefold() not in changed]
    said += [_LABEL.validate_python(word["said"]) for word in changed.values() if word["said"]]
    rejected = {one for one in photo.rejected_labels if one.casefold() not in changed}
    rejected |= {name for name, word in changed.items() if word["rejected"]}
    spoken = replace(photo, labels=tuple(said), rejected_labels=tuple(sorted(rejected)))
    return replace(spoken, **_united(spoken, _looks_of(photo)))


def _looks_of(photo: Photo) -> list[Label]:
    return [one for one in (*photo.labels, *photo.overruled) if one.source is Source.MODEL]


def _label(seen: ClassifiedLabel) -> Label:
    boxes = tuple(Box(box.x1, box.y1, box.x2, box.y2, box.confidence) for box in seen.boxes)
    raw = None if seen.raw_confidence == seen.confidence else seen.raw_confidence
    return Label(seen.name, seen.confidence, Source.MODEL, boxes, raw, seen.model)


def _united(photo: Photo, looks: Iterable[Label]) -> dict[str, Any]:
    """Return `labels` and `overruled` of a photo, given all that networks see on it."""
    labels = {label.name.casefold(): label for label in photo.labels if label.source is Source.PERSON}
    rejected = {name.casefold() for name in photo.rejected_labels}
    overruled: list[Label] = []
    for look in sorted(looks, key=lambda look: (not look.boxes, -look.confidence, look.model, look.name)):
        key = look.name.casefold()
        if key in labels or key in rejected:
            overruled.append(look)
        else:
            labels[key] = look
    best_first = sorted(labels.values(), key=lambda label: (-label.confidence, label.name))
    return {"labels": tuple(best_first), "overruled": tuple(overruled)}
