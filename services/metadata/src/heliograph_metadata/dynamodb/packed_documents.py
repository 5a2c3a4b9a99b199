"""A photo's document as its item holds it: JSON, deflated with a dictionary of what stands in nearly every one.

DynamoDB charges for each begun kilobyte that is written. A plain document has about two, mostly names of fields.
"""

import zlib
from typing import Final

from heliograph.errors import UnavailableError
from heliograph_metadata.dynamodb.values import Item

_NAMES_OF_LABELS: Final = (
    "toothbrush hair drier teddy bear scissors vase clock book refrigerator sink toaster oven microwave cell phone,"
    "keyboard,remote,mouse,laptop,tv,toilet,dining table,bed,potted plant,couch,chair,cake,donut,pizza,hot dog,carrot,"
    "broccoli,orange,sandwich,apple,banana,bowl,spoon,knife,fork,cup,wine glass,bottle,tennis racket,surfboard,"
    "skateboard,baseball glove,baseball bat,kite,sports ball,snowboard,skis,frisbee,suitcase,tie,handbag,umbrella,"
    "backpack,giraffe,zebra,bear,elephant,cow,sheep,horse,dog,cat,bird,bench,parking meter,stop sign,fire hydrant,"
    "traffic light,boat,truck,train,bus,airplane,motorcycle,car,bicycle,person"
)
_SELDOM: Final = (
    '"stored_under":"imports","is_waited_for":true,"failure":{"code":"","detail":""},"purged_at":"","trashed_at":"",'
    '"formers":[{"job_id":"","part":"","at":"","before":"","after":"","undone":true,"kept":[]}],"overruled":[],'
    '"rejected_labels":[],"raw_confidence":,"caption":{"value":,"source":"person","confidence":},"keywords":["'
    '"source":"xmp","source":"file_name","source":"default","source":"estimate","source":"file_time","favourite":true,'
    '"album_ids":["","image/webp""image/png""image/heic"'
    '"make":"OLYMPUS","make":"Panasonic","make":"NIKON CORPORATION","model":"NIKON ","make":"SONY","model":"ILCE-",'
    '"make":"FUJIFILM","model":"X-","make":"Canon","model":"Canon EOS ","make":"Google","model":"Pixel ",'
    '"lens":"Pixel ,'
    '"make":"samsung","model":"SM-","make":"Apple","model":"iPhone ","lens":"iPhone  Pro Max back dual triple wide '
    "camera "
    '"country_code":"JP","country":"Japan","country_code":"IT","country":"Italy","country_code":"ES","country":"Spain",'
    '"country_code":"FR","country":"France","country_code":"DE","country":"Germany","country_code":"PT",'
    '"country":"Portugal","country_code":"GB","country":"United Kingdom","country_code":"US","country":"United States",'
)
_USUAL: Final = (
    '{"content_type":"image/jpeg","width_px":3000,"height_px":4000,"width_px":4032,"height_px":3024,"width_px":4000,'
    '"height_px":3000,"thumbhash":"","look":{"fingerprint":"","doubtful":[1,2,3],"sharpness":10.0,"detail":10},'
    '"taken_at":{"value":"2024-06-15T12:00:00+02:00","source":"exif"},"location":{"value":{"latitude":,"longitude":,'
    '"place":{"country_code":"","country":"","region":"","city":""}},"source":"exif"},'
    '"camera":{"make":"","model":"","lens":"mm f/1.8"},'
    '"exposure":{"aperture":1.8,"shutter_seconds":0.01,"iso":100,"focal_length_mm":5.0},'
    '"labels":[{"name":"","confidence":0.8,"source":"person","boxes":[{"x1":0.1,"y1":0.1,"x2":0.9,"y2":0.9,'
    '"confidence":0.7},{"x1":0.0,"y1":0.0,"x2":1.0,"y2":1.0,"confidence":0.3}],"model":"yolov8n@1"},'
    '{"name":"","confidence":0.5,"source":"model","raw_confidence":0.5,"model":"efficientnet-lite0@1"},'
    '{"name":"","confidence":0.2,"source":"model","boxes":[{"x1":0.2,"y1":0.3,"x2":0.5,"y2":0.6,"confidence":0.4}],'
    '"model":"yolov8n@1"}],"models":["efficientnet-lite0@1","yolov8n@1"],'
    '"features":{"space":"efficientnet-lite0@1/1","values":"=="}}'
)

_DICTIONARIES: Final = {1: f"{_NAMES_OF_LABELS}{_SELDOM}{_USUAL}".encode()}
"""By the first byte of what was packed with them. None may ever change: a better one gets the next number."""
_NEWEST: Final = max(_DICTIONARIES)
_RAW: Final = -15
"""Deflate without header and checksum, with its largest window. Source: zlib's manual, `deflateInit2`."""


def packed(document: str) -> Item:
    """Return a document as an attribute."""
    packing = zlib.compressobj(9, zlib.DEFLATED, _RAW, 9, zdict=_DICTIONARIES[_NEWEST])
    return {"B": bytes([_NEWEST]) + packing.compress(document.encode()) + packing.flush()}


def unpacked(attribute: Item) -> str:
    """Return the document of an attribute, be it packed or plain text.

    Raises:
        UnavailableError: It was packed by a later version than this; a task of that one can read it.
        ValueError: It is damaged.
    """
    if "S" in attribute:
        plain: str = attribute["S"]
        return plain
    stored: bytes = attribute["B"]
    if not stored or (words := _DICTIONARIES.get(stored[0])) is None:
        raise UnavailableError("The photo was saved by a later version of Heliograph; try again.")
    unpacking = zlib.decompressobj(_RAW, zdict=words)
    try:
        document = unpacking.decompress(stored[1:]).decode()
    except zlib.error as error:
        raise ValueError(f"A photo's document is damaged: {error}") from error
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("A photo's document is damaged: it does not end where it should.")
    return document
