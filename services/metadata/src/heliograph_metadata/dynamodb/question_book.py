"""What could be asked, in DynamoDB: table `questions`.

head     pk `<owner>#book`  sk `head`                 version, generation (N), parts (M, the version of each)
part     pk `<owner>#book`  sk `part#<kind>#<which>`  version (N), questions (B, compressed JSON)

A part has the questions of a kind about one year, or where a group is of no year those of an eighth of the groups. A
change writes the parts that it changes together with the head, on condition that the head is still the one that was
read. A process keeps the parts that it has read: of a book that has not changed it reads the head alone.
"""

import re
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.engine import Group, by_value
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.domain.questions.written import questions_json, questions_of
from heliograph_metadata.dynamodb.values import Item, answering, batch_get, number, text
from heliograph_metadata.service.question_book import Book

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

MOST_KEPT: Final = 64
"""People whose books are kept; of more, those read last."""

_YEAR: Final = re.compile(r"\d{4}(?=-|$)", re.ASCII)
_EIGHTHS: Final = 8
_MOST_OF_A_PART: Final = 1_000
"""Questions, the most valuable ones: an item has at most 400 KB."""
_MOST_KEYS: Final = 100
_MOST_ACTIONS: Final = 99
"""In one transaction beside the head. Source: "Amazon DynamoDB Transactions: How it works": 100 actions."""
_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class _Part:
    version: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    book: Book = field(default_factory=Book)
    parts: Mapping[str, _Part] = field(default_factory=dict)


class DynamoQuestionBook:
    """A `QuestionBook` over the table `questions`."""

    def __init__(self, client: "DynamoDBClient", table: str, *, most: int = MOST_KEPT) -> None:
        self._client = client
        self._table = table
        self._most = most
        self._kept: OrderedDict[OwnerId, _Kept] = OrderedDict()

    async def read(self, owner_id: OwnerId) -> Book:
        """See `QuestionBook.read`."""
        for _ in range(_ATTEMPTS):
            kept = self._kept.get(owner_id, _Kept())
            with answering():
                response = await self._client.get_item(
                    TableName=self._table, Key=_key(owner_id, "head"), ConsistentRead=True
                )
            head: Any = response.get("Item")
            version = int(head["version"]["N"]) if head else 0
            if version == kept.book.version:
                return self._keep(owner_id, kept)
            versions = {name: int(one["N"]) for name, one in head["parts"]["M"].items()}
            parts = {name: part for name, part in kept.parts.items() if versions.get(name) == part.version}
            parts |= await self._parts(owner_id, [name for name in versions if name not in parts])
            if all(name in parts and parts[name].version == wanted for name, wanted in versions.items()):
                return self._keep(owner_id, _kept(version, int(head["generation"]["N"]), parts))
        raise UnavailableError("The questions are being changed by others all the time; try again.")

    async def replace(
        self, owner_id: OwnerId, made: Mapping[Group, Sequence[Question]], *, book: Book, generation: int
    ) -> Book | None:
        """See `QuestionBook.replace`."""
        kept = self._kept.get(owner_id)
        if kept is None or kept.book is not book:
            return None
        version = book.version + 1
        before = kept.parts if generation == book.generation else {}
        parts = dict(before)
        for name in {_part_of(group) for group in made}:
            there = before[name].questions if name in before else ()
            stays = [one for one in there if (one.kind, one.group) not in made]
            new = [one for group, found in made.items() if _part_of(group) == name for one in found]
            best = tuple(sorted((*stays, *new), key=by_value)[:_MOST_OF_A_PART])
            if best != there:
                parts[name] = _Part(version, best)
        changed = [name for name, part in parts.items() if part.version == version]
        if len(changed) > _MOST_ACTIONS:
            raise ValueError("These are too many groups for one transaction.")
        gone = [name for name in kept.parts if name not in parts]
        actions = [self._action(owner_id, name, parts[name]) for name in changed]
        actions += [{"Delete": {"TableName": self._table, "Key": _key(owner_id, _sort_key(name))}} for name in gone]
        parts = {name: part for name, part in parts.items() if part.questions}
        after = _kept(version, generation, parts)
        if not await self._write(self._head(owner_id, after, book.version), actions[:_MOST_ACTIONS]):
            return None
        return self._keep(owner_id, after)

    async def _write(self, head: Any, actions: Sequence[Any]) -> bool:
        with answering():
            try:
                await self._client.transact_write_items(TransactItems=[head, *actions])
            except self._client.exceptions.TransactionCanceledException as error:
                reasons: list[Any] = error.response.get("CancellationReasons", [])
                if {one.get("Code") for one in reasons} & {"ConditionalCheckFailed", "TransactionConflict"}:
                    return False
                raise
        return True

    async def _parts(self, owner_id: OwnerId, names: Sequence[str]) -> dict[str, _Part]:
        found: dict[str, _Part] = {}
        for start in range(0, len(names), _MOST_KEYS):
            keys = [_key(owner_id, _sort_key(name)) for name in names[start : start + _MOST_KEYS]]
            with answering():
                items = await batch_get(self._client, self._table, keys, ConsistentRead=True)
            for item in items:
                questions = questions_of(zlib.decompress(item["questions"]["B"]).decode())
                found[item["sk"]["S"].removeprefix(_sort_key(""))] = _Part(int(item["version"]["N"]), questions)
        return found

    def _keep(self, owner_id: OwnerId, kept: _Kept) -> Book:
        self._kept[owner_id] = kept
        self._kept.move_to_end(owner_id)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return kept.book

    def _head(self, owner_id: OwnerId, kept: _Kept, expected: int) -> Any:
        book = kept.book
        item = _key(owner_id, "head") | {
            "version": number(book.version),
            "generation": number(book.generation),
            "parts": {"M": {name: number(part.version) for name, part in kept.parts.items()}},
        }
        put: Any = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        if expected:
            put |= {
                "ConditionExpression": "#version = :expected",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":expected": number(expected)},
            }
        return {"Put": put}

    def _action(self, owner_id: OwnerId, name: str, part: _Part) -> Any:
        key = _key(owner_id, _sort_key(name))
        if not part.questions:
            return {"Delete": {"TableName": self._table, "Key": key}}
        body = zlib.compress(questions_json(part.questions).encode())
        return {
            "Put": {"TableName": self._table, "Item": key | {"version": number(part.version), "questions": {"B": body}}}
        }


def _kept(version: int, generation: int, parts: Mapping[str, _Part]) -> _Kept:
    found: dict[Group, list[Question]] = {}
    for part in parts.values():
        for question in part.questions:
            found.setdefault((question.kind, question.group), []).append(question)
    questions = {group: tuple(of_group) for group, of_group in found.items()}
    return _Kept(Book(version, generation, questions), parts)


def _part_of(group: Group) -> str:
    kind, name = group
    if year := _YEAR.match(name):
        return f"{kind}#{year.group()}"
    return f"{kind}#{zlib.crc32(name.encode()) % _EIGHTHS}"


def _sort_key(part: str) -> str:
    return f"part#{part}"


def _key(owner_id: OwnerId, sort_key: str) -> Item:
    return {"pk": text(f"{owner_id}#book"), "sk": text(sort_key)}
