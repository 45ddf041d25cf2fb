"""What ``piste doctor`` asks an SMC: does it answer, in which version, to whom, and what waits on its engines.

Whether the account may write an object is not asked: nothing tells it without writing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from piste.converge.errors import Misused, PisteError
from piste.converge.module import Module
from piste.converge.reading import reading
from piste.converge.request import Request
from piste.finding import Finding, State
from piste.forcepoint import versions
from piste.forcepoint.connection import SMC
from piste.forcepoint.installations import Installations
from piste.forcepoint.rights import approval, may_install
from piste.forcepoint.smc import Smc
from piste.transport import probe
from piste.words import agreed


def checks(smc: Smc) -> Iterator[Finding]:
    """Every finding, in a few reads; the first that forbids the next ones is the last."""
    probe.hurry(smc.transport)
    try:
        response = smc.transport.request("GET", "/api")
        offered = smc.offered()
    except PisteError as error:
        yield probe.silence("smc", error)
        return
    yield Finding("smc.reachable", "ok", "le SMC répond, son certificat est attesté")
    yield probe.certificate("smc", smc.transport)
    yield probe.clock("smc", response)
    if smc.version not in offered or smc.api < versions.OLDEST:
        what = f"l'API {smc.version} n'est pas offerte, ou plus ancienne que ce que Piste connaît"
        todo = f"Mettez dans piste_smc.api_version une des versions offertes : {', '.join(offered)}."
        yield Finding("smc.version", "wrong", what, todo)
        return
    try:
        told = ".".join(map(str, smc.smc_version))
    except Misused as error:
        yield Finding("smc.version", "wrong", error.what, error.todo)
        return
    except PisteError as error:
        yield Finding("smc.key", "wrong", " : ".join(part for part in (error.what, error.why) if part), error.todo)
        return
    yield Finding("smc.version", "ok", f"le SMC est en version {told}, son API {smc.version} est offerte")
    yield Finding("smc.key", "ok", "l'ouverture d'une session est acceptée")
    yield from _engines(smc)
    yield _asked("smc.install", smc, _install)
    yield _asked("smc.approval", smc, _approval)


def _asked(name: str, smc: Smc, check: Callable[[Smc], tuple[State, str, str]]) -> Finding:
    """A finding, unknown where what it asks for is refused: a limited account may not read its own rights."""
    try:
        with reading(smc.host):
            return Finding(name, *check(smc))
    except PisteError as error:
        what = " : ".join(part for part in (error.what, error.why) if part)
        return Finding(name, "unknown", what, error.todo or "Relancez.")


def _install(smc: Smc) -> tuple[State, str, str]:
    found = may_install(smc)
    todo = "Management Client, Administration, API Clients : donnez-lui un rôle qui installe (Upload Policy)."
    if found is None:
        return "unknown", "le SMC ne dit pas si le compte peut installer une politique", todo
    if not found:
        return "wrong", "aucun rôle du compte ne permet d'installer une politique", todo
    return "ok", "un rôle du compte permet d'installer une politique", ""


def _approval(smc: Smc) -> tuple[State, str, str]:
    found = approval(smc)
    if found is None:
        todo = "Management Client, Global System Properties, Change Management : voyez si une approbation est demandée."
        return "unknown", "le SMC ne dit pas si les modifications doivent être approuvées", todo
    if found:
        return "ok", "les modifications doivent être approuvées : prévoyez qui approuve, avant chaque installation", ""
    return "ok", "aucune approbation n'est demandée avant une installation", ""


def _engines(smc: Smc) -> Iterator[Finding]:
    driver = Installations(smc, Request(), {})
    try:
        with reading("smc"):
            engines = driver.gather(driver.every(), whole=False, fresh=False)
    except PisteError as error:
        what = " : ".join(part for part in (error.what, error.why) if part)
        yield Finding("smc.engines", "unknown", f"l'état des moteurs ne se lit pas : {what}", error.todo or "Relancez.")
        return
    if not engines:
        todo = "Donnez au client d'API les moteurs (Granted Elements), ou corrigez piste_smc.domain."
        yield Finding("smc.engines", "wrong", "aucun moteur n'est visible avec ce compte, dans ce domaine", todo)
        return
    waiting = " ; ".join(driver.last.waiting)
    waits = f" ; en attente d'installation : {waiting}" if waiting else ", rien n'y est en attente"
    yield Finding("smc.engines", "ok", f"{agreed(len(engines), 'moteur(s)')} dans le SMC{waits}")


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    try:
        smc = Smc(params["smc"])
    except PisteError as error:
        return {"changed": False, "findings": [probe.silence("smc", error).to_json()]}
    try:
        found = [finding.to_json() for finding in checks(smc)]
    finally:
        smc.close()
    return {"changed": False, "findings": found, "calls": smc.calls}


MODULES: Mapping[str, Module] = {"smc_checks": Module(name="smc_checks", options=(SMC,), run=_run)}
