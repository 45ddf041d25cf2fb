"""Files from elsewhere: whatever they contain, items or faults with a line, never a crash."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.sites.imports import agents, spreadsheet
from piste.sites.imports.matching import planned
from piste.town.model.assets.form import COLUMNS, AssetLine
from tests.support.fuzz import examples
from tests.support.town import declared_town

_HEADERS = st.sampled_from([*COLUMNS, "class", "Nom", "N° de série", "Utilisateur", "IP", "Garantie", "name", "", "=x"])
_CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["computer", "PC", "pc-jau-001", "ecole-jaures", "EX-jau-pc-001", "in_service", "31/12/2029", "=1", "-", '"',
         "a\nb", "\x00", "\u202e", "10.93.41.3", "02:93:05:10:00:01", "QZZZ-0005-0001"]
    ),
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PART = st.dictionaries(
    st.sampled_from(
        ["name", "ssn", "mac", "ipaddress", "type", "smanufacturer", "chassis_type", "vmsystem", "virtualdev"]
    ),
    _JSON | st.sampled_from(["02:AA:00:00:00:01", "10.93.41.60", "Notebook", "QEMU", "999.1.1.1"]),
    max_size=6,
)


def _judged(read: Any) -> None:
    """Plan what was read; every fault has a line, every cell to write is one that a table takes."""
    steps, faults = planned(read.items, declared_town())
    assert all(fault.line >= 1 and fault.message for fault in (*read.faults, *faults))
    if not faults:
        for step in steps:
            if step.outcome in ("add", "complete"):
                AssetLine(**{"name": step.name, **step.cells})  # type: ignore[arg-type]


@examples(small=15, wide=400)
@given(st.lists(_HEADERS, max_size=6), st.lists(st.lists(_CELLS, max_size=7), max_size=5), st.sampled_from(",;\t"))
def test_any_list_is_read_or_refused(header: list[str], rows: list[list[str]], separator: str) -> None:
    text = "\n".join(separator.join(row) for row in [header, *rows])
    _judged(spreadsheet.read(text.encode("utf-8", "replace"), "f.csv", "computer"))


@examples(small=10, wide=400)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    _judged(spreadsheet.read(raw, "f", None))
    _judged(agents.read(raw, "f"))
    _judged(agents.read(b"<REQUEST><CONTENT>" + raw, "f"))


@examples(small=15, wide=400)
@given(_PART | _JSON, _PART | _JSON, st.lists(_PART | _JSON, max_size=3) | _JSON, _PART | _JSON)
def test_any_inventory_is_read_or_refused(hardware: Any, bios: Any, networks: Any, device: Any) -> None:
    content = {"hardware": hardware, "bios": bios, "networks": networks, "network_device": device}
    _judged(agents.read(json.dumps({"deviceid": "x", "content": content}).encode(), "f"))
