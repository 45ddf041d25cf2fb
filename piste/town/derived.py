"""The derivation of the declaration: of the whole town, or of an owner.

A command asks for the whole town; a task, once `piste_site` has run, for one owner. The town is derived once, intents
included, and kept from run to run (`piste.town.kept`): where nothing has changed, neither the model nor a vendor is
imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

from piste.engine.converge.errors import Missing
from piste.engine.transport.shared import Shared, run_folder
from piste.town import kept
from piste.town.kept import Inputs
from piste.town.model.derived import Derived
from piste.town.model.tree import Inventory, from_json, to_json

if TYPE_CHECKING:
    from piste.town.model import Fault

INTENTS: Mapping[str, tuple[str, str]] = {
    "network": ("piste.systems.meraki.intent", "meraki_intent"),
    "routing": ("piste.systems.meraki.routing_intent", "routing_intent"),
    "directory": ("piste.systems.windows.intent", "ad_intent"),
    "names": ("piste.systems.windows.intent", "names_intent"),
    "addressing": ("piste.systems.windows.dhcp.intent", "addressing_intent"),
    "access": ("piste.systems.windows.nps.intent", "nps_intent"),
    "printing": ("piste.systems.windows.intent", "printing_intent"),
    "firewall": ("piste.systems.forcepoint.intent", "smc_intent"),
    "hosting": ("piste.systems.nutanix.intent", "prism_intent"),
    "supervision": ("piste.systems.zabbix.intent", "zabbix_intent"),
    "inventory": ("piste.systems.glpi.intent", "glpi_intent"),
}
"""The function that derives the intent of an owner, by domain."""
_TOWN, _FILES = "town", "files"

Documents = Mapping[str, bytes]
_known: dict[str, tuple[Derived, Documents]] = {}
_REMEMBERED = 4
"""Derivations that a process remembers: those of a command."""


def derivation(inputs: Inputs) -> Derived:
    """Give the derived town with all its faults, as it was kept or derived now.

    A process derives the same town once.
    """
    return _looked_up(inputs)[0]


def files(inputs: Inputs) -> Inventory:
    """Give the files of a declaration, with the line of each value.

    Raises `InvalidDeclaration` where a file has been saved with an error since the town was derived.
    """
    from piste.town.town import refuse_faults

    town, documents = _looked_up(inputs)
    refuse_faults(town)
    return from_json(json.loads(documents[_FILES]))


def share(inputs: Inputs) -> tuple[Mapping[str, Any], Sequence[Fault]]:
    """Put the derived owners and their intents into the run's folder; give its head and errors.

    It puts nothing where there are errors.
    """
    name = kept.key(inputs)
    documents: Documents | None = kept.read(name) if name else None
    errors: Sequence[Fault] = ()
    if documents is None:
        town, documents = _derived(inputs, name)
        errors = town.errors
    for file, content in documents.items():
        if file != _FILES:
            shared().put_written(file, content)
    head = json.loads(documents[_TOWN]) if documents else {"owners": []}
    shared().put("owners", head["owners"])
    return head, errors


def _looked_up(inputs: Inputs) -> tuple[Derived, Documents]:
    name = kept.key(inputs)
    if name in _known:
        return _known[name]
    known = _read(name) if name else None
    if known is None:
        known = _derived(inputs, name)
    if name:
        _known[name] = known
        while len(_known) > _REMEMBERED:
            del _known[next(iter(_known))]
    return known


def _read(name: str) -> tuple[Derived, Documents] | None:
    documents = kept.read(name)
    if documents is None:
        return None
    head = json.loads(documents[_TOWN])
    owners = {owner: json.loads(documents[f"site-{owner}"]) for owner in head["owners"]}
    commune = owners.pop(head["commune"], None)
    digests, retention = (head["digest"], head["town_digest"]), head["retention_months"]
    return Derived(_faults(head["faults"]), *digests, owners, commune, retention, head["firmware"]), documents


def _faults(written: list[dict[str, Any]]) -> list[Fault]:
    if not written:
        return []
    from piste.town.model import Fault

    return [Fault(**fault) for fault in written]


def _derived(inputs: Inputs, name: str | None) -> tuple[Derived, Documents]:
    # Imported here: a kept derivation needs none of it.
    from piste.town.town import load_town

    town = load_town(*inputs)
    if town.errors or town.tree is None:
        return town, {}
    head = {
        "digest": town.digest,
        "town_digest": town.town_digest,
        "retention_months": town.retention_months,
        "firmware": town.firmware,
        "faults": [asdict(fault) for fault in town.faults],
        "owners": list(town.owners),
        "commune": town.commune and town.commune["id"],
        "far_ports": {owner: _far(content) for owner, content in town.owners.items()},
    }
    written: dict[str, Any] = {_TOWN: head, _FILES: to_json(town.tree)}
    for owner, content in town.owners.items():
        domains = [domain for domain in INTENTS if domain != "network" or content is not town.commune]
        written[f"site-{owner}"] = content
        written[f"intents-{owner}"] = {domain: compute(domain, content) for domain in domains}
    documents = {name: json.dumps(content).encode() for name, content in written.items()}
    # Files that have changed meanwhile are not those that were derived.
    if name and kept.key(inputs) == name:
        kept.write(name, documents)
    return town, documents


def shared() -> Shared:
    """The part of the run's folder where `piste_site` puts the derived owners."""
    return Shared(run_folder(), "declaration")


