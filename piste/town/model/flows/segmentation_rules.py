"""Rules of the segmentation: what it names exists, and the switches carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from piste.engine.words import some

from ..paths import dotted
from ..routing.models import access_rules
from ..wording import closest
from .ends import EVERY, End
from .segmentation import at_core, named, over, parts, services_of
from .services import ANY
from .traffic import ANY_SERVICE, PROTOCOLS, say_services, whole_protocol

if TYPE_CHECKING:
    from ..devices import Hardware
    from ..paths import KeyPath
    from ..view import View

_ROOT = "segmentation"


def check_segmentation(view: View) -> None:
    """M030, M100, M103, M214, M217: segments of the core, services of a list, reasons that hold."""
    form, catalogue = view.declared.town.variables.segmentation, view.declared.town.variables.segment_catalogue
    carried = {(site["id"], segment["key"]) for site in view.sites.values() for segment in at_core(site)}
    for name, flow in form.reaches.items():
        for side, ends in (("from", flow.source), ("to", flow.to)):
            for index, text in enumerate(ends):
                where: KeyPath = (_ROOT, "reaches", name, side, index)
                end = End.read(text)
                if end.name not in catalogue:
                    view.unknown("PISTE-M030", dotted(where), view.declared.town.where(where), "Le segment", end.name,
                                 catalogue)  # fmt: skip
                elif not view.declared.complete:
                    continue  # A site that is left out may be meant.
                elif end.where not in ("", EVERY, *view.sites):
                    message = f"{name} : « {end.where} » n’est pas un site"
                    _add(view, "PISTE-M214", where, message, closest(end.where, view.sites))
                elif not any(named([text], *place) for place in carried):
                    _add(view, "PISTE-M214", where, f"{name} : {text} passe par le pare-feu, et se dit dans la matrice")
        _check_services(view, name)
        if over(flow.until, view.today):
            where = (_ROOT, "reaches", name, "until")
            _add(view, "PISTE-M103", where, f"{name} : a cessé le {flow.until}")
    for site, reason in form.unfiltered.items():
        where = (_ROOT, "unfiltered", site)
        if site not in view.sites and view.declared.complete:
            _add(view, "PISTE-M214", where, f"« {site} » n’est pas un site", closest(site, view.sites))
        elif over(reason.until, view.today):
            message = f"{site} : à filtrer depuis le {reason.until} ; ôtez-le pour que ses commutateurs le fassent"
            _add(view, "PISTE-M103", where, message)


def _check_services(view: View, name: str) -> None:
    town = view.declared.town.variables
    flow = town.segmentation.reaches[name]
    for index, service in enumerate(flow.services):
        where: KeyPath = (_ROOT, "reaches", name, "services", index)
        if service not in town.service_catalogue and service != ANY:
            mark = view.declared.town.where(where)
            view.unknown("PISTE-M100", dotted(where), mark, "Le service", service, town.service_catalogue)
        elif rest := parts(services_of(view, [service]))[1]:
            message = f"{name} : une liste de commutateur ne dit pas {', '.join(say_services(rest))}"
            _add(view, "PISTE-M214", where, message)
    said = services_of(view, flow.services)
    whole = [protocol for protocol in ("tcp", "udp") if whole_protocol(PROTOCOLS[protocol]) <= said]
    if whole and not (flow.wide and flow.wide_until):
        what = "rien ne le filtre" if said == ANY_SERVICE else f"tout {' et '.join(whole)} passe"
        _add(view, "PISTE-M217", (_ROOT, "reaches", name, "services"), f"{name} : {what}")
    elif whole and over(flow.wide_until, view.today):
        message = f"{name} : à réduire à ses ports depuis le {flow.wide_until}"
        _add(view, "PISTE-M103", (_ROOT, "reaches", name, "wide_until"), message, "Dites ses ports, ou pourquoi pas.")


def check_sensitive(view: View) -> None:
    """M219: the firewall carries the gateway of each sensitive segment."""
    for index, text in enumerate(view.declared.town.variables.segmentation.sensitive or ()):
        where: KeyPath = (_ROOT, "sensitive", index)
        known = [
            (site, segment)
            for site in view.sites.values()
            for segment in site["segments"].values()
            if named([text], site["id"], segment["key"])
        ]
        if not known and view.declared.complete:
            _add(view, "PISTE-M219", where, f"« {text} » n’est un segment d’aucun site")
        elif astray := [site["id"] for site, segment in known if segment["gateway_device"] == "core"]:
            message = f"{End.read(text).name} ({some(astray, 3)}) : le cœur en porte la passerelle"
            _add(view, "PISTE-M219", where, message)


def check_lists(view: View) -> None:
    """M218: the switches of a site hold its list."""
    hardware = view.declared.town.variables.hardware
    beyond: dict[str, list[str]] = {}
    for site in view.sites.values():
        count = len(site["access_lists"])
        models = {device["model"] for device in (*site["devices"], *site["awaited"]) if device["kind"] == "switch"}
        for model in models if count else ():
            entry = hardware.get(model)
            if entry is None or entry.kind != "switch":
                continue  # M033 says so.
            most = _longest(model, entry)
            if most is None or count > most:
                beyond.setdefault(model, []).append(f"{site['id']} ({count})")
    for model, sites in sorted(beyond.items()):
        most = _longest(model, hardware[model])
        what = "rien ne dit combien de règles de liste d’accès il tient"
        if most is not None:
            what = f"il en tient {most}" if most else "il n’a pas de liste d’accès"
        where: KeyPath = ("hardware", model)
        _add(view, "PISTE-M218", where, f"{some(sites, 3)} : plus de règles qu’un {model} n’en tient ; {what}")


def _longest(model: str, entry: Hardware) -> int | None:
    return access_rules(model, entry.access_rules.most if entry.access_rules else None)


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    view.faults.add(rule, dotted(where), view.declared.town.where(where, (where[0],)), message, advice)
