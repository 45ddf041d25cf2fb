"""The inventory tree as Ansible reads it: groups, hosts, variables and their lines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .faults import Faults, Mark
from .paths import KeyPath
from .source import read
from .tree import ANSIBLE_PREFIXES, Document, Group, Inventory, Variable, Variables


def read_inventory(folder: Path, faults: Faults) -> Inventory:
    """Read an inventory folder: `hosts.yml`, `group_vars/`, `host_vars/`; add its faults."""
    root = Path(os.path.realpath(folder)).parent.parent
    path = folder / "hosts.yml"
    hosts_file = read(path, shown(path, root), faults, jinja_under=frozenset({"vars"}))
    inventory = Inventory({"all": Group("all")}, {}, {}, {})
    _Tree(inventory, hosts_file, faults).group("all", (), hosts_file.data.get("all"))
    # Without any host every file would seem to lack its host: only the fault of hosts.yml counts then.
    trusted = bool(inventory.hosts)
    if not trusted and not faults:
        advice = "Rangez les sites par catégorie, sous « sites »."
        faults.add("PISTE-M001", hosts_file.name, hosts_file.mark(), "Aucun hôte n’est déclaré", advice)
    for name, file in _variable_files(folder / "group_vars", faults, root):
        prefix = "" if name == "all" else f"categories[{name}]"
        document = read(file, shown(file, root), faults, prefix)
        lost = trusted and name not in inventory.groups
        _declare(inventory.group_vars, name, document, faults, "groupe" if lost else None)
    for name, file in _variable_files(folder / "host_vars", faults, root):
        document = read(file, shown(file, root), faults, inventory.host_path(name))
        lost = trusted and name not in inventory.hosts
        _declare(inventory.host_vars, name, document, faults, "hôte" if lost else None)
    return inventory


class _Tree:
    """Walk the groups of hosts.yml."""

    def __init__(self, inventory: Inventory, document: Document, faults: Faults) -> None:
        self.inventory = inventory
        self.document = document
        self.faults = faults

    def fault(self, rule: str, path: KeyPath, message: str) -> None:
        self.faults.add(rule, ".".join(map(str, path)), self.document.mark(path), message)

    def group(self, name: str, path: KeyPath, content: Any) -> None:
        here = (*path, name)
        group = self.inventory.groups[name]
        for key, value in self.entries(here, content):
            if key == "hosts":
                for host, variables in self.entries((*here, key), value):
                    self.inventory.hosts.setdefault(host, self.document.mark((*here, key, host)))
                    group.hosts.add(host)
                    for variable, _ in self.entries((*here, key, host), variables):
                        self.variable((*here, key, host, variable))
            elif key == "children":
                for child, below in self.entries((*here, key), value):
                    entry = self.inventory.groups.setdefault(child, Group(child))
                    entry.parents.add(name)
                    entry.depth = max(entry.depth, group.depth + 1)
                    self.group(child, (*here, key), below)
            elif key == "vars":
                for variable, _ in self.entries((*here, key), value):
                    self.variable((*here, key, variable))
            else:
                self.fault("PISTE-M005", (*here, key), f"« {key} » n’est ni hosts, ni children, ni vars")

    def entries(self, path: KeyPath, content: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(content, Mapping):
            yield from content.items()
        elif content is not None:
            self.fault("PISTE-M007", path, f"« {path[-1]} » n’est pas un objet (clés et valeurs)")

    def variable(self, path: KeyPath) -> None:
        if not str(path[-1]).startswith(ANSIBLE_PREFIXES):
            message = f"« {path[-1]} » est déclaré dans hosts.yml, qui ne dit que les groupes"
            self.fault("PISTE-M008", path, message)


def _declare(
    scopes: dict[str, Variables], name: str, document: Document, faults: Faults, missing: str | None
) -> None:
    if missing is not None:
        message = f"Aucun {missing} de l’inventaire ne se nomme « {name} »"
        faults.add("PISTE-M021", name, Mark(document.name, 1), message)
        return
    variables = scopes.setdefault(name, {})
    for key, value in document.data.items():
        other = variables.get(key)
        if other is None:
            variables[key] = Variable(key, value, document)
        else:
            where = other.mark()
            message = f"« {key} » est déjà déclaré dans {where.file}:{where.line}"
            faults.add("PISTE-M002", key, document.mark((key,)), message)


def _variable_files(folder: Path, faults: Faults, root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the scope and path of `<scope>.yml` and `<scope>/*.yml`, in Ansible's order.

    A file that Ansible would read and Piste would not is a fault: the two would not run the same town.
    """
    for entry in _listed(folder, faults, root):
        scope = entry.is_dir() and entry.suffix not in _READ
        for file in _listed(entry, faults, root) if scope else [entry]:
            if file.suffix in _READ:
                yield entry.name if scope else entry.stem, file
            elif file.suffix in _ANSIBLE_ALONE or (scope and file.is_dir()):
                name = shown(file, root)
                message = "Ansible lirait ceci, et Piste non"
                faults.add("PISTE-M001", name, Mark(name, 1), message, "Rangez-le dans un fichier .yml, ou retirez-le.")


_READ = (".yml", ".yaml")
_ANSIBLE_ALONE = ("", ".json")


def _listed(folder: Path, faults: Faults, root: Path) -> list[Path]:
    """List a folder without hidden files and editors' copies, as Ansible does."""
    try:
        entries = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        name = shown(folder, root)
        message = f"Le dossier ne peut pas être lu : {error.strerror}"
        faults.add("PISTE-M001", name, Mark(name, 1), message, "Rétablissez-le.")
        return []
    return [entry for entry in entries if not entry.name.startswith(".") and not entry.name.endswith("~")]


def shown(path: Path, root: Path) -> str:
    """Name a file as people open it: the target of the group_vars link, from the repository."""
    real = os.path.relpath(os.path.realpath(path), root)
    return real.encode("utf-8", "backslashreplace").decode("utf-8")
