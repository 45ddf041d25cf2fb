"""Scopes, options and reservations: what is derived, and the exact faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from tests.unit.model.broken_town import ALL, JAURES, Case, Copy, check, host, jaures_segment

FILE = ALL + "addressing.yml"
MEDIA = host("mediatheque")
MAC = 'mac: "02:93:12:00:00:81"'

LEASES = [
    Case(
        "nobody to lend addresses",
        [(FILE, "dhcp:\n  servers: [hdv-dc1, hdv-dc2]", "dhcp:\n  servers: []")],
        [("M190", "dhcp.servers", FILE, "  servers: []")],
        ["Aucun serveur ne donne les adresses de"],
    ),
    Case(
        "options, guests, exclusions and addresses",
        [
            (FILE, "dhcp:\n  servers: [hdv-dc1, hdv-dc2]", "dhcp:\n  servers: [hdv-dc1]"),
            (FILE, "options: {ntp: [hdv-dc1, hdv-dc2]}", "options: {ntp: [hdv-dc9], boot_server: internet}"),
            (FILE, "invites: {dns: [resolveur]}", "invites: {dns: [resolveur]}\n    invite: {ntp: []}"),
            jaures_segment(
                "pedagogique: {dhcp: {exclude: [{first: 20, last: 60}]}}\n"
                '  administration: {reservations: {ups-jau-1: {host: 201, mac: "02:93:05:00:00:01"}}}\n'
                f"  utilisateurs: {{reservations: {{imp-jau-01: {{host: 10, {MAC}}}}}}}"
            ),
        ],
        [
            ("M190", "dhcp.failover", FILE, "failover: {mode"),
            ("M191", "dhcp.options.ntp[1]", FILE, "  options: {ntp"),
            ("M191", "dhcp.options.boot_server", FILE, "  options: {ntp"),
            ("M030", "dhcp.populations[invite]", FILE, "invite: {ntp"),
            ("M193", "sites[ecole-jaures].segments[pedagogique].dhcp.exclude", JAURES, "pedagogique: {dhcp"),
            ("M194", "sites[ecole-jaures].segments[administration].reservations[ups-jau-1]", JAURES, "ups-jau-1"),
            ("M194", "sites[mediatheque].segments[utilisateurs].reservations[imp-med-01]", MEDIA, "imp-med-01: {host"),
        ],
        [
            "« internet » n’est ni une réservation, ni un lieu d’une seule adresse",
        ],
    ),
    Case(
        "settings of the servers",
        [
            (FILE, "update_account: LEBOURGET\\svc-dhcp\n", "update_account: svc-dhcp\n  retired: [hdv-dc2]\n"),
            (
                FILE,
                "domain: ad.lebourget.example}\n    audit_log",
                'boot_server: internet, other: {6: ["10.93.2.11"]}}\n    audit_log',
            ),
        ],
        [
            ("M191", "dhcp.settings.options.boot_server", FILE, "options: {dns"),
            ("M195", "dhcp.settings.options.other", FILE, "options: {dns"),
            ("M195", "dhcp.retired[1]", FILE, "retired:"),
        ],
        ["« hdv-dc2 » donne encore des adresses", "l’option 6 a son nom"],
    ),
    Case(
        "guests who ask the town",
        [(FILE, "invites: {dns: [resolveur]}", "invites: {dns: [hdv-dc1]}")],
        [
            ("M192", "dhcp.populations[invites]", FILE, "invites: {dns"),
            ("M112", "dhcp.populations", FILE, "invites: {dns"),
        ],
        [
            "invites : les invités interrogeraient 10.93.2.11, de la ville",
            "pour les noms, (invites@hotel-de-ville, invites@ccas, invites@ctm et 17 autres) n’atteignent pas 10.93",
        ],
        whole=True,
    ),
    Case(
        "guests without names",
        [(FILE, "    invites: {dns: [resolveur]}\n", "")],
        [("M192", "dhcp.populations[invites]", FILE, "  populations:")],
    ),
]


@pytest.mark.parametrize("case", LEASES, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_a_scope_has_all_that_a_server_asks_for(town: Town) -> None:
    scopes = {scope["segment"]: scope for scope in town.sites["mediatheque"]["scopes"]}
    assert list(scopes) == ["utilisateurs", "telephonie", "public"]
    assert scopes["utilisateurs"] == {
        "name": "med-utilisateurs",
        "segment": "utilisateurs",
        "subnet": "10.93.97.0/24",
        "start": "10.93.97.50",
        "end": "10.93.97.239",
        "exclusions": [],
        "lease": 691_200,
        "options": {
            "routers": ["10.93.97.254"],
            "dns": ["10.93.2.11", "10.93.2.12"],
            "ntp": ["10.93.2.11", "10.93.2.12"],
            "domain": "ad.lebourget.example",
            "boot_server": None,
            "boot_file": None,
        },
        "reservations": [
            {
                "name": f"imp-med-0{rank}",
                "address": f"10.93.97.{9 + rank}",
                "mac": f"02:93:12:00:00:8{rank}",
                "status": None,
            }
            for rank in (1, 2, 3)
        ],
        "status": "to_confirm",
    }
    phones = scopes["telephonie"]["options"]
    assert (phones["dns"], phones["ntp"], phones["domain"]) == ([], ["203.0.113.1"], "ad.lebourget.example")


def test_the_gateway_lends_to_guests_what_the_town_does_not_give(town: Town) -> None:
    guests = next(gateway for gateway in town.sites["ecole-jaures"]["gateways"] if gateway["segment"] == "invites")
    assert guests["server"] is not None
    assert (guests["server"]["lease"], guests["server"]["options"]["domain"]) == (3600, None)
    assert guests["server"]["options"]["ntp"] == []


def test_the_first_two_servers_stand_in_for_each_other(town: Town) -> None:
    assert town.commune is not None
    assert town.commune["dhcp"] == {
        "servers": [
            {"name": "hdv-dc1", "address": "10.93.2.11", "host": "hdv-dc1.ad.lebourget.example"},
            {"name": "hdv-dc2", "address": "10.93.2.12", "host": "hdv-dc2.ad.lebourget.example"},
        ],
        "failover": {
            "name": "hdv-dc1-hdv-dc2",
            "primary": "hdv-dc1",
            "partner": "hdv-dc2",
            "mode": "load_balance",
            "share": 50,
            "client_lead": 3600,
            "switch_after": None,
            "shared_secret": None,
        },
        "settings": {
            "options": {
                "dns": ["10.93.2.11", "10.93.2.12"],
                "ntp": ["10.93.2.11", "10.93.2.12"],
                "domain": "ad.lebourget.example",
            },
            "audit_log": {"enabled": True},
            "conflict_attempts": 1,
            "update_account": r"LEBOURGET\svc-dhcp",
        },
        "retired": [],
    }


def test_exclusions_boot_and_the_secret_of_the_relation(copy: Copy) -> None:
    copy.edit(FILE, "client_lead_s: 3600}", "client_lead_s: 3600, shared_secret: {secret: dhcp/failover}}")
    copy.edit(FILE, "    telephonie: {dns: []",
              "    telephonie: {boot_server: 203.0.113.9, boot_file: sip.cfg, dns: []")  # fmt: skip
    copy.edit(*jaures_segment("telephonie: {dhcp: {lease: 7200, exclude: [{first: 60, last: 69}]}}"))
    classes = 'classes: {MSFT: {2: ["0x2"]}}'
    copy.edit(FILE, "domain: ad.lebourget.example}", f"boot_server: hdv-dc2, other: {{44: []}}, {classes}}}")
    town = copy.load()
    assert town.commune is not None
    assert (settings := town.commune["dhcp"]["settings"]) is not None
    assert (settings["options"] or {}).items() >= {
        "boot_server": "10.93.2.12",
        "other": {"44": {"values": []}},
        "classes": {"MSFT/2": {"values": ["0x2"]}},
    }.items()
    assert town.faults == []
    assert "dhcp/failover" in town.secret_paths()
    phones = next(scope for scope in town.sites["ecole-jaures"]["scopes"] if scope["segment"] == "telephonie")
    assert (phones["lease"], phones["exclusions"]) == (7200, [{"start": "10.93.43.60", "end": "10.93.43.69"}])
    assert (phones["options"]["boot_server"], phones["options"]["boot_file"]) == ("203.0.113.9", "sip.cfg")


def test_guests_may_have_a_server_of_the_town_that_the_declaration_justifies(copy: Copy) -> None:
    copy.edit(FILE, "invites: {dns: [resolveur]}", "invites: {dns: [resolveur], ntp: [hdv-dc1], why: essai}")
    assert copy.load().faults == []
