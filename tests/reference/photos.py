"""What is compared with the reference: networks, and photos by their names in tools/test_photos.py."""

DETECTOR, CLASSIFIER = "yolov8n@1", "efficientnet-lite0@1"
"""Those that `make models` makes."""

OTHER_CLASSIFIERS = ("yolov8n-cls",)
"""Those that nobody can fetch; whoever has the file can compare."""

PHOTOS = (
    "bus.jpg",
    "zidane.jpg",
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "rocket.jpg",
    "hubble_deep_field.jpg",
    "grass.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "clock_motion.png",
    "coins.png",
    "color.png",
    "gravel.png",
    "horse.png",
    "ihc.png",
    "microaneurysms.png",
    "moon.png",
    "page.png",
    "retina.jpg",
    "china.jpg",
    "flower.jpg",
    "biden.jpg",
    "obama.jpg",
    "obama2.jpg",
    "obama3.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
    "pillow/hopper.jpg",
    "pillow/hopper_gray.jpg",
    "pillow/pil_sample_cmyk.jpg",
    "pillow/flower.jpg",
    *(f"pillow/hopper_orientation_{orientation}.jpg" for orientation in range(2, 9)),
)
"""Photos as they come: JPEG and PNG, colour, grey, CMYK, transparent, turned by EXIF."""

MADE = ("one pixel wide.png", "panorama.png", "16 bits.png")
"""Pictures that no package holds; made.py makes them, with the same pixels each time."""
