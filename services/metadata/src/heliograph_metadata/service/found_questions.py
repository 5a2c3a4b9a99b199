"""Questions that can be answered: those that searches come with, besides all that are asked otherwise."""

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.kinds.label import LabelKind, found_by
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.service.answers import AskedQuestions
from heliograph_metadata.service.memories import Memories


class FoundQuestions:
    """An `AskedQuestions` that knows the grids of searches as well; they are kept nowhere, as their name says all."""

    def __init__(self, others: AskedQuestions, memories: Memories) -> None:
        self._others = others
        self._memories = memories

    async def question(self, owner_id: OwnerId, question_id: str) -> Question:
        """See `AskedQuestions.question`."""
        if label := found_by(question_id):
            return LabelKind().found(label, await self._memories.memory(owner_id))
        return await self._others.question(owner_id, question_id)
