"""A fixed library of a family's photos with what is truly on each, and labels as a network would give them."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from heliograph_metadata.domain.photo import Camera, Label, Location, Photo, Place, Source
from tests.builders import a_photo

FUJI = Camera("FUJIFILM", "X-T4", "XF35mmF1.4 R")
CANON = Camera("Canon", "Canon EOS R6", "RF24-105mm F4 L IS USM")
PHONE = Camera("Apple", "iPhone 13", "iPhone 13 back dual wide camera 5.1mm f/1.6")
PIXEL = Camera("Google", "Pixel 7", "")

LISBON = Location(38.711, -9.139, Place("PT", "Portugal", "Lisboa", "Lisbon"))
SINTRA = Location(38.797, -9.390, Place("PT", "Portugal", "Lisboa", "Sintra"))
PORTO = Location(41.149, -8.611, Place("PT", "Portugal", "Porto", "Porto"))
PARIS = Location(48.857, 2.352, Place("FR", "France", "Île-de-France", "Paris"))
NEW_YORK = Location(40.713, -74.006, Place("US", "United States", "New York", "New York"))
TOKYO = Location(35.676, 139.650, Place("JP", "Japan", "Tokyo", "Tokyo"))
KYOTO = Location(35.012, 135.768, Place("JP", "Japan", "Kyoto", "Kyoto"))
ZERMATT = Location(46.021, 7.749, Place("CH", "Switzerland", "Valais", "Zermatt"))
BARCELONA = Location(41.387, 2.170, Place("ES", "Spain", "Catalonia", "Barcelona"))
HOME = Location(51.752, -1.258, Place("GB", "United Kingdom", "England", "Oxford"))
NAIROBI = Location(-1.350, 36.800, Place("KE", "Kenya", "Nairobi", "Nairobi"))


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo as its owner knows it."""

    photo: Photo
    shows: frozenset[str]
    """What is truly on it, in plain words."""
    place: str
    """The city; empty where nobody knows."""
    country: str
    album: str
    camera: str
    said: str
    """Caption and keywords."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A few days somewhere."""

    begins: datetime
    days: int
    location: Location | None
    camera: Camera
    album: str
    scenes: tuple[tuple[str, str, int], ...]
    """What is on the photos (with commas), what was said of one of them, how many photos."""
    prefix: str = "DSCF"
    hides_location: bool = False
    extra: dict[str, str] = field(default_factory=dict)


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)


TRIPS = (
    Trip(_day(2023, 7, 3), 6, LISBON, FUJI, "Summer in Portugal", (
        ("tram,street", "Tram 28 up to Alfama", 9), ("person,restaurant,wine glass", "Dinner with Marta", 6),
        ("beach,seashore,dog", "Bruno at the beach", 7), ("boat,seashore", "", 5), ("church", "", 4))),
    Trip(_day(2023, 7, 10), 2, SINTRA, FUJI, "Summer in Portugal", (
        ("castle", "Pena palace in the fog", 8), ("person,castle", "", 4))),
    Trip(_day(2022, 5, 14), 3, PORTO, PHONE, "", (
        ("suspension bridge,boat", "Ponte Dom Luís", 6), ("red wine,wine glass", "Port wine tasting", 5),
        ("cat", "", 3)),
         "IMG_"),
    Trip(_day(2021, 10, 2), 4, PARIS, CANON, "Paris with grandma", (
        ("person,bench", "Grandma in the Tuileries", 6), ("bicycle,street", "", 5), ("cake,cup", "Macarons", 5),
        ("triumphal arch,car", "", 4)), "IMG_"),
    Trip(_day(2024, 4, 20), 5, NEW_YORK, PHONE, "New York", (
        ("taxi,street,person", "", 10), ("suspension bridge", "Brooklyn Bridge at dawn", 5), ("hot dog,person", "", 4),
        ("squirrel", "Central Park", 4), ("traffic light,street", "", 4)), "IMG_"),
    Trip(_day(2024, 10, 5), 5, TOKYO, FUJI, "Japan 2024", (
        ("train,person", "Shinjuku rush hour", 7), ("traffic light,street", "", 4), ("soup,chopsticks", "Ramen", 6),
        ("umbrella,person", "Rain in Shibuya", 6))),
    Trip(_day(2024, 10, 11), 3, KYOTO, FUJI, "Japan 2024", (
        ("stupa", "Temple at sunset", 7), ("kimono,person", "", 5), ("bamboo", "Arashiyama bamboo grove", 5))),
    Trip(_day(2022, 2, 12), 6, ZERMATT, CANON, "Ski week", (
        ("mountain,skis,person", "Matterhorn in the morning", 10), ("alp,mountain", "", 7), ("snowboard,person", "", 5),
        ("husky", "Sled dogs", 4)), "IMG_"),
    Trip(_day(2020, 8, 8), 4, BARCELONA, CANON, "", (
        ("beach,person,umbrella", "Barceloneta", 7), ("church", "Sagrada Família", 6), ("parrot", "", 3),
        ("bus,street", "", 4)), "IMG_"),
    Trip(_day(2019, 12, 24), 3, HOME, PIXEL, "Christmas 2019", (
        ("person,christmas stocking", "Opening presents", 7), ("cat", "Minka under the tree", 5), ("cake", "", 3),
        ("teddy bear", "", 3)), "PXL_"),
    Trip(_day(2023, 3, 4), 60, HOME, PIXEL, "", (
        ("golden retriever", "Bruno as a puppy", 9), ("cat,couch", "Minka asleep", 8), ("laptop,desk", "", 4),
        ("bird", "Robin in the garden", 4), ("car", "The new car", 3), ("pizza", "", 5)), "PXL_"),
    Trip(_day(2021, 6, 18), 1, HOME, CANON, "Emma's birthday", (
        ("person,cake", "Emma blows out the candles", 8), ("balloon,person", "", 5), ("dog,person", "", 3)), "IMG_"),
    Trip(_day(2018, 9, 1), 7, NAIROBI, CANON, "Safari", (
        ("elephant", "Elephants at the waterhole", 8), ("lion", "", 5), ("zebra", "", 6), ("giraffe", "", 4),
        ("jeep,person", "", 4)), "IMG_"),
    Trip(_day(2022, 8, 20), 4, LISBON, PHONE, "", (
        ("person,beach,surfboard", "Surf lesson", 8), ("ice cream,person", "", 5), ("seashore", "Sunset at Cascais", 6),
        ("sailing boat", "", 4)), "IMG_"),
    Trip(_day(2020, 3, 1), 90, HOME, PIXEL, "Lockdown", (
        ("cake,oven", "Banana bread", 5), ("cat,laptop", "Minka at work", 6), ("person,tv", "", 4),
        ("jigsaw puzzle", "A thousand pieces", 4), ("daisy", "Spring in the garden", 5)), "PXL_"),
    Trip(_day(2024, 6, 15), 2, None, PHONE, "", (
        ("beagle", "Neighbour's dog", 4), ("bicycle,person", "Sunday ride", 5), ("screenshot", "", 4),
        ("book", "Recipe for lasagne", 2)), "WhatsApp Image ", hides_location=True),
)  # fmt: skip

