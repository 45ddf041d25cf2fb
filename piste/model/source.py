"""Plain YAML with the line of every key: what the model reads instead of Ansible's own loader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from . import secrets
from .faults import Faults, Mark

type KeyPath = tuple[str | int, ...]

# A day without quotes is what was written, whether there is such a day or not.
_TEXTS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"}
_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null")}
_JINJA = ("{{", "{%", "{#")
_REASONS: Mapping[type[Exception], str] = {
    FileNotFoundError: "il n'est pas là",
    NotADirectoryError: "il n'est pas là",
    IsADirectoryError: "c'est un dossier",
    PermissionError: "ce compte n'en a pas le droit",
}


@dataclass(slots=True)
class Document:
    """One YAML file: its plain data and, by path, the mark of each key and item."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    marks: dict[KeyPath, Mark] = field(default_factory=dict)

    def mark(self, path: KeyPath = ()) -> Mark:
        """Give the mark of the deepest declared part of a path; the first line of the file at worst."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark(self.name, 1))


def read(
    path: Path, name: str, faults: Faults, prefix: str = "", jinja_under: frozenset[str] = frozenset()
) -> Document:
    """Read a YAML file whose root is a mapping, under the name shown to people.

    Faults are added to `faults` (syntax, duplicate keys, tags, anchors, Jinja, secrets in clear); what could
    be read is returned all the same. `prefix` begins the path of each fault; `jinja_under` names keys whose
    values are left to Ansible.
    """
    document = Document(name)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add("PISTE-M001", prefix or name, Mark(name, line), "Le fichier n'est pas du YAML valide")
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = _REASONS.get(type(error), error.strerror if isinstance(error, OSError) else "il n'est pas en UTF-8")
        message = f"Le fichier ne peut pas être lu : {reason}"
        faults.add("PISTE-M001", prefix or name, Mark(name, 1), message, "Rétablissez-le.")
    else:
        if isinstance(root, MappingNode):
            _Reader(document, faults, prefix, jinja_under).mapping(root, (), document.data)
        elif root is not None:
            message = "La racine du fichier n'est pas un objet (clés et valeurs)"
            faults.add("PISTE-M001", prefix or name, Mark(name, 1), message)
    return document


class _Reader:
    """Turns the nodes of one document into data and marks."""

    def __init__(self, document: Document, faults: Faults, prefix: str, jinja_under: frozenset[str]) -> None:
        self.document = document
        self.faults = faults
        self.prefix = prefix
        self.jinja_under = jinja_under
        self.scalars = yaml.constructor.SafeConstructor()
        self.seen: set[int] = set()

    def fault(self, rule: str, path: KeyPath, message: str, node: Node | None = None) -> None:
        line = node.start_mark.line + 1 if node else self.document.mark(path).line
        named = ".".join(filter(None, (self.prefix, dotted(path))))
        self.faults.add(rule, named, Mark(self.document.name, line), message)

    def mapping(self, node: MappingNode, path: KeyPath, into: dict[str, Any]) -> None:
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            if key is None or key_node.tag == "tag:yaml.org,2002:merge":
                self.fault("PISTE-M003", path, "La clé n'est pas un texte", key_node)
                continue
            here = (*path, key)
            if key in into:
                line = self.document.marks[here].line
                self.fault("PISTE-M002", here, f"« {key} » est déjà déclaré à la ligne {line}", key_node)
                continue
            self.document.marks[here] = Mark(self.document.name, key_node.start_mark.line + 1)
            value = self.value(value_node, here)
            into[key] = value
            if isinstance(value_node, ScalarNode) and secrets.is_literal(key, value, len(node.value)):
                self.fault("PISTE-M004", here, f"« {key} » porte un secret en clair")

    def value(self, node: Node, path: KeyPath) -> Any:
        if id(node) in self.seen:
            self.fault("PISTE-M003", path, f"« {path[-1]} » reprend une ancre")
        self.seen.add(id(node))
        if isinstance(node, MappingNode):
            data: dict[str, Any] = {}
            self.mapping(node, path, data)
            return data
        if isinstance(node, SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                self.document.marks[*path, index] = Mark(self.document.name, item.start_mark.line + 1)
                items.append(self.value(item, (*path, index)))
            return items
        return self.scalar(node, path)

    def scalar(self, node: Node, path: KeyPath) -> Any:
        text = str(node.value)
        if node.tag == "!unsafe":
            return text
        if node.tag not in _SCALARS | _TEXTS:
            self.fault("PISTE-M003", path, f"« {path[-1]} » porte l'étiquette {node.tag}")
            return text
        if node.tag in _TEXTS:
            if any(sign in text for sign in _JINJA) and not self.jinja_under.intersection(map(str, path)):
                self.fault("PISTE-M003", path, f"« {path[-1]} » contient une expression Jinja")
            return text
        return self.scalars.yaml_constructors[node.tag](self.scalars, node)


_NAMED = {
    "segment_catalogue": 1, "ssid_catalogue": 1, "port_profiles": 1, "access_policies": 1, "network_policies": 1,
    "hardware": 1, "shared_segments": 1, "segments": 1, "ssids": 1, "reservations": 1, "ports": 1,
    "category_port_layouts": 2, "port_layouts": 2, "racks": 1, "equipment": 1, "ups": 1, "procedures": 1,
}  # fmt: skip
"""Mappings whose keys are names, and how deep: they print as `segments[utilisateurs]`, fields as `.vlan`."""


_LABELS = ("serial", "mac")
"""What names an item of a list."""


def dotted(path: KeyPath, data: Any = None) -> str:
    """Print a path by names: `switches[QZZZ-0005-0002].ports[7]` rather than by rank where the item has one.

    `data` is the tree that the path runs through; without it items print by rank, counted from 1.
    """
    text, names = "", 0
    for part in path:
        data = _step(data, part)
        if isinstance(part, int):
            label = next((data[name] for name in _LABELS if name in data), None) if isinstance(data, Mapping) else None
            text += f"[{label if isinstance(label, str) else part + 1}]"
        elif names:
            text, names = f"{text}[{part}]", names - 1
        else:
            text += f".{part}" if text else part
            names = _NAMED.get(part, 0)
    return text


def _step(data: Any, part: str | int) -> Any:
    if isinstance(data, Mapping):
        return data.get(part)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return None
