"""Previews shown to the networks as the worker does it, without the worker."""

from heliograph_inference.domain import Label
from heliograph_inference.vision import NetworkVision


def seen(vision: NetworkVision, *previews: bytes) -> list[tuple[Label, ...]]:
    """Return what all networks see on each of these, looked at together."""
    return [one.labels for one in vision.look_at([vision.prepared(preview, vision.models) for preview in previews])]
