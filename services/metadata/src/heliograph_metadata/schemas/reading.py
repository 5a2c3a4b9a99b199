"""What answers have in common."""

from pydantic import BaseModel, ConfigDict


class ReadModel(BaseModel):
    """An answer; made from a domain object by its attributes."""

    model_config = ConfigDict(from_attributes=True)
