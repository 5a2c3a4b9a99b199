"""The HTTP API of the library: wire to use case to wire."""

from fastapi import APIRouter

from heliograph.problems import PROBLEM_RESPONSES
from heliograph_metadata.routes import (
    album_folders,
    albums,
    answers,
    exports,
    jobs,
    photos,
    places,
    progress,
    questions,
    search,
    shared,
    shares,
    stacks,
    thumbnails,
    timeline,
)
from heliograph_metadata.routes import map as map_routes

router = APIRouter(prefix="/api/v1", responses=PROBLEM_RESPONSES)
for part in (
    photos,
    thumbnails,
    timeline,
    search,
    map_routes,
    places,
    albums,
    album_folders,
    shares,
    shared,
    stacks,
    progress,
    jobs,
    questions,
    answers,
    exports,
):
    router.include_router(part.router)
