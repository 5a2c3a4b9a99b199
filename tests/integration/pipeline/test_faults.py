"""Whatever part of the system is killed while photos come in, none is lost and none comes twice.

tests/bench/faults.py does the same with every part and hundreds of large photos.
"""

from functools import partial
from pathlib import Path

from tests.bench.faults import PATIENCE_SECONDS, complaints, upload_through_kills
from tests.bench.system import System, free_port
from tests.client import File, client
from tests.photos import a_jpeg, unlike


async def test_twelve_photos_survive_the_deaths_of_a_worker_the_inference_and_the_stand_in(data: Path) -> None:
    street = a_jpeg("bus.jpg")
    files = [partial(File, f"{number}.jpg", unlike(street, number)) for number in range(12)]
    kills = {3: "metadata worker", 6: "inference", 9: "MiniStack"}
    with System(free_port(), data) as system:
        async with client(system.url, patience_seconds=PATIENCE_SECONDS) as uploader:
            await uploader.register()

            ids = await upload_through_kills(system, uploader, files, kills, concurrency=2)
            await uploader.all_settled(len(files), within_seconds=PATIENCE_SECONDS)

            assert await complaints(uploader, ids) == []
        assert system.operate("verify-index") == ""
        assert system.operate("orphans") == ""
