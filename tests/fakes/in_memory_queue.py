"""A `MessageQueue` in memory, with visibility timeouts, receive counts and a dead-letter queue."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from heliograph.aws import LONG_POLL_SECONDS
from heliograph.sqs import MAX_RECEIVES, SQS_BATCH, ReceivedMessage


@dataclass
class _Held:
    message_id: str
    body: str
    visible_at: float = 0.0
    receive_count: int = 0
    receipt_handle: str = ""


class InMemoryQueue:
    """As SQS does it; time is the event loop's."""

    def __init__(self, *, visibility_timeout_seconds: float = 30, max_receives: int = MAX_RECEIVES) -> None:
        self._timeout_seconds = visibility_timeout_seconds
        self._max_receives = max_receives
        self._held: list[_Held] = []
        self._changed = asyncio.Event()
        self._handles = 0
        self.sent: list[str] = []
        self.dead_letters: list[str] = []

    async def send(self, bodies: Sequence[str]) -> None:
        for body in bodies:
            self.sent.append(body)
            self._held.append(_Held(str(len(self.sent)), body))
        self._changed.set()

    async def receive(self, *, most: int = SQS_BATCH, wait_seconds: int = LONG_POLL_SECONDS) -> list[ReceivedMessage]:
        deadline = _now() + wait_seconds
        while not (received := self._take(most)) and (remaining := deadline - _now()) > 0:
            self._changed.clear()
            next_visible = min((held.visible_at - _now() for held in self._held), default=remaining)
            try:
                async with asyncio.timeout(min(remaining, max(next_visible, 0))):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return received

    async def delete(self, messages: Sequence[ReceivedMessage]) -> None:
        handles = {message.receipt_handle for message in messages}
        self._held = [held for held in self._held if held.receipt_handle not in handles]
        self._changed.set()

    async def change_visibility(self, messages: Sequence[ReceivedMessage], timeout_seconds: int) -> None:
        handles = {message.receipt_handle for message in messages}
        for held in self._held:
            if held.receipt_handle in handles:
                held.visible_at = _now() + timeout_seconds
        self._changed.set()

    async def is_idle(self) -> bool:
        return not self._held

    async def depth(self) -> int:
        return len(self._held)

    def waiting(self) -> list[str]:
        """Return the bodies that a receive would get now."""
        return [held.body for held in self._held if held.visible_at <= _now()]

    def redeliver(self) -> None:
        """Have what was received and not deleted come again now, as if its visibility had ended."""
        for held in self._held:
            held.visible_at = 0.0

    def _take(self, most: int) -> list[ReceivedMessage]:
        received: list[ReceivedMessage] = []
        for held in list(self._held):
            if held.visible_at > _now() or len(received) == most:
                continue
            if held.receive_count == self._max_receives:
                self._held.remove(held)
                self.dead_letters.append(held.body)
                continue
            self._handles += 1
            held.receipt_handle = f"receipt-{self._handles}"
            held.receive_count += 1
            held.visible_at = _now() + self._timeout_seconds
            received.append(ReceivedMessage(held.message_id, held.receipt_handle, held.body, held.receive_count))
        return received


def _now() -> float:
    return asyncio.get_running_loop().time()
