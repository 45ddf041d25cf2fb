"""The declaration as its files say it: groups, hosts, variables and their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .faults import Mark
from .paths import KeyPath

SITES = "sites"
"""The parent group of the categories."""
COMMUNE = "ville"
"""The group of the host of all that is town-wide."""
NEIGHBOURS = "hors_perimetre"
"""The group of the neighbours out of scope, seen through one segment."""

ANSIBLE_PREFIXES = ("ansible_", "piste_")
"""Prefixes of the variables for Ansible, not of the town: how to reach hosts, which environment."""


@dataclass(slots=True)
class Document:
    """A YAML file: its plain data, the mark of each key and item by path, the refused places."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    marks: dict[KeyPath, Mark] = field(default_factory=dict)
    unread: set[KeyPath] = field(default_factory=set)

    def mark(self, path: KeyPath = ()) -> Mark:
        """Give the mark of the deepest declared part of a path; at worst the first line of the file."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark(self.name, 1))


@dataclass(slots=True)
class Group:
    """A group of hosts.yml: its hosts, its parents, its distance from `all`."""

    name: str
    depth: int = 0
    parents: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable: its raw value, and its file."""

    name: str
    value: Any
    document: Document

    def mark(self, path: KeyPath = ()) -> Mark:
        """Give the mark of the deepest declared part of a path inside the value."""
        return self.document.mark((self.name, *path))

    def holds(self, path: KeyPath) -> bool:
        """Tell whether the file declares exactly this path of the value."""
        return (self.name, *path) in self.document.marks


type Variables = dict[str, Variable]


@dataclass(slots=True)
class Inventory:
    """Groups and hosts in the order of hosts.yml, and the variables declared for each."""

    groups: dict[str, Group]
    hosts: dict[str, Mark]
    group_vars: dict[str, Variables]
    host_vars: dict[str, Variables]

    def groups_of(self, host: str) -> list[str]:
        """List the groups of a host, least specific first, in Ansible's order (depth, name)."""
        groups: set[str] = {"all"}
        waiting = [group.name for group in self.groups.values() if host in group.hosts]
        while waiting:
            name = waiting.pop()
            if name not in groups:
                groups.add(name)
                waiting.extend(self.groups[name].parents)
        return sorted(groups, key=lambda name: (self.groups[name].depth, name))

    def categories_of(self, host: str) -> list[str]:
        """List the categories of a host: its groups right under `sites`."""
        return [name for name in self.groups_of(host) if SITES in self.groups[name].parents]

    def host_path(self, host: str) -> str:
        """Give the path by names of a host: a site, a neighbour, or the town-wide host."""
        groups = self.groups_of(host)
        if COMMUNE in groups:
            return host
        return f"neighbours[{host}]" if NEIGHBOURS in groups else f"sites[{host}]"

    def resolve(self, host: str) -> Variables:
        """Give the variables of a host by Ansible's precedence.

        The nearest replaces, nothing merges.
        """
        resolved: Variables = {}
        for group in self.groups_of(host):
            resolved |= self.group_vars.get(group, {})
        return resolved | self.host_vars.get(host, {})


def to_json(inventory: Inventory) -> Any:
    """Write an inventory as JSON: each document with its lines, each variable with its value."""
    scopes = (inventory.group_vars, inventory.host_vars)
    variables = [variable for scope in scopes for named in scope.values() for variable in named.values()]
    documents = {id(variable.document): variable.document for variable in variables}
    ranks = {key: rank for rank, key in enumerate(documents)}
    return {
        "groups": [[g.name, g.depth, sorted(g.parents), sorted(g.hosts)] for g in inventory.groups.values()],
        "hosts": [[name, mark.file, mark.line] for name, mark in inventory.hosts.items()],
        "documents": [
            [document.name, _by_file(document.marks)] for document in documents.values()
        ],
        "variables": [
            [
                [name, [[each.name, _with_keys(each.value), ranks[id(each.document)]] for each in named.values()]]
                for name, named in scope.items()
            ]
            for scope in scopes
        ],
    }


def from_json(content: Mapping[str, Any]) -> Inventory:
    """Give the inventory that `to_json` wrote."""
    documents = [
        Document(
            name, marks={tuple(path): Mark(file, line) for file, lines in by_file.items() for line, *path in lines}
        )
        for name, by_file in content["documents"]
    ]
    group_vars, host_vars = (
        {
            name: {each: Variable(each, _from_keys(value), documents[rank]) for each, value, rank in named}
            for name, named in scope
        }
        for scope in content["variables"]
    )
    groups = {name: Group(name, depth, set(parents), set(hosts)) for name, depth, parents, hosts in content["groups"]}
    hosts = {name: Mark(file, line) for name, file, line in content["hosts"]}
    return Inventory(groups, hosts, group_vars, host_vars)


def _by_file(marks: Mapping[KeyPath, Mark]) -> dict[str, list[Any]]:
    lines: dict[str, list[Any]] = {}
    for path, mark in marks.items():
        lines.setdefault(mark.file, []).append([mark.line, *path])
    return lines


def _with_keys(value: Any) -> Any:
    """Write a mapping as its keys and its values: JSON has no number as a key."""
    if isinstance(value, dict):
        return {"keys": [*value], "values": [*map(_with_keys, value.values())]}
    return [*map(_with_keys, value)] if isinstance(value, list) else value


def _from_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(zip(value["keys"], map(_from_keys, value["values"]), strict=True))
    return [*map(_from_keys, value)] if isinstance(value, list) else value
