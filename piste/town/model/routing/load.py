"""Load of the firewall: interfaces and traffic of its segments, against its model.

A data sheet says what a model inspects: the declaration copies the figure with its source. VLANs need no count: an
interface takes 4094 (help.stonesoft.com, *Add VLAN interfaces for firewalls*), and no id is used twice in the town.
The members of a cluster stand in for each other, so each must carry the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TypedDict

from piste.engine.words import agreed, some

from ..flows.ends import IN_SERVICE
from ..paths import dotted

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..devices import Hardware
    from ..paths import KeyPath
    from ..view import View

SHOWN = 3


class FirewallLoad(TypedDict):
    """Load of the engine: what is declared of it, and what nobody says.

    `expected_mbps` adds up the segments with a declared traffic; `unsaid` are the others, `most_mbps` what all can
    exchange at most by the links of their sites, None where a link has no rate.
    """

    engine: str
    model: str | None
    vlans: int
    interfaces: int
    ports: int | None
    expected_mbps: int
    unsaid: list[str]
    most_mbps: int | None
    inspected_mbps: int | None
    source: str | None
    verdict: Literal["holds", "exceeded", "unknown"]
    why: list[str]


def derive_load(view: View) -> FirewallLoad | None:
    """Derive the load of the engine that routes, None where none does."""
    town, engine = view.declared.town.variables, view.routing["engine"]
    if engine is None or town.routing is None:
        return None
    expected = {
        f"{key}@{site['id']}": _expected(declared, key)
        for declared, site in view.pairs()
        if site["lifecycle"] in IN_SERVICE
        for key, segment in site["segments"].items()
        if segment["gateway_device"] == "ngfw"
    }
    aggregated = engine["aggregate"]["interfaces"] if engine["aggregate"] else []
    model = next((known.model for known in town.firewall.engines if known.name == engine["name"]), None)
    entry = town.hardware.get(model) if model else None
    unsaid = [name for name, mbps in expected.items() if mbps is None]
    said = sum(mbps for mbps in expected.values() if mbps is not None)
    load = FirewallLoad(
        engine=engine["name"],
        model=model,
        vlans=len(expected) + 1,
        interfaces=1 + len(aggregated) + (1 if town.routing.outside else 0),
        ports=entry.ports if entry else None,
        expected_mbps=said,
        unsaid=unsaid,
        most_mbps=_most(view, unsaid, said),
        inspected_mbps=entry.inspection.mbps if entry and entry.inspection else None,
        source=entry.inspection.source if entry and entry.inspection else None,
        verdict="holds",
        why=[],
    )
    beyond, unknown = [*_beyond(load)], [*_unknown(load)]
    load["verdict"], load["why"] = "exceeded" if beyond else "unknown" if unknown else "holds", beyond or unknown
    return load


def _expected(declared: DeclaredSite, key: str) -> int | None:
    """Give the traffic that a segment of a site is declared to exchange, at its busiest."""
    variables = declared.variables
    changed, known = variables.segments.get(key), variables.segment_catalogue.get(key)
    here = changed.expected_mbps if changed else None
    return here if here is not None or known is None else known.plan.expected_mbps


def _most(view: View, unsaid: list[str], said: int) -> int | None:
    """Add up what segments without a declared traffic can exchange by the links of their sites.

    A link carries its rate in each direction. Those of the site of the core reach the firewall by no link.
    """
    most, core = said, view.routing["core"]
    for name in {end.partition("@")[2] for end in unsaid}:
        if core is None or name == core["site"]:
            return None
        rates = [link["rate_mbps"] for link in view.sites[name]["premises"]["links"]]
        if not rates or None in rates:
            return None
        most += 2 * sum(rate or 0 for rate in rates)
    return most


def _beyond(load: FirewallLoad) -> Iterator[str]:
    ports, inspected = load["ports"], load["inspected_mbps"]
    if ports is not None and load["interfaces"] > ports:
        yield f"{agreed(load['interfaces'], 'interface(s)')} pour {ports}"
    if inspected is not None and load["expected_mbps"] > inspected:
        yield f"{load['expected_mbps']} Mbit/s attendus, pour {inspected} inspectés ({load['source']})"


def _unknown(load: FirewallLoad) -> Iterator[str]:
    if load["model"] is None:
        yield "son modèle n’est pas dit (firewall.engines, model)"
        return
    if load["ports"] is None:
        yield "le nombre de ses interfaces n’est pas dit (hardware, ports)"
    inspected, most = load["inspected_mbps"], load["most_mbps"]
    if inspected is None:
        yield "le débit qu’il inspecte n’est pas dit (hardware, inspection)"
    if load["unsaid"] and (inspected is None or most is None or most > inspected):
        count = agreed(len(load["unsaid"]), "segment(s)")
        yield f"{count} sans débit attendu (expected_mbps) : {some(load['unsaid'], SHOWN)}"


def say_load(load: FirewallLoad) -> str:
    """Say what the firewall has to carry, and whether it does."""
    ports, inspected = load["ports"], load["inspected_mbps"]
    lines = f"{agreed(load['interfaces'], 'interface(s)')}{f' sur {ports}' if ports else ''}, {load['vlans']} VLAN"
    traffic = f"{load['expected_mbps']} Mbit/s attendus" if load["expected_mbps"] else "aucun débit attendu"
    if inspected:
        traffic += f" pour {inspected} Mbit/s inspectés ({load['source']})"
    verdict = {"holds": "tenu", "exceeded": "dépassé", "unknown": "inconnu"}[load["verdict"]]
    why = f" : {', '.join(load['why'])}" if load["why"] else ""
    return f"{_named(load)} : {lines}, {traffic} ; {verdict}{why}."


def _named(load: FirewallLoad) -> str:
    return f"{load['engine']} ({load['model']})" if load["model"] else load["engine"]


def check_load(view: View) -> None:
    """M033, M220, M221: the model of an engine is known, and carries what it has to."""
    town = view.declared.town.variables
    for index, engine in enumerate(town.firewall.engines):
        where: KeyPath = ("firewall", "engines", index, "model")
        mark = view.declared.town.where(where, where[:3])
        entry: Hardware | None = town.hardware.get(engine.model) if engine.model else None
        if engine.model and entry is None:
            view.unknown("PISTE-M033", dotted(where), mark, "Le modèle", engine.model, town.hardware)
        elif entry and entry.kind != "firewall":
            message = f"{engine.name} : {engine.model} n’est pas un pare-feu (hardware, kind)"
            view.faults.add("PISTE-M033", dotted(where), mark, message, "Corrigez le modèle, ou sa nature.")
    load = derive_load(view)
    if load is None or load["verdict"] == "holds":
        return
    rule = "PISTE-M220" if load["verdict"] == "exceeded" else "PISTE-M221"
    at: KeyPath = ("hardware", load["model"]) if load["model"] in town.hardware else ("firewall", "engines")
    message = f"{_named(load)}, {load['vlans']} VLAN : {' ; '.join(load['why'])}"
    view.faults.add(rule, dotted(at), view.declared.town.where(at, at[:1]), message)
