"""What a queue has not confirmed was not done."""

from typing import TYPE_CHECKING, cast

import pytest

from heliograph.errors import UnavailableError
from heliograph.sqs import NotTakenError, ReceivedMessage, SqsQueue, batches

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient


def test_batches_hold_everything_in_order() -> None:
    assert [list(batch) for batch in batches(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


class OddClient:
    """Answers every call with the same."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def get_queue_url(self, **_: object) -> dict[str, str]:
        return {"QueueUrl": "queue"}

    async def _answered(self, **_: object) -> object:
        return self.answer

    send_message_batch = delete_message_batch = change_message_visibility_batch = receive_message = _answered


@pytest.mark.parametrize("answer", [{}, [], None, {"Successful": []}])
async def test_an_answer_that_confirms_nothing_is_no_answer(answer: object) -> None:
    queue = SqsQueue(cast("SQSClient", OddClient(answer)), "queue")
    message = ReceivedMessage("1", "receipt", "body", 1)

    with pytest.raises(UnavailableError):
        await queue.send(["a", "b"])
    with pytest.raises(UnavailableError):
        await queue.delete([message])
    with pytest.raises(UnavailableError):
        await queue.change_visibility([message], 30)


async def test_which_messages_were_refused_is_told() -> None:
    answer = {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "x", "Message": "too large"}]}

    with pytest.raises(NotTakenError, match="too large") as refusal:
        await SqsQueue(cast("SQSClient", OddClient(answer)), "queue").send(["a", "b"])

    assert refusal.value.refused == (1,)
