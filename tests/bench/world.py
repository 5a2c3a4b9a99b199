"""What simulated lives are made of: towns, scenes with things on them, and what a network takes for what."""

from typing import Final

from heliograph_metadata.domain.photo import Location, Place
from heliograph_metadata.domain.questions.sketch import kilometres


def _town(code: str, country: str, region: str, city: str, latitude: float, longitude: float) -> Location:
    return Location(latitude, longitude, Place(code, country, region, city))


_TOWN_KM: Final = 30.0
TOWNS: Final = (
    _town("PT", "Portugal", "Lisboa", "Lisbon", 38.714, -9.139),
    _town("PT", "Portugal", "Porto", "Porto", 41.149, -8.611),
    _town("PT", "Portugal", "Faro", "Lagos", 37.102, -8.674),
    _town("PT", "Portugal", "Évora", "Évora", 38.571, -7.909),
    _town("ES", "Spain", "Andalusia", "Seville", 37.389, -5.984),
    _town("ES", "Spain", "Catalonia", "Barcelona", 41.387, 2.17),
    _town("ES", "Spain", "Madrid", "Madrid", 40.417, -3.704),
    _town("FR", "France", "Île-de-France", "Paris", 48.857, 2.352),
    _town("FR", "France", "Provence", "Nice", 43.71, 7.262),
    _town("FR", "France", "Brittany", "Rennes", 48.117, -1.678),
    _town("IT", "Italy", "Lazio", "Rome", 41.903, 12.496),
    _town("IT", "Italy", "Tuscany", "Florence", 43.77, 11.256),
    _town("IT", "Italy", "Veneto", "Venice", 45.44, 12.316),
    _town("DE", "Germany", "Berlin", "Berlin", 52.52, 13.405),
    _town("DE", "Germany", "Bavaria", "Munich", 48.137, 11.575),
    _town("DE", "Germany", "Hamburg", "Hamburg", 53.551, 9.994),
    _town("GB", "United Kingdom", "England", "London", 51.507, -0.128),
    _town("GB", "United Kingdom", "Scotland", "Edinburgh", 55.953, -3.188),
    _town("NL", "Netherlands", "North Holland", "Amsterdam", 52.37, 4.895),
    _town("AT", "Austria", "Vienna", "Vienna", 48.208, 16.373),
    _town("CZ", "Czechia", "Prague", "Prague", 50.075, 14.438),
    _town("GR", "Greece", "Attica", "Athens", 37.984, 23.728),
    _town("GR", "Greece", "Crete", "Chania", 35.514, 24.018),
    _town("HR", "Croatia", "Dalmatia", "Split", 43.508, 16.44),
    _town("IS", "Iceland", "Capital", "Reykjavik", 64.146, -21.942),
    _town("NO", "Norway", "Vestland", "Bergen", 60.391, 5.322),
    _town("CH", "Switzerland", "Valais", "Zermatt", 46.021, 7.749),
    _town("MA", "Morocco", "Marrakesh", "Marrakesh", 31.63, -7.981),
    _town("US", "United States", "New York", "New York", 40.713, -74.006),
    _town("US", "United States", "California", "San Francisco", 37.775, -122.419),
    _town("JP", "Japan", "Tokyo", "Tokyo", 35.676, 139.65),
    _town("JP", "Japan", "Kyoto", "Kyoto", 35.012, 135.768),
    _town("TH", "Thailand", "Bangkok", "Bangkok", 13.756, 100.502),
    _town("AU", "Australia", "New South Wales", "Sydney", -33.869, 151.209),
)

SCENES: Final = {
    "home": (
        ("dog", "couch"), ("cat", "couch"), ("person", "cup"), ("person", "cake"), ("person", "laptop"),
        ("board game",),
    ),
    "out": (("person", "bicycle"), ("person", "bench"), ("dog", "park bench"), ("person", "wine glass"), ("bonfire",)),
    "family": (("person", "dining table"), ("person", "cake"), ("dog", "person"), ("person", "couch"), ("tombola",)),
    "trip": (
        ("seashore", "person"), ("church", "person"), ("castle",), ("boat", "seashore"), ("palace",), ("alp",),
        ("restaurant", "wine glass"), ("person", "bus"), ("car", "person"), ("lakeside",), ("suspension bridge",),
        ("street art",),
    ),
}  # fmt: skip
CLASSES: Final = frozenset(
    {"seashore", "church", "castle", "palace", "alp", "lakeside", "suspension bridge", "restaurant"}
)
"""What a classifier names, of the whole picture; all else is found by a detector, in boxes."""
CONFUSED: Final = {
    "dog": ("cat", "teddy bear", "sheep"),
    "cat": ("dog", "teddy bear"),
    "couch": ("bed", "chair"),
    "person": ("teddy bear", "statue"),
    "cup": ("bowl", "vase"),
    "cake": ("pizza", "donut"),
    "laptop": ("tv", "keyboard"),
    "bicycle": ("motorcycle",),
    "bench": ("chair", "park bench"),
    "park bench": ("bench", "chair"),
    "wine glass": ("cup", "vase"),
    "dining table": ("bed", "desk"),
    "seashore": ("lakeside", "sandbar"),
    "church": ("castle", "palace", "monastery"),
    "castle": ("palace", "monastery", "church"),
    "boat": ("airplane", "surfboard"),
    "palace": ("castle", "church"),
    "alp": ("volcano", "valley"),
    "restaurant": ("dining table", "library"),
    "bus": ("train", "truck"),
    "car": ("truck", "bus"),
    "lakeside": ("seashore", "valley"),
    "suspension bridge": ("pier", "dam"),
}


def place_at(latitude: float, longitude: float) -> Place | None:
    """Return the town at a point, if it is one where people are."""
    at = latitude, longitude
    towns = ((kilometres(at, (town.latitude, town.longitude)), town) for town in TOWNS)
    away, town = min(towns, key=lambda one: one[0])
    return town.place if away <= _TOWN_KM else None


def town_name(place: Location) -> str:
    """Return what the town of a place is called."""
    return place.place.city if place.place else ""
