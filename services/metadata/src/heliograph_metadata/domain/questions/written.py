"""Questions, answers and events as JSON: what is stored of them."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter

from heliograph_metadata.domain.questions.memory import Answered, AnswerUndone, Event
from heliograph_metadata.domain.questions.question import (
    Answer,
    Keep,
    Named,
    Never,
    No,
    NotSure,
    Off,
    Question,
    Several,
    Skip,
    When,
    Where,
    Which,
    Yes,
)

_ANSWERS: Final[dict[str, type[Answer]]] = {
    "yes": Yes,
    "no": No,
    "where": Where,
    "when": When,
    "off": Off,
    "which": Which,
    "named": Named,
    "keep": Keep,
    "several": Several,
    "not_sure": NotSure,
    "skip": Skip,
    "never": Never,
}
"""Names that are stored: they stay as they are."""
_TAGS: Final = {kind: tag for tag, kind in _ANSWERS.items()}
_READERS: Final[dict[str, TypeAdapter[Answer]]] = {tag: TypeAdapter(kind) for tag, kind in _ANSWERS.items()}
_QUESTION: Final = TypeAdapter(Question)
_ANSWERED: Final = TypeAdapter(Answered)
_UNDONE: Final = TypeAdapter(AnswerUndone)


def answer_json(answer: Answer) -> str:
    """Return an answer as JSON, told by its `type`."""
    return _text(_answer_values(answer))


def answer_of(text: str) -> Answer:
    """Return the answer that `answer_json` wrote."""
    return _answer(json.loads(text))


def question_json(question: Question) -> str:
    """Return a question as JSON."""
    return _text(_question_values(question))


def question_of(text: str) -> Question:
    """Return the question that `question_json` wrote."""
    return _question(json.loads(text))


def questions_json(questions: Iterable[Question]) -> str:
    """Return several questions as one JSON."""
    return _text([_question_values(question) for question in questions])


def questions_of(text: str) -> tuple[Question, ...]:
    """Return the questions that `questions_json` wrote."""
    return tuple(_question(values) for values in json.loads(text))


def event_json(event: Event) -> str:
    """Return an event as JSON; an answer with its question."""
    if isinstance(event, AnswerUndone):
        return _text({"type": "undone", **_UNDONE.dump_python(event, mode="json")})
    # of the rest the writer needs to know nothing of questions and answers, which have writers of their own
    bare = replace(event, question=_NO_QUESTION, answer=_NO_ANSWER)
    values = _ANSWERED.dump_python(bare, mode="json", exclude_defaults=True, exclude={"question", "answer"})
    question, answer = _question_values(event.question), _answer_values(event.answer)
    return _text({"type": "answered", **values, "question": question, "answer": answer})


def event_of(text: str) -> Event:
    """Return the event that `event_json` wrote."""
    values = json.loads(text)
    if values.pop("type") == "undone":
        return _UNDONE.validate_python(values)
    question, answer = _question(values.pop("question")), _answer(values.pop("answer"))
    bare = _ANSWERED.validate_python({**values, "question": _NO_QUESTION, "answer": _NO_ANSWER})
    return replace(bare, question=question, answer=answer)


def _answer_values(answer: Answer) -> dict[str, Any]:
    tag = _TAGS[type(answer)]
    return {"type": tag, **_READERS[tag].dump_python(answer, mode="json", exclude_defaults=True)}


def _answer(values: dict[str, Any]) -> Answer:
    rest = {name: value for name, value in values.items() if name != "type"}
    return _READERS[values["type"]].validate_python(rest)


def _question_values(question: Question) -> dict[str, Any]:
    values: dict[str, Any] = _QUESTION.dump_python(replace(question, default=None), mode="json", exclude_defaults=True)
    if question.default is not None:
        values["default"] = _answer_values(question.default)
    return values


def _question(values: dict[str, Any]) -> Question:
    default = values.pop("default", None)
    question = _QUESTION.validate_python(values)
    return replace(question, default=_answer(default)) if default else question


def _text(values: Any) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


_NO_ANSWER: Final = Skip()
_NO_QUESTION: Final = _QUESTION.validate_python(
    {
        "kind": "",
        "group": "",
        "key": "",
        "prompt": "",
        "why": "",
        "mends": "",
        "reach": {"terms": (), "photos": 0},
        "worth": {"bits": 0.0, "knows": 0.0, "seconds": 1.0},
    }
)
