"""The link of a site to the town: declared, its VLANs pass at both ends, up, at its rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from piste.runs.changes import labels
from piste.sites.living.network import far_ends, judge_port, live_ports
from piste.sites.living.seen import Faults, Reading, Seen
from piste.systems.meraki.vlans import passes
from piste.town.model.premises import joining, said

if TYPE_CHECKING:
    from piste.runs.plans.play import Played
    from piste.town.model import Site, Town

ID, TITLE = "network.link", "Liaison vers la ville, à ses deux bouts"
PORT = "switch_port"
_EXPECTED = "déclarée ; ses ports laissent passer les VLAN du site, en service, à son débit"


def link(town: Town, site: Site, reading: Reading, played: Played, uncompared: str) -> Iterator[Seen]:
    """Judge the link of a site that is not the core's.

    `uncompared` is the reason why the ports were not compared with what is declared; empty where they were.
    """
    core = town.commune["core"] if town.commune else None
    if core is None or core["site"] == site["id"]:
        return
    ends = joining(site)
    if not ends:
        unlinked = site["premises"]["unlinked"]
        decided = unlinked is not None and not unlinked["expired"]
        why = said(unlinked) if unlinked else "le site est coupé de la ville : premises.links (docs/ouvrir-un-site.md)"
        observed, verdict = "aucune n’est déclarée", "untested" if decided else "wrong"
        yield Seen(ID, "Réseau", TITLE, ("R031", "R067"), _EXPECTED, observed, verdict, why)  # type: ignore[arg-type]
        return
    faults = Faults()
    known = {f"{port['serial']}/{port['port']}" for port in site["far_ports"]} | _near(site)
    differing = [o for o in played.operations if o["kind"] == PORT and o["key"] in known]
    faults.wrong += [_differs(site, operation) for operation in differing]
    waiting = (line for line in dict.fromkeys(played.withheld) if line.startswith(f"{site['id']} : {PORT} "))
    faults.unknown += [line.removeprefix(f"{site['id']} : ") for line in waiting if " attend " in line]
    if uncompared:
        faults.unknown.append(f"ses ports n’ont pas été comparés : {uncompared}")
    live: dict[str, Any] = {}
    if why := reading.unread("devices", "ports"):
        faults.unknown.append(f"ses ports n’ont pas été lus : {why}")
    else:
        for device, port in far_ends(town, site):
            name = f"{device['name']}/{port['port']}"
            if (there := live_ports(device, reading, faults)) is not None:
                live[name] = there.get(port["port"])
                judge_port(device, {**port, "in_use": True}, live[name], faults)
    arrivals = ", ".join(f"{end['name']} à {end['far_port']} ({end['to']})" for end in ends)
    proof = {"links": ends, "far_ports": site["far_ports"], "differences": differing, "ports": live}
    verdict, observed = faults.verdict, faults.said(f"{arrivals} : en service, ses VLAN y passent")
    yield Seen(ID, "Réseau", TITLE, ("R031", "R067"), _EXPECTED, observed, verdict, "", proof, reading.read_at)


def _near(site: Site) -> set[str]:
    """Give the keys of the uplinks of a site."""
    return {
        f"{device['serial']}/{port['port']}" for device in site["devices"] for port in device["ports"] if port["uplink"]
    }


def _differs(site: Site, operation: Mapping[str, Any]) -> str:
    """Write how a port differs: the VLANs of the site that it does not let pass come first."""
    before = str((operation["content"]["before"] or {}).get("allowed_vlans") or "all")
    lacking = [item for item in site["segments"].values() if not passes(before, item["vlan"])]
    stopped = ", ".join(f"{item['vlan']} ({item['key']})" for item in lacking)
    others = [
        said
        for name, said in zip(operation["fields"], labels(operation), strict=True)
        if name != "allowed_vlans" or not lacking
    ]
    parts = [f"ne laisse pas passer {stopped}"] if lacking else []
    parts += [f"diffère ({', '.join(others)})"] if others else []
    return f"{operation['label']} {' et '.join(parts) or 'diffère'}"
