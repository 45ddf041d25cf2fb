"""The modules around a station: what it is asked, and the judgment of what it says.

Between them the playbook runs a command on the station, over Ansible's own connection.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Missing
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.town import declared
from piste.town.model.wording import closest
from piste.trials.probe.carriers import ARGV, packed, unpacked
from piste.trials.probe.joins import joins
from piste.trials.probe.results import GRAVEST, Carrier
from piste.trials.probe.trials import OUTSIDE, Circumstances, Place, places
from piste.trials.probe.visit import judged, kept, prepared
from piste.trials.probe.ways import Ways

_STATES = {"conform": "ok", "wrong": "wrong", "unknown": "unknown", "untested": "unknown"}


def _place(params: Mapping[str, Any]) -> tuple[Ways, Place]:
    ways = Ways(declared.sound(params["environment"]))
    if params["site"] not in ways.sites:
        raise Missing(f"« {params['site']} » n’est pas un site en service", todo=closest(params["site"], ways.sites))
    known = {place.name: place for place in places(ways, params["site"])}
    if params["place"] not in known:
        fault = f"« {params['place']} » n’est ni un segment ni un SSID de {params['site']}"
        raise Missing(fault, todo=closest(params["place"], known))
    return ways, known[params["place"]]


def _circumstances(ways: Ways, place: Place, params: Mapping[str, Any]) -> Circumstances:
    authority = _authority(params["ca_file"]) if params["ca_file"] else ""
    entered, missing = joins(ways, place, params["accounts"] or {}, params["secrets"] or {}, authority)
    return Circumstances(
        params["internet"], joins=entered, joins_missing=missing, rate=params["rate"] or "", trusted=authority
    )


def _authority(path: str) -> str:
    try:
        return Path(path).read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Missing(f"l’autorité des serveurs RADIUS ne se lit pas : {error}", where="piste_eap.ca_file") from error


def _request(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    ways, place = _place(params)
    interface = params["wifi"] if place.ssid else params["wired"]
    if not interface:
        which = "piste_probe_wifi" if place.ssid else "piste_probe_wired"
        fault = f"cette sonde n’a pas d’interface pour « {place.name} »"
        raise Missing(fault, where=which, todo=f"Donnez {which} à la sonde, dans l’inventaire : eth0, wlan0…")
    _, request = prepared(ways, place, _circumstances(ways, place, params), interface, isolate=params["isolate"])
    # In Base64: the values of secrets in it must reach the station, and results are masked.
    encoded = base64.b64encode(packed(request).encode()).decode("ascii")
    return {"changed": False, "argv": list(ARGV), "input": encoded}


def _results(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    ways, place = _place(params)
    circumstances = _circumstances(ways, place, params)
    said = unpacked(params["status"], params["output"], params["errors"])
    listed, _ = prepared(ways, place, circumstances, "", isolate=False)
    probed = judged(ways, place, circumstances, listed, said)
    carrier: Carrier = "here" if params["here"] else "ssh"
    path = "" if check else str(kept(ways, place.site, params["environment"], carrier, [probed]))
    verdict = next(state for state in GRAVEST if probed.counts[state])
    findings = [
        {
            "id": f"probe.{place.name}.{result.id}",
            "state": _STATES[result.verdict],
            "what": f"{place.name} : {result.title} : {result.observed}",
            "todo": f"Attendu : {result.expected}. {result.reason}".strip(),
        }
        for result in probed.results
        if result.verdict != "conform"
    ]
    return {"changed": False, "verdict": verdict, "findings": findings, "record": path}


_ASKED = (
    Field("environment", "Environment, whose declaration counts.", required=True),
    Field("site", "Name of the site.", required=True),
    Field("place", "A segment of the site, by wire, or an SSID.", required=True),
    Field("internet", "Address of the Internet to reach.", default=OUTSIDE),
    Field("rate", "Address of an iperf3 server to measure the rate to."),
    Field(
        "accounts",
        "Test accounts of 802.1X, by name: C(identity), C(policy) that must admit it, and as references of secrets "
        "C(password), or C(certificate) and C(key).",
        type="dict",
    ),
    Field("ca_file", "File of the authority of the RADIUS servers (PEM).", type="path"),
    Field("secrets", "Values of the environment's secrets, by path.", type="dict", no_log=True),
)
_VARIABLES = {"environment": "piste_environment", "secrets": "piste_secrets"}

MODULES: Mapping[str, Module] = {
    "probe_request": Module(
        name="probe_request",
        options=(
            *_ASKED,
            Field("wired", "Interface of the station for a port."),
            Field("wifi", "Interface of the station for an SSID."),
            Field("isolate", "Whether the interface goes into a namespace of its own.", type="bool", default=True),
        ),
        run=_request,
        variables=_VARIABLES,
    ),
    "probe_results": Module(
        name="probe_results",
        options=(
            *_ASKED,
            Field("status", "Exit code of the command.", type="int", required=True),
            Field("output", "Standard output of the command.", required=True),
            Field("errors", "Its error output.", default=""),
            Field("here", "Whether the station is the machine that runs the playbook.", type="bool", default=False),
        ),
        run=_results,
        variables=_VARIABLES,
    ),
}
