"""The modules of the declaration: ``piste_site`` validates it once a run and gives one site of it with all that is
derived; ``piste_secrets`` tells which of the secrets that it refers to have no value here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste import model
from piste.converge.errors import Missing, PisteError
from piste.converge.finding import Finding
from piste.converge.module import Module
from piste.converge.resource import Field
from piste.converge.secrets import FINGERPRINT_KEY, MINIMUM_LENGTH
from piste.transport.shared import Shared, run_folder


class InvalidDeclaration(PisteError):
    """The declaration has faults; nothing was sent to any system."""

    code = "PISTE-E002"
    kind = "refused"


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The first process of the run to come reads and validates the whole; each site then reads its own part."""
    inventory = Path(params["inventory"])
    shared = Shared(run_folder(), "declaration")
    faults: list[str] = []

    def validate() -> dict[str, Any]:
        town = model.load(inventory)
        faults.extend(str(fault) for fault in town.errors)
        if not faults:
            for name, site in town.sites.items():
                shared.put(f"site-{name}", site)
        return {"faults": len(faults), "sites": sorted(town.sites), "digest": town.digest}

    verdict = shared.once("verdict", validate)
    if faults:
        listing = "\n".join(faults)
        raise InvalidDeclaration(
            f"la déclaration a {len(faults)} erreur(s), rien n'a été envoyé", todo=f"Corrigez :\n{listing}\n"
        )
    if verdict["faults"]:
        raise InvalidDeclaration(f"la déclaration a {verdict['faults']} erreur(s), listées une fois plus haut")
    site = shared.get(f"site-{params['site']}")
    if site is None:
        raise Missing(
            f"« {params['site']} » n'est pas un site de la déclaration",
            where=str(inventory),
            todo=f"Sites déclarés : {', '.join(verdict['sites'])}.",
        )
    return {"changed": False, "declaration": verdict["digest"], "ansible_facts": {"piste_site": site}}


def _secrets(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Names only: no value leaves this function."""
    town = model.load(Path(params["inventory"]))
    wanted = [*town.secret_paths(), FINGERPRINT_KEY]
    given = params["secrets"] or {}
    missing = [path for path in wanted if not given.get(path)]
    short = [path for path in wanted if given.get(path) and len(str(given[path])) < MINIMUM_LENGTH]
    found = []
    if missing:
        what = f"{len(missing)} secret(s) sans valeur : {', '.join(missing)}"
        todo = "Ce qui les attend reste désactivé. Donnez-leur une valeur dans le coffre (voir SECRETS.md)."
        found.append(Finding("secrets.values", "wrong", what, todo))
    if short:
        what = f"{len(short)} secret(s) de moins de {MINIMUM_LENGTH} caractères : {', '.join(short)}"
        found.append(Finding("secrets.values", "wrong", what, "Ils seront refusés : changez-les dans le coffre."))
    if not found:
        found.append(Finding("secrets.values", "ok", f"les {len(wanted)} secrets déclarés ont une valeur"))
    return {"changed": False, "findings": [finding.to_json() for finding in found]}


INVENTORY = Field("inventory", "Folder of the inventory that declares the town.", type="path", required=True)

MODULES: Mapping[str, Module] = {
    "piste_site": Module(
        name="piste_site",
        options=(
            Field("site", "Name of the site in the inventory.", required=True),
            INVENTORY,
        ),
        run=_run,
    ),
    "piste_secrets": Module(
        name="piste_secrets",
        options=(
            INVENTORY,
            Field("secrets", "Values of the environment's secrets, by path.", type="dict", required=True, no_log=True),
        ),
        run=_secrets,
    ),
}
