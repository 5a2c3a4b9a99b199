"""Routes of questions; answers have their own."""

from typing import Annotated

from fastapi import APIRouter, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.routes.dependencies import Cursor, Questions, Urls
from heliograph_metadata.schemas.questions import QuestionsResponse

router = APIRouter(generate_unique_id_function=lambda route: route.name, tags=["questions"])


@router.get("/questions", summary="What is worth asking")
async def list_questions(
    principal: CurrentPrincipal,
    questions: Questions,
    urls: Urls,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=30, description="The most questions of a page.")] = 10,
) -> QuestionsResponse:
    """Questions whose answers mend many photos at once, those first that bring most for the time they take.

    Each says why it is asked and what an answer does. What was answered, skipped or refused is left out. Where the
    library has just changed, some groups of photos may still wait to be looked at (`pending`). `400 invalid-cursor`.
    """
    page = await questions.questions(principal.account_id, limit=limit, cursor=cursor)
    return QuestionsResponse.of(page, owner_id=principal.account_id, urls=urls)
