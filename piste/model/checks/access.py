"""802.1X: servers, policies and fallbacks that neither lock out nor let in."""

from __future__ import annotations

from .view import View

_FALLBACKS = ("guest_segment", "critical_segment", "failed_segment")


def servers(view: View) -> None:
    """M060: a site in 802.1X has RADIUS servers."""
    for declared in view.declared.sites:
        radius, state = declared.variables.radius, declared.variables.dot1x.state
        if state != "off" and not (radius and radius.servers):
            mark = declared.where(("dot1x", "state"), ("dot1x",))
            message = f"{declared.id} : le 802.1X est « {state} », sans serveur RADIUS"
            view.faults.add("PISTE-M060", f"sites[{declared.id}].dot1x.state", mark, message)


def pilots(view: View) -> None:
    """M063: a pilot has at least one switch marked for it."""
    for declared, site in view.pairs():
        switches = [device for device in site["devices"] if device["kind"] == "switch"]
        if site["dot1x"] == "pilot" and switches and not any(device["dot1x"] for device in switches):
            mark = declared.where(("dot1x", "state"), ("dot1x",))
            message = f"{declared.id} : aucun commutateur n'est marqué dot1x: true"
            view.faults.add("PISTE-M063", f"sites[{declared.id}].dot1x.state", mark, message)


def policies(view: View) -> None:
    """M030, M061: the segments of a policy are known, and present at every site that carries it."""
    town = view.declared.town
    for name, policy in town.variables.access_policies.items():
        for field in _FALLBACKS:
            key = getattr(policy, field)
            if key is None:
                continue
            path, mark = f"access_policies[{name}].{field}", town.where(("access_policies", name, field))
            if key not in town.variables.segment_catalogue:
                view.unknown("PISTE-M030", path, mark, "Le segment", key, town.variables.segment_catalogue)
                continue
            without = [
                site["id"]
                for site in view.sites.values()
                if site["access_policies"] and key not in site["segments"]
            ]
            if without:
                message = f"Politique {name} : le segment {key} manque à {', '.join(without)}"
                view.faults.add("PISTE-M061", path, mark, message)


def fallbacks(view: View) -> None:
    """M062: no fallback of a policy takes a port out of its zone, unless to the guests."""
    town = view.declared.town
    catalogue = town.variables.segment_catalogue
    for name, profile in town.variables.port_profiles.items():
        policy = town.variables.access_policies.get(profile.access_policy or "")
        own = catalogue.get(profile.segment or "")
        if policy is None or own is None:
            continue
        for field in _FALLBACKS:
            key = getattr(policy, field)
            zone = catalogue[key].plan.zone if key in catalogue else None
            if zone not in (None, "invite", own.plan.zone):
                mark = town.where(("port_profiles", name, "access_policy"))
                message = (
                    f"Profil de port {name}, de zone {own.plan.zone} : la politique {profile.access_policy} "
                    f"le ferait passer en zone {zone} ({field}: {key})"
                )
                view.faults.add("PISTE-M062", f"port_profiles[{name}].access_policy", mark, message)
