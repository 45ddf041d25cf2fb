"""Checks of `piste doctor` on an SMC: reachability, version, account, pending installations.

The right to write an object is not checked: only a write would show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from piste.engine.converge.errors import Misused, PisteError, Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, mapped, reading, text, truth
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding, State
from piste.engine.transport import probe
from piste.engine.transport.subjects import checked
from piste.engine.words import agreed, some
from piste.systems.forcepoint import versions
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.engine_interfaces import EngineInterfaces
from piste.systems.forcepoint.engines import Engines, short
from piste.systems.forcepoint.installations import Installations
from piste.systems.forcepoint.living import STATUS, moment, status_of
from piste.systems.forcepoint.log_servers import KIND
from piste.systems.forcepoint.references import ENGINES, path_of, reference, split
from piste.systems.forcepoint.rights import approval, may_install
from piste.systems.forcepoint.route_tree import routes, unusual
from piste.systems.forcepoint.smc import Smc

_SHOWN = 3
_SOON = 30
"""Days before its end from which a certificate is to renew."""


def checks(smc: Smc, carrier: Mapping[str, Any], logs: str = "", web: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield every finding, in a few reads; stop where the next checks are impossible.

    `carrier` names the engine and the physical interface that carry the town's VLANs, if it has some, `logs` the log
    server of the engine, and `web` the categories of sites of its rules.
    """
    probe.hurry(smc.transport)
    try:
        response = smc.transport.request("GET", "/api")
        offered = smc.offered()
    except PisteError as error:
        yield probe.silence("smc", error)
        return
    yield Finding("smc.reachable", "ok", "le SMC répond, son certificat est attesté")
    yield probe.certificate("smc", smc.transport)
    yield probe.clock("smc", response, smc.clock.time())
    if smc.version not in offered or smc.api < versions.OLDEST:
        what = f"l’API {smc.version} n’est pas offerte, ou plus ancienne que ce que Piste connaît"
        todo = f"Mettez dans piste_smc.api_version une des versions offertes : {', '.join(offered)}."
        yield Finding("smc.version", "wrong", what, todo)
        return
    try:
        version = ".".join(map(str, smc.smc_version))
    except Misused as error:
        yield Finding("smc.version", "wrong", error.what, error.todo)
        return
    except PisteError as error:
        yield Finding("smc.key", "wrong", " : ".join(part for part in (error.what, error.why) if part), error.todo)
        return
    yield Finding("smc.version", "ok", f"le SMC est en version {version}, son API {smc.version} est offerte")
    yield Finding("smc.key", "ok", "l’ouverture d’une session est acceptée")
    yield from _engines(smc)
    yield _asked("smc.monitoring", smc, _monitoring)
    yield _asked("smc.gateways", smc, _gateways)
    if carrier.get("engine"):
        yield _asked("smc.interfaces", smc, lambda smc: _carrier(smc, carrier["engine"], str(carrier["interface"])))
        if engine := _engine(smc, carrier["engine"]):
            yield _asked("smc.routing", smc, lambda smc: _routing(smc, engine))
    if logs:
        yield _asked("smc.logs", smc, lambda smc: _logs(smc, logs))
    if named := list(web):
        yield _asked("smc.web", smc, lambda smc: _web(smc, named, carrier.get("engine") or ""))
    yield _asked("smc.install", smc, _install)
    yield _asked("smc.approval", smc, _approval)


def _asked(name: str, smc: Smc, check: Callable[[Smc], tuple[State, str, str]]) -> Finding:
    """Make a finding; unknown if the SMC refuses to answer, as it may refuse a limited account."""
    try:
        with reading(smc.host):
            return Finding(name, *check(smc))
    except PisteError as error:
        what = " : ".join(part for part in (error.what, error.why) if part)
        return Finding(name, "unknown", what, error.todo or "Relancez.")


def _engine(smc: Smc, name: str) -> str:
    return next((f"{kind}/{name}" for kind in ENGINES if name in smc.listing(kind)), "")