CONFUSED_WITH = {
    "dog": "sheep", "cat": "fox", "beach": "lake", "castle": "church", "boat": "canoe", "couch": "bed", "lion": "dog",
    "husky": "wolf", "cake": "cup", "mountain": "seashore", "bird": "cat", "bicycle": "motorcycle", "teddy bear": "dog",
    "person": "teddy bear", "car": "bus", "tram": "bus", "church": "castle", "elephant": "dog", "parrot": "bird",
    "zebra": "horse", "squirrel": "cat", "soup": "cup", "pizza": "cake",
}  # fmt: skip
"""What a network takes things for now and then; it is unsure then."""
MISTAKEN, OVERLOOKED = 0.12, 0.05
"""How often a network sees what isn't there, and doesn't see what is."""
WORD_ONLY = frozenset({"bamboo", "chopsticks", "street", "alp", "screenshot"})
"""What no network here has a class for."""
CONFIRMED = {"husky": 2, "golden retriever": 3, "dog": 1}
"""Labels that somebody has confirmed, on so many photos."""


def shots() -> list[Shot]:
    """Return the library, the same each time."""
    chance = random.Random(7)
    found: list[Shot] = []
    confirmed = dict(CONFIRMED)
    for trip in TRIPS:
        for things, said, count in trip.scenes:
            for number in range(count):
                found.append(_shot(chance, trip, things.split(","), said if number < 2 else "", len(found), confirmed))
    return found


def album_id(name: str) -> str:
    """Return the id of an album with this name."""
    return "".join(one for one in name.lower() if one.isalnum())


def _shot(
    chance: random.Random, trip: Trip, things: list[str], said: str, number: int, confirmed: dict[str, int]
) -> Shot:
    taken_at = trip.begins + timedelta(days=chance.randrange(trip.days), minutes=chance.randrange(600))
    labels = [_label(chance, thing, confirmed) for thing in things if _is_seen(chance, thing)]
    labels += [
        Label(CONFUSED_WITH[thing], round(chance.uniform(0.2, 0.38), 2), Source.MODEL)
        for thing in things
        if thing in CONFUSED_WITH and chance.random() < MISTAKEN
    ]
    location = trip.location
    if location:
        moved = (location.latitude + chance.uniform(-0.01, 0.01), location.longitude + chance.uniform(-0.01, 0.01))
        location = Location(*moved, location.place)
    place = trip.location.place if trip.location else None
    photo = a_photo(
        number,
        taken_at=taken_at,
        location=location,
        camera=trip.camera,
        labels=sorted(labels, key=lambda label: -label.confidence),
        caption=said or None,
        keywords=("family",) if "person" in things and number % 2 == 0 else (),
        album_ids=(album_id(trip.album),) if trip.album else (),
        filename=f"{trip.prefix}{4000 + number}.{'HEIC' if trip.camera is PHONE else 'JPG'}",
        content_type="image/heic" if trip.camera is PHONE else "image/jpeg",
        favourite=number % 9 == 0,
    )
    return Shot(
        photo=photo,
        shows=frozenset(things),
        place=place.city if place else "",
        country=place.country if place else "",
        album=trip.album,
        camera=trip.camera.model,
        said=f"{said} {' '.join(photo.keywords)}".strip(),
    )


def _is_seen(chance: random.Random, thing: str) -> bool:
    return thing not in WORD_ONLY and chance.random() >= OVERLOOKED


def _label(chance: random.Random, thing: str, confirmed: dict[str, int]) -> Label:
    if confirmed.get(thing):
        confirmed[thing] -= 1
        return Label(thing, 1.0, Source.PERSON)
    return Label(thing, round(chance.uniform(0.45, 0.98), 2), Source.MODEL)
