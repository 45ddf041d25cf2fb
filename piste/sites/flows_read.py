"""Rules read from the systems, as `playbooks/read_filtering.yml` leaves them in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.bounded import Unreadable, content, of_yaml
from piste.engine.converge.errors import Missing
from piste.sites.flows import Rules
from piste.town.model.derived import Derived

_TODO = "Relisez tout : ansible-playbook playbooks/read_filtering.yml -e folder=/chemin/du/dossier"
_FIREWALL = ("elements", "policies", "system")


def read_rules(folder: Path, town: Derived, only: str | None = None) -> Rules:
    """Read the rules of a folder, of each open site or of a single site.

    `firewall/` has the elements, policies and own elements of the SMC, `network/<site>.yml` the SSIDs and the access
    lists. Raises `Missing` for an absent file: a filter that was not read is unknown.
    """
    wanted = [folder / "firewall" / f"{name}.yml" for name in _FIREWALL]
    open_sites = [name for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")]
    open_sites = [only] if only else open_sites
    wanted += [folder / "network" / f"{name}.yml" for name in open_sites]
    absent = [str(path.relative_to(folder)) for path in wanted if not path.is_file()]
    if absent:
        raise Missing(
            f"ce qui a été lu n’est pas complet : {', '.join(absent)}",
            where=str(folder),
            todo=_TODO,
        )
    elements, policies, system = (_load(folder / "firewall" / f"{name}.yml", name) for name in _FIREWALL)
    ssids, lists = (
        {name: _load(folder / "network" / f"{name}.yml", kind) for name in open_sites}
        for kind in ("ssids", "access_lists")
    )
    return Rules([*elements, *system], policies, ssids, lists)


def _load(path: Path, kind: str) -> list[Mapping[str, Any]]:
    try:
        loaded = of_yaml(content(path))
        items = loaded.get(kind) if isinstance(loaded, Mapping) else None
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise Unreadable((0, f"n’a pas de liste « {kind} »"))
    except Unreadable as error:
        raise Missing(f"ne se lit pas : {error}", where=str(path), todo=_TODO) from None
    return items