def _routing(smc: Smc, engine: str) -> tuple[State, str, str]:
    """Judge that the account reads what the engine routes, and that antispoofing follows it."""
    name, engines = short(engine), Engines(smc)
    static, others = routes(engines.routing(engine))
    if strange := [f"{place} ({why})" for place, why in unusual(engines.antispoofing(engine))]:
        todo = f"Management Client, {name}, Routing, Antispoofing : rendez-le à ce que le SMC déduit des routes."
        return "wrong", f"l’antispoofing de {name} n’est pas celui de ses routes : {', '.join(strange[:_SHOWN])}", todo
    besides = f" ; d’un autre genre, que Piste laisse : {', '.join(others[:_SHOWN])}" if others else ""
    said = f"{name} : {agreed(len(static), 'route(s) statique(s)')}, l’antispoofing suit{besides}"
    return "ok", said, ""


def _carrier(smc: Smc, name: str, number: str) -> tuple[State, str, str]:
    """Judge the interface that carries the VLANs: people make it, and Piste only its VLANs."""
    engine = _engine(smc, name)
    if not engine:
        return "wrong", f"le moteur {name} n’est pas dans le SMC", "Créez-le, ou corrigez routing.firewall.engine."
    driver = EngineInterfaces(smc, Request(state="gathered"))
    item = driver.gather([{"engine": engine, "interface": number}], whole=True, fresh=False).get(f"{number}/{engine}")
    todo = f"Management Client, {name}, Interfaces : créez l’interface {number}, avec une adresse MAC partagée."
    if item is None:
        return "wrong", f"{name} n’a pas l’interface {number}, qui doit porter les VLAN", todo
    if engine.startswith("fw_cluster/") and not item.get("mac_address"):
        return "wrong", f"l’interface {number} de {name} n’a pas d’adresse MAC partagée : sa grappe en veut une", todo
    return "ok", f"l’interface {number} de {name} peut porter les VLAN", ""


def _monitoring(smc: Smc) -> tuple[State, str, str]:
    """Judge whether the SMC gives the state of a node: without it, what lives is not known."""
    todo = "Management Client, Administration, API Clients : donnez-lui un rôle qui voit l’état des moteurs."
    if STATUS not in smc.entry_points:
        return "ok", "ce SMC donne l’état des nœuds, sans le jour de la dernière installation", ""
    path = next((path for kind in ENGINES for path in smc.listing(kind).values()), "")
    if not path:
        return "unknown", "aucun moteur n’est visible, dont lire l’état", todo
    try:
        text(status_of(smc, path)["monitoring_status"])
    except Rejected as error:
        return "wrong", f"le SMC refuse l’état des moteurs : {error.why or error.what}", todo
    return "ok", "l’état des moteurs se lit", ""


