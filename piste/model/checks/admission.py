"""Who is admitted where: VLANs that are there, exceptions that end, 802.1X imposed only where it was proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ..declaration import DeclaredSite
from ..derive_access import segment_at
from ..faults import Mark
from ..paths import KeyPath
from ..site import Site
from ..wording import closest
from .view import View


def segments(view: View) -> None:
    """M030, M064: the segment of a network policy is known, and present at each site that it names."""
    town = view.declared.town
    catalogue = town.variables.segment_catalogue
    for name, policy in town.variables.network_policies.items():
        path = f"network_policies[{name}]"
        places: list[tuple[KeyPath, str, list[str]]] = [(("segment",), policy.segment, policy.sites or [])]
        places += [(("site_segments", site), key, [site]) for site, key in policy.site_segments.items()]
        for field, key, named in places:
            mark = town.where(("network_policies", name, *field))
            here = ".".join((path, *map(str, field)))
            if key not in catalogue:
                view.unknown("PISTE-M030", here, mark, "Le segment", key, catalogue)
                continue
            without = [
                site
                for site in named
                if site in view.sites and segment_at(policy, site) == key and key not in view.sites[site]["segments"]
            ]
            if without:
                message = f"Politique réseau {name} : le segment {key} manque à {', '.join(without)}"
                view.faults.add("PISTE-M064", here, mark, message)


def sites(view: View) -> None:
    """M065: a network policy names declared sites."""
    town = view.declared.town
    for name, policy in town.variables.network_policies.items():
        named: list[tuple[KeyPath, str]] = [(("sites", index), site) for index, site in enumerate(policy.sites or [])]
        named += [(("except", index), site) for index, site in enumerate(policy.spared)]
        named += [(("site_segments", site), site) for site in policy.site_segments]
        for field, site in named:
            if site not in view.sites and view.declared.complete:
                mark = town.where(("network_policies", name, *field))
                message = f"Politique réseau {name} : le site « {site} » n'est pas déclaré"
                path = f"network_policies[{name}].{field[0]}"
                view.faults.add("PISTE-M065", path, mark, message, closest(site, view.sites))


def exceptions(view: View) -> None:
    """M030, M064, M066, M068: an exception is of a VLAN of its site, of one device of the town, and not over."""
    first: dict[str, str] = {}
    for declared, site in view.pairs():
        over = {item["mac"] for item in site["access"]["exceptions"] if item["expired"]}
        for index, item in enumerate(declared.variables.dot1x_exceptions):
            path = f"sites[{declared.id}].dot1x_exceptions[{item.mac}]"
            mark = declared.where(("dot1x_exceptions", index))
            if item.segment not in declared.variables.segment_catalogue:
                known = declared.variables.segment_catalogue
                view.unknown("PISTE-M030", f"{path}.segment", mark, "Le segment", item.segment, known)
            elif item.segment not in site["segments"]:
                message = f"{declared.id}, {item.what} : le segment {item.segment} manque au site"
                view.faults.add("PISTE-M064", f"{path}.segment", mark, message)
            if item.mac in first:
                message = f"{declared.id}, {item.what} : {item.mac} est déjà admise, à {first[item.mac]}"
                view.faults.add("PISTE-M066", path, mark, message)
            first.setdefault(item.mac, declared.id)
            if item.mac in over:
                device = f"{declared.id}, {item.what} ({item.mac})"
                message = f"{device} : équipement qui n'est plus admis depuis la fin du {item.until}"
                view.faults.add("PISTE-M068", path, mark, message)


def enforced(view: View) -> None:
    """M067: where 802.1X is imposed there are devices, a policy, a profile on the computers, and a day."""
    for declared, site, path, mark in _enforced(view):
        missing = list(_missing(declared, site))
        if missing:
            message = f"{declared.id} : le 802.1X est imposé sans {', ni '.join(missing)}"
            view.faults.add("PISTE-M067", path, mark, message)


def proven(view: View) -> None:
    """M069: where 802.1X is imposed, a test of the site has succeeded on every server, not long before."""
    if view.proofs is None:
        return
    oldest = view.declared.town.variables.dot1x_proof.max_age_days
    for declared, _, path, mark in _enforced(view):
        proof, radius = view.proofs.get(declared.id), declared.variables.radius
        servers = radius.servers if radius else []
        why = ""
        if proof is None:
            why = "aucun essai réussi n'y est inscrit"
        elif not proof.succeeded or (lacking := [name for name in servers if name not in proof.servers]):
            why = "l'essai inscrit n'a pas réussi" if not proof.succeeded else f"rien n'y est dit de {lacking[0]}"
        elif (since := declared.variables.dot1x.since) and _age(proof.day, since) > timedelta(oldest):
            why = f"l'essai du {proof.day} a plus de {oldest} jours au {since}"
        if why:
            view.faults.add("PISTE-M069", path, mark, f"{declared.id} : le 802.1X est imposé, mais {why}")


def _enforced(view: View) -> Iterator[tuple[DeclaredSite, Site, str, Mark]]:
    for declared, site in view.pairs():
        if declared.variables.dot1x.state == "enforced" and site["lifecycle"] in ("open", "closing"):
            mark = declared.where(("dot1x", "state"), ("dot1x",))
            yield declared, site, f"sites[{declared.id}].dot1x.state", mark


def _missing(declared: DeclaredSite, site: Site) -> Iterator[str]:
    if not site["access"]["clients"]:
        yield "commutateur ni borne"
    if not site["access"]["policies"]:
        yield "politique réseau"
    if not any(policy.follows == "dot1x" for policy in declared.variables.directory_policies.values()):
        yield "stratégie de groupe (follows: dot1x)"
    if declared.variables.dot1x.since is None:
        yield "la date (since)"


def _age(day: str, since: str) -> timedelta:
    return date.fromisoformat(since) - date.fromisoformat(day)
