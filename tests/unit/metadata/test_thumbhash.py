"""ThumbHash, against values that two other implementations agree on (PyPI: thumbhash 0.1.2, fast-thumbhash 1.0.0)."""

from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from heliograph_metadata.domain.thumbhash import thumbhash
from tools.test_photos import photo_path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bus.jpg", "3QcKFYJ3eWiHeYiPZ6h3s7uav4r4"),
        ("zidane.jpg", "TxgGDYKWt2p/ZYSkhleYiIqPovpI"),
        ("astronaut.png", "3EgKFYhpaIVPh1aHVnh6dl8i9idk"),
        ("coffee.png", "GIoKDYSlqIdPUXd3eEeHh9N/YIkI"),
    ],
)
def test_a_photo_has_the_hash_that_other_implementations_give_it(name: str, expected: str) -> None:
    with Image.open(photo_path(name)) as opened:
        small = opened.convert("RGB").resize((100, 75), Image.Resampling.NEAREST)

    assert thumbhash(np.asarray(small)) == b64decode(expected)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 100, 3), (100, 1, 3), (7, 100, 3)])
def test_a_hash_is_at_most_25_bytes(shape: tuple[int, int, int]) -> None:
    assert 5 < len(thumbhash(np.full(shape, 200, np.uint8))) <= 25


@pytest.mark.parametrize("shape", [(101, 10, 3), (10, 10), (10, 10, 4)])
def test_another_shape_is_a_mistake(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="is wanted"):
        thumbhash(np.zeros(shape, np.uint8))