def _gateways(smc: Smc) -> tuple[State, str, str]:
    """Judge the end of the certificates of VPN gateways; their keys are not asked for."""
    ends: dict[str, str | None] = {}
    for kind in ENGINES:
        for name, path in smc.listing(kind).items():
            for gateway in listed(smc.results(f"{path}/internal_gateway")):
                for entry in listed(smc.results(f"{path_of(gateway['href'])}/gateway_certificate")):
                    document = smc.get(path_of(entry["href"])) or {}
                    ends[f"{name} : {document.get('name', '?')}"] = moment(document.get("expiration_date"))
    todo = "Management Client, le moteur, VPN, Certificates : renouvelez-le, puis installez la politique."
    if not ends:
        return "ok", "aucune passerelle VPN n’a de certificat", ""
    if unread := [name for name, end in ends.items() if end is None]:
        return "unknown", f"fin illisible du certificat de {some(unread, _SHOWN)}", todo
    now = smc.clock.time()
    days = {name: int((datetime.fromisoformat(end).timestamp() - now) // 86400) for name, end in ends.items() if end}
    if late := [f"{name} ({left} j)" for name, left in days.items() if left < _SOON]:
        return "wrong", f"certificats de passerelles VPN finis, ou qui finissent bientôt : {some(late, _SHOWN)}", todo
    first = min(days.values())
    return "ok", f"{agreed(len(ends), 'certificat(s)')} de passerelle VPN, le premier finit dans {first} jours", ""


def _logs(smc: Smc, name: str) -> tuple[State, str, str]:
    """Judge the declared log server, which the installation of the SMC makes and names."""
    known = sorted(smc.listing(KIND))
    if name in known:
        return "ok", f"le serveur de journaux {name} est dans le SMC", ""
    others = f"ce SMC a {', '.join(known)}" if known else "ce SMC n’en montre aucun"
    return "wrong", f"le serveur de journaux {name} n’y est pas : {others}", "Corrigez firewall.logs.server."


def _web(smc: Smc, named: Iterable[str], name: str) -> tuple[State, str, str]:
    """Judge that the categories of sites exist, and that the engine asks for them (a licence)."""
    if absent := [ref for ref in named if not smc.path(ref)]:
        known = sorted(smc.listing(split(absent[0])[0]))
        todo = "Corrigez terms_of_use (web) : les noms sont ceux du Management Client, URL Categories."
        why = f" ; ce SMC a {some(known, _SHOWN)}" if known else ""
        return "wrong", f"catégories de sites que ce SMC n’a pas : {some(list(map(short, absent)), _SHOWN)}{why}", todo
    path = smc.path(_engine(smc, name)) if name else ""
    settings = mapped((smc.get(path) or {}).get("ts_settings") or {}) if path else {}
    todo = f"Management Client, {name or 'le moteur'}, Add-Ons, URL Filtering : activez-le (il faut la licence)."
    if "ts_enabled" not in settings:
        return "unknown", "rien ne dit si le moteur cherche les catégories des sites", todo
    if not truth(settings["ts_enabled"]):
        return "wrong", f"{name} ne cherche pas les catégories des sites : aucune n’est refusée", todo
    return "ok", "les catégories de sites sont dans le SMC, et le moteur les cherche", ""


def _install(smc: Smc) -> tuple[State, str, str]:
    allowed = may_install(smc)
    todo = "Management Client, Administration, API Clients : donnez-lui un rôle qui installe (Upload Policy)."
    if allowed is None:
        return "unknown", "le SMC ne dit pas si le compte peut installer une politique", todo
    if not allowed:
        return "wrong", "aucun rôle du compte ne permet d’installer une politique", todo
    return "ok", "un rôle du compte permet d’installer une politique", ""


def _approval(smc: Smc) -> tuple[State, str, str]:
    required = approval(smc)
    if required is None:
        todo = "Management Client, Global System Properties, Change Management : voyez si une approbation est demandée."
        return "unknown", "le SMC ne dit pas si les modifications doivent être approuvées", todo
    if required:
        return "ok", "les modifications doivent être approuvées : prévoyez qui approuve, avant chaque installation", ""
    return "ok", "aucune approbation n’est demandée avant une installation", ""


def _engines(smc: Smc) -> Iterator[Finding]:
    driver = Installations(smc, Request(), {})
    try:
        with reading("smc"):
            engines = driver.gather(driver.every(), whole=False, fresh=False)
    except PisteError as error:
        what = " : ".join(part for part in (error.what, error.why) if part)
        yield Finding("smc.engines", "unknown", f"l’état des moteurs ne se lit pas : {what}", error.todo or "Relancez.")
        return
    if not engines:
        todo = "Donnez au client d’API les moteurs (Granted Elements), ou corrigez piste_smc.domain."
        yield Finding("smc.engines", "wrong", "aucun moteur n’est visible avec ce compte, dans ce domaine", todo)
        return
    waiting = " ; ".join(driver.last.waiting)
    waits = f" ; en attente d’installation : {waiting}" if waiting else ", rien n’y est en attente"
    yield Finding("smc.engines", "ok", f"{agreed(len(engines), 'moteur(s)')} dans le SMC{waits}")


_CARRIER = Field(
    "carrier",
    "What carries the town's VLANs, where something does.",
    type="dict",
    of=(
        Field("engine", "Name of the engine."),
        Field("interface", "Number of its physical interface.", type="int"),
    ),
)

_LOGS = Field("logs", "Name of the log server of the engine, where the town declares it.")

_WEB = Field("web", "Categories of sites that rules name, C(type/name) each.", type="list", normalise=reference)

MODULES: Mapping[str, Module] = checked(
    "smc_checks",
    FORCEPOINT,
    lambda smc, params: checks(smc, params.get("carrier") or {}, params.get("logs") or "", params.get("web") or ()),
    _CARRIER,
    _LOGS,
    _WEB,
)
