"""Declared protection: what is derived, and the faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.protection.derived import outlives
from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "protection.yml"
_HERE = "      medium: disk\n      site: ctm\n"
_STORES = "      rto_hours: 8\n      immutable: true\n      stores: [prism, sauvegarde, hors-site]\n"
_SERVER = "      server: hdv-fic1\n"
_EXEMPT = "      exempt: Recette et image de référence, refaites depuis la production\n"
_TWO = "      stores: [sauvegarde, hors-site]\n"

PROTECTION = [
    Case(
        "a store, a family, a site and a server that nothing declares",
        [
            (FILE, "      carried_by: ntnx-hdv\n", "      carried_by: ntnx-hdw\n"),
            (FILE, _HERE, _HERE.replace("ctm", "ctn")),
            (FILE, _STORES, _STORES.replace("hors-site", "hors-cite")),
            (FILE, "      family: bases\n", "      family: base\n"),
            (FILE, _SERVER, _SERVER.replace("fic1", "fic9")),
            (FILE, "depot-restic, hors-site]", "depot-restic, hors-site, bande]"),
        ],
        [
            ("M300", "protection.stores[prism].carried_by", FILE, "carried_by: ntnx-hdw"),
            ("M300", "protection.stores[sauvegarde].site", FILE, "site: ctn"),
            ("M300", "protection.families[fichiers].stores[3]", FILE, "hors-cite"),
            ("M300", "protection.sets[base-glpi].family", FILE, "family: base"),
            ("M300", "protection.sets[partages].stores[4]", FILE, "hors-site, bande]"),
            ("M301", "protection.families[fichiers].stores", FILE, "hors-cite"),
            ("M304", "protection.sets[partages].server", FILE, "server: hdv-fic9"),
        ],
        ["Vouliez-vous dire « hors-site » ?", "le serveur « hdv-fic9 » n’est pas déclaré"],
    ),
    Case(
        "stores that can never make 3-2-1, of a family and of a set",
        [
            (FILE, _STORES, _STORES.replace(", hors-site", "")),
            (FILE, "      path: glpi\n", "      path: glpi\n      stores: [prism]\n"),
        ],
        [
            ("M301", "protection.families[fichiers].stores", FILE, 52),
            ("M301", "protection.sets[base-glpi].stores", FILE, "      stores: [prism]"),
        ],
        ["fichiers (hdv-fic1) : ses endroits donnent au plus 2 exemplaires sur 3, 0 copie externalisée sur 1, aucune",
         "bases (base-glpi) : ses endroits donnent au plus 1 exemplaire sur 3, 1 support sur 2"],
    ),
    Case(
        "less than 3-2-1 without a reason, copies that end before the next, a family of nothing",
        [
            (FILE, _EXEMPT, "      keep_days: 6\n"),
            (FILE, "  sets:\n", f"    vide:\n      rpo_hours: 24\n      rto_hours: 8\n{_TWO}  sets:\n"),
        ],
        [
            ("M302", "protection.families[hors-prod].copies", FILE, "      copies: 2"),
            ("M302", "protection.families[hors-prod].off_site", FILE, "      off_site: 0"),
            ("M305", "protection.families[hors-prod].keep_days", FILE, "      keep_days: 6"),
            ("M306", "protection.families[vide]", FILE, "    vide:"),
        ],
        ["hors-prod demande 0 copie externalisée, 1 au moins sans motif", "garde une copie 6 j"],
    ),
    Case(
        "sets that say nothing of what they protect",
        [
            (FILE, "      server: hdv-fic1\n", ""),
            (FILE, "      parts: [meraki, nexus, smc, gpo, nps, dns, dhcp]\n", ""),
            (FILE, "family: m365, parts: [teams], ", "family: m365, "),
        ],
        [
            ("M303", "protection.sets[partages]", FILE, "    partages:"),
            ("M303", "protection.sets[configurations]", FILE, 114),
            ("M303", "protection.sets[m365-teams]", FILE, "    m365-teams:"),
        ],
        ["configurations ne nomme aucun système", "m365-teams ne nomme aucun service"],
    ),
    Case(
        "two stores of the same cluster, an off-site store of the town, sets that are machines",
        [
            (FILE, _HERE, "      medium: disk\n      carried_by: hdv-sav1\n"),
            (FILE, "      off_site: true\n", "      off_site: true\n      site: ctm\n"),
            (FILE, "    base-glpi:\n", "    hdv-glpi1:\n"),
            (FILE, "    annuaire:\n      kind: directory\n", "    annuaire:\n      kind: machine\n"),
        ],
        [
            *(
                (rule, f"protection.families[{name}].stores", FILE, line)
                for name, line in (("identite", 47), ("fichiers", 53), ("bases", 59), ("applications", 64),
                                   ("exploitation", 69), ("hors-prod", 77))
                for rule in ("M301", "M307")
            ),
            ("M308", "protection.stores[hors-site].off_site", FILE, "off_site: true"),
            ("M309", "protection.sets[hdv-glpi1]", FILE, "    hdv-glpi1:"),
            ("M309", "protection.sets[annuaire].server", FILE, "      server: hdv-dc1"),
        ],
        ["prism et sauvegarde sont sur « ntnx-hdv », un seul support"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", PROTECTION, ids=lambda case: case.name)
def test_each_fault_is_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_machines_are_sets_of_their_family(town: Town) -> None:
    assert town.commune
    assert town.commune["hosting"]
    sets = {item["name"]: item for item in town.protection}
    assert {item["name"] for item in town.protection if item["kind"] == "machine"} == {
        machine["name"] for machine in town.commune["hosting"]["machines"]
    }
    machine = sets["hdv-sql1"]
    assert (machine["family"], machine["rpo_hours"], machine["carrier"]) == ("bases", 1, "ntnx-hdv")
    assert machine["source"].startswith("group_vars/all/hosting.yml:")
    assert machine["address"] == town.sites["hotel-de-ville"]["segments"]["serveurs"]["reservations"]["hdv-sql1"]


def test_a_share_lies_where_its_server_does_and_microsoft_365_elsewhere(town: Town) -> None:
    assert town.commune
    sets = {item["name"]: item for item in town.protection}
    stores = {store["name"]: store for store in town.commune["protection"]["stores"]}
    share, mail = sets["partages"], sets["m365-messagerie"]
    assert (share["carrier"], share["medium"], share["site"]) == ("ntnx-hdv", "hci", "hotel-de-ville")
    assert (mail["carrier"], mail["medium"], mail["site"]) == (None, "cloud", None)
    assert not outlives(stores["prism"], share)
    assert outlives(stores["prism"], mail)
    assert outlives(stores["hors-site"], share)


def test_every_perimeter_of_the_tender_has_a_family(town: Town) -> None:
    families = {item["family"] for item in town.protection}
    assert {"hors-prod", "fichiers", "configurations", "m365", "bases", "identite"} <= families


def test_prism_has_a_category_for_the_families_of_machines_alone(town: Town) -> None:
    assert town.commune
    assert town.commune["hosting"]
    values = {entry["value"] for entry in town.commune["hosting"]["categories"] if entry["key"] == "Sauvegarde"}
    assert values == {"identite", "fichiers", "bases", "applications", "exploitation", "hors-prod"}
