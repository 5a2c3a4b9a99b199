"""Areas bounded by rings of points, and which of them a point lies in."""

import numpy as np
from numpy.typing import NDArray


class Boundaries:
    """Rings in arrays of 8 bytes a vertex; a look takes some hundredths of a millisecond."""

    def __init__(
        self,
        steps: NDArray[np.int32],
        lengths: NDArray[np.uint32],
        areas: NDArray[np.uint16],
        *,
        per_degree: int,
    ) -> None:
        """Unfold the rings.

        Args:
            steps: Longitudes and latitudes, (2, vertices), each as the difference from the vertex before.
            lengths: How many vertices each ring has, (rings,), each >= 3; the last is followed by the first.
            areas: To which area each ring belongs, (rings,): its outline, a hole in it, an island of it.
            per_degree: Units of `steps` in a degree.
        """
        self._x, self._y = np.cumsum(steps, axis=1, dtype=np.int32)
        self._ends = np.cumsum(lengths, dtype=np.int64)
        self._starts = self._ends - lengths
        self._areas = areas
        self._per_degree = per_degree
        self._south = np.minimum.reduceat(self._y, self._starts)
        self._north = np.maximum.reduceat(self._y, self._starts)
        self._east = np.maximum.reduceat(self._x, self._starts)
        self._west = np.minimum.reduceat(self._x, self._starts)

    def holding(self, latitude: float, longitude: float) -> list[int]:
        """Return the areas that a point lies in, the lowest number first.

        Args:
            latitude: Degrees north, WGS 84.
            longitude: Degrees east, -180 to 180; no ring crosses the date line.
        """
        x, y = longitude * self._per_degree, latitude * self._per_degree
        near = np.flatnonzero((self._south <= y) & (y <= self._north) & (self._west <= x) & (x <= self._east))
        holding: set[int] = set()
        for ring in near:
            if self._is_inside(int(ring), x, y):
                holding ^= {int(self._areas[ring])}
        return sorted(holding)

    def _is_inside(self, ring: int, x: float, y: float) -> bool:
        """Whether a line from the point to the east crosses the ring an odd number of times."""
        part = slice(self._starts[ring], self._ends[ring])
        xs, ys = self._x[part], self._y[part]
        above = ys > y
        ends = np.flatnonzero(above != np.roll(above, 1))  # of the edges that reach over the line
        x0, y0, x1, y1 = (side.astype(np.float64) for side in (xs[ends - 1], ys[ends - 1], xs[ends], ys[ends]))
        return bool(np.count_nonzero(x0 + (y - y0) * (x1 - x0) / (y1 - y0) > x) % 2)
