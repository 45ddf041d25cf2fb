"""Names of sites and devices, serial numbers, models, servers, the neighbour."""

from __future__ import annotations

from collections.abc import Iterator

from netaddr import IPAddress, IPNetwork

from ..addressing import host
from ..faults import Mark
from ..paths import KeyPath
from ..variables import SiteVariables
from ..wording import closest
from .view import View


def site_codes(view: View) -> None:
    """M023: a code names one site; a site that has devices has one."""
    first: dict[str, str] = {}
    for declared, site in view.pairs():
        path = f"sites[{declared.id}].site.plan.code"
        mark = declared.where(("site", "plan", "code"), ("site", "plan"))
        code = site["code"]
        if code is None:
            if site["devices"] or site["lifecycle"] == "open":
                view.faults.add("PISTE-M023", path, mark, f"{declared.id} : le site n'a pas de code")
        elif code in first:
            message = f"{declared.id} : le code « {code} » est celui de {first[code]}"
            view.faults.add("PISTE-M023", path, mark, message)
        else:
            first[code] = declared.id


def devices(view: View) -> None:
    """M024, M025, M026, M033: serial numbers and names are unique, names short, models known.

    The devices of a closed site are back in stock: another one may have them.
    """
    serials: dict[str, str] = {}
    limit = view.declared.town.variables.naming.max_length
    for declared in view.declared.sites:
        names: set[str] = set()
        hardware = declared.variables.hardware
        for item in view.devices(declared):
            serial, name, model = item.device["serial"], item.device["name"], item.device["model"]
            closed = view.sites[declared.id]["lifecycle"] == "closed"
            if serial in serials and not closed:
                message = f"{declared.id} : le numéro de série {serial} est déjà à {serials[serial]}"
                view.faults.add("PISTE-M024", f"{item.path}.serial", item.mark("serial"), message)
            if not closed:
                serials.setdefault(serial, declared.id)
            if name in names:
                message = f"{declared.id} : deux équipements se nomment {name}"
                view.faults.add("PISTE-M025", f"{item.path}.rank", item.mark("rank"), message)
            names.add(name)
            if declared.variables.site.plan.code and len(name) > limit:
                message = f"{declared.id} : le nom {name} dépasse {limit} caractères"
                view.faults.add("PISTE-M026", item.path, item.mark(), message)
            entry = hardware.get(model)
            if entry is None:
                view.unknown(
                    "PISTE-M033", f"{item.path}.model", item.mark("model"), "Le modèle", model, hardware
                )
            elif entry.kind != item.device["kind"]:
                message = f"{declared.id} : {model} n'est pas à sa place dans {item.variable}"
                advice = "Déplacez la ligne dans l'autre liste."
                view.faults.add("PISTE-M033", f"{item.path}.model", item.mark("model"), message, advice)
        for model in declared.variables.awaited_devices:
            if model not in hardware:
                path = f"sites[{declared.id}].awaited_devices[{model}]"
                mark = declared.where(("awaited_devices", model))
                view.unknown("PISTE-M033", path, mark, "Le modèle", model, hardware)


def servers(view: View) -> None:
    """M035: DNS, RADIUS, syslog and print servers and the domain controller are named reservations."""
    if not view.declared.complete:
        return
    told: set[tuple[Mark, str]] = set()
    for declared in view.declared.sites:
        for path, where, name in _wanted_servers(declared.variables):
            mark = declared.where(where)
            if name not in view.servers and (mark, name) not in told:
                told.add((mark, name))
                message = f"Le serveur « {name} » n'a de réservation dans aucun segment"
                view.faults.add("PISTE-M035", path, mark, message, closest(name, view.servers))


def _wanted_servers(variables: SiteVariables) -> Iterator[tuple[str, KeyPath, str]]:
    for index, name in enumerate(variables.dns.servers):
        yield "dns.servers", ("dns", "servers", index), name
    for index, name in enumerate(variables.dhcp.servers):
        yield "dhcp.servers", ("dhcp", "servers", index), name
    for index, name in enumerate(variables.radius.servers if variables.radius else []):
        yield "radius.servers", ("radius", "servers", index), name
    for index, item in enumerate(variables.network_settings.syslog or ()):
        yield "network_settings.syslog", ("network_settings", "syslog", index, "host"), item.host
    if variables.printing:
        yield "printing.server", ("printing", "server"), variables.printing.server
    directory = variables.directory
    yield "directory.controller", ("directory", "controller"), directory.controller
    for index, name in enumerate(directory.controllers):
        yield "directory.controllers", ("directory", "controllers", index), name
    if directory.certificate_authority:
        yield "directory.certificate_authority", ("directory", "certificate_authority"), directory.certificate_authority


def interconnections(view: View) -> None:
    """M027: a neighbour is linked to a declared segment, each end at its own host address."""
    if not view.declared.complete:
        return
    for neighbour in view.declared.neighbours:
        link = neighbour.variables.neighbour.interconnection
        path = f"neighbours[{neighbour.id}].interconnection"
        mark = neighbour.where(("neighbour", "interconnection"))
        site = view.sites.get(link.site)
        segment = site["segments"].get(link.segment) if site else None
        if segment is None:
            known = site["segments"] if site else view.sites
            advice = closest(link.segment if site else link.site, known)
            message = f"{neighbour.id} : le segment {link.segment} de {link.site} n'est pas déclaré"
            view.faults.add("PISTE-M027", path, mark, message, advice)
            continue
        local = host(IPNetwork(segment["subnet"]), link.local_host)
        if local != IPAddress(segment["gateway"]):
            message = f"{neighbour.id} : {local} n'est pas la passerelle {segment['gateway']} du segment"
            view.faults.add("PISTE-M027", f"{path}.local_host", mark, message)
