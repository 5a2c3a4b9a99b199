"""A reliability plot as SVG: how sure a network is, and how often it is right then."""

from collections.abc import Sequence

_SIDE, _MARGIN = 300, 44
_BEFORE, _AFTER = "#9aa3ad", "#d9480f"

Bin = tuple[int, float, float]
"""How many, mean confidence, how many of them are right."""


def reliability_svg(title: str, before: Sequence[Bin], after: Sequence[Bin] | None) -> str:
    """Return the plot; `after` is left out where nothing is calibrated."""
    width, height = _SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="11">',
        "<style>text { font-family: sans-serif }</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_MARGIN}" y="24" font-size="13">{title}</text>',
        f'<path d="M{_x(0)} {_y(0)}V{_y(1)}M{_x(0)} {_y(0)}H{_x(1)}" stroke="#333" fill="none"/>',
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="4 4" fill="none"/>',
    ]
    for tenth in range(0, 11, 2):
        part = tenth / 10
        parts.append(f'<text x="{_x(part)}" y="{_y(0) + 16}" text-anchor="middle">{part:.1f}</text>')
        parts.append(f'<text x="{_MARGIN - 6}" y="{_y(part) + 4}" text-anchor="end">{part:.1f}</text>')
    parts.append(f'<text x="{_x(0.5)}" y="{_y(0) + 32}" text-anchor="middle">how sure</text>')
    parts.append(f'<text transform="translate(12 {_y(0.5)}) rotate(-90)" text-anchor="middle">how often right</text>')
    parts += _line(before, _BEFORE)
    parts.append(f'<text x="{_x(0.03)}" y="{_y(0.95)}" fill="{_BEFORE}">as the network says</text>')
    if after is not None:
        parts += _line(after, _AFTER)
        parts.append(f'<text x="{_x(0.03)}" y="{_y(0.9)}" fill="{_AFTER}">calibrated</text>')
    return "\n".join([*parts, "</svg>", ""])


def _line(bins: Sequence[Bin], colour: str) -> list[str]:
    """Return a line through the bins that hold anything, a dot each, larger where there are more."""
    there = [one for one in bins if one[0]]
    most = max((count for count, *_ in there), default=1)
    path = "L".join(f"{_x(sure)} {_y(right)}" for _, sure, right in there)
    dots = [
        f'<circle cx="{_x(sure)}" cy="{_y(right)}" r="{3 + 5 * (count / most) ** 0.5:.1f}" fill="{colour}"'
        f' fill-opacity="0.75"><title>{count} answers</title></circle>'
        for count, sure, right in there
    ]
    return [f'<path d="M{path}" stroke="{colour}" stroke-width="2" fill="none"/>', *dots] if there else []


def _x(part: float) -> str:
    return f"{_MARGIN + part * _SIDE:.1f}"


def _y(part: float) -> float:
    return round(_MARGIN + (1 - part) * _SIDE, 1)
