"""The module ``piste_site``: the declaration validated once a run, and what is derived of one site, or of the town."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste import model
from piste.converge.errors import Missing, PisteError
from piste.converge.module import Module
from piste.converge.resource import Field
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
            if town.commune:
                shared.put(f"site-{town.commune['id']}", town.commune)
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


MODULES: Mapping[str, Module] = {
    "piste_site": Module(
        name="piste_site",
        options=(
            Field("site", "Name of the site in the inventory.", required=True),
            Field("inventory", "Folder of the inventory that declares the town.", type="path", required=True),
        ),
        run=_run,
    )
}
