"""Puts the built web app into its bucket, and says what its headers are: those of nginx's template."""

import json
import mimetypes
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.nginx import TEMPLATE, WEB_ROOT, MapTiles

_POLICY = re.compile(r'^\s*default\s+"(default-src [^"]+)";', re.MULTILINE)
_FOR_EVER = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME = "no-cache"
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".mjs": "text/javascript"}


def content_security_policy(region: str, tiles: MapTiles) -> str:
    """Return nginx's policy for a web app that reaches photos in S3 itself.

    Raises:
        ValueError: The template has no such policy.
    """
    found = _POLICY.search(TEMPLATE.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{TEMPLATE.name} has no policy for pages")
    store = f"https://s3.{region}.amazonaws.com"
    images = f"{store} {tiles.origin}".strip()
    return found[1].replace("${IMAGE_ORIGINS}", images).replace("${CONNECT_ORIGINS}", store)


def upload_web_app(s3: Any, bucket: str, tiles: MapTiles) -> int:
    """Put every file of frontend/dist and config.json into the bucket; return how many.

    Files with a hash in their name come first, so that no page names one that isn't there yet. Older ones stay: a page
    that is open still asks for them.
    """
    configuration = json.dumps({"tile_url": tiles.url, "tile_attribution": tiles.attribution}, ensure_ascii=False)
    s3.put_object(
        Bucket=bucket,
        Key="config.json",
        Body=configuration.encode(),
        ContentType="application/json",
        CacheControl=_ASKED_EACH_TIME,
    )
    count = 1
    for file in sorted(_files(WEB_ROOT), key=lambda file: (not _is_hashed(file), file)):
        s3.put_object(
            Bucket=bucket,
            Key=file.relative_to(WEB_ROOT).as_posix(),
            Body=file.read_bytes(),
            ContentType=_type_of(file),
            CacheControl=_FOR_EVER if _is_hashed(file) else _ASKED_EACH_TIME,
        )
        count += 1
    return count


def forget_cached(cloudfront: Any, distribution: str) -> None:
    """Have CloudFront ask for every file anew."""
    cloudfront.create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": str(time.time_ns())},
    )


def empty(s3: Any, bucket: str) -> None:
    """Delete every version of every object."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _is_hashed(file: Path) -> bool:
    return file.is_relative_to(WEB_ROOT / "assets")


def _type_of(file: Path) -> str:
    known = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{known}; charset=utf-8" if known.startswith("text/") else known
