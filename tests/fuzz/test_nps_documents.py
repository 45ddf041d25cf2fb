"""Properties of an NPS configuration, whatever they hold: each task reads or refuses them."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import Guarded
from piste.systems.windows.nps.document import Document
from tests.support.fuzz import examples
from tests.support.nps import SERVERS, World
from tests.support.rich_nps import RICH

PROPERTIES = ".//Properties/*"
"""The properties of all items, those that NPS itself makes included."""


@cache
def world() -> World:
    made = World(Path(tempfile.mkdtemp(prefix="piste-fuzz-")))
    for module, item in RICH.items():
        made.once(module, [item])
    return made


@cache
def clean() -> bytes:
    return world().exported()


@cache
def places() -> list[int]:
    """Numbers of the properties of the items that are declared."""
    names = {item["name"] for item in RICH.values()}
    properties = Document(clean()).root.findall(PROPERTIES)
    return [at for at, element in enumerate(properties) if element.getparent().getparent().get("name") in names]


NUMBERS = st.sampled_from(["", "-1", "²", "٣", "1" * 5000, " 7 ", "0x10", "1e3", "4294967296"])
TEXTS = NUMBERS | st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)


@st.composite
def spoiled(draw: st.DrawFn) -> Document:
    document = Document(clean())
    properties = document.root.findall(PROPERTIES)
    for at in draw(st.sets(st.sampled_from(places()), min_size=1, max_size=4)):
        text = properties[at].text or ""
        cut = draw(st.integers(0, len(text)))
        properties[at].text = draw(TEXTS | st.just(text[:cut]) | st.just(text[:cut] + "x" + text[cut:]))
    return document


@examples(small=8, wide=600)
@given(spoiled())
def test_spoiled_properties_are_read_and_named_by_each_task(document: Document) -> None:
    here = world()
    for server in SERVERS:
        here.machines[server].state["nps"] = document.to_bytes().decode().partition("?>")[2]
    names = {"clients": [], "connection_request_policies": [], "network_policies": []}
    assert here.once("nps_orphans", [], **names)["orphans"]
    for module, item in RICH.items():
        gathered = here.once(module, [], state="gathered")["gathered"]
        assert item["name"] in {live["name"] for live in gathered}
        with suppress(Guarded):  # conditions that only a person can judge
            here.once(module, [item], check=True, confirm=["radius_secret"])
