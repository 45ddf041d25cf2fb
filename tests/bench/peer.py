"""A switch of 48 ports and nine SSIDs: our modules beside those of `cisco.meraki`.

The terms are equal.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lab.instance import Lab
from tests.bench.collections import CACHE
from tests.bench.measure import Measure, RunFailed, measured
from tests.support.meraki_client import Client, small_inventory

PLAYBOOKS = Path(__file__).parent / "playbooks"
SERIAL = "QZZZ-0001-0001"
PSK = "meraki/ssid/banc/psk"


def ports(vlan: int) -> list[dict[str, Any]]:
    return [
        {
            "serial": SERIAL,
            "port_id": str(number),
            "name": f"Poste {number}",
            "enabled": True,
            "type": "access",
            "vlan": vlan,
            "voice_vlan": 152,
            "stp_guard": "bpdu guard",
        }
        for number in range(1, 49)
    ]


def ssids(vlan: int) -> list[dict[str, Any]]:
    return [
        {
            "name": f"Banc {number}",
            "number": number,
            "enabled": True,
            "auth_mode": "psk",
            "psk": {"secret": PSK},
            "wpa_encryption_mode": "WPA2 only",
            "ip_assignment_mode": "Bridge mode",
            "use_vlan_tagging": True,
            "default_vlan_id": vlan,
        }
        for number in range(9)
    ]


def measures(side: str) -> Iterator[Measure]:
    """Measure nothing to do, then everything to change, for the ports and the SSIDs.

    `side` is `ours` or `peer`.
    """
    with Lab(tls=True, inventory=small_inventory()) as lab:
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        network_id = Client(lab.meraki).network("Banc")
        variables = {
            "piste_model": 1,
            "piste_environment_bench": True,
            "dashboard": {
                "base_url": lab.info["meraki"]["url"],
                "ca_file": lab.info["ca_file"],
                "api_key": lab.info["meraki"]["api_key"],
                "organization": lab.info["meraki"]["organization_id"],
                "rate": 0,
            },
            "peer_url": lab.info["meraki"]["http_url"],
            "network_id": network_id,
            "psk": {PSK: secrets.token_urlsafe(18)},
        }
        environment = {"ANSIBLE_COLLECTIONS_PATH": str(CACHE), "ANSIBLE_DEPRECATION_WARNINGS": "false"}

        def run(label: str, kind: str, vlan: int) -> Measure:
            wanted = {"ports": ports(vlan), "ssids": ssids(vlan)}
            playbook = PLAYBOOKS / f"{kind}_{side}.yml"
            return measured(
                label,
                playbook,
                lab,
                inventory=["localhost,"],
                variables={**variables, **wanted},
                environment=environment,
            )

        for kind, words, live in (
            ("ports", "48 ports", lambda: port_vlans(lab)),
            ("ssids", "9 SSID", lambda: ssid_vlans(lab, network_id)),
        ):
            run("mise en place", kind, 151)
            idle = run(f"{words}, rien à faire", kind, 151)
            expect(idle, changed=False, live=live, vlan=151)
            yield idle
            busy = run(f"{words}, tout à changer", kind, 153)
            expect(busy, changed=True, live=live, vlan=153)
            yield busy


def expect(measure: Measure, *, changed: bool, live: Callable[[], list[int]], vlan: int) -> None:
    """Check the result: figures count only if the work was done. Raises RunFailed."""
    if bool(measure.changed) != changed or set(live()) != {vlan}:
        raise RunFailed(f"{measure.label} : le résultat n’est pas celui demandé ({live()})")


def port_vlans(lab: Lab) -> list[int]:
    ports = Client(lab.meraki).ok("GET", f"/devices/{SERIAL}/switch/ports")
    return [port["vlan"] for port in ports if int(port["portId"]) <= 48]


def ssid_vlans(lab: Lab, network_id: str) -> list[int]:
    ssids = Client(lab.meraki).ok("GET", f"/networks/{network_id}/wireless/ssids")
    return [ssid["defaultVlanId"] for ssid in ssids if ssid["name"].startswith("Banc ")]
