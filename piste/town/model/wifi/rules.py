"""Rules of the SSIDs: audience, segment and portal agree; slots, points, isolation suffice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netaddr import IPNetwork

from piste.engine.words import agreed

from .derived import edition, ssid_names

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..view import View
    from .form import Ssid

MAX_SSIDS = 4
"""Most SSIDs on the air at one access point."""


def check_catalogue(view: View) -> None:
    """M030, M047 to M049, M051 to M053, M055 to M057, M402: an SSID is coherent, in its slot."""
    town = view.declared.town
    variables = town.variables
    slots: dict[int, str] = {}
    for name, ssid in variables.ssid_catalogue.items():
        path, where = f"ssid_catalogue[{name}]", ("ssid_catalogue", name)
        if ssid.slot in slots:
            message = f"{name} : l’emplacement {ssid.slot} est celui de {slots[ssid.slot]}"
            view.faults.add("PISTE-M055", f"{path}.slot", town.where((*where, "slot")), message)
        slots.setdefault(ssid.slot, name)
        _portal(view, name, ssid)
        _terms(view, name, ssid)
        segment = variables.segment_catalogue.get(ssid.segment)
        mark = town.where((*where, "segment"))
        if segment is None:
            known = variables.segment_catalogue
            view.unknown("PISTE-M030", f"{path}.segment", mark, "Le segment", ssid.segment, known)
        else:
            rule = _zone_rule(ssid.audience, segment.plan.zone)
            if rule:
                message = (
                    f"{name}, d’audience {ssid.audience}, est dans le segment {ssid.segment}, "
                    f"de zone {segment.plan.zone}"
                )
                view.faults.add(rule, f"{path}.segment", mark, message)
    for index, name in enumerate(variables.retired_ssids.names):
        if name in variables.ssid_catalogue:
            mark = town.where(("retired_ssids", "names", index))
            view.faults.add("PISTE-M057", "retired_ssids", mark, f"{name} est à éteindre, et au catalogue")


def check_terms(view: View) -> None:
    """M075: a version, with its sites, is the one whose digest is kept."""
    town = view.declared.town
    for name, terms in town.variables.terms_of_use.items():
        path, where = f"terms_of_use[{name}].editions", ("terms_of_use", name)
        kept, shown = terms.editions.get(terms.version), edition(terms)
        if kept is None:
            mark = town.where((*where, "editions"), (*where, "version"))
            line = f'"{terms.version}": "{shown}"'
            message = f"{name} : la version {terms.version} n’a pas d’empreinte ; une fois relue, inscrivez {line}"
            view.faults.add("PISTE-M075", path, mark, message)
        elif kept != shown:
            message = f"{name} : la version {terms.version}, sites compris, n’est plus celle de son empreinte"
            view.faults.add("PISTE-M075", path, town.where((*where, "editions", terms.version)), message)


def check_isolation(view: View) -> None:
    """M058: the networks denied to guests cover every address of the town."""
    town = view.declared.town
    denied = [IPNetwork(prefix) for prefix in town.variables.guest_isolation.deny]
    for reached in view.rule.prefixes:
        if not any(reached in prefix for prefix in denied):
            mark = town.where(("guest_isolation", "deny"))
            message = f"Les invités atteindraient {reached}, que deny ne couvre pas"
            view.faults.add("PISTE-M058", "guest_isolation.deny", mark, message)


def check_sites(view: View) -> None:
    """M031, M050, M053, M054, M059: the SSIDs of a site are known, have a segment and air time."""
    for declared, site in view.pairs():
        variables = declared.variables
        for name in ssid_names(variables):
            path = f"sites[{declared.id}].ssids[{name}]"
            where = [("ssids", name), ("category_ssids", "names")]
            ssid = variables.ssid_catalogue.get(name)
            mark = declared.where(*where)
            if ssid is None:
                view.unknown("PISTE-M031", path, mark, "Le SSID", name, variables.ssid_catalogue)
            elif ssid.segment in variables.segment_catalogue and ssid.segment not in site["segments"]:
                message = f"{declared.id} : {name} demande le segment {ssid.segment}, que le site n’a pas"
                view.faults.add("PISTE-M050", path, mark, message)
        _air_time(view, declared)
        _pedagogic(view, declared)


def _pedagogic(view: View, declared: DeclaredSite) -> None:
    """Report a site whose access points leave its pedagogic segment without an SSID."""
    site = view.sites[declared.id]
    has_segment = any(segment["zone"] == "pedagogique" for segment in site["segments"].values())
    has_air = any(device["kind"] == "access_point" for device in site["devices"])
    served = any(ssid["audience"] == "pedagogique" and ssid["enabled"] for ssid in site["ssids"])
    if has_segment and has_air and not served:
        mark = declared.where(("category_ssids", "names"))
        message = f"{declared.id} : des bornes, un segment pédagogique, mais aucun SSID pédagogique"
        advice = "Ajoutez un SSID d’audience pedagogique au site ou à sa catégorie."
        view.faults.add("PISTE-M053", f"sites[{declared.id}].ssids", mark, message, advice)


def _portal(view: View, name: str, ssid: Ssid) -> None:
    guest = ssid.audience == "invite"
    if guest == (ssid.portal is not None):
        return
    town = view.declared.town
    mark = town.where(("ssid_catalogue", name, "portal"), ("ssid_catalogue", name))
    message = f"{name} est un SSID invité sans portail captif" if guest else f"{name} a un portail sans être invité"
    view.faults.add("PISTE-M051", f"ssid_catalogue[{name}].portal", mark, message)


def _terms(view: View, name: str, ssid: Ssid) -> None:
    town = view.declared.town
    path, where = f"ssid_catalogue[{name}].terms", ("ssid_catalogue", name)
    mark = town.where((*where, "terms"), where)
    known = town.variables.terms_of_use
    if ssid.terms is not None and ssid.terms not in known:
        view.unknown("PISTE-M047", path, mark, "Le texte", ssid.terms, known)
    elif ssid.terms is None and ssid.audience == "invite":
        message = f"{name} : son portail ferait accepter des conditions qui n’existent pas"
        view.faults.add("PISTE-M048", path, mark, message)
    elif ssid.terms is None and ssid.audience == "pedagogique":
        message = f"{name} : aucune charte ne dit ce que ses utilisateurs ont le droit d’y faire"
        view.faults.add("PISTE-M049", path, mark, message)
    elif ssid.terms is not None and ssid.audience == "pedagogique" and known[ssid.terms].web is None:
        message = f"{name} : sa charte, « {ssid.terms} », ne dit aucun site que le pare-feu refuse"
        view.faults.add("PISTE-M402", path, mark, message)


def _zone_rule(audience: str, zone: str) -> str | None:
    """Give the rule that an audience breaks in a zone; None where it breaks none."""
    if audience == "invite":
        return None if zone in ("invite", "public") else "PISTE-M052"
    if "pedagogique" in (audience, zone):
        return None if audience == zone else "PISTE-M053"
    return None if zone == "interne" else "PISTE-M056"


def _air_time(view: View, declared: DeclaredSite) -> None:
    ssids = [ssid for ssid in view.sites[declared.id]["ssids"] if ssid["enabled"]]
    points = [item for item in view.devices(declared) if item.device["kind"] == "access_point"]
    heard: set[str] = set()
    crowded = []
    for point in points:
        tags = set(point.device["tags"])
        names = [s["name"] for s in ssids if not s["availability_tags"] or tags & set(s["availability_tags"])]
        heard.update(names)
        if len(names) > MAX_SSIDS:
            crowded.append((point, names))
    if crowded:
        point, names = crowded[0]
        others = f" et {agreed(len(crowded) - 1, 'autre(s) borne(s)')}" if len(crowded) > 1 else ""
        message = f"{point.device['name']}{others} : {len(names)} SSID diffusés ({', '.join(names)})"
        view.faults.add("PISTE-M054", point.path, point.mark(), message)
    for ssid in ssids:
        if points and ssid["name"] not in heard:
            name = ssid["name"]
            mark = declared.where(("ssids", name, "tags"), ("ssids", name))
            message = f"{declared.id} : nulle borne ne porte d’étiquette de {name}"
            view.faults.add("PISTE-M059", f"sites[{declared.id}].ssids[{name}].tags", mark, message)
