"""What people ask this library for, and what they would expect: said of what is on photos, not of how it is found."""

from collections.abc import Callable

from tests.unit.search_quality.library import Shot

Expects = Callable[[Shot], bool]

DOGS = {"dog", "golden retriever", "husky", "beagle"}
VEHICLES = {"tram", "boat", "sailing boat", "bicycle", "car", "taxi", "train", "bus", "jeep", "balloon"}
ANIMALS = DOGS | {"cat", "squirrel", "parrot", "bird", "elephant", "lion", "zebra", "giraffe"}


def shows(*things: str) -> Expects:
    return lambda shot: bool(shot.shows & set(things))


def both(*all_of: Expects) -> Expects:
    return lambda shot: all(one(shot) for one in all_of)


def either(*some_of: Expects) -> Expects:
    return lambda shot: any(one(shot) for one in some_of)


def no(one: Expects) -> Expects:
    return lambda shot: not one(shot)


def in_(place: str) -> Expects:
    return lambda shot: place in {shot.place, shot.country}


def taken(*prefixes: str) -> Expects:
    return lambda shot: shot.photo.taken.isoformat().startswith(prefixes)


def between(first: str, last: str) -> Expects:
    return lambda shot: first <= shot.photo.taken.isoformat() < last + "~"


def by(camera: str) -> Expects:
    return lambda shot: camera in shot.camera


def said(*words: str) -> Expects:
    return lambda shot: all(word in shot.said.lower() for word in words)


def album(name: str) -> Expects:
    return lambda shot: shot.album == name


def sure(thing: str, least: float) -> Expects:
    return lambda shot: any(one.name == thing and one.confidence > least for one in shot.photo.labels)


def favourite(shot: Shot) -> bool:
    return shot.photo.favourite


def located(shot: Shot) -> bool:
    return shot.place != ""


def nothing(_: Shot) -> bool:
    return False


DOG = shows(*DOGS)

QUERIES: list[tuple[str, Expects]] = [
    # One thing, in the words of people.
    ("dog", either(DOG, said("dog"))),
    ("dogs", either(DOG, said("dog"))),
    ("puppy", either(DOG, said("puppy"))),
    ("cat", shows("cat")),
    ("cats", shows("cat")),
    ("beach", either(shows("beach"), said("beach"))),
    ("castle", shows("castle")),
    ("sofa", shows("couch")),
    ("bike", shows("bicycle")),
    ("birds", shows("bird", "parrot")),
    ("vehicle", shows(*VEHICLES)),
    ("animals", shows(*ANIMALS)),
    ("hot dog", shows("hot dog")),
    ("golden retriever", shows("golden retriever")),
    ("traffic lights", shows("traffic light")),
    ("plane", nothing),
    ("people", shows("person")),
    ("wine", either(shows("red wine", "wine glass"), said("wine"))),
    ("mountains", shows("mountain")),
    ("elephants", shows("elephant")),
    ("bridge", either(shows("suspension bridge"), said("bridge"))),
    ("temple", either(shows("stupa"), said("temple"))),
    ("flowers", shows("daisy")),
    ("television", shows("tv")),
    ("sea", shows("beach", "seashore")),
    ("food", shows("pizza", "hot dog", "cake", "soup", "ice cream")),
    ("snow", shows("skis", "snowboard", "alp", "husky")),
    ("sailboats", shows("sailing boat")),
    # Places.
    ("lisbon", in_("Lisbon")),
    ("lisboa", either(in_("Lisbon"), in_("Sintra"))),
    ("sunset", said("sunset")),
    ("minka laptop", both(shows("cat"), shows("laptop"))),
    ("portugal", either(in_("Portugal"), album("Summer in Portugal"))),
    ("new york", in_("New York")),
    ("tokyo", in_("Tokyo")),
    ("japan", either(in_("Japan"), album("Japan 2024"))),
    ("barcel", either(in_("Barcelona"), said("barcel"))),
    ("place:france", in_("France")),
    ("near:38.711,-9.139,5km", in_("Lisbon")),
    ("kenya", in_("Kenya")),
    # When.
    ("2023", taken("2023")),
    ("july 2023", taken("2023-07")),
    ("october", taken("2021-10", "2024-10")),
    ("2024-04", taken("2024-04")),
    ("from:2024-06 to:2024-10-08", between("2024-06", "2024-10-08")),
    ("year:2018..2019", between("2018", "2019")),
    ("before:2019", between("2000", "2018")),
    # Names, captions, cameras, albums.
    ("bruno", said("bruno")),
    ("minka", said("minka")),
    ("grandma", either(said("grandma"), album("Paris with grandma"))),
    ("ramen", said("ramen")),
    ("bamboo", said("bamboo")),
    ("matterhorn", said("matterhorn")),
    ("fuji", by("X-T4")),
    ("camera:pixel", by("Pixel")),
    ("iphone", by("iPhone")),
    ("lens:rf24", by("R6")),
    ("album:safari", album("Safari")),
    ('album:"Japan 2024"', album("Japan 2024")),
    ("ski week", album("Ski week")),
    ("christmas", either(album("Christmas 2019"), shows("christmas stocking"))),
    # Several at once.
    ("dog beach 2023", both(either(DOG, said("bruno")), shows("beach"), taken("2023"))),
    ("cat 2019", both(shows("cat"), taken("2019"))),
    ("church barcelona", both(shows("church"), in_("Barcelona"))),
    ("my dog at the beach", both(DOG, shows("beach"))),
    ("photos of cats in porto", both(shows("cat"), in_("Porto"))),
    ("people with umbrellas", both(shows("person"), shows("umbrella"))),
    ("street tokyo", nothing),  # nobody has said so of a photo, and no network here knows streets
    ("dog -beach", both(either(DOG, said("dog")), no(either(shows("beach"), said("beach"))))),
    ("cat OR elephant", shows("cat", "elephant")),
    ("(castle or church) portugal", both(shows("castle", "church"), in_("Portugal"))),
    ("label:cat>0.7", sure("cat", 0.7)),
    ("confirmed:dog", lambda shot: any(one.name == "dog" and one.source == "person" for one in shot.photo.labels)),
    ("is:favourite", favourite),
    ("is:favourite japan", both(favourite, in_("Japan"))),
    ("-has:location", no(located)),
    ("type:heic 2022", both(by("iPhone"), taken("2022"))),
    ("filename:whatsapp", lambda shot: shot.photo.admission.filename.startswith("WhatsApp")),
    ("family christmas", both(said("family"), album("Christmas 2019"))),
    ("boats in lisbon", both(shows("boat", "sailing boat"), in_("Lisbon"))),
    ('"brooklyn bridge"', said("brooklyn", "bridge")),
    # What this library has not.
    ("unicorn", nothing),
    ("sydney", nothing),
    ("dog sydney", nothing),
    ("cat 1999", nothing),
    ("giraffe paris", nothing),
    ("camera:leica", nothing),
    ("album:wedding", nothing),
    ("label:submarine", nothing),
    ("xyzzy", nothing),
    ("2031", nothing),
    ("confirmed:cat", nothing),
    ("near:0,0,50km", nothing),
]
