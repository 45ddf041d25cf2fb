"""Checks of `piste doctor` on GLPI: reachability, account, version, rights."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding, State
from piste.engine.transport import probe
from piste.engine.transport.subjects import checked
from piste.systems.glpi.client import NO_RIGHT, Glpi
from piste.systems.glpi.connection import GLPI_SYSTEM
from piste.systems.glpi.items import ASSETS, VERSIONS

READ = (*ASSETS, "Location", "State", "Supplier", "Contract", "License", "Certificate", "Appliance", "Change")
"""A list to read of each part of the API."""
LEGACY = Field("legacy", "Whether the town allows the legacy API.", type="bool", default=False)
UNPUSHED = "garantie, fin de vie, affectation à un service, liens entre fiches"
"""What the High-Level API does not write."""


def checks(glpi: Glpi, legacy: bool) -> Iterator[Finding]:
    """Yield every finding, in a few reads; stop where the next checks are impossible."""
    probe.hurry(glpi.transport)
    try:
        response = glpi.transport.request("GET", f"/api.php/v{glpi.version}/Dropdowns/State", query={"limit": 1})
    except PisteError as error:
        yield probe.silence("glpi", error)
        return
    if response.status == 404:
        todo = "Vérifiez piste_glpi.base_url : ce qui précède /api.php ; l’API existe depuis GLPI 11."
        yield Finding("glpi.reachable", "wrong", "répond, mais pas par l’API de haut niveau (404)", todo)
        return
    yield Finding("glpi.reachable", "ok", "GLPI répond, son certificat est attesté")
    yield probe.certificate("glpi", glpi.transport)
    yield probe.clock("glpi", response, glpi.clock.time())
    try:
        glpi.token()
    except PisteError as error:
        state: State = "wrong" if "jeton" in error.what else "unknown"
        yield Finding("glpi.account", state, _said(error), error.todo or "Relancez.")
        return
    yield Finding("glpi.account", "ok", "le client et le compte sont acceptés")
    refused = yield from _rights(glpi)
    if refused is not None:
        yield _version(glpi)
    yield _unpushed(legacy)


def _rights(glpi: Glpi) -> Generator[Finding, None, list[str] | None]:
    """Finding about the lists that refuse the account; None where one did not answer."""
    refused = []
    for itemtype in READ:
        try:
            glpi.request("GET", glpi.path(itemtype), query={"limit": 1})
        except PisteError as error:
            if getattr(error, "status", 0) != 403:
                yield Finding("glpi.rights", "unknown", _said(error), error.todo or "Relancez.")
                return None
            refused.append(itemtype)
    if refused:
        what = f"le compte n’a pas le droit de lire {', '.join(refused)} (403)"
        yield Finding("glpi.rights", "wrong", what, NO_RIGHT)
    else:
        yield Finding("glpi.rights", "ok", "le compte peut lire tout ce que Piste pousse")
    return refused


def _version(glpi: Glpi) -> Finding:
    """Finding about the version that answers.

    GLPI answers a version that it does not know by its latest, in silence.
    """
    newest = VERSIONS[-1]
    if glpi.version != newest:
        todo = f"Avec GLPI 11 à jour, mettez piste_glpi.api_version à {newest}."
        what = f"l’API est parlée en {glpi.version} : ni types, ni modèles n’y sont poussés"
        return Finding("glpi.version", "wrong", what, todo)
    try:
        page = glpi.request("GET", "Dropdowns/ComputerType", query={"limit": 1})
        page.listing()
    except PisteError as error:
        todo = "Mettez GLPI à jour, ou baissez piste_glpi.api_version."
        return Finding("glpi.version", "wrong", f"GLPI ne sert pas la version {newest} : {_said(error)}", todo)
    return Finding("glpi.version", "ok", f"l’API est parlée en {newest}")


def _unpushed(legacy: bool) -> Finding:
    if legacy:
        return Finding("glpi.unpushed", "ok", "la ville admet l’ancienne API : garantie et liens y vont par elle")
    todo = "Si la ville l’admet, déclarez glpi.legacy: true ; sinon, ces données restent au sac et aux documents."
    return Finding("glpi.unpushed", "ok", f"non poussé (l’API ne l’écrit pas) : {UNPUSHED}", todo)


def _said(error: PisteError) -> str:
    return " : ".join(part for part in (error.where, error.what, error.why) if part)


MODULES: Mapping[str, Module] = checked(
    "glpi_checks", GLPI_SYSTEM, lambda glpi, params: checks(glpi, bool(params.get("legacy"))), LEGACY
)