def keep(owner: str, content: Mapping[str, Any]) -> None:
    """Replace what is derived for an owner, for the tasks of the run."""
    shared().put(f"site-{owner}", content)
    shared().forget(f"intents-{owner}")
    shared().update("owners", lambda known: list(dict.fromkeys([*(known or ()), owner])))


def owners() -> dict[str, Mapping[str, Any]]:
    """Give all derived owners of this run: the town first, then every site, whatever its state."""
    return {name: derived(name) for name in shared().get("owners") or ()}


def far_ports(names: Iterable[str]) -> set[str]:
    """Give the ports of other sites, `serial/port`, that let the VLANs of some owners pass."""
    known = (shared().get(_TOWN) or {}).get("far_ports", {})
    return {port for name in names for port in (known[name] if name in known else _far(derived(name)))}


def _far(owner: Mapping[str, Any]) -> list[str]:
    return [f"{port['serial']}/{port['port']}" for port in owner.get("far_ports", ())]


def derived(owner: str) -> Mapping[str, Any]:
    """Give the derived site, or the derived town.

    Raises `Missing` where `piste_site` has not run for this declaration.
    """
    content: Mapping[str, Any] | None = shared().get(f"site-{owner}")
    if content is None:
        raise Missing(
            f"rien n’est encore déduit de la déclaration pour « {owner} » dans cette exécution",
            why="Une tâche « piste_site » doit passer avant celles des domaines.",
            todo="Commencez par le rôle « declaration », ou vérifiez le nom dans inventories/town/hosts.yml.",
        )
    return content


def intent(domain: str, owner: str, **environment: Any) -> Mapping[str, Any]:
    """Give the intent of an owner in a domain.

    It was computed when the town was derived; it is computed now where the environment adds what the declaration does
    not say (`probe`, `previous`). Raises `Missing` where `piste_site` has not run.
    """
    known: Mapping[str, Any] = (not any(environment.values()) and shared().get(f"intents-{owner}")) or {}
    return known[domain] if domain in known else compute(domain, derived(owner), **environment)


def compute(domain: str, owner: Mapping[str, Any], **environment: Any) -> Mapping[str, Any]:
    """Compute the intent of a derived owner. Import the vendor of that domain alone."""
    place, name = INTENTS[domain]
    result: Mapping[str, Any] = getattr(import_module(place), name)(owner, **environment)
    return result
