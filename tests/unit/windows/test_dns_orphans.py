"""Orphans of the DNS: nobody declares them, and no controller registers them of itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from piste.runs.domains.everything import Everything
from piste.runs.domains.names import pointed
from piste.systems.windows.dns import orphans, stored

ZONE, REVERSE = "ad.lebourget.example", "93.10.in-addr.arpa"


class Declared:
    def items(self, name: str) -> list[dict[str, Any]]:
        if name == "zones":
            return [{"name": ZONE}, {"name": REVERSE}]
        return [
            {"zone": REVERSE, "name": "11.2", "type": "PTR", "values": [f"hdv-dc1.{ZONE}."]},
            {"zone": ZONE, "name": "hdv-imp1", "type": "A", "values": ["10.93.2.18"]},
        ]


def test_a_declared_reverse_name_says_what_a_machine_registers_of_itself() -> None:
    assert [*pointed(cast(Everything, Declared()))] == [f"{ZONE}/hdv-dc1/A 10.93.2.11"]


@pytest.mark.parametrize(("values", "named"), [(["10.93.2.11"], []), (["10.93.2.11", "10.93.9.9"], ["hdv-dc1"])])
def test_the_address_of_a_controller_is_an_orphan_only_where_it_is_not_its_own(
    values: list[str], named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [{"zone": ZONE, "name": "hdv-dc1", "type": "A", "values": values}]
    monkeypatch.setattr(stored, "zones", lambda directory: [SimpleNamespace(name=ZONE)])
    monkeypatch.setattr(orphans, "static", lambda domain, zone, unread: items)
    connection: Any = SimpleNamespace(directory=SimpleNamespace(name=ZONE))
    declared = {"zones": [ZONE], "records": [], "pointed": [f"{ZONE}/hdv-dc1/A 10.93.2.11"]}
    keys = [orphan["key"].split("/")[1] for orphan in orphans.undeclared(connection, declared)]
    assert keys == named
