"""Rules that were read from the systems, as ``playbooks/read_filtering.yml`` leaves them in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.converge.errors import Missing
from piste.converge.text import of_declaration
from piste.model import Town
from piste.runs.flows import Rules

_FIREWALL = ("elements", "policies", "system")


def read_rules(folder: Path, town: Town, only: str | None = None) -> Rules:
    """The rules of a folder: the SMC's elements, policies and own elements in ``firewall/``, ``network/<site>.yml`` for
    each open site, or for one: it then tells of that one alone.

    Raises Missing where a file is not there: what was not read is not known.
    """
    wanted = [folder / "firewall" / f"{name}.yml" for name in _FIREWALL]
    open_sites = [name for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")]
    open_sites = [only] if only else open_sites
    wanted += [folder / "network" / f"{name}.yml" for name in open_sites]
    absent = [str(path.relative_to(folder)) for path in wanted if not path.is_file()]
    if absent:
        raise Missing(
            f"ce qui a été lu n'est pas complet : {', '.join(absent)}",
            where=str(folder),
            todo="Relisez tout : ansible-playbook playbooks/read_filtering.yml -e folder=/chemin/du/dossier",
        )
    firewall = [_load(folder / "firewall" / f"{name}.yml") for name in _FIREWALL]
    elements, policies, system = (part[name] for name, part in zip(_FIREWALL, firewall, strict=True))
    ssids = {name: _load(folder / "network" / f"{name}.yml")["ssids"] for name in open_sites}
    return Rules([*elements, *system], policies, ssids)


def _load(path: Path) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = of_declaration(path.read_text(encoding="utf-8"))
    return loaded
