"""Accesses from outside: faults of the declaration, what is open, the elements made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from piste.systems.forcepoint.access_table import WEAK, dangers
from piste.systems.forcepoint.intent import smc_intent
from piste.town.model.remote_access import WEAK as DECLARED_WEAK
from tests.support.smc import SmcWorld
from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "remote_access.yml"
FACTOR = "      second_factor: one_time_code # par l’extension que la DSI retiendra\n"
CONFIRMED = (FILE, FACTOR + "      status: to_confirm\n", FACTOR + "      status: validated\n")
DIRECTORY = """  directory:
    servers: [hdv-dc1, hdv-dc2]
    protocol: ldaps
    account: "CN=svc-ngfw,OU=Ville,DC=ad,DC=lebourget,DC=example"
    tls_profile: Default
    status: to_confirm
"""
PERMANENT = "      permanent: Usage courant\n"
PLANNED, OPEN = "      state: planned\n", "      state: open\n"
GATEWAY = """  gateways:
    mainteneur:
      label: Mainteneur de la sûreté
      state: open
      third_party: kyocera
      why: Maintenance
      {end}
      address: 203.0.113.9
      networks: [198.51.100.0/28]
"""


def gateway(end: str, old: str = "", new: str = "") -> tuple[str, str, str]:
    return FILE, "  entries:\n", GATEWAY.format(end=end).replace(old, new) + "  entries:\n"


SECOND = """    elus:
      label: VPN des élus
      state: open
      segment: vpn-agents
      method: autre
      why: Conseil
      permanent: Usage courant
"""
OTHER = """    autre:
      label: Autres serveurs
      servers: [hdv-nps1]
      second_factor: push
