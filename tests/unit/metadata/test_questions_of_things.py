"""What is on photos, what it is called, and which takes are worth keeping."""

from datetime import timedelta

from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Label, Source
from heliograph_metadata.domain.questions.question import Keep, Named, No, Which, Yes
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.asking import FUJI, NOW, PARIS, asked, at_home, kinds_asked


def test_a_grid_of_doubtful_labels_confirms_what_is_left_ticked_and_rejects_the_others() -> None:
    doubt = [a_photo(n, taken_at=NOON, location=LISBON, labels=(Label("dog", 0.5, Source.MODEL),)) for n in range(5)]
    library = InMemoryQuestions(doubt)
    question = asked(library, "label")
    no_dog = question.shown[0]

    library.answer("a1", question, Yes(but_not=(no_dog,)), NOW)

    assert library.photos[no_dog].labels == ()
    assert library.photos[no_dog].rejected_labels == ("dog",)
    assert [one.source for one in library.photos[question.shown[1]].labels] == [Source.PERSON]
    assert library.memory.ticks == {"dog": (4, 1)}
    assert "label" not in kinds_asked(library)
    library.undo("a1", NOW)
    assert library.photos[no_dog].labels == doubt[0].labels


def test_one_of_two_names_is_confirmed_and_the_other_rejected() -> None:
    doubts = (Label("castle", 0.4, Source.MODEL), Label("palace", 0.3, Source.MODEL))
    library = InMemoryQuestions([a_photo(n, taken_at=NOON, location=PARIS, labels=doubts) for n in range(3)])

    library.answer("a1", asked(library, "two-labels"), Which("palace"), NOW)

    for photo in library.photos.values():
        assert [(one.name, one.source) for one in photo.labels] == [("palace", Source.PERSON)]


def test_where_neither_of_two_names_is_right_both_are_rejected() -> None:
    doubts = (Label("castle", 0.4, Source.MODEL), Label("palace", 0.3, Source.MODEL))
    library = InMemoryQuestions([a_photo(n, taken_at=NOON, location=PARIS, labels=doubts) for n in range(3)])

    library.answer("a1", asked(library, "two-labels"), No(), NOW)

    assert "two-labels" not in kinds_asked(library)
    assert {photo.labels for photo in library.photos.values()} == {()}
    library.undo("a1", NOW)
    assert {photo.labels for photo in library.photos.values()} == {doubts}


def test_an_animal_that_is_seen_at_one_place_again_and_again_gets_its_name() -> None:
    library = InMemoryQuestions(at_home("cat"))
    question = asked(library, "thing")
    not_ours = question.shown[0]

    library.answer("a1", question, Named("Minka", but_not=(not_ours,)), NOW)

    named = [photo for photo in library.photos.values() if any(one.name == "Minka" for one in photo.labels)]
    assert len(named) == 14
    assert not_ours not in {photo.photo_id for photo in named}


def test_no_name_is_asked_for_what_has_none() -> None:
    assert "thing" not in kinds_asked(InMemoryQuestions(at_home("cup")))


def test_photos_on_which_nothing_was_seen_get_a_word() -> None:
    library = InMemoryQuestions([a_photo(n, taken_at=NOON, location=LISBON) for n in range(4)])

    library.answer("a1", asked(library, "missing"), Named("loom"), NOW)

    assert all([one.name for one in photo.labels] == ["loom"] for photo in library.photos.values())


def test_takes_of_one_scene_are_asked_about_and_those_not_kept_go_to_the_trash() -> None:
    takes = [
        a_photo(n, taken_at=NOON + timedelta(seconds=n), camera=FUJI, look=Look("f" * 64, (), float(n)))
        for n in range(4)
    ]
    library = InMemoryQuestions(takes)
    question = asked(library, "burst")
    assert question.default == Keep((takes[3].photo_id,))

    library.answer("a1", question, question.default, NOW)

    assert [photo.trashed_at is None for photo in library.photos.values()] == [False, False, False, True]
