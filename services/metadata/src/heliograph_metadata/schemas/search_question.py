"""HTTP body of the question about a search."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from heliograph.photos import OwnerId
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.schemas.questions import QuestionResponse
from heliograph_metadata.service.search_questions import Choice, SearchQuestion


class SearchChoice(BaseModel):
    says: str = Field(description="What the button says.", examples=["Yes", "without “beach”"])
    q: str = Field(description="The text of the search that is made instead.", examples=["dog year:2023"])
    leave_out: list[str] = Field(description="Other parameters of the search that are no longer to be given.")
    photos: int = Field(description="How many it finds.")

    @classmethod
    def of(cls, choice: Choice) -> "SearchChoice":
        """Return the wire form."""
        return cls(says=choice.says, q=choice.text, leave_out=list(choice.leaves_out), photos=choice.photos)


class SearchQuestionResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "about": "broad",
                    "prompt": "Were they taken in 2023?",
                    "why": "It halves what was found.",
                    "choices": [
                        {"says": "Yes", "q": "dog year:2023", "leave_out": [], "photos": 412},
                        {"says": "No", "q": "dog -year:2023", "leave_out": [], "photos": 390},
                    ],
                    "is_estimate": True,
                    "bits": 0.81,
                    "asks": None,
                },
                {
                    "about": "empty",
                    "prompt": "Ask for a little less?",
                    "why": "No photo has all of it.",
                    "choices": [
                        {"says": "“date:2023-08”", "q": "dog date:2023-08", "leave_out": [], "photos": 9},
                        {"says": "without “dog”", "q": "day:2023-08-14", "leave_out": [], "photos": 31},
                    ],
                    "is_estimate": False,
                    "bits": 0.0,
                    "asks": None,
                },
            ]
        }
    )

    about: Literal["empty", "broad", "uncertain"] = Field(description="What is wrong with the search as it is.")
    prompt: str
    why: str
    choices: list[SearchChoice] = Field(description="The best first; of a halving question, yes and no.")
    is_estimate: bool = Field(
        description="Whether the numbers are reckoned from a sample, or, of an empty search, are the least that it is."
    )
    bits: float = Field(description="What an answer to a halving question is expected to bring; else 0.")
    asks: QuestionResponse | None = Field(
        description="Of an uncertain search: a question of its photos, the most doubtful first. It is answered as any "
        "other is, by `POST /questions/{question_id}/answer`, and so what is said is kept."
    )

    @classmethod
    def of(cls, question: SearchQuestion, *, owner_id: OwnerId, urls: MediaUrls) -> "SearchQuestionResponse":
        """Return the wire form."""
        about: Any = question.about
        return cls(
            about=about,
            prompt=question.prompt,
            why=question.why,
            choices=[SearchChoice.of(choice) for choice in question.choices],
            is_estimate=question.is_estimate,
            bits=round(question.bits, 3),
            asks=QuestionResponse.of(question.asks, owner_id=owner_id, urls=urls) if question.asks else None,
        )
