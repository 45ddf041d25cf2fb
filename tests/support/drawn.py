"""Drawings read back: the boxes of their texts, by the metrics that they were drawn with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from lxml import etree

from piste.papers.drawings.text import width

SVG = "{http://www.w3.org/2000/svg}"
BOTH_ENDS = 0.6
"""A line of text and the next may touch by less than this."""


class Box(NamedTuple):
    text: str
    left: float
    top: float
    right: float
    bottom: float


def texts(svg: str) -> list[Box]:
    """Give the box of each text of a drawing."""
    return list(_texts(etree.fromstring(svg.encode())))


def _texts(root: etree._Element) -> Iterator[Box]:
    for node in root.iter(f"{SVG}text"):
        text, size = node.text or "", float(node.get("font-size") or 13)
        wide = width(text, size, bold=node.get("font-weight") == "bold")
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[node.get("text-anchor") or "start"]
        left, base = float(node.get("x") or 0) - share * wide, float(node.get("y") or 0)
        yield Box(text, left, base - size * 0.76, left + wide, base + size * 0.24)


def faults(svg: str) -> list[str]:
    """List scripts, things from outside, texts over each other or beyond the edge."""
    root = etree.fromstring(svg.encode())
    left, top, wide, high = (float(number) for number in (root.get("viewBox") or "").split())
    boxes = list(_texts(root))
    wrong = [f"{node.tag}" for node in root.iter() if str(node.tag).removeprefix(SVG) not in _ALLOWED]
    names = [str(name) for node in root.iter() for name in node.attrib]
    wrong += [name for name in names if "href" in name or name.startswith("on")]
    for box in boxes:
        if box.left < left - 1 or box.top < top - 1 or box.right > left + wide + 1 or box.bottom > top + high + 1:
            wrong.append(f"outside: {box.text}")
    for first, second in combinations(boxes, 2):
        across = min(first.right, second.right) - max(first.left, second.left)
        down = min(first.bottom, second.bottom) - max(first.top, second.top)
        if across > BOTH_ENDS and down > BOTH_ENDS:
            wrong.append(f"over each other: {first.text} | {second.text}")
    return wrong


_ALLOWED = ("svg", "title", "desc", "rect", "path", "circle", "text", "style", "defs", "pattern", "line")
