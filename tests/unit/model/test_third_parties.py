"""Third parties, contracts, licences, applications, accounts: faults, and the derived data."""

from __future__ import annotations

import json
from datetime import date

import pytest

from piste.town.model import Town
from piste.town.model.applications import counted
from piste.town.model.contracts import _months_before
from tests.unit.model.broken_town import ALL, Case, Copy, check

PARTIES, CONTRACTS = ALL + "third_parties.yml", ALL + "contracts.yml"
APPLICATIONS, ACCOUNTS, ADMINISTRATION = ALL + "applications.yml", ALL + "accounts.yml", ALL + "administration.yml"
ACCESS = "inventories/town/assets/access_control.csv"
NEOS = "machines: [hdv-med1],\n     flows: [postes-applications]"
COPIERS = "    supplier: kyocera\n"
M365 = "    type: subscription\n    publisher: microsoft\n"

RECORDS = [
    Case(
        "a third party with the name of a site",
        [(PARTIES, "  ineo:\n", "  ccas:\n"), (CONTRACTS, "supplier: ineo", "supplier: ccas")],
        [("M270", "third_parties[ccas]", PARTIES, "  ccas:")],
        ["« ccas » est déjà le nom d’un site"],
    ),
    Case(
        "a plan of interface that lacks its delays",
        [
            (
                PARTIES,
                "      delays:\n        - {event: Accusé d'une commande, within: 2 jours ouvrés, status: to_confirm}\n"
                "        - {event: Échange d'un matériel mort à la livraison, within: 5 jours ouvrés, "
                "status: to_confirm}\n",
                "",
            )
        ],
        [("M271", "third_parties[inmac-wstore]", PARTIES, 77)],
        ["InMac WStore : plan d’interface sans délai"],
    ),
    Case(
        "a supplier without any plan",
        [(PARTIES, "  adic: {label: Adic, kind: publisher", "  adic: {label: Adic, kind: supplier")],
        [("M271", "third_parties[adic]", PARTIES, "  adic: {")],
        ["Adic : plan d’interface sans point de contact, sans délai, sans escalade"],
    ),
    Case(
        "contracts and licences of what nothing declares",
        [
            (CONTRACTS, COPIERS, COPIERS.replace("kyocera", "kyosera")),
            (CONTRACTS, "purchasing_body: sipperec", "purchasing_body: siperec"),
            (
                CONTRACTS,
                "{classes: [printer/copier], applications: [myq]}",
                "{classes: [printer/copieur, printer], assets: [imp-hdv-99], applications: [my-q]}",
            ),
            (ACCESS, ",maker,", ",contract,"),
            (ACCESS, "EX-ctm-ca-001,,", "EX-ctm-ca-001,louage,"),
            (CONTRACTS, M365, M365.replace("microsoft", "microsft")),
            (CONTRACTS, "contract: exploitation-sortante", "contract: exploitation"),
            (CONTRACTS, "applications: [adobe-creative-cloud]", "applications: [adobe]"),
        ],
        [
            ("M270", "contracts[copieurs].supplier", CONTRACTS, "kyosera"),
            ("M270", "contracts[telephonie].purchasing_body", CONTRACTS, "siperec"),
            ("M270", "contracts[copieurs].covers.classes", CONTRACTS, "my-q"),
            ("M270", "contracts[copieurs].covers.assets", CONTRACTS, "my-q"),
            ("M270", "contracts[copieurs].covers.applications", CONTRACTS, "my-q"),
            ("M270", "assets.access_control[ca-ctm-01].contract", ACCESS, "louage"),
            ("M270", "licences[m365].publisher", CONTRACTS, "microsft"),
            ("M270", "licences[forcepoint-ngfw].contract", CONTRACTS, "contract: exploitation"),
            ("M270", "licences[adobe-cc].applications", CONTRACTS, "applications: [adobe]"),
        ],
        ["Vouliez-vous dire « kyocera » ?"],
    ),
    Case(
        "a contract and a licence that are over since yesterday, another that ends today",
        [
            (CONTRACTS, COPIERS, COPIERS + '    end: "2026-11-23"\n'),
            (CONTRACTS, "    supplier: ineo\n", '    supplier: ineo\n    end: "2026-11-24"\n'),
            (CONTRACTS, M365, M365 + '    end: "2026-11-23"\n'),
        ],
        [("M272", "contracts[copieurs].end", CONTRACTS, 10), ("M272", "licences[m365].end", CONTRACTS, 66)],
        ["copieurs : le contrat a pris fin le 2026-11-23", "m365 : la licence a pris fin"],
    ),
    Case(
        "a contract whose notice begins today, another whose notice begins tomorrow",
        [
            (CONTRACTS, COPIERS, COPIERS + '    end: "2027-02-24"\n    notice_months: 3\n'),
            (CONTRACTS, "    supplier: ineo\n", '    supplier: ineo\n    end: "2027-02-25"\n    notice_months: 3\n'),
        ],
        [("M279", "contracts[copieurs].end", CONTRACTS, "2027-02-24")],
        ["copieurs finit le 2027-02-24 : son préavis court depuis le 2026-11-24"],
    ),
    Case(
        "a contract that ends before its start",
        [(CONTRACTS, COPIERS, COPIERS + '    start: "2027-01-01"\n    end: "2026-12-31"\n')],
        [("M007", "contracts[copieurs]", CONTRACTS, "  copieurs:")],
        ["La fin (2026-12-31) précède le début (2027-01-01)"],
    ),
    Case(
        "an application of a publisher, a machine, a flow, a site, a need that nothing declares",
        [
            (APPLICATIONS, "publisher: archimed", "publisher: archimède"),
            (APPLICATIONS, NEOS, "machines: [hdv-med2], flows: [postes-application]"),
            (APPLICATIONS, "hosting: saas, site: conservatoire", "hosting: saas, site: conservatoires"),
            (APPLICATIONS, "certificates: [assistance]", "certificates: [assistence]"),
            (APPLICATIONS, "needs: [hdv-sql1, hdv-dc1]", "needs: [hdv-sql2, ciril-enfance]"),
            (APPLICATIONS, "same_as: ciril-enfance", "same_as: enfance"),
        ],
        [
            ("M270", "applications[syracuse].publisher", APPLICATIONS, "archimède"),
            ("M270", "applications[neos].machines", APPLICATIONS, "hdv-med2"),
            ("M270", "applications[neos].flows", APPLICATIONS, "hdv-med2"),
            ("M270", "applications[rapsodie].site", APPLICATIONS, "conservatoires"),
            ("M270", "applications[glpi].certificates", APPLICATIONS, "assistence"),
            ("M270", "applications[city-web].needs", APPLICATIONS, "hdv-sql2"),
            ("M270", "applications[ciril-petite-enfance].same_as", APPLICATIONS, "same_as: enfance"),
        ],
        ["city-web : ce dont elle a besoin « hdv-sql2 » ne désigne rien de déclaré", "« hdv-sql1 »"],
        whole=True,
    ),
    Case(
        "a row of the tender that two applications take, an application that is itself",
        [
            (APPLICATIONS, "{row: 2, label: Syracuse", "{row: 1, label: Syracuse"),
            (APPLICATIONS, "same_as: ciril-enfance", "same_as: ciril-petite-enfance"),
        ],
        [
            ("M273", "applications[portail-mediatheque].row", APPLICATIONS, "label: Portail"),
            ("M273", "applications[syracuse].row", APPLICATIONS, "label: Syracuse"),
            ("M273", "applications[ciril-petite-enfance].same_as", APPLICATIONS, "same_as: ciril-petite"),
        ],
    ),
    Case(
        "an application of the town's own without a machine",
        [(APPLICATIONS, NEOS, "flows: [postes-applications]")],
        [("M274", "applications[neos].hosting", APPLICATIONS, "label: Neos")],
        ["Neos est hébergée sur place, sur aucune machine"],
    ),
    Case(
        "a flow that serves another machine",
        [(APPLICATIONS, NEOS, NEOS.replace("postes-applications", "postes-fichiers"))],
        [("M275", "applications[neos].flows", APPLICATIONS, "postes-fichiers")],
        ["Neos : le flux postes-fichiers ne part pas de hdv-med1, et n’y mène pas"],
    ),
    Case(
        "an administrator that no account describes; a pattern describes nobody",
        [(ADMINISTRATION, "  ad: [Administrator, ", "  ad: [Administrator, intrus, svc-*, ")],
        [("M276", "administrators.ad[2]", ADMINISTRATION, "intrus")],
        ["intrus administre ad, aucun compte ne le décrit là"],
    ),
    Case(
        "an account on a system that nothing declares, of a third party that nothing declares",
        [
            (ACCOUNTS, "[prism, zabbix, hdv-nps1", "[prysm, prism, zabbix, hdv-nps1"),
            (ACCOUNTS, "prism], rights: all, holder: titulaire-sortant", "prism], rights: all, holder: titulaire"),
        ],
        [
            ("M270", "accounts[svc-piste].systems", ACCOUNTS, "prysm"),
            ("M270", "accounts[prestataire].holder", ACCOUNTS, "holder: titulaire, "),
        ],
    ),
    Case(
        "a system where only a third party can do everything",
        [
            (ACCOUNTS, "technical, systems: [smc], rights: all", "technical, systems: [smc], rights: some"),
            (ACCOUNTS, "nominative, systems: [smc], rights: all", "nominative, systems: [smc], rights: some"),
        ],
        [("M277", "accounts[prestataire].systems", ACCOUNTS, "systems: [glpi, smc, prism]")],
        ["smc : seuls des tiers y ont tous les droits (prestataire)"],
    ),
    Case(
        "accounts of third parties: without an end, past their end",
        [
            (ACCOUNTS, 'purpose: Astreinte, until: "2099-12-31"', "purpose: Astreinte"),
            (ACCOUNTS, 'purpose: Sauvegardes, until: "2099-12-31"', 'purpose: Sauvegardes, until: "2026-11-23"'),
        ],
        [
            ("M278", "accounts[astreinte@prestataire.invalid].until", ACCOUNTS, "astreinte@"),
            ("M278", "accounts[svc-prestataire-sauvegarde].until", ACCOUNTS, "2026-11-23"),
        ],
    ),
    Case(
        "an account with a pattern for a name, an approval without its day",
        [
            (ACCOUNTS, "  svc-piste:", "  svc-*:"),
            (PARTIES, "      reviews: Chaque semestre\n", "      reviews: Chaque semestre\n      approved_by: DSI\n"),
        ],
        [
            ("M007", "accounts[svc-*].[key]", ACCOUNTS, "svc-*"),
            ("M007", "third_parties[inmac-wstore].interface", PARTIES, 77),
        ],
    ),
]


