"""A plot of a queue and the machines that drain it, as SVG."""

from collections.abc import Sequence

from tools.cloud_figures.scaling import Run, Scenario

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 260, 64, 44, 44, 40
_QUIET, _TAKEN, _MACHINES = "#1c7ed6", "#d9480f", "#868e96"


def drain_svg(scenario: Scenario, quiet: Run, taken: Run) -> str:
    """Return the plot: what waits, without and with machines taken away, and the machines of the latter as steps."""
    most_waiting = max(*quiet.waiting, *taken.waiting, 1.0)
    most_machines = max(*quiet.machines, *taken.machines, 1)
    minutes = len(quiet.waiting)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-size="11">',
        "<style>text { font-family: sans-serif }</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="18" font-size="13">{scenario.title}</text>',
        f'<text x="{_LEFT}" y="34" fill="{_QUIET}">photos that wait</text>',
        f'<text x="{_LEFT + 110}" y="34" fill="{_TAKEN}">the same, half of the Spot machines taken away an hour</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="34" text-anchor="end" fill="{_MACHINES}">machines</text>',
        f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}V{_TOP}" stroke="#333" fill="none"/>',
    ]
    for quarter in range(5):
        x, y = _x(minutes * quarter / 4, minutes), _y(quarter / 4, 1.0)
        parts += [
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{minutes * quarter / 4:.0f}</text>',
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_label(most_waiting * quarter / 4)}</text>',
            f'<text x="{_WIDTH - _RIGHT + 6}" y="{y + 4:.1f}">{_label(most_machines * quarter / 4)}</text>',
        ]
    parts.append(f'<text x="{_x(minutes / 2, minutes):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">minutes</text>')
    parts.append(_line([float(one) for one in taken.machines], most_machines, _MACHINES, "1.2"))
    parts.append(_line(quiet.waiting, most_waiting, _QUIET, "2"))
    parts.append(_line(taken.waiting, most_waiting, _TAKEN, "2", dashes="5 4"))
    return "\n".join([*parts, "</svg>", ""])


def _line(values: Sequence[float], most: float, colour: str, width: str, *, dashes: str = "") -> str:
    path = "L".join(f"{_x(minute, len(values)):.1f} {_y(value, most):.1f}" for minute, value in enumerate(values))
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M{path}" stroke="{colour}" stroke-width="{width}" fill="none"{dashed}/>'


def _label(value: float) -> str:
    return f"{value:g}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - quarters of small numbers are no integers


def _x(minute: float, minutes: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * minute / minutes


def _y(value: float, most: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / most
