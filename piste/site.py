"""The module ``piste_site``: the declaration validated once a run, and one site of it with all that is derived."""

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


def refuse_faults(town: model.Town) -> model.Town:
    """The town itself; raises with all its errors, where it has any."""
    if town.errors:
        listing = "\n".join(str(fault) for fault in town.errors)
        raise InvalidDeclaration(
            f"la déclaration a {len(town.errors)} erreur(s), rien n'a été envoyé", todo=f"Corrigez :\n{listing}\n"
        )
    return town


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The first process of the run to come reads and validates the whole; each site then reads its own part."""
    inventory = Path(params["inventory"])
    shared = Shared(run_folder(), "declaration")
    read: list[model.Town] = []

    def validate() -> dict[str, Any]:
        town = model.load(inventory, Path(kept) if (kept := params.get("as_found")) else None)
        read.append(town)
        if not town.errors:
            for name, site in town.sites.items():
                shared.put(f"site-{name}", site)
        return {"faults": len(town.errors), "sites": sorted(town.sites), "digest": town.digest}

    verdict = shared.once("verdict", validate)
    for town in read:
        refuse_faults(town)
    if verdict["faults"]:
        raise InvalidDeclaration(f"la déclaration a {verdict['faults']} erreur(s), listées une fois plus haut")
    site = shared.get(f"site-{params['site']}")
    if site is None:
        raise Missing(
            f"« {params['site']} » n'est pas un site de la déclaration",
            where=str(inventory),
            todo=f"Sites déclarés : {', '.join(verdict['sites'])}.",
        )
    if name := params.get("network_name"):
        site = {**site, "network_name": name}
    return {"changed": False, "declaration": verdict["digest"], "ansible_facts": {"piste_site": site}}


MODULES: Mapping[str, Module] = {
    "piste_site": Module(
        name="piste_site",
        options=(
            Field("site", "Name of the site in the inventory.", required=True),
            Field("inventory", "Folder of the inventory that declares the town.", type="path", required=True),
            Field(
                "as_found",
                "Folder of what the sites of the environment keep as it was found, a file a site; C(piste adopt) "
                "writes it.",
                type="path",
            ),
            Field("network_name", "Name that the site's network bears, where it is not the declared one."),
        ),
        run=_run,
    )
}
