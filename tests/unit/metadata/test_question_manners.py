"""What was said before decides what is asked: checks, refusals, skips, and the budget of a day."""

from datetime import timedelta

from heliograph_metadata.domain.photo import Label, Source, Sourced
from heliograph_metadata.domain.questions.engine import BUDGET, budget_left
from heliograph_metadata.domain.questions.question import Never, NotSure, Skip, Where, Yes
from heliograph_metadata.domain.questions.value import PRIORS
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.asking import NOW, PARIS, a_day_without_places, asked, kinds_asked, places_of


def test_an_answer_that_contradicts_other_photos_changes_nothing_until_it_is_checked() -> None:
    phone = [a_photo(50 + n, taken_at=NOON + timedelta(minutes=n), location=LISBON) for n in range(3)]
    library = InMemoryQuestions([*phone, *a_day_without_places()])
    question = asked(library, "place")

    assert library.answer("a1", question, Where(PARIS), NOW) == []

    check = asked(library, "check")
    assert len(library.answer("a2", check, Yes(), NOW)) == 5
    library.undo("a1", NOW)
    assert places_of(library).count(None) == 5


def test_what_a_check_has_taken_back_is_not_applied_again_without_another_check() -> None:
    phone = [a_photo(50 + n, taken_at=NOON + timedelta(minutes=n), location=LISBON) for n in range(3)]
    library = InMemoryQuestions([*phone, *a_day_without_places()])
    library.answer("a1", asked(library, "place"), Where(PARIS), NOW)
    library.answer("a2", asked(library, "check"), Yes(but_not=("a1",)), NOW)

    question = asked(library, "place")

    assert library.answer("a3", question, Where(PARIS), NOW) == []
    assert len(library.answer("a4", question, Where(LISBON), NOW)) == 5


def test_large_answers_are_looked_through_together_and_an_unticked_one_is_taken_back() -> None:
    days = [photo for n in range(8) for photo in a_day_without_places(30, day=30 * n, first=100 * n)]
    library = InMemoryQuestions(days)
    for number in range(8):
        library.answer(f"a{number}", asked(library, "place"), Where(LISBON), NOW)

    check = asked(library, "check")
    library.answer("check", check, Yes(but_not=("a2",)), NOW)

    assert places_of(library).count(None) == 30
    assert asked(library, "place").reach.photos == 30
    assert library.memory.trust < 0.95
    library.undo("check", NOW)
    assert places_of(library).count(None) == 0


def test_one_large_answer_is_checked_before_small_ones_are_asked_for() -> None:
    library = InMemoryQuestions([*a_day_without_places(300), *a_day_without_places(6, day=90, first=1000)])

    library.answer("a1", library.asked(library.ranked(NOW)[0], NOW), Where(LISBON), NOW)

    check = library.ranked(NOW)[0]
    assert (check.kind, check.facts["answers"]) == ("check", "a1")


def test_a_grid_that_is_let_stand_though_much_of_it_is_doubtful_changes_nothing_before_it_is_checked() -> None:
    doubt = [a_photo(n, taken_at=NOON, location=LISBON, labels=(Label("dog", 0.5, Source.MODEL),)) for n in range(20)]
    library = InMemoryQuestions(doubt)
    question = asked(library, "label")

    assert library.answer("a1", question, Yes(), NOW) == []
    assert len(library.answer("a2", asked(library, "check"), Yes(), NOW)) == 20

    library.undo("a2", NOW)
    library.answer("a3", asked(library, "check"), Yes(but_not=("a1",)), NOW)
    assert len(library.answer("a4", asked(library, "label"), Yes(question.shown[:9]), NOW)) == 20


def test_a_kind_that_is_never_wanted_is_asked_for_less() -> None:
    library = InMemoryQuestions([*a_day_without_places(), *a_day_without_places(day=60, first=100)])
    before = asked(library, "place").worth.knows

    library.answer("a1", asked(library, "place"), Never(), NOW)

    assert library.memory.knows("place") < before


def test_never_is_for_good_also_when_the_group_has_grown() -> None:
    library = InMemoryQuestions(a_day_without_places())
    library.answer("a1", asked(library, "place"), Never(), NOW)

    library.save(a_photo(30, taken_at=NOON - timedelta(hours=1)))

    assert "place" not in kinds_asked(library, NOW + timedelta(days=3000))
    library.undo("a1", NOW)
    assert "place" in kinds_asked(library)


def test_never_outlives_a_check_of_what_was_answered_before() -> None:
    days = [photo for n in range(8) for photo in a_day_without_places(30, day=30 * n, first=100 * n)]
    library = InMemoryQuestions(days)
    question = asked(library, "place")
    library.answer("a0", question, Where(LISBON), NOW)
    for number in range(1, 8):
        library.answer(f"a{number}", asked(library, "place"), Where(LISBON), NOW)
    check = asked(library, "check")
    library.answer("never", question, Never(), NOW)

    library.answer("check", check, Yes(but_not=("a0",)), NOW)

    assert places_of(library).count(None) == 30
    assert "place" not in kinds_asked(library, NOW + timedelta(days=3000))


def test_a_skipped_grid_of_a_label_rests_also_once_other_photos_of_it_were_ticked() -> None:
    doubt = [a_photo(n, taken_at=NOON, labels=(Label("dog", 0.5, Source.MODEL),)) for n in range(60)]
    library = InMemoryQuestions(doubt)
    first = asked(library, "label")
    library.answer("a1", first, Yes(first.shown[:12]), NOW)
    library.answer("a2", first, Skip(), NOW)

    assert "label" not in kinds_asked(library, NOW + timedelta(hours=1))
    assert "label" in kinds_asked(library, NOW + timedelta(days=2))


def test_who_is_not_sure_is_asked_again_much_later() -> None:
    library = InMemoryQuestions(a_day_without_places())
    library.answer("a1", asked(library, "place"), NotSure(), NOW)

    assert "place" not in kinds_asked(library, NOW + timedelta(days=100))
    assert "place" in kinds_asked(library, NOW + timedelta(days=200))


def test_after_three_skips_a_kind_is_quiet_for_a_week() -> None:
    days = [photo for n in range(5) for photo in a_day_without_places(3, day=30 * n, first=10 * n)]
    library = InMemoryQuestions(days)
    for number in range(3):
        library.answer(f"a{number}", asked(library, "place"), Skip(), NOW)

    assert "place" not in kinds_asked(library, NOW + timedelta(days=2))
    assert "place" in kinds_asked(library, NOW + timedelta(days=8))


def test_there_is_a_budget_for_each_day() -> None:
    library = InMemoryQuestions([p for n in range(3) for p in a_day_without_places(3, day=30 * n, first=10 * n)])
    for number in range(2):
        library.answer(f"a{number}", asked(library, "place"), Where(LISBON), NOW)

    assert budget_left(library.memory, NOW) == BUDGET - 2
    assert budget_left(library.memory, NOW + timedelta(days=2)) == BUDGET


def test_whoever_never_knows_dates_is_asked_about_them_less() -> None:
    library = InMemoryQuestions([])
    undated = Sourced(NOW, Source.DEFAULT, 0.1)
    for number in range(12):
        library.save(a_photo(number, taken_at=undated, filename=f"{'abcdefghijkl'[number]}_1.tif"))
    before = asked(library, "date").worth.value
    for number in range(4):
        library.answer(f"a{number}", asked(library, "date"), NotSure(), NOW)
    library.save(a_photo(50, taken_at=undated, filename="z_1.tif"))

    assert library.memory.knows("date") < PRIORS["date"].knows
    assert min(one.worth.value for one in library.ranked(NOW) if one.kind == "date") < before
