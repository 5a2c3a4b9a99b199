"""The whole API called with what its document allows and forbids; `make fuzz` does the same at length."""

from tests.fuzz import with_and_without_a_token
from tests.integration.access.test_matrix import documented
from tests.integration.access.world import World


def test_nothing_that_is_sent_makes_the_server_fail_or_say_what_its_document_does_not(world: World) -> None:
    outcome = with_and_without_a_token(world.system, calls=500, phases="examples,fuzzing")

    assert outcome.failures == []
    assert outcome.server_errors == 0
    assert outcome.operations == documented()
