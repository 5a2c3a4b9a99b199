"""What each person has said, kept in this process: only what was said since is read again."""

from collections import OrderedDict
from typing import Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.history import History
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.service.answer_store import AnswerStore

MOST_KEPT: Final = 500
"""People whose history is kept; of more, those seen last."""


class Memories:
    """Histories by owner, each as it is at the moment of asking. What is returned must not be changed."""

    def __init__(self, answers: AnswerStore, *, most: int = MOST_KEPT) -> None:
        self._answers = answers
        self._most = most
        self._kept: OrderedDict[OwnerId, History] = OrderedDict()

    async def memory(self, owner_id: OwnerId) -> Memory:
        """Return what follows from all that the person has said so far."""
        return (await self.history(owner_id)).memory

    async def history(self, owner_id: OwnerId) -> History:
        """Return all that the person has said so far."""
        known = self._kept.get(owner_id, History())
        more = await self._answers.since(owner_id, known.number)
        history = known.followed(more)
        newest = self._kept.get(owner_id)  # somebody else may have read further meanwhile
        if newest is None or newest.number <= history.number:
            self._kept[owner_id] = history
        self._kept.move_to_end(owner_id)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return history
