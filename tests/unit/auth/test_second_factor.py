"""The second factor: turning it on, signing in with it, guessing at it, and losing the app."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from heliograph.audit import AuditKind
from heliograph.identity import Principal
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.challenges import InvalidChallengeError
from heliograph_auth.domain.errors import SignInsThrottledError, WrongCredentialsError, WrongPasswordError
from heliograph_auth.domain.second_factor import (
    CodesThrottledError,
    SecondFactorOffError,
    SecondFactorOnError,
    WrongCodeError,
    WrongSecondStepError,
    step_of,
)
from heliograph_auth.domain.sessions import TokenPair
from heliograph_auth.service.second_factor import Enrolment, SecondStep
from tests.unit.auth.world import HOME, NOON, PASSWORD, World

STEP = timedelta(seconds=30)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""Of RFC 6238's test vectors: the ASCII text 12345678901234567890."""
ELSEWHERE = Visit("203.0.113.9", "curl")


class Ada:
    """An account and its authenticator app."""

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account
        self.principal = Principal(account_id=account.account_id, session_id="s")
        self.secret = ""
        self.recovery_codes: list[str] = []

    @classmethod
    async def registered(cls) -> "Ada":
        world = World()
        return cls(world, await world.register())

    @classmethod
    async def with_a_second_factor(cls) -> "Ada":
        ada = await cls.registered()
        await ada.begin()
        ada.recovery_codes = await ada.turn_on()
        ada.world.now += STEP
        return ada

    def code(self, *, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.world.now + steps * STEP)

    async def begin(self, password: str = PASSWORD) -> Enrolment:
        begun = await self.world.second_factors.begin(self.principal, password=password, visit=HOME)
        self.secret = begun.secret
        return begun

    async def turn_on(self, code: str | None = None) -> list[str]:
        return await self.world.second_factors.turn_on(self.principal, code=code or self.code(), visit=HOME)

    async def turn_off(self, *, password: str = PASSWORD, code: str | None = None) -> None:
        await self.world.second_factors.turn_off(
            self.principal, password=password, code=code or self.code(), visit=HOME
        )

    async def first_step(self) -> str:
        step = await self.world.session_service.sign_in(email=self.account.email, password=PASSWORD, visit=HOME)
        assert isinstance(step, SecondStep)
        return step.challenge

    async def second_step(self, challenge: str, code: str, visit: Visit = HOME) -> TokenPair:
        return await self.world.session_service.sign_in_second(challenge=challenge, code=code, visit=visit)

    async def sign_in(self, code: str) -> TokenPair:
        return await self.second_step(await self.first_step(), code)

    async def codes_left(self) -> int:
        factor = await self.world.second_factors.of(self.account.account_id)
        assert factor is not None
        return len(factor.recovery_digests)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """Source: RFC 6238, appendix B; the last six of its eight digits."""
    assert step_of(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step_either_way(steps: int, is_good: bool) -> None:  # noqa: FBT001 - a row
    code = pyotp.TOTP(RFC_SECRET).at(NOON + steps * STEP)

    assert (step_of(RFC_SECRET, code, NOON) is not None) == is_good


async def test_nothing_is_asked_before_a_first_code_has_come() -> None:
    ada = await Ada.registered()
    begun = await ada.begin()

    assert begun.uri.startswith("otpauth://totp/Heliograph:ada%40example.com?secret=")
    assert await ada.world.sign_in()
    with pytest.raises(WrongCodeError):
        await ada.turn_on(wrong(ada.code()))
    assert await ada.world.sign_in()


async def test_with_it_a_right_password_gives_no_tokens_but_a_challenge_that_a_code_makes_a_session_of() -> None:
    ada = await Ada.with_a_second_factor()

    challenge = await ada.first_step()
    assert ada.world.store.sessions == {}
    pair = await ada.second_step(challenge, ada.code())

    assert await ada.world.refresh(pair.refresh_token)
    kinds = ada.world.audit.kinds()[-3:]
    assert kinds == [AuditKind.SECOND_FACTOR_ON, AuditKind.CODE_ASKED, AuditKind.SIGNED_IN]


async def test_a_wrong_password_tells_nothing_of_the_second_factor() -> None:
    ada = await Ada.with_a_second_factor()

    with pytest.raises(WrongCredentialsError):
        await ada.world.sign_in(password="wrong")

    assert ada.world.challenges.challenges == {}


async def test_neither_the_secret_nor_a_code_nor_a_challenge_can_be_read_from_what_is_kept() -> None:
    ada = await Ada.with_a_second_factor()
    challenge = await ada.first_step()
    kept = repr((ada.world.factors.factors, ada.world.challenges.challenges, ada.world.audit.events))

    assert not [one for one in (ada.secret, challenge, *ada.recovery_codes) if one in kept]


async def test_a_code_is_good_once_also_for_who_has_seen_it() -> None:
    ada = await Ada.with_a_second_factor()
    code = ada.code()
    await ada.sign_in(code)

    with pytest.raises(WrongSecondStepError):
        await ada.sign_in(code)
    with pytest.raises(WrongSecondStepError):
        await ada.sign_in(ada.code(steps=-1))
    assert await ada.sign_in(ada.code(steps=1))


async def test_the_code_that_turned_it_on_signs_nobody_in() -> None:
    ada = await Ada.registered()
    await ada.begin()
    code = ada.code()
    await ada.turn_on(code)

    with pytest.raises(WrongSecondStepError):
        await ada.sign_in(code)


async def test_of_two_who_use_one_code_at_once_one_is_let_in() -> None:
    ada = await Ada.with_a_second_factor()
    challenges = [await ada.first_step() for _ in range(2)]

    results = await asyncio.gather(
        *(ada.second_step(challenge, ada.code()) for challenge in challenges), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == ["TokenPair", "WrongSecondStepError"]


async def test_a_challenge_outlives_a_wrong_code_and_is_spent_by_a_right_one() -> None:
    ada = await Ada.with_a_second_factor()
    challenge = await ada.first_step()
    with pytest.raises(WrongSecondStepError):
        await ada.second_step(challenge, wrong(ada.code()))

    assert await ada.second_step(challenge, ada.code())

    with pytest.raises(InvalidChallengeError):
        await ada.second_step(challenge, ada.code(steps=1))


async def test_a_challenge_is_good_for_five_minutes_and_until_the_password_changes() -> None:
    ada = await Ada.with_a_second_factor()
    old = await ada.first_step()
    ada.world.now += timedelta(minutes=5)
    with pytest.raises(InvalidChallengeError):
        await ada.second_step(old, ada.code())

    before = await ada.first_step()
    await ada.world.service.change_password(
        ada.principal, current=PASSWORD, new="a better horse", code=ada.code(), visit=HOME
    )
    with pytest.raises(InvalidChallengeError):
        await ada.second_step(before, ada.code())


@pytest.mark.parametrize("challenge", ["", "x", "é", "A" * 43])
async def test_what_is_no_challenge_is_refused(challenge: str) -> None:
    ada = await Ada.with_a_second_factor()

    with pytest.raises(InvalidChallengeError):
        await ada.second_step(challenge, ada.code())


async def test_who_guesses_codes_has_to_wait_wherever_the_guesses_come_from() -> None:
    ada = await Ada.with_a_second_factor()
    challenge = await ada.first_step()
    for number in range(5):
        with pytest.raises(WrongSecondStepError):
            await ada.second_step(challenge, wrong(ada.code()), Visit(f"198.51.100.{number}"))

    with pytest.raises(CodesThrottledError) as refused:
        await ada.second_step(challenge, ada.code(), ELSEWHERE)
    assert refused.value.headers == {"Retry-After": "2"}
    ada.world.now += timedelta(seconds=2)
    assert await ada.second_step(challenge, ada.code())
    assert ada.world.audit.kinds().count(AuditKind.CODE_WRONG) == 5


async def test_of_many_guesses_at_once_no_more_are_looked_at_than_one_after_the_other() -> None:
    ada = await Ada.with_a_second_factor()
    challenge = await ada.first_step()
    guesses = [f"{number:06}" for number in range(40) if f"{number:06}" not in {ada.code(steps=n) for n in (-1, 0, 1)}]

    results = await asyncio.gather(*(ada.second_step(challenge, guess) for guess in guesses), return_exceptions=True)

    assert sum(isinstance(result, WrongSecondStepError) for result in results) <= 5
    assert sum(isinstance(result, CodesThrottledError) for result in results) >= 30


async def test_a_recovery_code_does_for_a_code_once() -> None:
    ada = await Ada.with_a_second_factor()
    first, second, *_ = ada.recovery_codes
    assert len(set(ada.recovery_codes)) == 10
    assert all(re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", code) for code in ada.recovery_codes)

    assert await ada.sign_in(first)
    with pytest.raises(WrongSecondStepError):
        await ada.sign_in(first)
    assert await ada.sign_in(f" {second.upper().replace('-', ' ')} ")

    assert await ada.codes_left() == 8
    used = [event for event in ada.world.audit.events if event.kind == AuditKind.RECOVERY_CODE_USED]
    assert [dict(event.about) for event in used] == [{"left": "9"}, {"left": "8"}]


async def test_new_recovery_codes_take_the_place_of_the_old() -> None:
    ada = await Ada.with_a_second_factor()

    codes = await ada.world.second_factors.renew_recovery_codes(
        ada.principal, password=PASSWORD, code=ada.recovery_codes[0], visit=HOME
    )

    with pytest.raises(WrongSecondStepError):
        await ada.sign_in(ada.recovery_codes[1])
    assert await ada.sign_in(codes[0])
    assert await ada.codes_left() == 9


async def test_it_is_turned_off_by_password_and_code_and_by_neither_alone() -> None:
    ada = await Ada.with_a_second_factor()
    with pytest.raises(WrongPasswordError):
        await ada.turn_off(password="wrong")
    with pytest.raises(WrongCodeError):
        await ada.turn_off(code=wrong(ada.code()))

    await ada.turn_off()

    assert await ada.world.sign_in()
    with pytest.raises(SecondFactorOffError):
        await ada.turn_off()


async def test_a_challenge_from_before_it_was_turned_off_signs_nobody_in() -> None:
    ada = await Ada.with_a_second_factor()
    challenge = await ada.first_step()
    await ada.turn_off()

    with pytest.raises(InvalidChallengeError):
        await ada.second_step(challenge, ada.code())


async def test_who_has_the_session_but_not_the_password_changes_nothing() -> None:
    ada = await Ada.registered()

    with pytest.raises(WrongPasswordError):
        await ada.begin("a guess")
    assert ada.world.factors.factors == {}
    for _ in range(4):
        with pytest.raises(WrongPasswordError):
            await ada.begin("a guess")
    with pytest.raises(SignInsThrottledError):
        await ada.begin()


async def test_a_second_factor_that_is_on_is_not_replaced_unnoticed() -> None:
    ada = await Ada.with_a_second_factor()

    with pytest.raises(SecondFactorOnError):
        await ada.begin()
    with pytest.raises(SecondFactorOnError):
        await ada.turn_on()


async def test_begun_anew_only_the_last_secret_counts_and_for_a_quarter_of_an_hour() -> None:
    ada = await Ada.registered()
    with pytest.raises(SecondFactorOffError):
        await ada.turn_on("000000")
    await ada.begin()
    first = ada.code()
    await ada.begin()
    with pytest.raises(WrongCodeError):
        await ada.turn_on(first)

    ada.world.now += timedelta(minutes=15)

    with pytest.raises(SecondFactorOffError):
        await ada.turn_on()


async def test_a_changed_password_leaves_the_second_factor_as_it_is() -> None:
    ada = await Ada.with_a_second_factor()

    await ada.world.service.change_password(
        ada.principal, current=PASSWORD, new="a better horse", code=ada.code(steps=1), visit=HOME
    )

    step = await ada.world.session_service.sign_in(email=ada.account.email, password="a better horse", visit=HOME)
    assert isinstance(step, SecondStep)
