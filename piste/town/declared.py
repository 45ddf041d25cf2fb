"""The declared town as an environment has it, and the names that a run may be limited to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from piste.engine.repository import ROOT
from piste.town.derived import derivation
from piste.town.derived import files as read_files
from piste.town.kept import Inputs, key
from piste.town.model.derived import Derived
from piste.town.town import load_town, refuse_faults

if TYPE_CHECKING:
    from piste.town.model import Site, Town
    from piste.town.model.tree import Inventory

TOWN = ROOT / "inventories" / "town"
SERVING = ("open", "closing")
"""The lifecycles of the sites that have objects on the systems."""


def folder(environment: str) -> Path:
    """Locate what an environment keeps as found, as its inventory says (`piste_as_found`)."""
    return _home(environment) / "as_found"


def rehearsed(environment: str) -> Path | None:
    """Locate the steps of sobriety that the laboratory alone made (`piste_rehearsed`).

    None elsewhere: a step made for good is in the declaration.
    """
    return _home(environment) / "sobriety" / "rollout.yml" if environment == "lab" else None


def _home(environment: str) -> Path:
    """Locate the folder of an environment."""
    if environment == "lab":
        return Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab")
    return ROOT / "inventories" / environment


def derived(environment: str) -> Derived:
    """Derive the town as the runs of an environment do, faults included.

    The runs take what is derived here.
    """
    return derivation(_inputs(environment))


def sound(environment: str) -> Derived:
    """Derive the town of an environment. Raises for a fault."""
    return refuse_faults(derived(environment))


def files(environment: str) -> Inventory:
    """Give the files of a town without errors, as they were read."""
    return read_files(_inputs(environment))


def _inputs(environment: str) -> Inputs:
    return Inputs(TOWN, folder(environment), _home(environment) / "eap_tests", rehearsed(environment))


def rule() -> Derived:
    """Derive the town by the rule alone. Raises for a fault."""
    return refuse_faults(derivation(Inputs(TOWN)))


_loaded: dict[str, Town] = {}


def town(environment: str) -> Town:
    """Load the town of an environment, with what it keeps and rehearses. Raises for a fault.

    A process loads the same files once.
    """
    inputs = Inputs(TOWN, folder(environment), rehearsed=rehearsed(environment))
    name = key(inputs)
    if name not in _loaded:
        loaded = refuse_faults(load_town(*inputs))
        if name is None or name != key(inputs):  # what changed meanwhile is not what was loaded
            return loaded
        _loaded.clear()
        _loaded[name] = loaded
    return _loaded[name]


def refuse_stranger(name: str, town: Derived) -> None:
    """Refuse the name of a site that the town does not declare. Raises `Missing`."""
    if name not in town.sites:
        from piste.town.model.wording import choose

        choose(name, town.sites, "n’est pas un site de la déclaration")


def serving(town: Derived) -> dict[str, Site]:
    """List the sites that have objects on the systems, by name."""
    return {name: site for name, site in town.sites.items() if site["lifecycle"] in SERVING}


def named(limit: str) -> set[str]:
    """Split what `-l` takes at any of Ansible's separators; `{""}` is the whole town."""
    return set(limit.replace(":", ",").split(","))


def targets(environment: str = "lab") -> list[str]:
    """List the names that a run may be limited to: the town, its sites and their categories."""
    declared = derived(environment)
    own = [declared.commune["id"]] if declared.commune else []
    return sorted({*own, *declared.sites, *(site["category"] for site in declared.sites.values())})


def designated(town: Derived, limit: str) -> dict[str, str]:
    """Map the owners that a limit designates to their lifecycle; the town is open.

    Without a limit, all are. A limit names sites, categories, or the town by its own name.
    """
    wanted = named(limit)
    own = {town.commune["id"]: "open"} if town.commune and wanted & {"", town.commune["id"]} else {}
    sites = town.sites.items()
    return own | {name: site["lifecycle"] for name, site in sites if wanted & {"", name, site["category"]}}


def in_service(town: Derived, limit: str) -> list[str]:
    """List the owners that a limit designates and that have objects on the systems."""
    return [name for name, lifecycle in designated(town, limit).items() if lifecycle in SERVING]