@pytest.mark.parametrize("case", RECORDS, ids=lambda case: case.name)
def test_records(case: Case, copy: Copy) -> None:
    check(copy, case)


def test_the_42_rows_of_the_tender_are_there(town: Town) -> None:
    assert town.commune is not None
    applications = town.commune["applications"]
    assert [entry["row"] for entry in applications] == [*range(1, 43), None, None, None, None]
    # 41 in use, 40 products: Ciril Enfance serves two services, a row is decommissioned.
    assert counted(applications) == (42, 41, 40)
    on_premise = {entry["row"] for entry in applications if entry["hosting"] == "on_premise" and entry["row"]}
    assert on_premise == {4, 15, 16, 22, 23, 24, 30, 31, 36, 38, 39}
    states = {entry["row"]: entry["state"] for entry in applications if entry["state"] != "in_service"}
    assert states == {33: "decommissioned", 40: "to_clarify", None: "to_clarify"}
    assert {entry["row"] for entry in applications if entry["same_as"]} == {25}


def test_each_application_of_the_town_has_a_machine_and_its_backups(town: Town) -> None:
    assert town.commune is not None
    for entry in town.commune["applications"]:
        assert (entry["hosting"] == "on_premise") == bool(entry["hosts"]), entry["id"]
    web = next(entry for entry in town.commune["applications"] if entry["id"] == "city-web")
    assert [(host["name"], host["address"], host["rpo_hours"], host["rto_hours"]) for host in web["hosts"]] == [
        ("hdv-ag1", "10.93.2.27", 24, 24)
    ]
    assert [(path["id"], path["services"]) for path in web["paths"]] == [("postes-applications", ["https"])]


