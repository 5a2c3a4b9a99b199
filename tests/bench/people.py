"""Synthetic people and their photo libraries: what is true of each photo, and what the library knows of it.

Truth first: homes, people visited, trips (some through several towns), days with photos, scenes with things on them.
Then cameras that see it (a phone with GPS, one without, a camera whose clock is wrong or was reset), films that were
scanned, pictures that came by messenger (most write the day, some the second into the file's name, some neither).
What a network sees is drawn with the network's measured calibration: of the labels that it gives with confidence c,
the share sigmoid(logit(c) / T) is right, T as fitted in models/calibration/yolov8n@1.json; what is
not right is a thing that is easily taken for one that is there. Some things no network knows; of others a classifier
wavers between two names. There is also what a person calls it: the trip, the place, the pet; and scenes of which
several takes were made.
"""

import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Box, Camera, Label, Location, Photo, Source, Sourced
from heliograph_metadata.domain.times import time_in_name
from tests.bench.world import CLASSES, CONFUSED, SCENES, TOWNS, town_name
from tests.builders import a_photo

PHONE: Final = Camera("Apple", "iPhone 13", "")
PARTNERS_PHONE: Final = Camera("Google", "Pixel 7", "")
CAMERA: Final = Camera("FUJIFILM", "X-T4", "")
NOW: Final = datetime(2025, 1, 10, 20, tzinfo=UTC)
_FIRST_YEAR: Final = 2013
_HAS_PHONE_FROM: Final = 2015

_TEMPERATURE: Final = float(
    json.loads((Path(__file__).parents[2] / "models/calibration/yolov8n@1.json").read_text("utf-8"))["evaluation"][
        "temperature"
    ]
)


PLACE_NAMES: Final = {"home": "Home", "family": "Grandma's"}
PET_NAMES: Final = {"dog": "Rex", "cat": "Minka"}
_MESSENGERS: Final = {
    "IMG-%Y%m%d-WA#.jpg": 0.6,
    "signal-%Y-%m-%d-%H-%M-%S-#.jpg": 0.1,
    "photo_%Y-%m-%d_%H-%M-%S.jpg": 0.1,
    "received_#1234567.jpg": 0.2,
}
"""What WhatsApp, Signal, Telegram and Facebook's messenger call a picture that they keep, and how many of a person's
pictures came by each: our own estimate. The last says no day."""
_SENT_AT_ONCE: Final = 0.8
_SENT_DAYS_LATER: Final = 7.0
"""So many are sent on the day on which they were taken, the others some eight days later in the mean: our own
estimates."""
_WAVERS: Final = 0.4
_LEAST_SAID: Final = 0.15
_SOMEWHERE: Final = Box(0.2, 0.2, 0.8, 0.8, 0.9)
_IN_TAKES: Final = 0.03
_SHARPEST_IS_BEST: Final = 0.7
_OF_A_FEAST: Final = 12
_IS_NAMED: Final = 0.4
_STAYS_AT_HOME: Final = 0.2
"""On so many trips one of the family has stayed at home, whose photos are in the library, too: our own estimate."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one photo."""

    taken_at: datetime
    location: Location
    shows: frozenset[str]
    event: str
    keeps_hours: bool
    """Whether its camera wrote a time at all: then the hour can be right, else the days."""
    event_name: str = ""
    """What the person calls what it was taken at; empty where it was nothing that has a name."""
    place_name: str = ""
    """What the person calls the place; empty of those that only have an address."""
    pet: str = ""
    """The name of the person's own animal, where it is on it."""
    takes: str = ""
    """Which takes of one scene it belongs to, if any."""
    is_best: bool = True
    """Whether it is the take that the person would keep."""


@dataclass(slots=True)
class Life:
    """One person: their library as it comes in, and what is true of it."""

    photos: list[Photo] = field(default_factory=list)
    truth: dict[PhotoId, Truth] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    """Of files, by what their names begin with."""
    places: list[Location] = field(default_factory=list)
    """Where the person has been, the homes first."""
    pet: str = ""
    """What animal lives at home, if any."""

    @property
    def names(self) -> set[str]:
        """Return what events are called."""
        return {truth.event_name for truth in self.truth.values() if truth.event_name}


@dataclass(frozen=True, slots=True)
class _Day:
    """A part of a day with photos at one place."""

    begins: datetime
    place: Location
    scene: str
    event: str
    photos: int
    name: str = ""
    """Of the event."""


