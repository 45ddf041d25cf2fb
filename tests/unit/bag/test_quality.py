"""F9 and F10 of a small town, recomputed by hand: every number here was counted on paper."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.exports.bag.contents import Contents, read
from piste.exports.bag.inventory import by_filler, filling, gaps
from piste.exports.bag.items import Item
from piste.exports.bag.quality import completeness, concordance
from piste.town.model import Town
from tests.support.bags import SITE, exported, small
from tests.support.town import declared_town


def asset(kind: str, name: str, **cells: Any) -> dict[str, Any]:
    whole = {
        "kind": kind, "variant": None, "name": name, "owner": SITE, "site": SITE, "serial": f"5CG{name}", "maker": None,
        "model": None, "place": None, "assigned_to": "Écoles", "state": "in_service", "warranty_until": "2030-01-01",
        "end_of_life": "2031-01-01", "contract": None, "address": None, "mac": None, "status": "validated",
        "doubted": [], "source": "f:1",
    }  # fmt: skip
    return {**whole, **cells}


def application(name: str, hosting: str, **cells: Any) -> dict[str, Any]:
    whole = dict.fromkeys(("publisher", "version", "way_back"), "donné")
    lists = {field: ["donné"] for field in ("services", "machines", "flows", "prerequisites")}
    more = {"id": name, "site": None, "hosting": hosting, "state": "in_service", "status": None}
    return {**whole, **lists, **more, **cells}


def by_hand() -> Town:
    """Two computers, a phone, a machine, a switch, a printer that left; records of each class."""
    town, site = small(), deepcopy(small().sites[SITE])
    assert town.commune
    site["assets"] = [  # type: ignore[typeddict-item]
        asset("computer", "a"),  # 6 of 6
        asset("computer", "b", serial="EX-b", warranty_until=None),  # 4 of 6: a placeholder, an empty cell
        asset("phone", "c", status="to_confirm"),  # 0 of 6: all is an example
        asset("virtual_machine", "d", serial=None, warranty_until=None, end_of_life=None),  # 3 of 3
        asset("switch", "e", doubted=["warranty_until", "end_of_life"]),  # 4 of 6: the dates of a doubtful model
        asset("printer", "f", state="retired", serial=None),  # not counted
    ]
    licence = {
        "id": "bureau", "type": "subscription", "publisher": "editeur", "scope": "à confirmer", "end": None,
        "endless": False, "status": None,
    }  # fmt: skip
    plan = {"contacts": [1], "delays": [1], "escalation": [1], "approved_by": None, "approved_on": None, "status": None}
    records = {
        "licences": [licence],  # 2 of 4: a placeholder, no end
        "applications": [
            application("a", "saas", machines=[], version=None),  # 4 of 4
            application("b", "on_premise", flows=[], version=None),  # 6 of 8
            application("c", "on_premise", flows=[], state="decommissioned"),  # not counted
        ],
        "contracts": [  # 3 of 5: no number, a placeholder
            {
                "id": "c",
                "supplier": "s",
                "vehicle": "m",
                "scope": "p",
                "reference": None,
                "end": "à renseigner",
                "status": None,
            },
        ],
        "third_parties": [
            {"id": "p", "plan_due": True, "interface": plan},  # 3 of 5: nobody approved
            {"id": "q", "plan_due": False, "interface": None},  # no plan is due
        ],
        "certificates": {**town.commune["certificates"], "certificates": []},
    }
    return replace(town, sites={SITE: site}, commune={**town.commune, "assets": [], **records})  # type: ignore[typeddict-item]


def test_completeness_is_that_of_the_paper() -> None:
    rows = {(row["class"], row["attribute"]): row for row in completeness(Contents(Path()), by_hand())}
    figures = {
        name: (row["numerator"], row["denominator"], row["percent"], row["reached"])
        for (name, attribute), row in rows.items()
        if attribute == "*" and row["denominator"]
    }
    assert figures == {
        "computer": (10, 12, 83.33, False),
        "phone": (0, 6, 0.0, False),
        "virtual_machine": (3, 3, 100.0, True),
        "switch": (4, 6, 66.67, False),
        "licence": (2, 4, 50.0, False),
        "application": (10, 12, 83.33, False),
        "contract": (3, 5, 60.0, False),
        "interface_plan": (3, 5, 60.0, False),
        "*": (35, 53, 66.04, False),
    }
    whole = rows["*", "*"]
    assert (whole["to_confirm"], whole["placeholder"], whole["empty"]) == (8, 3, 7)
    serials = rows["*", "serial"]  # of a, b, c, e: a and e are true
    assert (serials["numerator"], serials["denominator"], serials["percent"]) == (2, 4, 50.0)


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("à confirmer avec Kyocera", "placeholder"),
        ("A\u0300 CONFIRMER", "placeholder"),  # as a Mac writes it
        ("To be filled by O.E.M.", "placeholder"),
        ("Sansevieria", "filled"),
        (["Java 17", "à renseigner"], "placeholder"),
        ([], "empty"),
        ([{"function": "Astreinte", "phone": "à renseigner", "status": None}], "placeholder"),
        ([{"event": "panne", "within": "4 h", "status": "to_confirm"}], "to_confirm"),
        ([{"event": "panne", "within": "4 h", "status": None}], "filled"),
    ],
)
def test_a_placeholder_fills_no_cell_wherever_it_is(value: object, state: str) -> None:
    item = Item("application", "a", "", "", ("prerequisites",), {"prerequisites": value})
    assert filling(item, "prerequisites") == state


def test_each_missing_cell_is_asked_of_who_can_give_it() -> None:
    assert dict(by_filler(gaps(by_hand()))) == {
        "Un système que Piste sait lire : agent d’inventaire (GLPI)": ["postes : numéro de série (1)"],
        "Le fournisseur": [
            "commutateurs : garantie (1), fin de vie prévisionnelle (1)",
            "postes : garantie (1)",
            "téléphones : garantie (1), fin de vie prévisionnelle (1)",
            "licences : durée (1)",
            "applications métiers : version (1)",
            "contrats : durée (1)",
        ],
        "Le responsable du site": ["téléphones : numéro de série (1), localisation (1), affectation (1), statut (1)"],
        "La DSI": [
            "licences : périmètre (1)",
            "applications métiers : flux (1)",
            "contrats : numéro (1)",
            "plans d’interface : approbation (1), jour de l’approbation (1)",
        ],
    }


COMPUTERS = [
    {"name": "PC-JAU-001", "enabled": True},
    {"name": "PC-JAU-002", "enabled": False},  # a disabled account is no presence
    {"name": "HDV-DC1", "enabled": True},  # a machine of the cluster, which the list has
    {"name": "PC-INCONNU", "enabled": True},
]
NODES = [{"name": "ntnx-hdv-a", "serial": "EX-ntnx-001"}, {"name": "ntnx-hdv-b", "serial": "AUTRE"}]
ENGINES = [{"engine": "fw-hdv", "living": {"nodes": [{"name": "fw-hdv node 1"}, {"name": "fw-hdv node 2"}]}}]
READ = {
    "directory/computers": {"computers": COMPUTERS},
    "hosting/clusters": {"clusters": [{"name": "ntnx-hdv", "nodes": NODES}]},
    "firewall/engines": {"engines": ENGINES},
}


def concordant(folder: Path, **changed: Any) -> dict[str, Any]:
    rows = concordance(read(exported(folder, **changed), [SITE], {}), small())
    return {
        row["class"]: (row["numerator"], row["denominator"], row["percent"], row["unknown"], row["undeclared"])
        for row in rows
    }


def test_concordance_is_that_of_the_paper(tmp_path: Path) -> None:
    """A school has 15 computers and 9 devices; the town 3 nodes, 22 machines, 2 engines."""
    assert concordant(tmp_path, **READ) == {
        "switch": (1, 3, 33.33, 0, []),
        "access_point": (0, 6, 0.0, 0, ["QZZZ-0099-0001"]),
        "core_switch": (0, 0, None, 0, []),
        "firewall": (2, 2, 100.0, 0, []),
        "server": (1, 3, 33.33, 0, []),
        "virtual_machine": (0, 22, 0.0, 0, []),
        "computer": (1, 15, 6.67, 0, ["pc-inconnu"]),
        "print_queue": (0, 3, 0.0, 0, []),
        "radius_client": (0, 9, 0.0, 0, []),
    }


@pytest.mark.parametrize(
    ("absent", "unread"),
    [
        ("network/places", {"switch": 3, "access_point": 6}),
        ("network/ecole-jaures", {"switch": 3, "access_point": 6}),
        ("firewall/engines", {"firewall": 2}),
        ("hosting/clusters", {"server": 3}),
        ("hosting/vms", {"virtual_machine": 22}),
        ("directory/computers", {"computer": 15}),
        ("printing/print_queues", {"print_queue": 3}),
        ("access/radius_clients", {"radius_client": 9}),
    ],
)
def test_what_was_not_read_is_unknown_and_in_no_denominator(
    absent: str, unread: dict[str, int], tmp_path: Path
) -> None:
    figures = concordant(tmp_path, **{**READ, absent: None})
    for name, count in unread.items():
        assert figures[name] == (0, 0, None, count, None)
    assert all(figures[name][3] == 0 for name in figures.keys() - unread.keys())


def test_a_nexus_that_did_not_answer_is_unknown_beside_one_that_did(tmp_path: Path) -> None:
    town = declared_town()
    names = [asset["name"] for asset in town.assets if asset["kind"] == "core_switch"]
    folder = exported(tmp_path)
    (folder / "nexus").mkdir()
    (folder / f"nexus/{names[0]}.txt").write_text("hostname x\n", "utf-8")
    (row,) = (row for row in concordance(read(folder, [SITE], {}), town) if row["class"] == "core_switch")
    assert len(names) > 1
    assert (row["numerator"], row["denominator"], row["unknown"]) == (1, 1, len(names) - 1)


def test_a_node_that_is_not_in_service_makes_no_count_negative(tmp_path: Path) -> None:
    town = small()
    assert town.commune
    assets = [
        {**asset, "state": "retired"} if asset["name"] == "ntnx-hdv-c" else asset for asset in town.commune["assets"]
    ]
    changed = replace(town, commune={**town.commune, "assets": assets})  # type: ignore[typeddict-item]
    rows = {row["class"]: row for row in concordance(read(exported(tmp_path, **READ), [SITE], {}), changed)}
    row = rows["server"]
    assert (row["numerator"], row["denominator"], row["unknown"]) == (1, 2, 0)