def test_five_third_parties_of_the_tender_have_a_whole_plan(town: Town) -> None:
    assert town.commune is not None
    plans = {party["id"]: party["interface"] for party in town.commune["third_parties"] if party["plan_due"]}
    five = {"kyocera", "sfr-business", "ineo", "inmac-wstore", "bouygues-services"}
    assert plans.keys() == five | {"titulaire-sortant"}
    assert all(plan and plan["contacts"] and plan["delays"] and plan["escalation"] for plan in plans.values())


def test_every_administrator_is_in_the_inventory_of_accounts(copy: Copy) -> None:
    copy.edit(ADMINISTRATION, "  ad: [Administrator, ", "  ad: [Administrator, svc-*, ")
    commune = copy.load().commune
    assert commune is not None
    accounts = {account["login"]: account for account in commune["accounts"]}
    assert accounts["svc-*"]["administers"] == ["ad"]
    assert (accounts["svc-*"]["kind"], accounts["svc-*"]["holder"]) == (None, None)
    assert accounts["prestataire"]["administers"] == ["smc", "prism"]
    assert accounts["j.martin@ad.lebourget.example"]["mfa"] is True
    assert {account["kind"] for account in accounts.values()} == {
        "nominative", "technical", "emergency", "third_party", None,
    }  # fmt: skip


def test_a_notice_in_months_ends_within_a_shorter_month() -> None:
    assert _months_before(date(2027, 5, 31), 3) == date(2027, 2, 28)
    assert _months_before(date(2027, 1, 15), 13) == date(2025, 12, 15)


def test_the_records_are_plain_data(town: Town) -> None:
    assert town.commune is not None
    assert json.loads(json.dumps(town.commune)) == town.commune
