"""A photo's JSON document: everything but what the photos table keeps as attributes of their own."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import from_json

from heliograph_metadata.domain.photo import Photo

ATTRIBUTES: Final = frozenset(
    {"photo_id", "owner_id", "status", "version", "created_at", "updated_at", "correlation_id", "admission"}
)
"""The fields that stand beside the document."""

_PHOTO: Final = TypeAdapter(Photo)


def document_of(photo: Photo) -> str:
    """Return the document; fields at their defaults are left out."""
    return _PHOTO.dump_json(photo, exclude=set(ATTRIBUTES), exclude_defaults=True).decode()


def photo_of(document: str | None, attributes: Mapping[str, Any]) -> Photo:
    """Return the photo that `document_of` was made from, given its other fields.

    Args:
        document: JSON; None for a photo that the metadata service has never written.
        attributes: A value for each of `ATTRIBUTES`, as JSON has it or as the photo has it.

    Raises:
        ValueError: Either is not what it should be.
    """
    fields = from_json(document) if document else {}
    return _PHOTO.validate_python({**fields, **attributes})


def fields_of(photo: Photo, names: Collection[str]) -> dict[str, Any]:
    """Return some of a photo's fields as JSON has them."""
    fields: dict[str, Any] = _PHOTO.dump_python(photo, mode="json", include=set(names))
    return fields


def with_fields(photo: Photo, fields: Mapping[str, Any]) -> Photo:
    """Return the photo with some fields as `fields_of` gave them."""
    if not fields:
        return photo
    read = _PHOTO.validate_python({**_PHOTO.dump_python(photo, mode="json"), **fields})
    return replace(photo, **{name: getattr(read, name) for name in fields})
