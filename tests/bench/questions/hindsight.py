"""How far any order of questions could come: at each step the one that really brings most bits a second is asked.

    python -m tests.bench.questions.hindsight [--seeds 173-175] [--questions 50]

Each of the engine's best questions, and of its largest, is answered in a process of its own, forked for it, which shows
what the answer does, slips included; the best is asked. No policy can know that. What it comes to says how much a
better order of these questions could bring, step by step, and not what better questions could.
"""

import argparse
import os
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from heliograph_metadata.domain.questions.question import Question
from tests.bench.people import a_life
from tests.bench.questions.policies import POLICIES, Policy
from tests.bench.questions.session import Run, Session
from tests.bench.world import place_at
from tests.fakes.in_memory_questions import InMemoryQuestions

_BEST, _LARGEST = 16, 8
_TOLD_AFTER: Final = (10, 20, 30, 40, 50)
_SIMPLE: Final = "simple: most photos first"


def main() -> None:
    """Print what most photos first, ours and hindsight come to, after every ten questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="173-175", help="which people: the first and the last")
    parser.add_argument("--questions", type=int, default=50)
    said = parser.parse_args()
    first, last = map(int, said.seeds.split("-"))
    for seed in range(first, last + 1):
        runs = _runs(seed, said.questions)
        print(f"person {seed}: bits a second by most photos first, ours, hindsight", flush=True)
        for after in _TOLD_AFTER:
            rates = [bits / seconds for seconds, bits, _ in (run.curve[min(after, run.answers) - 1] for run in runs)]
            ratios = ", ".join(f"{rate / rates[0]:.2f} ×" for rate in rates[1:])
            print(f"  after {after}: {', '.join(f'{rate:.1f}' for rate in rates)}; {ratios}", flush=True)
        print(f"  complete {', '.join(f'{run.complete:.3f}' for run in runs)}", flush=True)


def _runs(seed: int, questions: int) -> list[Run]:
    life = a_life(seed, size=2.0)
    library = InMemoryQuestions(life.photos, place_at=place_at)
    sessions = [Session(life, library, POLICIES[name], seed, errs=0.05) for name in (_SIMPLE, "ours", "ours")]
    for session in sessions[:2]:
        for _ in range(questions):
            session.ask()
    knowing = sessions[2]
    for _ in range(questions):
        knowing.policy = _asking(max(_choice(knowing), key=lambda one: _brings(knowing, one)))
        knowing.ask()
    return [session.run for session in sessions]


def _choice(session: Session) -> Sequence[Question]:
    found = session.library.ranked(session.now)
    largest = sorted(found, key=lambda one: -one.reach.photos)[:_LARGEST]
    return list({one.question_id: one for one in (*found[:_BEST], *largest)}.values())


def _asking(question: Question) -> Policy:
    return replace(POLICIES["ours"], pick=lambda found, dice, asked: question)  # noqa: ARG005 - as all policies


def _brings(session: Session, question: Question) -> float:
    """Return how many bits a second an answer brings, by giving it in a process that is thrown away."""
    ours, theirs = os.pipe()
    if os.fork() == 0:
        try:
            bits, seconds = session.run.bits, session.run.seconds
            session.policy = _asking(question)
            session.ask()
            os.write(theirs, struct.pack("d", (session.run.bits - bits) / (session.run.seconds - seconds)))
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as answer:
        said = answer.read()
    os.wait()
    return float(struct.unpack("d", said)[0])


if __name__ == "__main__":
    main()
