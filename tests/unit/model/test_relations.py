"""The relations of the town: each end is a thing that exists, and each is said once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from piste.town.model import Town
from piste.town.model.relations import End, Relation, relations
from tests.unit.model.broken_town import ALL, Copy


def said(town: Town, name: str) -> set[tuple[str, str, str]]:
    """Give the relations of a thing: kind, source, target."""
    return {(kind, *(end.name for end in ends)) for kind, *ends in relations(town) if name in [e.name for e in ends]}


def test_an_application_is_linked_to_all_that_it_lives_on(town: Town) -> None:
    assert said(town, "glpi") == {
        ("hosted_on", "glpi", "hdv-glpi1"),
        ("depends_on", "glpi", "hdv-sql1"),
        ("depends_on", "glpi", "postes-applications"),
        ("depends_on", "glpi", "assistance"),
        ("covered_by", "glpi", "glpi"),
    }
    assert said(town, "myq") >= {("covered_by", "myq", "copieurs"), ("hosted_on", "myq", "hdv-imp1")}


def test_a_machine_is_linked_to_its_cluster_and_the_cluster_to_its_nodes(town: Town) -> None:
    assert said(town, "hdv-ag1") == {
        ("hosted_on", "hdv-ag1", "ntnx-hdv"),
        ("hosted_on", "city-web", "hdv-ag1"),
        ("hosted_on", "logicime", "hdv-ag1"),
        ("watched_by", "hdv-ag1", "server"),
        ("covered_by", "hdv-ag1", "exploitation-sortante"),
    }
    nodes = {target for kind, source, target in said(town, "ntnx-hdv") if source == "ntnx-hdv" and kind == "hosted_on"}
    assert nodes == {"ntnx-hdv-a", "ntnx-hdv-b", "ntnx-hdv-c"}


def test_a_site_is_linked_to_the_core_by_its_link_and_to_the_servers_that_it_needs(town: Town) -> None:
    assert said(town, "ineo-ccas") == {
        ("connected_to", "ccas", "ineo-ccas"),
        ("connected_to", "ineo-ccas", "sw-hdv-01"),
        ("covered_by", "ineo-ccas", "liaisons"),
    }
    needed = {target for kind, source, target in said(town, "ccas") if kind == "depends_on"}
    assert needed == {"hdv-dc1", "hdv-dc2", "hdv-imp1", "hdv-log1", "hdv-nps1", "hdv-nps2"}


def test_a_cable_said_at_both_ends_is_a_single_relation(town: Town) -> None:
    cables = [r for r in relations(town) if {r.source.name, r.target.name} == {"sw-hdv-01", "sw-hdv-03"}]
    assert cables == [Relation("connected_to", End("switch", "sw-hdv-01"), End("switch", "sw-hdv-03"))]
    assert ("connected_to", "fw-hdv-1", "sw-hdv-01") in said(town, "fw-hdv-1")
    assert ("connected_to", "nx-hdv-1", "sw-hdv-02") in said(town, "nx-hdv-1")


def test_each_relation_comes_once_between_things_that_exist(town: Town) -> None:
    assert town.commune is not None
    every = relations(town)
    assert [relation for relation, count in Counter(every).items() if count > 1] == []
    known = {(asset["kind"], asset["name"]) for asset in town.assets} | {("site", name) for name in town.sites}
    known |= {("application", entry["id"]) for entry in town.commune["applications"]}
    known |= {("contract", entry["id"]) for entry in town.commune["contracts"]}
    known |= {("licence", entry["id"]) for entry in town.commune["licences"]}
    known |= {("certificate", entry["name"]) for entry in town.commune["certificates"]["certificates"]}
    known |= {("flow", path["id"]) for entry in town.commune["applications"] for path in entry["paths"]}
    known |= {("link", link["name"]) for site in town.sites.values() for link in site["premises"]["links"]}
    known |= {("supervision", "server"), ("supervision", "collector")}
    assert {end for relation in every for end in (relation.source, relation.target)} - known == set()


def test_an_asset_is_watched_where_the_server_has_it_as_a_host(town: Town) -> None:
    watched = {r.source.name: r.target.name for r in relations(town) if r.kind == "watched_by"}
    assert (watched["sw-jau-02"], watched["ntnx-hdv"]) == ("server", "collector")
    # Of the printers, only those with a reserved address are hosts; a member of the firewall has its own.
    assert sum(name.startswith("imp-") for name in watched) == 3
    assert watched["fw-hdv-1"] == "server"
    assert town.commune is not None
    alone = [{**owner, "supervision": None} for owner in town.owners.values()]
    bare = replace(town, commune=alone[0], sites={site["id"]: site for site in alone[1:]})  # type: ignore[arg-type, misc]
    meant = {r.source.name: r.target.name for r in relations(bare) if r.kind == "watched_by"}
    assert (meant["sw-jau-02"], meant["fw-hdv-1"]) == ("collector", "server")


def test_the_contract_of_an_asset_comes_before_that_of_its_class(copy: Copy) -> None:
    copy.edit("inventories/town/assets/printer.csv", "name,serial,maker,", "name,serial,contract,")
    path = copy.root / "inventories/town/assets/printer.csv"
    path.write_text(path.read_text("utf-8").replace(",Kyocera,", ",,").replace("EX-hdv-mfp-001,,", "EX-1,materiel,"))
    copy.edit(ALL + "contracts.yml", "classes: [computer]", "classes: [computer], assets: [ca-hdv-01]")
    town = copy.load()
    assert [str(fault) for fault in town.faults] == []
    contracts = {r.source.name: r.target.name for r in relations(town) if r.kind == "covered_by"}
    assert (contracts["imp-hdv-01"], contracts["imp-hdv-02"]) == ("materiel", "copieurs")
    assert contracts["ca-hdv-01"] == "materiel"
    assert "ca-ctm-01" not in contracts