@dataclass(frozen=True, slots=True)
class _Faults:
    """What is wrong with the cameras on one trip."""

    is_off: bool = False
    """Whether the phones keep no places."""
    shift: timedelta = timedelta()
    reset_from: datetime | None = None
    """When the camera's clock began anew."""


@dataclass(frozen=True, slots=True)
class _Trip:
    """Days in a row elsewhere."""

    first: datetime
    last: datetime
    is_someone_at_home: bool
    """Whether one of the family has not come along, and photographs at home."""
    days: list[_Day] = field(default_factory=list)

    def has(self, at: datetime) -> bool:
        """Whether a day is one of the trip."""
        return self.first.date() <= at.date() <= self.last.date()

    def leaves(self, at: datetime) -> bool:
        """Whether somebody may take photos at home on a day."""
        return self.is_someone_at_home or not self.has(at)

    def is_apart(self, other: "_Trip") -> bool:
        """Whether there is a day at least between both trips."""
        between = max(self.first, other.first) - min(self.last, other.last)
        return between >= timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Shares:
    """Which of the photos of a day are taken with what; the others are of the person's own phone."""

    camera: float
    partners_phone: float
    """Of those that no camera takes."""


@dataclass(slots=True)
class _Habits:
    """How this person takes and keeps photos; each is drawn."""

    camera_on_trips: float
    camera_at_home: float
    partners_phone: float
    phone_off: float
    clock_wrong: float
    passes_on: float


def a_life(seed: int, *, years: int = 12, size: float = 1.0) -> Life:
    """Return a person's library.

    Args:
        seed: Which person.
        years: From 2013 on.
        size: How many photos, as a factor of an ordinary person's.
    """
    dice = random.Random(seed)
    home, family = dice.sample(TOWNS[:28], 2)
    second_home = dice.choice(TOWNS[:28])
    life = Life(places=[home, family], pet=dice.choice(("dog", "cat", "")))
    habits = _Habits(
        dice.uniform(0.3, 0.7), dice.uniform(0.1, 0.3), dice.uniform(0.1, 0.3),
        dice.uniform(0.05, 0.2), dice.uniform(0.15, 0.35), dice.uniform(0.01, 0.04),
    )  # fmt: skip
    moves_in = dice.randrange(3, years)
    for year in range(_FIRST_YEAR, _FIRST_YEAR + years):
        lives_in = home if year - _FIRST_YEAR < moves_in else second_home
        if lives_in not in life.places:
            life.places.append(lives_in)
        _year(life, year, lives_in, family, habits, dice, size)
    _films(life, dice, size)
    return life


def _year(
    life: Life, year: int, home: Location, family: Location, habits: _Habits, dice: random.Random, size: float
) -> None:
    taken: list[tuple[_Day, _Shares, _Faults]] = []
    trips: list[_Trip] = []
    for number in range(dice.choice((1, 2, 2, 3))):
        trip = _trip(year, number, trips, life, dice, size)
        trips.append(trip)
        is_off = dice.random() < habits.phone_off
        clock = timedelta(hours=dice.choice((-9, -8, -7, 7, 8, 9, 12, -12, 24, -24)))
        reset_from = trip.days[0].begins if dice.random() < 0.05 else None
        shift = clock if dice.random() < habits.clock_wrong else timedelta()
        shares = _Shares(habits.camera_on_trips, 0.0 if trip.is_someone_at_home else habits.partners_phone)
        taken += [(day, shares, _Faults(is_off, shift, reset_from)) for day in trip.days]
    first = datetime(year, 1, 1, tzinfo=UTC)
    where: dict[date, Location] = {}
    """On which days somebody was at which of the houses."""
    for number in range(dice.randrange(25, 55)):
        place, scene = dice.choices(((home, "home"), (home, "out"), (family, "family")), (5, 3, 2))[0]
        begins = first + timedelta(days=dice.randrange(364), hours=dice.randrange(9, 20))
        while where.get(begins.date(), place) != place or not all(trip.leaves(begins) for trip in trips):
            begins = first + timedelta(days=dice.randrange(364), hours=begins.hour)
        where[begins.date()] = place
        photos = max(1, round(min(dice.lognormvariate(1.0, 0.9), 40) * size))
        has_name = photos >= _OF_A_FEAST and dice.random() < _IS_NAMED
        name = f"feast {number} of {year}" if has_name else ""
        day = _Day(begins, place, scene, f"{scene} {year} {number}", photos, name)
        is_away = any(trip.has(begins) for trip in trips)
        shares = _Shares(0.0, 1.0) if is_away else _Shares(habits.camera_at_home, habits.partners_phone)
        taken.append((day, shares, _Faults()))
    for day, shares, faults in sorted(taken, key=lambda one: one[0].begins):
        _take(life, day, habits, dice, shares=shares, faults=faults)


