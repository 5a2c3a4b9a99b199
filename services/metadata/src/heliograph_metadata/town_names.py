"""Names of towns by how they begin, whatever their accents and capitals: a text of all of them, looked through."""

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray


class TownNames:
    """Some 155,000 names in one text of 2 MB; a look takes milliseconds."""

    def __init__(self, names: str) -> None:
        """Fold names, a line each."""
        plain = (mark for mark in unicodedata.normalize("NFKD", names) if not unicodedata.combining(mark))
        self._text = "".join(plain).casefold()
        ends = [match.start() for match in re.finditer("\n", self._text)]
        self._starts: NDArray[np.int64] = np.array([0, *(end + 1 for end in ends)])

    def called(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the lines in which a word begins so, each once, and whether the name itself does.

        Args:
            text: Folded, one line, not empty.

        Returns:
            Numbers of lines, (n,), in order; and for each whether it begins with the text, (n,).
        """
        found = (one.start() for one in re.finditer(re.escape(text), self._text))
        at = np.array([one for one in found if not self._text[max(0, one - 1)].isalnum() or one == 0], np.int64)
        lines = np.searchsorted(self._starts, at, side="right") - 1
        numbers, first = np.unique(lines, return_index=True)
        return numbers, at[first] == self._starts[numbers]
