"""What all the calls of these tests have left in the logs: none of what they said in confidence."""

from tests.integration.access.world import World
from tests.leaks import leaks


def test_no_log_tells_a_token_a_password_or_a_signature(world: World) -> None:
    fresh = world.signed_in(world.ada)
    world.http.post("/api/v1/tokens/refresh", json={"refresh_token": fresh.refresh_token})
    world.http.post("/api/v1/tokens", data={"username": world.ada.email, "password": "wrong but secret"})
    world.http.get(world.call("GET", f"/photos/{world.uploaded}")["preview_url"])
    told = {
        "wrong but secret",
        *(account.access_token for account in (world.ada, world.eve, fresh)),
        *(account.refresh_token for account in (world.ada, world.eve, fresh)),
    }

    assert "/api/v1/tokens" in (world.system.data / "logs" / "nginx.log").read_text()
    assert leaks(world.system.data, told) == []
