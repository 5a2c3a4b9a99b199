"""HTTP bodies of the timeline: months with their numbers of photos."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from heliograph_metadata.service.library_index import Count


class MonthCount(BaseModel):
    month: str = Field(examples=["2024-06"])
    count: int


class TimelineResponse(BaseModel):
    total: int
    months: list[MonthCount] = Field(description="Newest first.")

    @classmethod
    def of(cls, months: Iterable[Count]) -> "TimelineResponse":
        """Return the wire form."""
        counts = [MonthCount(month=month.value, count=month.photos) for month in months]
        return cls(total=sum(month.count for month in counts), months=counts)
