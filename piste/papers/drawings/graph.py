"""Things and links, from left to right: a tree in its declared order, and links across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from piste.papers.drawings.canvas import ACCENT, EDGE, INK, PAPER, QUIET, RULE, TINTS, Canvas, Point
from piste.papers.drawings.text import LINE, SIZE, SMALL, lines

PAD, BAR = 7.0, 12.0
GAP, BETWEEN = 9.0, 48.0
"""The space between two things of a column, and between two columns."""
MANY = 3
"""Things that hang on another by lines of their own; more share a trunk."""

NOWHERE: Mapping[str, str] = {}
"""The places of the things of a drawing that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of a drawing: its name, and lines about it.

    `parent` is what it hangs on, `sure` that this is known. A `bar` has no text: what hangs on it hangs together, and
    nobody says how. `tint` is a ground of `piste.papers.drawings.canvas`, `frame` a heavier edge.
    """

    key: str
    name: str = ""
    about: Sequence[str] = ()
    parent: str | None = None
    sure: bool = True
    width: float = 150
    tint: int | None = None
    frame: bool = False
    bar: bool = False


@dataclass(frozen=True, slots=True)
class Across:
    """A link beside those of the tree."""

    near: str
    far: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Sign:
    """An entry of a legend: a link that is sure or not, a bar, or a ground."""

    words: str
    link: bool | None = None
    bar: bool = False
    tint: int | None = None


class _Tie(NamedTuple):
    """A link between two things, of the tree or across it."""

    near: str
    far: str
    sure: bool
    tree: bool


@dataclass(slots=True)
class _Box:
    thing: Thing
    name: list[str]
    about: list[str]
    size: tuple[float, float]
    corner: Point = field(default=Point(0, 0))


def graph(
    things: Sequence[Thing],
    across: Sequence[Across] = (),
    legend: Sequence[Sign] = (),
    places: Mapping[str, str] = NOWHERE,
) -> Canvas:
    """Draw things, each after its parent, and their links.

    `places` are where things lead in a page.
    """
    boxes = {thing.key: _box(thing) for thing in things}
    for box in reversed(boxes.values()):
        if box.thing.bar:
            below = [child.size[1] for child in boxes.values() if child.thing.parent == box.thing.key]
            box.size = (BAR, max(30.0, sum(below) + GAP * (len(below) - 1)))
    canvas = Canvas()
    ties = [_Tie(thing.parent or "", thing.key, thing.sure, True) for thing in things if thing.parent in boxes]
    ties += [_Tie(link.near, link.far, link.sure, False) for link in across if link.near in boxes and link.far in boxes]
    for tie, points in zip(ties, _laid(boxes, ties), strict=True):
        canvas.line(points, stroke=EDGE if tie.sure else RULE, dashed=not tie.sure)
    for box in boxes.values():
        with canvas.leading(places.get(box.thing.key)):
            _draw(canvas, box)
    _legend(canvas, legend)
    return canvas


def height(thing: Thing) -> float:
    """Give the height that a thing takes in its column."""
    return _box(thing).size[1] + GAP


def _box(thing: Thing) -> _Box:
    room = thing.width - 2 * PAD
    name = lines(thing.name, room, SIZE, bold=True) if thing.name else []
    about = [line for text in thing.about for line in lines(text, room, SMALL)]
    height = 2 * PAD - 2 + LINE * (SIZE * len(name) + SMALL * len(about))
    return _Box(thing, name, about, (thing.width, height))


def _laid(boxes: Mapping[str, _Box], ties: Sequence[_Tie]) -> list[list[Point]]:
    """Place the boxes, and give the course of each tie."""
    # Imported here so that commands that draw nothing do not pay for it.
    import graphlay

    nodes: list[dict[str, Any]] = [
        {"size": {"width": box.size[0], "height": box.size[1]}, "shape": "box"} for box in boxes.values()
    ]
    rank = {key: number for number, key in enumerate(boxes)}
    edges = [{"source": rank[tie.near], "target": rank[tie.far], "weight": 1.0} for tie in ties]
    tree = [edge for edge, tie in zip(edges, ties, strict=True) if tie.tree]
    spacing = {"direction": "leftright", "sibling_gap": GAP, "subtree_gap": GAP, "row_gap": BETWEEN}
    placed = graphlay.layout_tree({"nodes": nodes, "edges": tree}, options=spacing)
    for node, laid in zip(nodes, placed.nodes, strict=True):
        node["position"] = laid["center"]
    routing = {"style": "orthogonal", "port_sides": "facing_preferred"}
    drawn = graphlay.reroute({"nodes": nodes, "edges": edges}, options={"direction": "leftright", "routing": routing})
    courses = [[Point(point["x"], point["y"]) for point in edge["points"]] for edge in drawn.edges]
    corners = [
        Point(node["center"]["x"] - node["size"]["width"] / 2, node["center"]["y"] - node["size"]["height"] / 2)
        for node in drawn.nodes
    ]
    left = min(point.x for point in (*corners, *(point for course in courses for point in course)))
    top = min(point.y for point in (*corners, *(point for course in courses for point in course)))
    for box, corner in zip(boxes.values(), corners, strict=True):
        box.corner = Point(corner.x - left, corner.y - top)
    trunks = _trunks(boxes, ties)
    return [
        _from_trunk(boxes[tie.near], boxes[tie.far])
        if tie.tree and tie.near in trunks
        else [Point(point.x - left, point.y - top) for point in course]
        for tie, course in zip(ties, courses, strict=True)
    ]


def _trunks(boxes: Mapping[str, _Box], ties: Sequence[_Tie]) -> set[str]:
    """Name what has a trunk for its links: bars, and things with many links all alike."""
    links: dict[str, list[bool]] = {}
    for tie in ties:
        # Where a link leads across, the router keeps its lanes away from the others.
        links.setdefault(tie.near, []).extend([tie.sure] if tie.tree else [True, False])
    many = {near for near, sures in links.items() if len(sures) > MANY and len(set(sures)) == 1}
    return many | {key for key, box in boxes.items() if box.thing.bar}


def _from_trunk(near: _Box, far: _Box) -> list[Point]:
    """Lead straight from a bar, as high as all that hangs on it, else by a shared trunk."""
    middle, end = far.corner.y + far.size[1] / 2, near.corner.x + near.size[0]
    arrival = Point(far.corner.x, middle)
    if near.thing.bar:
        return [Point(end, middle), arrival]
    start, trunk = near.corner.y + near.size[1] / 2, end + BETWEEN / 2
    return [Point(end, start), Point(trunk, start), Point(trunk, middle), arrival]


def _draw(canvas: Canvas, box: _Box) -> None:
    thing = box.thing
    if thing.bar:
        canvas.rect(box.corner, box.size, RULE, stroke=EDGE, round_=2)
        return
    ground = PAPER if thing.tint is None else TINTS[thing.tint]
    stroke = ACCENT if thing.frame else EDGE
    canvas.rect(box.corner, box.size, ground, stroke=stroke, dashed=not thing.sure, heavy=thing.frame)
    at = Point(box.corner.x + PAD, box.corner.y + PAD - 2)
    below = canvas.paragraph(at, box.name, SIZE, bold=True, fill=INK)
    canvas.paragraph(Point(at.x, below), box.about, SMALL, fill=INK)


def _legend(canvas: Canvas, legend: Sequence[Sign]) -> None:
    """Write the legend under the drawing, in two columns where there is room."""
    whole = max(canvas.width, 420)
    columns = 2 if whole >= 560 else 1
    room = whole / columns
    top = canvas.height + 16
    per_column = -(-len(legend) // columns)
    for column in range(columns):
        below = top
        for sign in legend[column * per_column : (column + 1) * per_column]:
            below = _sign(canvas, sign, Point(column * room, below), room - 44) + 4


def _sign(canvas: Canvas, sign: Sign, at: Point, room: float) -> float:
    middle = at.y + SMALL * 0.75
    if sign.link is not None:
        course = [Point(at.x, middle), Point(at.x + 30, middle)]
        canvas.line(course, stroke=EDGE if sign.link else RULE, dashed=not sign.link)
    elif sign.bar:
        canvas.rect(Point(at.x + 12, at.y - 1), (BAR / 2, SMALL + 4), RULE, round_=2)
    else:
        canvas.rect(Point(at.x + 6, at.y), (18, SMALL + 2), PAPER if sign.tint is None else TINTS[sign.tint])
    return canvas.paragraph(Point(at.x + 38, at.y), lines(sign.words, room, SMALL), SMALL, fill=QUIET)
