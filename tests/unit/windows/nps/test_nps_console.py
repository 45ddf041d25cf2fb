"""Settings that only the console of NPS makes: read, kept, without useless remarks."""

from pathlib import Path
from typing import Any

import pytest

from piste.systems.windows.nps.document import NETWORK_PROFILES, REQUEST_PROFILES
from tests.support.nps import SERVERS, TEMPLATE, World

POLICY = {
    "name": "Ville - Agents",
    "order": 10,
    "conditions": {"machine_groups": ["GP-hdv"]},
    "eap": [{"method": "tls", "certificate": {"template": TEMPLATE}}],
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_usual_settings_of_the_console_give_no_remark(world: World) -> None:
    usual = {
        "msRASBapLinednLimit": ("int", ["50"]),
        "msRASBapLinednTime": ("int", ["120"]),
        "msRASMPPEEncryptionPolicy": ("int", ["2"]),
        "msRASMPPEEncryptionType": ("int", ["14"]),
    }
    ways = {"msNPAuthenticationType2": ("int", ["4"]), "msOverrideRAPAuth": ("boolean", ["0"])}
    world.once("nps_network_policies", [POLICY])
    request = {"name": "Ville - 802.1X", "order": 10, "conditions": {"nas_port_type": ["wired"]}}
    world.once("nps_connection_request_policies", [request])

    def remarks(**more: Any) -> list[str]:
        for server in SERVERS:
            world.edit(server, lambda live: live.write(NETWORK_PROFILES, "Ville - Agents", usual))
            world.edit(server, lambda live: live.write(REQUEST_PROFILES, "Ville - 802.1X", usual | ways | more))
        kinds = ("nps_network_policies", "nps_connection_request_policies")
        return [
            line.rpartition(" : ")[2]
            for kind in kinds
            for line in world.once(kind, [], state="gathered", prefix=["Ville"])["warnings"]
        ]

    assert remarks() == []
    assert remarks(msOverrideRAPAuth=("boolean", ["1"])) == ["msNPAuthenticationType2, msOverrideRAPAuth"] * 2


def test_av_pairs_that_the_console_keeps_are_read_kept_and_written_in_its_own_form(world: World) -> None:
    world.once("nps_network_policies", [POLICY])
    generic = "01000000090112shell:priv-lvl=1"
    pairs_of_console = {"msCiscoAV": ("string", ["a=b", "c=d"]), "msRADIUSAnyVSA": ("string", [generic])}
    for server in SERVERS:
        world.edit(server, lambda live: live.write(NETWORK_PROFILES, "Ville - Agents", pairs_of_console))
    (item,) = world.once("nps_network_policies", [], state="gathered", prefix=["Ville"])["gathered"]
    pairs = [{"vendor": 9, "type": 1, "value": value} for value in ("a=b", "c=d")]
    assert item["vendor_attributes"][:2] == pairs
    assert world.once("nps_network_policies", [item], state="replaced")["changed"] is False
    other = {"vendor": 25461, "type": 1, "value": "superuser"}
    world.once("nps_network_policies", [{"name": item["name"], "vendor_attributes": [*pairs, other]}])
    document = world.document()
    assert document.values(NETWORK_PROFILES, "Ville - Agents", "msCiscoAV") == ["a=b", "c=d"]
    assert document.values(NETWORK_PROFILES, "Ville - Agents", "msRADIUSAnyVSA") == ["0100006375010Bsuperuser"]
