"""Routes and fields of the contract: the simulator serves them, drivers use no other."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.glpi.legacy import TABLES
from lab.glpi.schemas import BELIEFS, SCHEMAS, VERSIONS, columns, routes
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.items import ACCOUNTS, ASSETS, LISTS, PARTS, SINCE
from piste.systems.glpi.legacy import Legacy
from piste.systems.glpi.warranties import COLUMNS
from piste.systems.kinds import of_domain
from tests.support.glpi import GlpiWorld

CONTRACT: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "contract.yml").read_text("utf-8"))
KINDS = {"string": "s", "boolean": "b", "integer": "i", "day": "d", "moment": "t"}


def fields_of(itemtype: str) -> dict[str, Any]:
    named: dict[str, Any] = CONTRACT["fields"].get("Asset" if itemtype in ASSETS[:-1] else itemtype, {})
    return named


@pytest.mark.parametrize("route", CONTRACT["routes"])
def test_the_simulator_has_each_route_from_its_version_on(route: str) -> None:
    since = CONTRACT["routes"][route]["since"]
    served = [version for version in VERSIONS if route.lower() in routes(version)]
    assert served == list(VERSIONS[VERSIONS.index(since) :])


@pytest.mark.parametrize("itemtype", [*CONTRACT["fields"]])
def test_the_simulator_has_each_field_in_its_form(itemtype: str) -> None:
    of = CONTRACT["fields"][itemtype]
    known = columns("Computer" if itemtype == "Asset" else itemtype, VERSIONS[-1])
    for form, names in of.items():
        if form == "source":
            continue
        for name in names:
            column = known[name]
            if form == "fixed":
                assert column.read_only, name
            elif form == "link":
                assert (bool(column.link), column.read_only) == (True, False), name
            elif form == "unkept":
                assert column.kind.startswith("["), name
            else:
                assert (column.kind, column.read_only) == (KINDS[form], False), name


def test_the_client_asks_for_no_route_that_the_contract_lacks() -> None:
    used = {f"{PARTS[itemtype]}/{itemtype}" for itemtype in (*ASSETS, *LISTS, "Location")}
    used |= {
        f"{PARTS[kind.table.endpoint]}/{kind.table.endpoint}" for kind in of_domain("inventory") if kind.table.endpoint
    }
    used |= {"Assistance/Change", "Assistance/Ticket", *(f"{part}/{name}" for name, part in ACCOUNTS.items())}
    assert used <= CONTRACT["routes"].keys()
    assert {name: CONTRACT["routes"][f"{PARTS[name]}/{name}"]["since"] for name in SINCE} == SINCE


LEGACY = ("glpi_warranties", "glpi_links")


def test_the_legacy_api_has_the_columns_that_are_written_there() -> None:
    assert {*COLUMNS.values(), "itemtype", "items_id", "warranty_duration"} <= TABLES["Infocom"]


def test_a_file_is_sent_in_the_form_of_the_contract_and_the_simulator_answers_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str, bytes, str]] = []
    wanted, world = CONTRACT["upload"], GlpiWorld(tmp_path, legacy=True)
    request, row = Legacy.request, {"name": "x", "itemtype": "Change", "items_id": 1}

    def seen(self: Legacy, verb: str, route: str, **given: Any) -> Any:
        sent.append((verb, route, given["body"], given["form"]))
        answer = request(self, verb, route, **given)
        assert {*answer.mapping(*wanted["answer"])} >= {*wanted["answer"]}
        return answer

    monkeypatch.setattr(Legacy, "request", seen)
    with world.run():
        Legacy(Glpi(world.connection)).upload(row, "x.pdf", b"%PDF-")
    ((verb, route, body, form),) = sent
    parts = [*message_from_bytes(f"Content-Type: {form}\r\n\r\n".encode() + body, policy=HTTP).iter_parts()]
    assert (verb, route) == (wanted["verb"], wanted["route"])
    assert [part.get_param("name", header="content-disposition") for part in parts] == [
        wanted["manifest"],
        wanted["file"],
    ]
    assert {*json.loads(parts[0].get_content())["input"]} == {*wanted["input"], *wanted["beliefs"]}


@pytest.mark.parametrize("module", [kind.module for kind in of_domain("inventory") if kind.module not in LEGACY])
def test_a_driver_writes_fields_of_the_contract_alone(module: str) -> None:
    kind = next(kind for kind in of_domain("inventory") if kind.module == module)
    itemtypes = [kind.table.endpoint] if kind.table.endpoint else list(ASSETS if module == "glpi_assets" else ["State"])
    for itemtype in itemtypes:
        of = fields_of(itemtype)
        known = {name for form, names in of.items() if form not in ("source", "fixed", "unkept") for name in names}
        believed = set(CONTRACT["beliefs"].get(itemtype, ()))
        written = {entry.wire_name for entry in kind.table.fields if not entry.path_only}
        if itemtype == "Cluster":  # the town declares none of these of a cluster
            written -= {"serial", "otherserial", "manufacturer", "model"}
        assert written <= known | believed, itemtype
        driver = kind.driver_class
        assert {kind.table.field(name).wire_name for name in driver.believed} >= believed


def test_what_no_source_proves_is_the_same_on_both_sides() -> None:
    assert {name: set(fields) & set(BELIEFS[name]) for name, fields in CONTRACT["beliefs"].items()} == {
        name: set(fields) for name, fields in CONTRACT["beliefs"].items()
    }
    assert set(SCHEMAS) >= {name for name in CONTRACT["fields"] if name != "Asset"}


@pytest.mark.parametrize("name", ["group", "group_tech"])
def test_a_group_is_accepted_and_not_kept(tmp_path: Path, name: str) -> None:
    world = GlpiWorld(tmp_path)
    world.simulator.edit("POST", "Assets/Computer", {"name": "pc-1", name: [{"id": 3}]})
    assert world.simulator.edit("GET", "Assets/Computer/1")[name] == []
