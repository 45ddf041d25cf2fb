"""Checks of `piste doctor` on the Dashboard: reach, rights, templates, life, pace, core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, reading, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.converge.secrets import Vault
from piste.engine.finding import Finding, State
from piste.engine.transport import probe
from piste.engine.transport.subjects import checked
from piste.engine.words import agreed
from piste.systems.meraki.carriers import Carriers
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import RATE, Dashboard, explain
from piste.systems.meraki.firmware import BY_HAND, staged
from piste.systems.meraki.living import refused
from piste.systems.meraki.neighbours import reported
from piste.systems.meraki.routed_interfaces import RoutedInterfaces
from piste.systems.meraki.routers import CORE
from piste.systems.meraki.static_routes import StaticRoutes

WRITERS = frozenset({"full", "enterprise"})
"""Values of `orgAccess` that may write in the whole organization [belief meraki.writers]."""


def checks(dashboard: Dashboard, rate: float | None, core: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield every finding, in a few reads; stop where the next checks are impossible.

    `core` is the place of the core of the town, if it has one.
    """
    probe.hurry(dashboard.transport)
    try:
        response = dashboard.transport.request("GET", "/organizations")
    except PisteError as error:
        yield probe.silence("meraki", error)
        return
    yield Finding("meraki.reachable", "ok", "le Dashboard répond, son certificat est attesté")
    yield probe.certificate("meraki", dashboard.transport)
    yield probe.clock("meraki", response, dashboard.clock.time())
    yield _pace(rate)
    if response.status >= 400:
        what = f"le Dashboard refuse la clé d’API ({response.status}) : {explain(response)}"
        yield Finding("meraki.key", "wrong", what, "Vérifiez la clé (coffre), et que l’API est activée pour elle.")
        return
    yield Finding("meraki.key", "ok", "la clé d’API est acceptée")
    name = "meraki.organization"
    try:
        organization = dashboard.find_organization()
        name = "meraki.rights"
        yield Finding("meraki.organization", "ok", f"l’organisation {organization} est visible avec cette clé")
        with reading("meraki"):
            rights = _rights(dashboard.items(f"/organizations/{organization}/admins"))
            templates = _templates(dashboard)
        yield rights
        yield templates
        name = "meraki.living"
        yield _living(dashboard)
        if core.get("carrier"):
            name = "meraki.core"
            with reading("meraki"):
                routed = _core(dashboard, core["network"], core["carrier"], core.get("models"))
            yield routed
    except PisteError as error:
        state: State = "unknown" if error.kind == "unknown" or name in ("meraki.rights", "meraki.core") else "wrong"
        what = " : ".join(part for part in (error.what, error.why) if part)
        yield Finding(name, state, what, error.todo or "Vérifiez dans le Dashboard les droits du compte de la clé.")


def links(dashboard: Dashboard, ports: Sequence[str]) -> Finding:
    """Finding about the links of the core that are plugged in, and that lead nowhere declared."""
    name = "meraki.links"
    try:
        path = f"/organizations/{dashboard.organization}/switch/ports/statuses/bySwitch"
        serials = sorted({port.partition("/")[0] for port in ports})
        with reading("meraki"):
            plugged = {
                f"{switch['serial']}/{text(port['portId'])}": f"{text(switch['name'])}/{text(port['portId'])}"
                for switch in (dashboard.pages(path, 20, {"serials[]": serials}) if ports else ())
                for port in listed(switch["ports"])
                if text(port["status"]) == "Connected"
            }
            open_ = {port: plugged[port] for port in ports if port in plugged}
            _, heard = reported(dashboard, open_) if open_ else ([], {})
    except PisteError as error:
        return Finding(name, "unknown", error.what, error.todo or "Relancez.")
    if not open_:
        return Finding(name, "ok", "chaque liaison branchée du cœur a une arrivée déclarée")
    said = [f"{shown} ({_heard(heard.get(port))})" for port, shown in open_.items()]
    what = f"{agreed(len(said), 'liaison(s) branchée(s)')} du cœur sans arrivée déclarée : {', '.join(said)}"
    todo = (
        "Leurs VLAN restent tels quels : déclarez où elles mènent (far_port de la liaison, « to » de l’agrégat), "
        "ou un autre profil de port."
    )
    return Finding(name, "wrong", what, todo)


def _heard(known: Mapping[str, Any] | None) -> str:
    return f"y entend {known.get('name') or known['serial']}" if known else "n’y entend personne"


def _rights(admins: list[Mapping[str, Any]]) -> Finding:
    """Finding about the right of the key to write.

    The API does not say whose key it is, only which administrators have a key. Where these do not all have the same
    rights, the answer is unknown.
    """
    rights = sorted({str(admin.get("orgAccess")) for admin in admins if admin.get("hasApiKey")})
    shown = ", ".join(rights) or "aucun compte à clé"
    if rights and set(rights) <= WRITERS:
        return Finding("meraki.rights", "ok", f"la clé peut lire et écrire dans l’organisation (droit {shown})")
    if rights and not set(rights) & WRITERS:
        what = f"la clé ne peut pas écrire dans l’organisation (droit {shown})"
        todo = "Un plan suffit-il ? Sinon, donnez au compte de la clé le droit « full » sur l’organisation."
        return Finding("meraki.rights", "wrong", what, todo)
    todo = "Vérifiez dans le Dashboard (Organization > Administrators) que le compte de la clé a le droit « full »."
    return Finding("meraki.rights", "unknown", f"le droit de la clé n’est pas sûr ({shown})", todo)


