"""How sure a network is, made to mean what it says: temperatures that were fitted on labelled photos.

Source: Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks (2017). A score's logit is divided by
one number, the temperature: above 1 it makes a network less sure, below 1 surer. Detectors score each class for
itself, so theirs is the logit of one score; a classifier's are the logarithms of its probabilities.
"""

from collections.abc import Mapping
from math import exp, log, log1p
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heliograph.errors import UnavailableError

Floats = npt.NDArray[np.float64]
Temperature = Annotated[float, Field(ge=0.05, le=20)]

_LEAST: Final = 1e-12
"""Of a probability, before its logarithm is taken."""

_LEAST_LOGIT: Final = -700.0
"""The exponential of any less is no finite number."""


class CalibrationUnreadableError(UnavailableError):
    """A calibration file says something that cannot be."""

    code = "calibration-unreadable"


class Calibration(BaseModel):
    """One network's temperatures. Without any, what the network says stays as it is, to the bit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="The network's name and version.")
    temperature: Temperature = 1.0
    temperature_of_class: Mapping[str, Temperature] = Field(
        default={}, description="For classes, by the names that labels have, whose own differs from it."
    )
    fitted_on: str = Field(description="For people: on what, how many, with what result.")
    evaluation: dict[str, Any] = Field(default={}, description="The figures, as the script that fitted it wrote them.")

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return {self.temperature, *self.temperature_of_class.values()} == {1.0}

    def temperature_for(self, name: str) -> float:
        """Return the temperature of a class."""
        return self.temperature_of_class.get(name, self.temperature)

    def of_score(self, name: str, score: float) -> float:
        """Return how sure a detector is of a class (0-1) whose score is `score` (0-1)."""
        temperature = self.temperature_for(name)
        if temperature == 1 or not 0 < score < 1:
            return score
        logit = (log(score) - log1p(-score)) / temperature
        return 1 / (1 + exp(-max(logit, _LEAST_LOGIT)))

    def of_probabilities(self, row: Floats, names: tuple[str, ...]) -> Floats:
        """Return a classifier's probabilities (classes), which sum to 1 again.

        With one temperature their order stays; temperatures of single classes may change it.
        """
        if self.is_identity:
            return row
        logits = np.log(np.maximum(row, _LEAST)) / np.array([self.temperature_for(name) for name in names])
        exponentials = np.exp(logits - logits.max(initial=-np.inf))
        return np.asarray(exponentials / exponentials.sum(), np.float64)


def identity(model: str) -> Calibration:
    """Return the calibration that changes nothing, for a network without a file."""
    return Calibration(model=model, fitted_on="nothing: what the network says is shown as it is")


def read_calibration(directory: Path, model: str, class_names: tuple[str, ...]) -> Calibration:
    """Return what `directory`'s file for a network says; the identity where there is none.

    Args:
        directory: Of the manifest; the file is `calibration/<name>@<version>.json` in it.
        model: The network's name and version.
        class_names: As labels have them; a temperature of any other class is a mistake.

    Raises:
        CalibrationUnreadableError: The file is there but broken, another network's, or names a class there is not.
    """
    path = directory / "calibration" / f"{model}.json"
    try:
        calibration = Calibration.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return identity(model)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CalibrationUnreadableError(f"{path}: {where or 'the file'}: {first['msg']}") from error
    except OSError as error:
        raise CalibrationUnreadableError(f"{path} cannot be read: {error.strerror}") from error
    if calibration.model != model:
        raise CalibrationUnreadableError(f"{path} is the calibration of {calibration.model}, not of {model}")
    if unknown := sorted(set(calibration.temperature_of_class) - set(class_names)):
        raise CalibrationUnreadableError(f"{path} has a temperature for {unknown[0]!r}, which {model} does not know")
    return calibration
