"""Checks of `piste doctor` on Prism Central: reachability, account, versions, rights, pace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.converge.run import Params
from piste.engine.converge.secrets import Vault
from piste.engine.finding import Finding, State
from piste.engine.transport import probe
from piste.engine.transport.response import Response
from piste.engine.transport.subjects import checked
from piste.engine.words import agreed
from piste.systems.nutanix.connection import CLUSTER, PRISM_CENTRAL
from piste.systems.nutanix.foreign import FOREIGN, Foreign
from piste.systems.nutanix.names import Names
from piste.systems.nutanix.prism import (
    AUDITS,
    CATEGORIES,
    CLUSTERS,
    HIGHEST,
    NO_RIGHT,
    PROTECTION_POLICIES,
    RATE,
    RECOVERY_POINTS,
    SUBNETS,
    USERS,
    VMS,
    Prism,
)
from piste.systems.nutanix.vms import Vms

LATER = {
    USERS.namespace: "à ouvrir avant de retirer les comptes d’un prestataire",
    AUDITS.namespace: "une dérive ne dira pas qui l’a faite",
}
"""Namespaces that a run does without, and what it then lacks."""
DAILY = tuple(namespace for namespace in HIGHEST if namespace not in LATER)
"""Namespaces of every run."""
READ = (VMS, CLUSTERS, SUBNETS, CATEGORIES, RECOVERY_POINTS, PROTECTION_POLICIES, USERS, AUDITS)
"""A list to read in each namespace."""


def checks(prism: Prism, cluster: str, rate: float | None, foreign: Foreign | None = None) -> Iterator[Finding]:
    """Yield every finding, in a few reads; stop where the next checks are impossible."""
    probe.hurry(prism.transport)
    try:
        response = prism.transport.request("OPTIONS", "/api/prism/unversioned/info")
    except PisteError as error:
        yield probe.silence("prism", error)
        return
    yield Finding("prism.reachable", "ok", "Prism Central répond, son certificat est attesté")
    yield probe.certificate("prism", prism.transport)
    yield probe.clock("prism", response, prism.clock.time())
    yield _pace(rate, response)
    spoken = list(_versions(prism))
    yield from spoken
    if spoken[-1].state == "ok":
        yield _rights(prism)
        seen = _cluster(prism, cluster)
        yield seen
        if foreign and seen.state == "ok":
            yield _out_of_reach(prism, cluster, foreign)


def _versions(prism: Prism) -> Iterator[Finding]:
    """Findings about the account, which every other check needs, then about the versions."""
    versions = []
    for namespace in DAILY:
        try:
            major, minor = prism.version(namespace)
        except PisteError as error:
            state: State = "unknown" if error.kind == "unknown" and not _refused(error) else "wrong"
            name = "prism.account" if _refused(error) else "prism.versions"
            yield Finding(name, state, _said(error), error.todo or "Relancez.")
            return
        versions.append(f"{namespace} v{major}.{minor}")
    yield Finding("prism.account", "ok", "le compte est accepté")
    yield Finding("prism.versions", "ok", f"l’API est parlée en {', '.join(versions)}")


def _rights(prism: Prism) -> Finding:
    """Finding about the namespaces that refuse the account: each needs its own role and policy."""
    refused = []
    for collection in READ:
        try:
            prism.request("GET", prism.url(collection), query={"$page": 0, "$limit": 1})
        except PisteError as error:
            if getattr(error, "status", 0) != 403:
                return Finding("prism.rights", "unknown", _said(error), error.todo or "Relancez.")
            refused.append(collection.namespace)
    later = "".join(f" ; {name} refusé (403) : {lacks}" for name, lacks in LATER.items() if name in refused)
    if daily := [name for name in refused if name in DAILY]:
        what = f"le compte n’a pas le droit de lire {', '.join(daily)} (403){later}"
        return Finding("prism.rights", "wrong", what, NO_RIGHT.format(namespace=", ".join(daily)))
    return Finding("prism.rights", "ok", f"le compte peut lire {', '.join(DAILY)}{later}")


def _cluster(prism: Prism, cluster: str) -> Finding:
    try:
        with reading("prism"):
            _ = Names(prism, cluster).cluster_id
    except PisteError as error:
        state: State = "unknown" if error.kind == "unknown" else "wrong"
        return Finding("prism.cluster", state, _said(error), error.todo or "Relancez.")
    return Finding("prism.cluster", "ok", f"la grappe « {cluster} » est visible avec ce compte")


def _out_of_reach(prism: Prism, cluster: str, foreign: Foreign) -> Finding:
    """Finding about the number of foreign machines: a typing error in a pattern leaves none."""
    machines = Vms(prism, Vault(), "", cluster, foreign, everything=True)
    try:
        with reading("prism"):
            machines.gather([], whole=True, fresh=False)
            known = set(machines.known["category"].values())
    except PisteError as error:
        return Finding("prism.apart", "unknown", _said(error), error.todo or "Relancez.")
    known |= {pair.partition(":")[0] for pair in known}
    lost = [category for category in foreign.categories if category not in known]
    what = f"{agreed(machines.out_of_reach, 'machine(s)')} hors de portée ({foreign.tool})"
    if lost and machines.out_of_reach:
        todo = "Corrigez hosting.apart : une machine que seule cette catégorie désigne serait à la portée de Piste."
        return Finding("prism.apart", "wrong", f"{what}, mais aucune catégorie {', '.join(lost)}", todo)
    return Finding("prism.apart", "ok", what)


def _refused(error: PisteError) -> bool:
    return "401" in error.what


def _said(error: PisteError) -> str:
    return " : ".join(part for part in (error.where, error.what, error.why) if part)


def _pace(rate: float | None, response: Response) -> Finding:
    """Finding about the rate of this run against the announced rate, or the smallest tier."""
    asked, admitted = RATE if rate is None else rate, RATE
    with suppress(ValueError, ZeroDivisionError):
        period = float(response.headers.get("x-api-ratelimit-refresh-period-seconds") or 1)
        admitted = float(response.headers.get("x-api-ratelimit-limit") or RATE) / period
    if 0 < asked <= admitted:
        return Finding("prism.rate", "ok", f"{asked:g} requêtes par seconde, Prism Central en admet {admitted:g}")
    shown = f"{asked:g} requêtes par seconde" if asked else "aucune limite de requêtes"
    todo = f"Mettez piste_prism.rate à {admitted:g} au plus : au-delà, Prism Central refuse, puis verrouille le compte."
    return Finding("prism.rate", "wrong", f"{shown}, Prism Central en admet {admitted:g} par seconde", todo)


def _judged(prism: Prism, params: Params) -> Iterator[Finding]:
    foreign = Foreign.of(params["apart"]) if params.get("apart") else None
    yield from checks(prism, params["cluster"], params["prism"].get("rate"), foreign)


MODULES: Mapping[str, Module] = checked("prism_checks", PRISM_CENTRAL, _judged, CLUSTER, FOREIGN)
