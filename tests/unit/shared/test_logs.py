"""What a line of the log holds: enough to follow a photo, and no byte that says nothing."""

import json
import logging
from collections.abc import Iterator

import pytest

from heliograph.logs import configure_logs, correlated


@pytest.fixture(autouse=True)
def as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


def test_a_photo_s_line_says_which_service_did_what_in_the_name_of_whom(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(service="inference")

    with correlated("an-import"):
        logging.getLogger("heliograph_inference.results").info("photo classified", extra={"photo_id": "p1"})

    line = capsys.readouterr().err.strip()
    said = json.loads(line)
    assert said.pop("time")
    assert said == {
        "service": "inference",
        "event": "photo classified",
        "photo_id": "p1",
        "correlation_id": "an-import",
        "level": "info",
    }
    assert '": ' not in line


def test_what_is_wrong_says_where_it_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(service="inference")

    logging.getLogger("heliograph.consuming").warning("the queue does not answer")

    assert json.loads(capsys.readouterr().err)["logger"] == "heliograph.consuming"
