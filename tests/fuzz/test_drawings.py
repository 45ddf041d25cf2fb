"""Drawings of any tree with any name: nothing fails, no text is over another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from piste.papers.drawings.graph import Across, Sign, Thing, graph
from piste.papers.drawings.heat import Heat, heat
from piste.papers.drawings.panel import Socket, Use, panel
from piste.papers.drawings.rack import SIDE_BY_SIDE, Elevation, Slot, elevations
from tests.support.drawn import faults
from tests.support.fuzz import examples

NAMES = st.text(max_size=60)
TINTS = st.none() | st.integers(0, 4)


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Thing], list[Across]]:
    count = draw(st.integers(1, 25))
    things: list[Thing] = []
    for rank in range(count):
        parent = None if rank == 0 else draw(st.none() | st.integers(0, rank - 1).map(str))
        about = draw(st.lists(NAMES, max_size=3))
        bar = rank > 0 and draw(st.integers(0, 9)) == 0
        sure, wide = draw(st.booleans()), draw(st.integers(80, 240))
        things.append(Thing(str(rank), draw(NAMES), about, parent, sure, wide, tint=draw(TINTS), bar=bar))
    ends = st.integers(0, count).map(str)
    return things, draw(st.lists(st.builds(Across, ends, ends, st.booleans()), max_size=8))


@examples(small=10, wide=3000)
@given(trees())
def test_any_tree_with_links_across_is_drawn(drawn: tuple[list[Thing], list[Across]]) -> None:
    things, across = drawn
    legend = [Sign("liaison", link=True), Sign("barre", bar=True), Sign("fond", tint=1)]
    svg = graph(things, across, legend).svg("key", "titre", "mots")
    assert faults(svg) == []
    assert graph(things, across, legend).svg("key", "titre", "mots") == svg


@examples(small=10, wide=3000)
@given(
    st.lists(
        st.builds(
            Elevation, NAMES, st.lists(NAMES, max_size=3), st.none() | st.integers(1, 60),
            st.lists(
                st.builds(Slot, st.none() | st.integers(1, 60), NAMES, NAMES, st.integers(0, 4)), max_size=12,
                unique_by=lambda slot: slot.unit or slot,
            ),
        ),
        min_size=1, max_size=SIDE_BY_SIDE,
    )
)  # fmt: skip
def test_any_rack_is_drawn(racks: list[Elevation]) -> None:
    assert faults(elevations(racks).svg("key", "titre", "mots")) == []


@examples(small=10, wide=3000)
@given(
    NAMES, st.lists(NAMES, max_size=2),
    st.lists(
        st.builds(
            Socket, st.integers(1, 60), st.sampled_from(["A", "B", "ZZ", "–"]), st.sampled_from(["", "1", "4094+4093"]),
            TINTS, st.sampled_from([None, "up", "down", "off", "error", "unknown"]), st.sampled_from(["", "10G 90 W"]),
        ),
        max_size=60, unique_by=lambda socket: socket.number,
    ),
    st.lists(st.builds(Use, st.sampled_from(["A", "ZZ"]), NAMES, TINTS), max_size=5),
)  # fmt: skip
def test_any_front_panel_is_drawn(name: str, about: list[str], sockets: list[Socket], uses: list[Use]) -> None:
    assert faults(panel(name, about, sockets, uses).svg("key", "titre", "mots")) == []


@examples(small=8, wide=2000)
@given(
    NAMES, st.lists(NAMES, max_size=6), st.lists(NAMES, max_size=6),
    st.lists(st.builds(Heat, NAMES, st.lists(NAMES, max_size=2), TINTS), min_size=1, max_size=5),
)  # fmt: skip
def test_any_heat_table_is_drawn(corner: str, rows: list[str], columns: list[str], cells: list[Heat]) -> None:
    heads = [[(str(rank), words) for rank, words in enumerate(part)] for part in (rows, columns)]
    places = [(row, column) for row, _ in heads[0] for column, _ in heads[1]]
    filled = dict(zip(places, cells, strict=False))
    canvas = heat(corner, *heads, filled, [("rien", None), ("tout", 4)])
    assert faults(canvas.svg("key", "titre", "mots")) == []
