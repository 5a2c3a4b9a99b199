"""The HTTP API of the library: wire to use case to wire."""

from fastapi import APIRouter

from heliograph.problems import PROBLEM_RESPONSES
from heliograph_metadata.routes import album_folders, albums, jobs, library, photos, progress, search, stacks, timeline

router = APIRouter(prefix="/api/v1", responses=PROBLEM_RESPONSES)
for part in (photos, timeline, search, library, albums, album_folders, stacks, progress, jobs):
    router.include_router(part.router)