"""


ACCESSES = [
    Case(
        "a password alone lets people in",
        [(FILE, FACTOR, "")],
        [("M395", "remote_access.entries.agents.method", FILE, "method: nps")],
        ["ne demande qu’un mot de passe"],
    ),
    Case(
        "a directory asked in clear",
        [(FILE, "protocol: ldaps", "protocol: ldap")],
        [("M396", "remote_access.directory.protocol", FILE, "protocol: ldap")],
    ),
    Case(
        "old ciphers",
        [
            (FILE, "encryption: [aes-256,", "encryption: [3des, aes-256,"),
            (FILE, "[sha2-256]", "[sha1, sha2-256]"),
            (FILE, "groups: [19, 20]", "groups: [2, 19]"),
        ],
        [
            ("M397", "remote_access.ciphers.encryption", FILE, "encryption:"),
            ("M397", "remote_access.ciphers.integrity", FILE, "integrity:"),
            ("M397", "remote_access.ciphers.groups", FILE, "groups:"),
        ],
        ["accepterait 3des", "accepterait sha1", "accepterait 2"],
    ),
    Case(
        "a third party whose access has no end",
        [gateway("permanent: Usage courant")],
        [("M398", "remote_access.gateways.mainteneur.permanent", FILE, 31)],
    ),
    Case(
        "an access that is over",
        [gateway("until: 2026-11-23")],
        [("M394", "remote_access.gateways.mainteneur.until", FILE, "until: 2026-11-23")],
        ["a pris fin le 2026-11-23"],
    ),
    Case(
        "a tunnel that serves no third party",
        [gateway("permanent: Usage courant", "      third_party: kyocera\n")],
        [("M006", "remote_access.gateways.mainteneur.third_party", FILE, "mainteneur:")],
    ),
    Case(
        "networks of a third party inside the plan of the town",
        [gateway("until: 2026-12-31", "198.51.100.0/28", "10.93.0.0/16")],
        [("M401", "remote_access.gateways.mainteneur.networks", FILE, "networks: [10.93.0.0/16]")],
        ["chevauche le plan de la ville"],
    ),
    Case(
        "a second factor that is none",
        [(FILE, "second_factor: one_time_code", "second_factor: aucun")],
        [("M007", "remote_access.methods.nps.second_factor", FILE, "second_factor: aucun")],
    ),
    Case(
        "an entry is open while its method is to confirm",
        [(FILE, PLANNED, OPEN)],
        [("M395", "remote_access.entries.agents.state", FILE, "state: open")],
        ["encore à confirmer"],
    ),
    Case(
        "a directory whose certificate nothing checks",
        [(FILE, "    tls_profile: Default\n", "")],
        [("M396", "remote_access.directory.protocol", FILE, "protocol: ldaps")],
    ),
    Case(
        "two methods of one domain",
        [
            CONFIRMED,
            (FILE, PLANNED, OPEN),
            (FILE, "  entries:\n", OTHER + "  entries:\n" + SECOND),
        ],
        [("M400", "remote_access.entries.agents.method", FILE, "method: nps")],
        ["n’a qu’une méthode"],
    ),
    Case(
        "people come in without a directory",
        [CONFIRMED, (FILE, PLANNED, OPEN), (FILE, DIRECTORY, "")],
        [("M400", "remote_access.entries.agents.state", FILE, "state: open")],
        ["sans annuaire"],
    ),
    Case(
        "ciphers that the firewall cannot carry",
        [
            (FILE, "encryption: [aes-256, aes-gcm-256]", "encryption: [aes-gcm-256]"),
            (FILE, "[sha2-256]", "[sha2-256, sha2-512]"),
        ],
        [
            ("M400", "remote_access.ciphers.encryption", FILE, "encryption:"),
            ("M400", "remote_access.ciphers.integrity", FILE, "integrity:"),
        ],
    ),
    Case(
        "names that nothing declares",
        [
            (FILE, "servers: [hdv-nps1, hdv-nps2]", "servers: [hdv-nps1, hdv-nps9]"),
            (FILE, "segment: vpn-agents", "segment: vpn-agent"),
            (FILE, "method: nps", "method: npss"),
        ],
        [
            ("M399", "remote_access[methods].nps.servers", FILE, "servers: [hdv-nps1"),
            ("M399", "remote_access[entries].agents.segment", FILE, "segment: vpn-agent"),
            ("M399", "remote_access[entries].agents.method", FILE, "method: npss"),
        ],
        ["Vouliez-vous dire « vpn-agents »"],
    ),
]


@pytest.mark.parametrize("case", ACCESSES, ids=lambda case: case.name)
def test_a_fault_is_found_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def elements(copy: Copy) -> list[dict[str, Any]]:
    """Elements of the accesses in the intent of the town."""
    commune = copy.load().commune
    assert commune is not None
    intent = smc_intent(commune)
    kinds = [item["type"] for item in intent["elements"]]
    return intent["elements"][kinds.index("vpn_profile") :] if "vpn_profile" in kinds else []


def test_what_is_planned_is_written_nowhere(copy: Copy) -> None:
    assert elements(copy) == []


def test_what_is_open_becomes_sound_elements_that_an_smc_takes(copy: Copy, tmp_path: Path) -> None:
    copy.edit(*CONFIRMED)
    copy.edit(FILE, PLANNED, OPEN)
    copy.edit(*gateway("until: 2026-12-31"))
    made = elements(copy)
    kinds = [item["type"] for item in made]
    assert {"radius_server", "authentication_service", "active_directory_server", "external_gateway"} <= {*kinds}
    assert kinds.count("vpn") == 2
    assert [word for item in made for word in dangers(item)] == []
    world = SmcWorld(tmp_path / "smc", "inherited")
    paths = [path for item in made for path in secrets(item)]
    given = dict.fromkeys(paths, "une-valeur-de-secret")
    done = world.module("smc_elements", made, secrets=given)
    assert len(done["operations"]) == len(made)
    assert world.module("smc_elements", made, secrets=given)["operations"] == []


def secrets(value: Any) -> list[str]:
    if isinstance(value, dict):
        known = [value["secret"]] if [*value] == ["secret"] else []
        return [*known, *(path for inner in value.values() for path in secrets(inner))]
    return [path for inner in value for path in secrets(inner)] if isinstance(value, list) else []


def test_a_vpn_of_the_town_that_is_not_open_is_taken_away_and_no_other(copy: Copy, tmp_path: Path) -> None:
    copy.edit(*CONFIRMED)
    copy.edit(FILE, PLANNED, OPEN)
    copy.edit(*gateway("until: 2026-12-31"))
    made = elements(copy)
    world = SmcWorld(tmp_path / "smc", "inherited")
    given = dict.fromkeys([path for item in made for path in secrets(item)], "une-valeur-de-secret")
    profile = {"type": "vpn_profile", "name": "Autre", "capabilities": ["aes256_for_ike", "esp_for_ipsec"]}
    other = {"type": "vpn", "name": "VLB-autre", "vpn_profile": "vpn_profile/Autre"}
    world.module("smc_elements", [*made, profile, other], secrets=given)
    copy.edit(FILE, GATEWAY.format(end="until: 2026-12-31"), "")
    commune = copy.load().commune
    assert commune is not None
    intent = smc_intent(commune)
    options = {"absent": intent["ended"], "secrets": given}
    with pytest.raises(Guarded, match="vpn:vpn/VLB-mainteneur"):
        world.module("smc_elements", elements(copy), **options)
    done = world.module("smc_elements", elements(copy), **options, confirm=["vpn"])
    assert [(each["key"], each["action"]) for each in done["operations"]] == [("vpn/VLB-mainteneur", "delete")]
    done = world.module("smc_elements", [], **options, confirm=["vpn"])
    assert [each["key"] for each in done["operations"]] == ["vpn/VLB-agents"]
    assert "vpn/VLB-autre" in {f"{item['type']}/{item['name']}" for item in world.gathered("smc_elements")}


def test_what_the_town_calls_weak_is_weak_to_the_firewall_too() -> None:
    words = {"des": "des_", "3des": "triple_des_", "blowfish": "blowfish_", "md5": "md5_", "sha1": "sha1_"}
    for weak in DECLARED_WEAK.values():
        for value in weak:
            start = words[value] if isinstance(value, str) else f"dh_group_{value}_"
            assert any(name.startswith(start) for name in WEAK), value
