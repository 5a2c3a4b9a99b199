"""Who may do what with an album, and what of others' photos they are shown."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from heliograph.photos import OwnerId
from heliograph_metadata.domain.access import GRANTED, Access, NotAllowedError, Right, Role, may
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.photo import Location, Source, Sourced, purged, trashed
from heliograph_metadata.domain.sharing import stronger_role
from tests.builders import LISBON, NOON, OWNER, a_photo

ANNA, BEN = OwnerId("anna"), OwnerId("ben")
ALBUM = Album(owner_id=OWNER, album_id="album", name="Sea", created_at=NOON, updated_at=NOON)


def an_access(role: Role = Role.VIEWER, **said: Any) -> Access:
    known: dict[str, Any] = {"account_id": ANNA}
    return Access(album=ALBUM, role=role, **known | said)


def test_each_role_may_do_all_that_a_lesser_one_may_and_none_that_is_given_what_only_the_owner_may() -> None:
    rights = [{right for right in Right if may(role, right)} for role in Role]

    assert all(less <= more for less, more in pairwise(rights))
    assert rights[0] == {Right.SEE}
    assert rights[-1] == set(Right)
    assert not any(may(role, Right.OWN) for role in GRANTED)
    assert stronger_role(Role.EDITOR, Role.VIEWER) is stronger_role(Role.VIEWER, Role.EDITOR) is Role.EDITOR


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_what_is_not_allowed_is_refused(role: Role, right: Right) -> None:
    if may(role, right):
        an_access(role).check(right)
    else:
        with pytest.raises(NotAllowedError):
            an_access(role).check(right)


def test_an_album_holds_what_its_owner_and_its_contributors_have_put_in_and_can_be_seen() -> None:
    access = an_access(contributors=(BEN,))
    inside = a_photo(1, album_ids=("album",))

    assert access.holds(inside)
    assert access.holds(a_photo(1, album_ids=("album",), owner_id=BEN))
    assert not access.holds(None)
    assert not access.holds(a_photo(1, album_ids=("another",)))
    assert not access.holds(a_photo(1, album_ids=("album",), owner_id=ANNA))
    assert not access.holds(a_photo(1, album_ids=("album",), status="failed"))
    assert not access.holds(trashed(inside, at=NOON))
    assert not access.holds(replace(purged(trashed(inside, at=NOON), at=NOON), trashed_at=None))


def test_where_a_photo_was_taken_sees_whose_it_is_and_whom_the_album_s_owner_shows_their_own() -> None:
    hidden = an_access(Role.CONTRIBUTOR, contributors=(ANNA, BEN))
    shown = replace(hidden, shows_location=True)
    by_link = an_access(Role.LINK, account_id=None, shows_location=True, contributors=(ANNA,))

    assert [hidden.sees_location_of(one) for one in (OWNER, ANNA, BEN)] == [False, True, False]
    assert [shown.sees_location_of(one) for one in (OWNER, ANNA, BEN)] == [True, True, False]
    assert [by_link.sees_location_of(one) for one in (OWNER, ANNA, BEN)] == [True, False, False]


def test_a_download_is_the_original_only_where_nothing_of_it_is_hidden() -> None:
    assert an_access(shows_location=True).gets_original(a_photo())
    assert not an_access().gets_original(a_photo())
    assert not an_access(shows_location=True).gets_original(a_photo(owner_id=BEN))
    assert not an_access(shows_location=True, allows_download=False).gets_original(a_photo())


@pytest.mark.parametrize("said", [None, LISBON])
def test_whoever_has_corrected_where_a_photo_was_taken_hands_out_no_file_that_says_it_still(
    said: Location | None,
) -> None:
    corrected = a_photo(location=Sourced(said, Source.PERSON))

    assert not an_access(shows_location=True).gets_original(corrected)
    assert an_access(Role.OWNER, account_id=OWNER, shows_location=True).gets_original(corrected)
