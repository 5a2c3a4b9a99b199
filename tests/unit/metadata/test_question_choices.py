"""Other places that it may have been are offered by their names, each by one of its own."""

from dataclasses import dataclass, field
from datetime import timedelta

from heliograph_metadata.domain.photo import Location, Place
from heliograph_metadata.service.asked_questions import AskedQuestion
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.question_photos import QuestionPhotos
from heliograph_metadata.service.questions import QuestionService
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.unit.metadata.asking import NOW, PARIS, PORTO
from tests.unit.metadata.test_question_service import World, some

ROME = Location(41.903, 12.496)


@dataclass
class Gazetteer:
    """Knows towns by their latitude, in whole degrees."""

    towns: dict[int, str] = field(default_factory=dict)

    def place_at(self, latitude: float, longitude: float) -> Place | None:
        city = self.towns.get(int(latitude))
        return Place("EU", "Europe", "", city) if city else None


async def asked(towns: dict[int, str]) -> AskedQuestion:
    """Return the question about an afternoon after days in Lisbon, and others elsewhere, as it is shown."""
    world = World()
    days = {LISBON: 1, PORTO: 70, PARIS: 100, ROME: 200}
    before = [
        a_photo(number, version=2, taken_at=NOON - timedelta(days=days[at]), location=at)
        for number, at in enumerate(days)
    ]
    await world.save(*before, *some(5))
    await world.all_made()
    shown = QuestionPhotos(world.photos, world.photos, now=lambda: NOW)
    service = QuestionService(
        world.book, world.sketches, Memories(world.answers), shown, Gazetteer(towns), now=lambda: NOW
    )
    page = await service.questions(OWNER, limit=30)
    return next(one for one in page.items if one.question.kind == "place")


async def test_each_is_offered_by_its_name_in_the_order_of_the_question() -> None:
    one = await asked({38: "Lisbon", 41: "Porto", 48: "Paris"})

    assert list(one.choices) == ["Porto, Europe", "Paris, Europe"]
    assert list(one.choices.values())[1] == one.question.choices[1].location


async def test_what_has_no_name_of_its_own_is_left_out() -> None:
    assert not (await asked({38: "Lisbon", 41: "Lisbon"})).choices
    assert len((await asked({38: "Lisbon", 41: "Porto"})).question.choices) == 3
