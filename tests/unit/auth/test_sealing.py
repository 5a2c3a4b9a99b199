"""What is sealed is read by the same keyring alone, for the one whose it is, also after keys were rotated."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heliograph.errors import UnavailableError
from heliograph_auth.keyring import KeyringFile
from heliograph_auth.sealing import KeyringSealing
from heliograph_auth.signing import new_signing_key

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> KeyringFile:
    return KeyringFile(tmp_path / "keyring.json")


def test_what_is_sealed_can_be_opened_and_looks_different_each_time(file: KeyringFile) -> None:
    sealing = KeyringSealing(file)
    one, other = (sealing.sealed(b"a secret", whose="ada") for _ in range(2))

    assert one != other
    assert b"a secret" not in one + other
    assert KeyringSealing(KeyringFile(file.path)).opened(one, whose="ada") == b"a secret"


def test_nobody_else_s_and_nothing_that_was_changed_is_opened(file: KeyringFile, tmp_path: Path) -> None:
    sealed = KeyringSealing(file).sealed(b"a secret", whose="ada")
    flipped = bytes([*sealed[:-1], sealed[-1] ^ 1])

    for wrong, whose in ((sealed, "eve"), (flipped, "ada"), (sealed[:20], "ada"), (b"", "ada")):
        with pytest.raises(UnavailableError):
            KeyringSealing(file).opened(wrong, whose=whose)
    with pytest.raises(UnavailableError):
        KeyringSealing(KeyringFile(tmp_path / "another.json")).opened(sealed, whose="ada")


@pytest.mark.parametrize("is_old", [False, True])
def test_keys_that_were_rotated_or_replaced_open_it_still(file: KeyringFile, is_old: bool) -> None:  # noqa: FBT001 - a row
    file.ring(NOON)
    if is_old:
        document = json.loads(file.path.read_text())
        del document["sealing_secret"]
        file.path.write_text(json.dumps(document))
    sealed = KeyringSealing(file).sealed(b"a secret", whose="ada")

    file.change(lambda ring: ring.rotated(new_signing_key(), NOON), NOON)
    file.change(lambda ring: ring.replaced(new_signing_key(), NOON), NOON)

    assert KeyringSealing(KeyringFile(file.path)).opened(sealed, whose="ada") == b"a secret"
