"""The hosting: the exact faults, paths, files and lines."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, Case, Copy, check

HOSTING = ALL + "hosting.yml"
APPLICATIONS = ALL + "applications.yml"
PROTECTION = ALL + "protection.yml"
DC1 = "  hdv-dc1:\n    role: Annuaire, DNS, DHCP\n    size: {vcpus: 2, memory_gib: 4}\n    environment: prod\n"

HOSTING_CASES = [
    Case(
        "a machine of an environment, a family and an image that nobody declares",
        [
            (
                HOSTING,
                DC1 + "    protection: identite\n",
                DC1.replace("prod\n", "production\n") + "    protection: identité\n    image: windows-server-2025\n",
            ),
        ],
        [
            ("M130", "hosting_machines.hdv-dc1.environment", HOSTING, "environment: production"),
            ("M130", "hosting_machines.hdv-dc1.protection", HOSTING, "protection: identité"),
            ("M130", "hosting_machines.hdv-dc1.image", HOSTING, "image: windows-server-2025"),
        ],
        ["Vouliez-vous dire « identite » ?", "Vouliez-vous dire « windows-server-2022 » ?"],
    ),
    Case(
        "a cluster that carries a segment which its site has not",
        [(HOSTING, "segments: [serveurs, surete]", "segments: [serveurs, surete, pedagogique]")],
        [("M130", "hosting.segments[3]", HOSTING, "segments: [")],
        ["Le site « hotel-de-ville » n’a pas de segment « pedagogique »"],
    ),
    Case(
        "a machine to keep apart from one that does not exist",
        [(HOSTING, "machines: [hdv-sh1, hdv-sh2]", "machines: [hdv-sh1, hdv-sh3]")],
        [("M130", "hosting_separated.sessions.machines[2]", HOSTING, "sessions: {")],
    ),
    Case(
        "a machine without a reserved address",
        [(HOSTING, "  hdv-img1:\n", "  hdv-img2:\n")],
        [("M131", "hosting_machines.hdv-img2", HOSTING, "hdv-img2:")],
        ["hdv-img2 : aucune adresse à ce nom dans serveurs, surete (hotel-de-ville)"],
    ),
    Case(
        "more memory than the cluster holds where a node is lost, and than a node holds",
        [(HOSTING, DC1, DC1.replace("memory_gib: 4", "memory_gib: 100"))],
        [
            ("M132", "hosting_machines", HOSTING, "hosting_machines:"),
            ("M132", "hosting_machines.hdv-dc1.size.memory_gib", HOSTING, "memory_gib: 100"),
        ],
        ["Les machines demandent 198 Gio de mémoire, il en reste 192", "aucun nœud n’en offre plus de 96"],
    ),
    Case(
        "four machines to keep apart on three nodes",
        [(HOSTING, "machines: [hdv-dc1, hdv-dc2]", "machines: [hdv-dc1, hdv-dc2, hdv-ca1, hdv-fic1]")],
        [("M132", "hosting_separated.annuaire.machines", HOSTING, "annuaire: {")],
    ),
    Case(
        "hours on a machine of production",
        [(HOSTING, DC1, DC1 + "    schedule: nuits-et-week-ends\n")],
        [("M133", "hosting_machines.hdv-dc1.schedule", HOSTING, 87)],
        ["hdv-dc1 est en production (prod) et suit l’horaire « nuits-et-week-ends »"],
    ),
    Case(
        "hours of a machine that also says whether it runs",
        [(HOSTING, "  hdv-rct1:\n", "  hdv-rct1:\n    power: running\n")],
        [("M135", "hosting_machines.hdv-rct1.power", HOSTING, "power: running")],
        ["hdv-rct1 suit l’horaire « nuits-et-week-ends » et dit aussi power: running"],
    ),
    Case(
        "a machine that is declared and to be removed",
        [(HOSTING, "hosting_machines:\n", "hosting_retired:\n  hdv-dc1: {protection: identite}\nhosting_machines:\n")],
        [("M134", "hosting_retired.hdv-dc1", HOSTING, "hdv-dc1: {protection: identite}")],
    ),
    Case(
        "an isolated network with the VLAN of the servers",
        [(HOSTING, "vlan: 3990", "vlan: 102")],
        [
            ("M310", "hosting.isolated.restauration.vlan", HOSTING, "restauration: {"),
            ("M311", "hosting.isolated.restauration.vlan", HOSTING, "restauration: {"),
        ],
        ["restauration : le VLAN 102 est celui de serveurs (hotel-de-ville)"],
    ),
    Case(
        "two isolated networks of one VLAN, and the name of a segment",
        [(HOSTING, "    restauration: {", "    surete: {vlan: 3990, status: to_confirm}\n    restauration: {")],
        [
            ("M310", "hosting.isolated.surete", HOSTING, "surete: {"),
            ("M310", "hosting.isolated.restauration.vlan", HOSTING, "restauration: {"),
        ],
        ["restauration et surete ont le VLAN 3990"],
    ),
    Case(
        "a recovery plan to its own cluster, of an unknown family, with an unknown network",
        [
            (
                HOSTING,
                "hosting_images:\n",
                "hosting_recovery:\n  reprise:\n    cluster: 'ntnx-hdv'\n    families: [bases, base]\n"
                "    test_network: essais\nhosting_images:\n",
            )
        ],
        [
            ("M312", "hosting_recovery.reprise.cluster", HOSTING, "cluster: 'ntnx-hdv'"),
            ("M312", "hosting_recovery.reprise.families[2]", HOSTING, "families: ["),
            ("M312", "hosting_recovery.reprise.test_network", HOSTING, "test_network: essais"),
        ],
        ["Vouliez-vous dire « bases » ?"],
    ),
    Case(
        "machines that wait for each other",
        [
            (APPLICATIONS, "needs: [hdv-sql1, hdv-dc1]", "needs: [hdv-sql1, hdv-dc1, glpi]"),
            (APPLICATIONS, "    needs: [hdv-sql1]\n", "    needs: [hdv-sql1, city-web]\n"),
        ],
        [("M313", "applications", APPLICATIONS, "applications:")],
        ["S’attendent l’une l’autre : hdv-ag1, hdv-glpi1"],
    ),
    Case(
        "a store of Prism that is not on the cluster",
        [(PROTECTION, "      carried_by: ntnx-hdv\n", "")],
        [("M314", "protection.stores[prism]", PROTECTION, "prism:")],
    ),
    Case(
        "copies of another product on a cluster that is not named",
        [(PROTECTION, "disk\n      site: ctm\n      reader: veeam", "hci\n      reader: veeam")],
        [("M314", "protection.stores[sauvegarde]", PROTECTION, "sauvegarde:")],
    ),
    Case(
        "copies at a rhythm that Prism Central does not know",
        [(PROTECTION, "      rpo_hours: 4\n", "      rpo_hours: 5\n")],
        [("M318", "protection.families[fichiers].rpo_hours", PROTECTION, "      rpo_hours: 5")],
        ["fichiers : Prism Central ne copie pas toutes les 5 h", "1, 2, 3, 4, 6, 8, 12 ou 24 et plus"],
    ),
]


@pytest.mark.parametrize("case", HOSTING_CASES, ids=lambda case: case.name)
def test_hosting(case: Case, copy: Copy) -> None:
    check(copy, case)
