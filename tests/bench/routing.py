"""Layer 3 of a switch: our modules beside those of `cisco.meraki`, on equal terms.

Aggregations, routed interfaces and static routes are made, then run again with nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.instance import Lab
from tests.bench.collections import CACHE
from tests.bench.measure import Measure, RunFailed, measured
from tests.support.meraki_client import Client, small_inventory

PLAYBOOKS = Path(__file__).parent / "playbooks"
SERIAL = "QZZZ-0001-0001"
PAIRS, VLANS, ROUTES = 4, 16, 16


def wanted(side: str) -> dict[str, list[dict[str, Any]]]:
    """Give what both sides make, each in its own terms where they differ."""
    pairs = [(str(port), str(port + 1)) for port in range(1, 1 + 2 * PAIRS, 2)]
    place = {"network": "Banc", "carrier": SERIAL}
    interfaces = [
        {**place, "vlan": 100 + number, "name": f"gw-{number}", "subnet": f"10.94.{number}.0/24",
         "address": f"10.94.{number}.254"}
        for number in range(VLANS)
    ]  # fmt: skip
    interfaces[0]["default_gateway"] = "10.94.0.1"
    routes = [
        {**place, "name": f"route-{number}", "subnet": f"10.95.{number}.0/24", "next_hop": "10.94.0.2"}
        for number in range(ROUTES)
    ]
    ours = [{"ports": "+".join(f"{SERIAL}/{port}" for port in pair)} for pair in pairs]
    peer = [{"switch_ports": [{"serial": SERIAL, "portId": port} for port in pair]} for pair in pairs]
    return {"aggregations": ours if side == "ours" else peer, "interfaces": interfaces, "routes": routes}


def routing_measures(side: str) -> Iterator[Measure]:
    """Measure the first run and the second; `side` is `ours` or `peer`."""
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
            **wanted(side),
        }
        environment = {"ANSIBLE_COLLECTIONS_PATH": str(CACHE), "ANSIBLE_DEPRECATION_WARNINGS": "false"}
        what = f"{PAIRS} agrégats, {VLANS} interfaces, {ROUTES} routes"
        for label, changed in ((f"{what} : à faire", True), ("les mêmes, rien à faire", False)):
            measure = measured(
                label,
                PLAYBOOKS / f"routing_{side}.yml",
                lab,
                inventory=["localhost,"],
                variables=variables,
                environment=environment,
            )
            if bool(measure.changed) != changed or live(lab, network_id) != (PAIRS, VLANS, ROUTES):
                raise RunFailed(f"{label}, {side} : {measure.changed} tâches changées, {live(lab, network_id)}")
            yield measure


def live(lab: Lab, network: str) -> tuple[int, int, int]:
    """Count aggregations, interfaces and routes; the default gateway's own route is left out."""
    client = Client(lab.meraki)
    pairs = client.ok("GET", f"/networks/{network}/switch/linkAggregations")
    interfaces = client.ok("GET", f"/devices/{SERIAL}/switch/routing/interfaces")
    routes = client.ok("GET", f"/devices/{SERIAL}/switch/routing/staticRoutes")
    return len(pairs), len(interfaces), len([route for route in routes if route["name"].startswith("route-")])
