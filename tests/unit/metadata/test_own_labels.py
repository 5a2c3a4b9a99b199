"""A person's own labels grow from ticks: what is found by likeness, how sure it is, what is never suggested again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from heliograph.photos import OwnerId
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.job import Job
from heliograph_metadata.domain.labelling import labelled
from heliograph_metadata.domain.own_labels import (
    LEAST_CONFIDENCE,
    LEAST_TICKS,
    MOST_CONFIDENCE,
    OWN_LABELS,
    OwnLabel,
    base_of,
    is_own,
    learned,
    likened,
)
from heliograph_metadata.domain.photo import Features, Label, Photo, Source
from heliograph_metadata.domain.questions.engine import changes
from heliograph_metadata.domain.questions.kinds.lookalike import LookalikeKind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Question, Yes
from heliograph_metadata.domain.questions.sketch import Sketch
from heliograph_metadata.service.own_labels import MOST_COMPARED, OwnLabelling
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_own_label_store import InMemoryOwnLabelStore
from tests.fakes.metered_index import MeteredIndex
from tests.kennel import DIMENSIONS, DOG, SPACE, Kennel, features


def ticked(photo: Photo, name: str = "Rex") -> Photo:
    return labelled(photo, add=[name], confidence=0.95, at=NOON)


def rex_of(photo: Photo) -> float:
    return next((one.confidence for one in photo.labels if one.name == "Rex" and one.model == OWN_LABELS), 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_five_ticks_of_one_dog_find_more_of_that_dog_than_of_other_dogs(seed: int) -> None:
    kennel = Kennel(seed)
    more, others = kennel.photos("Rex", 30), [kennel.photo(f"dog {number % 12}") for number in range(120)]

    own = learned("rex", [ticked(one) for one in kennel.photos("Rex", LEAST_TICKS)], [*more, *others])

    assert own
    found = sum(rex_of(likened(photo, [own], at=NOON)) > 0 for photo in more) / len(more)
    wrong = sum(rex_of(likened(photo, [own], at=NOON)) > 0 for photo in others) / len(others)
    print(f"of Rex {found:.0%}, of other dogs {wrong:.0%}")
    assert found >= 0.9
    assert wrong < 0.02


def test_what_is_found_by_likeness_is_doubtful_and_never_as_sure_as_a_person() -> None:
    kennel = Kennel()
    own = learned("rex", [ticked(one) for one in kennel.photos("Rex", 8)], kennel.photos("Bella", 30))
    assert own

    photo = likened(kennel.photo("Rex"), [own], at=NOON)

    [label] = [one for one in photo.labels if one.name == "Rex"]
    assert (label.source, label.model) == (Source.MODEL, OWN_LABELS)
    assert LEAST_CONFIDENCE <= label.confidence <= MOST_CONFIDENCE
    assert likened(photo, [own], at=NOON) is photo


def test_a_person_who_has_rejected_it_is_not_shown_it_again() -> None:
    kennel = Kennel()
    own = learned("rex", [ticked(one) for one in kennel.photos("Rex", 8)], kennel.photos("Bella", 30))
    assert own
    photo = labelled(likened(kennel.photo("Rex"), [own], at=NOON), reject=["Rex"], at=NOON)

    again = likened(photo, [own], at=NOON)

    assert again is photo
    assert [one.name for one in again.labels] == ["dog"]


def test_it_is_looked_for_only_on_photos_of_its_kind_and_of_its_network() -> None:
    kennel = Kennel()
    own = learned("rex", [ticked(one) for one in kennel.photos("Rex", 8)], kennel.photos("Bella", 30))
    assert own
    assert own.base == "dog"
    dog = kennel.photo("Rex")
    assert dog.features

    assert rex_of(likened(dog, [own], at=NOON)) > 0
    assert rex_of(likened(replace(dog, labels=(Label("cat", 0.9, Source.MODEL),)), [own], at=NOON)) == 0
    assert rex_of(likened(replace(dog, features=replace(dog.features, space="net@2/1")), [own], at=NOON)) == 0
    assert rex_of(likened(replace(dog, features=None), [own], at=NOON)) == 0


@pytest.mark.parametrize(
    ("rex", "bella"), [(LEAST_TICKS - 1, 30), (LEAST_TICKS, 4), (0, 0)], ids=["few ticks", "few others", "nothing"]
)
def test_too_little_teaches_nothing(rex: int, bella: int) -> None:
    kennel = Kennel()

    assert learned("rex", [ticked(one) for one in kennel.photos("Rex", rex)], kennel.photos("Bella", bella)) is None


def test_what_cannot_be_told_apart_is_not_suggested() -> None:
    kennel = Kennel(noise=4.0)
    dogs = kennel.photos("Rex", 40)

    assert learned("rex", [ticked(one) for one in dogs[:LEAST_TICKS]], dogs[LEAST_TICKS:]) is None


def test_photos_that_are_all_the_same_teach_nothing() -> None:
    same = Kennel(noise=0.0)

    assert learned("rex", [ticked(one) for one in same.photos("Rex", 5)], same.photos("Rex", 9)) is None


def test_a_networks_own_labels_are_no_persons() -> None:
    assert [name for name in ("Rex", "dog", "Dogs", "animal", "Grandma's garden", " ") if is_own(name)] == [
        "Rex",
        "Grandma's garden",
    ]
    assert base_of([a_photo(1, labels=["dog"]), a_photo(2, labels=["cat", "dog"]), a_photo(3)]) == "dog"
    assert base_of([a_photo(1, labels=["dog"]), a_photo(2), a_photo(3)]) == ""


class Home:
    """A library whose own labels grow."""

    def __init__(self, *photos: Photo) -> None:
        self.index = MeteredIndex(photos)
        self.own = InMemoryOwnLabelStore()
        self.labelling = OwnLabelling(self.own, self.index, self.index, now=lambda: NOON)

    def suggested(self) -> set[str]:
        return {photo.photo_id for photo in self.index.photos.values() if rex_of(photo)}

    async def learn(self) -> None:
        self.index.changed()
        await self.labelling.learn(OWNER, "Rex")


def a_job(edit: BulkEdit) -> Job:
    return Job(job_id="j1", owner_id=OWNER, version=1, edit=edit, created_at=NOON, updated_at=NOON)


def ids(photos: Sequence[Photo]) -> set[str]:
    return {photo.photo_id for photo in photos}


async def test_a_tick_is_learned_from_and_the_photos_of_its_kind_are_compared() -> None:
    kennel = Kennel()
    rex, bella = kennel.photos("Rex", 20), kennel.photos("Bella", 60)
    home = Home(*map(ticked, rex[:6]), *rex[6:], *bella)

    await home.learn()

    assert home.suggested() <= ids(rex[6:])
    assert len(home.suggested()) >= 10
    assert [one.name for one in await home.own.all(OWNER)] == ["Rex"]
    after = dict(home.index.photos)
    await home.learn()  # the message comes again
    assert home.index.photos == after


async def test_ticks_that_are_taken_back_take_back_what_was_learned_from_them() -> None:
    kennel = Kennel()
    rex = kennel.photos("Rex", 20)
    before = [*rex, *kennel.photos("Bella", 40)]
    home = Home(*map(ticked, rex[:6]), *before[6:])
    await home.learn()
    for photo in rex[:6]:
        home.index.photos[photo.photo_id] = photo

    await home.learn()

    assert home.suggested() == set()
    assert [one.labels for one in home.index.photos.values()] == [one.labels for one in before]
    assert list(await home.own.all(OWNER)) == []


async def test_an_own_label_that_is_taken_back_stays_on_no_photo_however_many_seemed_to_bear_it() -> None:
    kennel = Kennel()
    rex = kennel.photos("Rex", 6)
    seeming = [
        replace(one, labels=(*one.labels, Label("Rex", 0.7, Source.MODEL, model=OWN_LABELS)))
        for one in kennel.photos("Rex", 2 * MOST_COMPARED + 1)
    ]
    home = Home(*rex, *seeming)

    await home.learn()

    assert home.suggested() == set()


async def test_a_new_photo_is_compared_when_it_is_labelled_at_the_price_of_one_read() -> None:
    kennel = Kennel()
    home = Home(*map(ticked, kennel.photos("Rex", 6)), *kennel.photos("Bella", 40))
    await home.learn()
    new, other = kennel.photo("Rex"), kennel.photo("Bella")
    home.index.photos |= {new.photo_id: new, other.photo_id: other}
    home.index.forget()

    for photo in (new, other):
        await home.labelling.liken(photo)

    assert home.suggested() & {new.photo_id, other.photo_id} == {new.photo_id}
    assert home.index.requests == 0


async def test_a_tick_costs_the_same_in_a_library_of_any_size() -> None:
    kennel = Kennel()
    home = Home(*map(ticked, kennel.photos("Rex", 6)), *kennel.photos("Bella", 3 * MOST_COMPARED))

    home.index.forget()
    await home.learn()

    print(f"requests {home.index.requests}, postings {home.index.postings_read}")
    assert home.index.requests == 3
    assert home.index.postings_read <= 6 + 6 + MOST_COMPARED


async def test_only_jobs_that_say_something_of_own_labels_are_learned_from() -> None:
    kennel = Kennel()
    home = Home(*map(ticked, kennel.photos("Rex", 6)), *kennel.photos("Bella", 20))

    await home.labelling.after(a_job(BulkEdit(add_labels=("dog",))))
    assert list(await home.own.all(OWNER)) == []
    await home.labelling.after(a_job(BulkEdit(reject_labels=("rex",))))
    assert [one.name for one in await home.own.all(OWNER)] == ["Rex"]


async def test_other_accounts_are_neither_learned_from_nor_compared() -> None:
    kennel = Kennel()
    theirs = kennel.photos("Rex", 10, owner_id="stranger")
    home = Home(*map(ticked, kennel.photos("Rex", 6)), *kennel.photos("Bella", 30), *theirs)

    await home.learn()

    assert not home.suggested() & ids(theirs)
    assert list(await home.own.all(OwnerId("stranger"))) == []


class _Sketches:
    def __init__(self, photos: Sequence[Photo]) -> None:
        self._cells: dict[tuple[str, str], dict[str, int]] = {}
        for photo in photos:
            for group, sketch in changes(None, photo, [LookalikeKind()]).items():
                for cell, count in sketch.items():
                    self._cells.setdefault(group, {})[cell] = self._cells.get(group, {}).get(cell, 0) + count

    def sketch(self, kind: str, group: str) -> Sketch:
        return self._cells.get((kind, group), {})


def lookalike(number: int, confidence: float) -> Photo:
    return a_photo(number, labels=[DOG, Label("Rex", confidence, Source.MODEL, model=OWN_LABELS)])


def asked(photos: Sequence[Photo]) -> Question:
    [question] = LookalikeKind().questions("Rex", _Sketches(photos), Memory(), now=NOON)
    return question


def test_the_likeliest_are_asked_about_first() -> None:
    photos = [lookalike(number, 0.8 if number < 24 else 0.4) for number in range(40)]

    question = asked(photos)

    assert question.prompt == "Is this Rex? Untick those that are not."
    assert question.reach.terms == ("label:rex",)
    assert [LookalikeKind().reaches(question, photo) for photo in photos] == [True] * 24 + [False] * 16


def test_what_is_left_ticked_is_said_and_what_is_unticked_is_rejected() -> None:
    photos = [lookalike(number, 0.8) for number in range(3)]
    question = asked(photos).with_shown(tuple(photo.photo_id for photo in photos))

    edits = LookalikeKind().edits(question, Yes((photos[1].photo_id,)), confidence=0.95)

    assert [(one.edit.add_labels, one.edit.reject_labels, one.photo_ids) for one in edits] == [
        (("Rex",), (), (photos[0].photo_id, photos[2].photo_id)),
        ((), ("Rex",), (photos[1].photo_id,)),
    ]


def test_a_photo_alone_is_not_asked_about() -> None:
    assert not list(LookalikeKind().questions("Rex", _Sketches([lookalike(1, 0.8)]), Memory(), now=NOON))


def test_confidence_is_nothing_without_features() -> None:
    own = OwnLabel("Rex", "", SPACE, (0.0,) * DIMENSIONS, 0.0, 5)

    assert own.confidence(None) == 0
    assert own.confidence(Features(SPACE, "")) == 0
    assert own.confidence(features(np.ones(DIMENSIONS))) == pytest.approx(0.5)