def _trip(year: int, number: int, others: Sequence[_Trip], life: Life, dice: random.Random, size: float) -> _Trip:
    """Return a trip on other days than others of the year: nobody is at two places at once."""
    towns = [dice.choice(TOWNS)]
    if dice.random() < 0.25:
        towns += dice.sample(TOWNS, dice.choice((1, 2)))
    life.places += [town for town in towns if town not in life.places]
    is_someone_at_home = year >= _HAS_PHONE_FROM and dice.random() < _STAYS_AT_HOME
    days = dice.randrange(2, 12)
    while True:
        begins = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=dice.randrange(15, 345))
        trip = _Trip(begins, begins + timedelta(days=days - 1), is_someone_at_home)
        if all(trip.is_apart(other) for other in others):
            break
    for day in range(days):
        town = towns[day * len(towns) // days]
        for hour in sorted(dice.sample(range(9, 21), dice.choice((1, 2, 2, 3)))):
            photos = max(1, round(min(dice.lognormvariate(1.7, 0.7), 50) * size))
            at = begins + timedelta(days=day, hours=hour)
            trip.days.append(_Day(at, town, "trip", f"trip {year} {number}", photos, f"{town_name(towns[0])} {year}"))
    return trip


def _take(
    life: Life,
    day: _Day,
    habits: _Habits,
    dice: random.Random,
    *,
    shares: _Shares,
    faults: _Faults,
) -> None:
    is_named = day.scene in PLACE_NAMES
    spread = 0.0005 if is_named else 0.01
    where = Location(
        day.place.latitude + dice.gauss(0, spread), day.place.longitude + dice.gauss(0, spread), day.place.place
    )
    things = dice.choice(SCENES[day.scene])
    pet = PET_NAMES[life.pet] if life.pet in things and day.scene in {"home", "out"} else ""
    for number in range(day.photos):
        at = day.begins + timedelta(minutes=number * 55 / max(day.photos, 1), seconds=dice.randrange(30))
        near = spread / 5 if is_named else 0.001
        point = Location(where.latitude + dice.gauss(0, near), where.longitude + dice.gauss(0, near), where.place)
        shows = frozenset(thing for thing in things if dice.random() < 0.85) or frozenset(things[:1])
        known: dict[str, Any] = {}
        keeps_hours = True
        prefix, filename = "IMG_", ""
        drawn = dice.random()
        if dice.random() < habits.passes_on:
            filename, taken_at = _sent(at, dice.randrange(10**8))
            known = {"camera": None, "taken_at": taken_at}
            prefix, keeps_hours = "", False
        elif drawn < shares.camera or at.year < _HAS_PHONE_FROM:
            clock = at - faults.shift
            if faults.reset_from:
                clock = datetime(2000, 1, 1, tzinfo=UTC) + (at - faults.reset_from)
            known = {"camera": CAMERA, "taken_at": Sourced(clock, Source.EXIF, 0.9)}
            prefix = "DSCF"
        else:
            is_partners = drawn > 1 - shares.partners_phone * (1 - shares.camera)
            known = {
                "camera": PARTNERS_PHONE if is_partners else PHONE,
                "taken_at": Sourced(at, Source.EXIF, 1.0),
                "location": None if faults.is_off or dice.random() < 0.03 else point,
            }
        truth = Truth(
            at, point, shows, day.event, keeps_hours,
            event_name=day.name, place_name=PLACE_NAMES.get(day.scene, ""), pet=pet if life.pet in shows else "",
        )  # fmt: skip
        if prefix and dice.random() < _IN_TAKES:
            _add_takes(life, dice, truth, known, prefix)
        else:
            _add(life, dice, truth, known, _next_name(life, prefix) if prefix else filename)


def _sent(at: datetime, number: int) -> tuple[str, Sourced[datetime]]:
    """Return what a messenger calls a picture that was taken then, and the time that the library has of it.

    Args:
        at: When it was taken; most are sent on the same day, others days or weeks later.
        number: Draws all else.
    """
    dice = random.Random(number)
    if dice.random() > _SENT_AT_ONCE:
        at += timedelta(days=min(1 + dice.expovariate(1 / _SENT_DAYS_LATER), 60))
    called = dice.choices(tuple(_MESSENGERS), tuple(_MESSENGERS.values()))[0]
    filename = at.strftime(called).replace("#", f"{number % 10_000:04}")
    in_name = time_in_name(filename)
    if in_name is None:
        return filename, Sourced(NOW - timedelta(days=1), Source.DEFAULT, 0.1)
    return filename, Sourced(in_name[0], Source.FILE_NAME, 0.7 if in_name[1] else 0.5)


def _add_takes(life: Life, dice: random.Random, truth: Truth, known: dict[str, Any], prefix: str) -> None:
    """Add several takes of a scene, mostly with the sharpest as the best."""
    takes = dice.choice((3, 4, 5))
    look = f"{dice.getrandbits(256):064x}"
    sharpness = [dice.uniform(2, 9) for _ in range(takes)]
    best = dice.randrange(takes)
    if dice.random() < _SHARPEST_IS_BEST:
        best = sharpness.index(max(sharpness))
    for take in range(takes):
        moved = known | {"look": Look(look, (), sharpness[take])}
        one = replace(truth, takes=f"takes {len(life.photos) - take}", is_best=take == best)
        _add(life, dice, one, moved, _next_name(life, prefix))


def _next_name(life: Life, prefix: str) -> str:
    life.numbers[prefix] += 1
    return f"{prefix}{life.numbers[prefix]:05}.JPG"


def _films(life: Life, dice: random.Random, size: float) -> None:
    for film in range(round(dice.randrange(4, 9) * size)):
        begins = datetime(dice.randrange(1985, 2008), dice.randrange(1, 13), dice.randrange(1, 28), 14, tzinfo=UTC)
        place, scene = dice.choice(((life.places[0], "out"), (life.places[1], "family"), (dice.choice(TOWNS), "trip")))
        things = dice.choice(SCENES[scene])
        is_mixed = dice.random() < 0.25
        for number in range(1, dice.choice((25, 37))):
            at = begins + timedelta(minutes=10 * number, days=90 if is_mixed and number > 15 else 0)
            truth = Truth(at, place, frozenset(things[:1]), f"film {film}", keeps_hours=False)
            scanned = Sourced(NOW - timedelta(days=1 + film), Source.DEFAULT, 0.1)
            _add(life, dice, truth, {"camera": None, "taken_at": scanned}, f"film{film:02}_{number:02}.tif", film=film)


def _add(life: Life, dice: random.Random, truth: Truth, known: dict[str, Any], filename: str, *, film: int = 0) -> None:
    photo = a_photo(
        len(life.photos),
        filename=filename,
        labels=sorted(_seen(truth.shows, dice), key=lambda one: (-one.confidence, one.name)),
        created_at=NOW - timedelta(days=1 + film),
        updated_at=NOW - timedelta(days=1 + film),
        **known,
    )
    life.photos.append(photo)
    life.truth[photo.photo_id] = truth


def _seen(shows: frozenset[str], dice: random.Random) -> Iterator[Label]:
    """Yield what a network says: of those with confidence c as many are right as its calibration says."""
    names: set[str] = set()
    for thing in sorted(shows & CONFUSED.keys()):
        if dice.random() < 0.15:
            continue
        confidence = round(min(0.98, max(0.2, dice.betavariate(2.2, 1.1))), 4)
        is_right = dice.random() < 1 / (1 + math.exp(-math.log(confidence / (1 - confidence)) / _TEMPERATURE))
        others = [other for other in CONFUSED[thing] if other not in shows]
        other = dice.choice(others) if others else thing
        found = [(thing if is_right else other, confidence)]
        if thing in CLASSES and dice.random() < _WAVERS:
            found.append((other if is_right else thing, round(0.8 * (1 - confidence), 4)))
        for name, sure in found:
            if name not in names and sure >= _LEAST_SAID:
                names.add(name)
                boxes = () if thing in CLASSES else (_SOMEWHERE,)
                yield Label(name, sure, Source.MODEL, boxes, model="bench@1")