def _templates(dashboard: Dashboard) -> Finding:
    """Finding about the networks bound to a template, which refuse some undocumented writes."""
    try:
        networks = dashboard.networks(fresh=True)
        bound = sorted(str(network["name"]) for network in networks if network.get("isBoundToConfigTemplate"))
    except PisteError as error:
        return Finding("meraki.templates", "unknown", error.what, error.todo or "Relancez.")
    if not bound:
        return Finding("meraki.templates", "ok", "aucun réseau ne suit un modèle de configuration")
    what = f"un modèle de configuration décide de {', '.join(bound)}"
    todo = "Détachez ceux que Piste doit régler (Configuration templates, Unbind) : des réglages locaux y sont refusés."
    return Finding("meraki.templates", "wrong", what, todo)


def _living(dashboard: Dashboard) -> Finding:
    """Finding about the lists from which a verification knows what lives."""
    if not (unread := refused(dashboard)):
        return Finding("meraki.living", "ok", "l’état des équipements, des ports et des bornes se lit")
    what = " ; ".join(f"{path} : {why}" for path, why in unread.items())
    todo = "Donnez au compte de la clé un droit sur toute l’organisation ; sans ces listes, piste verify ne sait pas."
    return Finding("meraki.living", "wrong", f"ce qui vit ne se lit pas entièrement : {what}", todo)


def _core(dashboard: Dashboard, network: str, name: str, models: Mapping[str, Any] | None = None) -> Finding:
    """Finding about the equipment of the core: it is there, it routes, what it routes is read."""
    check, carriers = "meraki.core", Carriers(dashboard, models)
    carrier = carriers.named(network, name)
    if carrier is None:
        return Finding(check, "ok", f"« {network} » n’a pas encore le cœur « {name} » : les passerelles l’attendent")
    if carrier.cannot_route:
        what = f"« {name} » ne route pas ({', '.join(carrier.cannot_route)})"
        todo = "Désignez un autre cœur (routing.core), ou déclarez ce que ce modèle porte (hardware, routing)."
        return Finding(check, "wrong", what, todo)
    if carriers.stacked(carrier):
        what = f"« {name} » est membre d’une pile, qui route à sa place"
        return Finding(check, "wrong", what, "Désignez la pile (routing.core.stack).")
    drivers = [kind(dashboard, Vault(), "", network) for kind in (RoutedInterfaces, StaticRoutes)]
    counts = [len(driver.documents([carrier], fresh=True)[carrier]) for driver in drivers]
    said = f"{agreed(counts[0], 'interface(s) routée(s)')} et {agreed(counts[1], 'route(s) statique(s)')}"
    return Finding(check, "ok", f"le cœur « {name} » peut router, la clé y lit {said}")


def _pace(rate: float | None) -> Finding:
    asked = RATE if rate is None else rate
    if 0 < asked <= RATE:
        return Finding("meraki.rate", "ok", f"{asked:g} requêtes par seconde, le Dashboard en admet {RATE:g}")
    shown = f"{asked:g} requêtes par seconde" if asked else "aucune limite de requêtes"
    todo = f"Mettez piste_meraki.rate à {RATE:g} au plus : au-delà, le Dashboard fait attendre toutes les applications."
    return Finding("meraki.rate", "wrong", f"{shown}, le Dashboard en admet {RATE:g} par seconde", todo)


def _staged(dashboard: Dashboard, names: Sequence[str]) -> Finding:
    """Finding about the networks of an upgrade that stage their switches."""
    check, known = "meraki.staged", {network["name"]: network["id"] for network in dashboard.networks()}
    try:
        groups = {name: some for name in names if name in known and (some := staged(dashboard, known[name]))}
    except PisteError as error:
        return Finding(check, "unknown", error.what, error.todo or "Relancez.")
    if not groups:
        return Finding(check, "ok", "aucun réseau à mettre à niveau n’échelonne ses commutateurs")
    said = " ; ".join(f"{name} ({', '.join(some)})" for name, some in groups.items())
    return Finding(check, "wrong", f"des groupes échelonnent les commutateurs de {said}", f"Aucune vague : {BY_HAND}.")


WAVES = Field("waves", "Networks whose switches an upgrade concerns.", type="list")
LINKS = Field("links", "Ports of the core whose other end nothing declares, C(SERIAL/PORT).", type="list")


def _judged(dashboard: Dashboard, params: Params) -> Iterator[Finding]:
    findings = list(checks(dashboard, params["dashboard"].get("rate"), params.get("core") or {}))
    yield from findings
    # Where the organization is not read, its ports are not either.
    if any(finding.id == "meraki.templates" for finding in findings):
        yield from [links(dashboard, params["links"])] if params.get("links") is not None else ()
        yield from [_staged(dashboard, params["waves"])] if params.get("waves") else ()


MODULES: Mapping[str, Module] = checked("meraki_checks", MERAKI, _judged, replace(CORE, required=False), LINKS, WAVES)
