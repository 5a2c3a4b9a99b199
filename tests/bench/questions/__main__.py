"""What questions are worth: simulated people with libraries of known truth, and policies side by side.

    python -m tests.bench.questions [--seeds 0-2] [--questions 50] [--only "ours;simple"]

For each policy, over the first questions: bits and fields mended per answer and per second, wrong propagations, search
quality before and after; and how many questions per 100 photos lead to 90 % of all fields being right.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from tests.bench.people import Life, a_life
from tests.bench.questions.policies import POLICIES
from tests.bench.questions.searching import queries_of, search_quality
from tests.bench.questions.session import Run, Session
from tests.bench.world import place_at
from tests.fakes.in_memory_questions import InMemoryQuestions

_SEARCHED_AFTER: Final = 20
_SEARCHED: Final = ("ours", "simple: most photos first")
"""Policies after which it is seen how well is searched."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0-2", help="which people: the first and the last")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--errs", type=float, default=0.05)
    parser.add_argument("--size", type=float, default=2.0)
    parser.add_argument("--per-hundred", type=float, default=1.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-search", action="store_true")
    parser.add_argument("--tell", action="store_true", help="each question and what came of it")
    said = parser.parse_args()
    first, last = map(int, said.seeds.split("-"))
    policies = {
        name: policy
        for name, policy in POLICIES.items()
        if not said.only or any(name.startswith(one) for one in said.only.split(";"))
    }
    runs: dict[str, list[Run]] = {name: [] for name in policies}
    further: list[Run] = []
    for seed in range(first, last + 1):
        life = a_life(seed, size=said.size)
        library = InMemoryQuestions(life.photos, place_at=place_at)
        print(f"person {seed}: {len(life.photos)} photos", flush=True)
        for name, policy in policies.items():
            session = Session(life, library, policy, seed, errs=said.errs, is_told=said.tell)
            run = _asked(session, life, said.questions, with_search=not said.no_search and name in _SEARCHED)
            runs[name].append(run)
            print(f"  {name}: {_line(run)}", flush=True)
            if name == "ours" and said.per_hundred:
                further.append(_asked_on(session, said.per_hundred))
                print(f"  on: {_further(further[-1])}", flush=True)
    for name, several in runs.items():
        _report(name, several)
    for run in further:
        print(f"  {_further(run)}")
    for name, several in runs.items():
        if "ours" in runs and name != "ours":
            _compare(name, runs["ours"], several)


def _line(run: Run) -> str:
    quality = " → ".join(f"{one[0]:.3f} ({one[1]:.3f})" for one in run.quality)
    return (
        f"{run.answers} answers {run.seconds:.0f} s {run.bits:.0f} bits {run.weighted:.0f} weighted "
        f"{run.mended - run.spoiled} fields, wrong {run.wrong} of {run.said}, "
        f"complete {run.began:.3f} → {run.complete:.3f}, precision {quality}"
    )


def _further(run: Run) -> str:
    reached = f"{100 * run.to_complete / run.photos:.2f}" if run.to_complete else "not reached:"
    return (
        f"{run.photos} photos: 90 % complete after {reached} questions per 100 photos; "
        f"{run.complete:.3f} after {100 * run.answers / run.photos:.2f}; "
        f"wrong {run.wrong} of {run.said}: {run.wrong / max(run.said, 1):.2%}"
    )


def _compare(name: str, ours: Sequence[Run], others: Sequence[Run]) -> None:
    """Print how much more we come to in a second, and in as many seconds as the other policy took."""
    mine, theirs = _rates(ours), _rates(others)
    print(
        f"ours against {name}: {mine[0] / theirs[0]:.2f} × bits, {mine[1] / theirs[1]:.2f} × weighted bits, "
        f"{mine[2] / theirs[2]:.2f} × fields a second"
    )
    by_then = [one.by_then(other.seconds) for one, other in zip(ours, others, strict=True)]
    bits, mended = sum(other.bits for other in others), sum(other.mended - other.spoiled for other in others)
    print(
        f"  in the seconds that it took: {sum(one[0] for one in by_then) / bits:.2f} × bits, "
        f"{sum(one[1] for one in by_then) / mended:.2f} × fields"
    )


def _rates(runs: Sequence[Run]) -> tuple[float, float, float]:
    seconds = sum(run.seconds for run in runs)
    return (
        sum(run.bits for run in runs) / seconds,
        sum(run.weighted for run in runs) / seconds,
        sum(run.mended - run.spoiled for run in runs) / seconds,
    )


def _asked(session: Session, life: Life, questions: int, *, with_search: bool) -> Run:
    """Return what the first questions come to, and how well is searched before any and after 20 of them."""
    queries = queries_of(life)
    for number in range(questions):
        if number in {0, _SEARCHED_AFTER} and with_search:
            photos = list(session.library.photos.values())
            session.run.quality.append(asyncio.run(search_quality(photos, queries)))
        if not session.ask():
            break
    return session.end()


def _asked_on(session: Session, per_hundred: float) -> Run:
    """Return what it comes to after so many questions per 100 photos."""
    while session.run.answers < per_hundred * session.run.photos / 100 and session.ask():
        pass
    return session.end()


def _report(name: str, runs: Sequence[Run]) -> None:
    answers, seconds = sum(run.answers for run in runs), sum(run.seconds for run in runs)
    bits, mended = sum(run.bits for run in runs), sum(run.mended - run.spoiled for run in runs)
    print(f"\n{name}: {answers} answers in {seconds:.0f} simulated seconds")
    weighted = sum(run.weighted for run in runs)
    print(
        f"  bits {bits / answers:.0f} an answer, {bits / seconds:.1f} a second; weighted {weighted / seconds:.2f}; "
        f"fields mended {mended / answers:.1f} an answer, {mended / seconds:.2f} a second"
    )
    said, wrong = sum(run.said for run in runs), sum(run.wrong for run in runs)
    print(f"  wrong {wrong} of {said} fields that answers set: {wrong / max(said, 1):.2%}")
    by_field = sum((run.wrong_by_field for run in runs), Counter())
    print("    of them " + (", ".join(f"{count} {name}" for name, count in by_field.most_common()) or "none"))
    print("  complete " + ", ".join(f"{run.began:.3f} → {run.complete:.3f}" for run in runs))
    if all(len(run.quality) == 2 for run in runs):
        for which, called in enumerate(("places, labels and months", "these and names")):
            before, after = (sum(run.quality[at][which] for run in runs) / len(runs) for at in (0, 1))
            print(f"  mean average precision of {called} {before:.3f} → {after:.3f} after 20")
    kinds = sum((run.kinds for run in runs), Counter())
    for kind, count in kinds.most_common():
        sums = sum((run.by_kind.get(kind, Counter()) for run in runs), Counter())
        print(
            f"    {kind:10} {count:4} asked in {sums['seconds']:5.0f} s, {sums['bits']:7.0f} bits and "
            f"{sums['fields']:6} fields: {sums['bits'] / sums['seconds']:6.1f} and "
            f"{sums['fields'] / sums['seconds']:5.2f} a second"
        )


if __name__ == "__main__":
    main()
