"""Processes that end with the one that started them, whatever ends that one (on Linux; elsewhere nothing can)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def dies_with_parent(sent: signal.Signals = signal.SIGKILL) -> Callable[[], None] | None:
    """Return what a child calls before it starts, so that Linux sends it `sent` when its parent is gone."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: afterwards only async-signal-safe calls are allowed
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, sent)
        if os.getppid() != parent:  # the parent died between the fork and the call
            os._exit(1)

    return prepare


def follow_make() -> None:
    """Stop when the `make` that started this process is killed, as children of ours do when this one is."""
    if sys.platform == "linux" and "MAKELEVEL" in os.environ:  # noqa: TID251 - make's own mark
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
