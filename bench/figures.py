"""Figures and the table they are shown in. A figure is met or missed; it never fails a build."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_HEAD = ("what", "ours", "floor", "ratio", "target", "")


class Figure(NamedTuple):
    """One line of the table: what was measured, and whether it is what it has to be."""

    what: str
    ours: str
    floor: str
    ratio: str
    target: str
    met: bool


def against(what: str, ours: float, floor: float, most: float, unit: str = "s") -> Figure:
    """A figure as a multiple of its floor's."""
    ratio = ours / floor
    return Figure(
        what, _text(ours, unit), _text(floor, unit), f"{ratio:.2f}", f"<= {most:g} x", ratio <= most
    )


def at_most(what: str, ours: float, most: float, unit: str) -> Figure:
    """A figure with a limit of its own."""
    return Figure(what, _text(ours, unit), "", "", f"<= {_text(most, unit)}", ours <= most)


def exactly(what: str, ours: int, wanted: int, unit: str) -> Figure:
    return Figure(what, _text(ours, unit), "", "", _text(wanted, unit), ours == wanted)


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns, each with its verdict."""
    lines = [_HEAD, *((*figure[:5], "ok" if figure.met else "MISSED") for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = []
    for line in lines:
        cells = [
            text.ljust(width) if at in (0, 5) else text.rjust(width)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        shown.append("  ".join(cells).rstrip())
    shown.insert(1, "  ".join("-" * width for width in widths).rstrip())
    return "\n".join(shown)


def _text(value: float, unit: str) -> str:
    match unit:
        case "s":
            return f"{value:.3f} s" if value < 1 else f"{value:.2f} s"
        case "MB":
            return f"{value:.0f} MB"
        case _:
            return f"{value:,.0f} {unit}"
