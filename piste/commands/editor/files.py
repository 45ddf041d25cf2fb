"""The files of the declaration, and the schema of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piste.commands.editor import forms
from piste.commands.editor.descriptions import descriptions
from piste.commands.editor.forms import Names, Schema
from piste.engine.converge.as_found import ABSENT, UNDECLARED, WITHOUT
from piste.exports.bag import schemas as tables_schemas
from piste.papers.dossier.operations import OperationTexts
from piste.papers.dossier.reversibility_plan import Plan
from piste.systems.windows.gpo.policy_table import TABLE
from piste.town.model.as_found import Found
from piste.town.model.new_site import Answers
from piste.town.model.tree import ANSIBLE_PREFIXES, COMMUNE, NEIGHBOURS, SITES
from piste.town.model.variables import AnyLevel, CategoryLevel, CommuneLevel, NeighbourLevel, SiteLevel, TownLevel
from piste.town.town import tables


@dataclass(frozen=True, slots=True)
class File:
    """A sort of file: the name of its schema, its places in the repository, its title."""

    name: str
    places: tuple[str, ...]
    title: str
    make: Callable[[str, Names], Schema]

    @property
    def globs(self) -> tuple[str, ...]:
        """Give the places as editors match them, at any depth.

        An environment has a `group_vars` too, without a schema; that of `inventories/town` is a link. The last match
        wins.
        """
        shared = [place for place in self.places if place.startswith("group_vars/")]
        again = ("!inventories/**", *(f"inventories/town/{place}" for place in shared)) if shared else ()
        return (*self.places, *again)

    def schema(self, names: Names) -> Schema:
        return self.make(self.title, names)


def _town(title: str, names: Names) -> Schema:
    variables, definitions = forms.of_levels((TownLevel, AnyLevel), names, whole=False)
    policy = definitions["DirectoryPolicy"]["properties"]
    module = tables_schemas.of_objects(tables()["ad", "gpo"])["items"]["properties"]
    for side in ("computer", "user"):
        settings = {name: value for name, value in module[side].items() if name != "description"}
        named = {entry.name: {"description": entry.label or entry.source} for entry in TABLE if side in entry.sides}
        settings["properties"]["policies"]["properties"] = named
        policy[side] = {"anyOf": [settings, {"type": "null"}], "description": policy[side]["description"]}
    return forms.document(title, variables, definitions)


def _category(title: str, names: Names) -> Schema:
    return forms.document(title, *forms.of_levels((CategoryLevel, AnyLevel), names, whole=True))


def _host(title: str, names: Names) -> Schema:
    """Make the schema of a host: its variables say if it is a neighbour, the town or a site."""
    neighbour, of_neighbour = forms.of_levels((NeighbourLevel,), names, whole=True)
    commune, of_commune = forms.of_levels((CommuneLevel,), names, whole=True)
    site, of_site = forms.of_levels((SiteLevel, AnyLevel), names, whole=True)
    other = {"if": {"required": ["shared_segments"]}, "then": commune, "else": site}
    chosen = {"type": "object", "if": {"required": ["neighbour"]}, "then": neighbour, "else": other}
    return forms.document(title, chosen, of_neighbour | of_commune | of_site)


def _hosts(title: str, names: Names) -> Schema:
    """Make the schema of `hosts.yml`: groups, hosts, variables of Ansible and of Piste."""
    own = "|".join(ANSIBLE_PREFIXES)
    given = {"type": ["object", "null"], "propertyNames": {"pattern": f"^({own})"}}
    keys = {
        "vars": given,
        "hosts": {"type": ["object", "null"], "additionalProperties": given},
        "children": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/Group"}},
    }
    texts = descriptions()["Group"]
    described = {key: {**schema, "description": texts[key]} for key, schema in keys.items()}
    group = {"type": ["object", "null"], "properties": described, "additionalProperties": False}
    known = {name: {"$ref": "#/$defs/Group", "description": texts[name]} for name in (SITES, COMMUNE, NEIGHBOURS)}
    children = {**described["children"], "properties": known}
    root = {**group, "properties": {**described, "children": children}}
    parts = {"type": "object", "properties": {"all": root}, "required": ["all"], "additionalProperties": False}
    return forms.document(title, parts, {"Group": group})


def _as_found(title: str, names: Names) -> Schema:
    """Make the schema of what a site keeps as found, with the fields of each table."""
    kept: dict[str, dict[str, Any]] = {}
    for (system, kind), resource in sorted(tables().items()):
        entry = tables_schemas.of_objects(resource)["items"]
        entry.pop("required", None)
        flags = {name: {"type": "boolean"} for name in (ABSENT, UNDECLARED)}
        entry["properties"] |= {**flags, WITHOUT: {"type": "array", "items": {"type": "string"}}}
        kept.setdefault(system, {})[kind] = {"type": "object", "additionalProperties": entry}
    made = forms.of_form(Found, title, names)
    made["properties"]["as_found"] |= {
        "properties": {
            system: {"type": "object", "properties": kinds, "additionalProperties": False}
            for system, kinds in kept.items()
        },
        "additionalProperties": False,
    }
    return made


def _answers(title: str, names: Names) -> Schema:
    return forms.of_form(Answers, title, names)


def _operations(title: str, names: Names) -> Schema:
    return forms.of_form(OperationTexts, title, names)


def _reversibility(title: str, names: Names) -> Schema:
    return forms.of_form(Plan, title, names)


FILES = (
    File("town", ("group_vars/all/*.yml",), "Ce que partage la ville", _town),
    File("category", ("group_vars/*.yml",), "Ce que partagent les sites d’une catégorie", _category),
    File("host", ("inventories/town/host_vars/*.yml",), "Un site, la commune, ou un voisin", _host),
    File("hosts", ("inventories/*/hosts.yml",), "Les sites par catégorie", _hosts),
    File("as_found", ("inventories/*/as_found/*.yml",), "Ce qu’un site garde comme trouvé", _as_found),
    File("answers", ("*.reponses.yml", "reponses.yml"), "Les réponses de « piste site new »", _answers),
    File("operations", ("docs/exploitation.yml",), "Les textes des dossiers d’exploitation", _operations),
    File("reversibility", ("docs/plan-reversibilite.yml",), "Le plan de réversibilité", _reversibility),
)


def write(folder: Path, names: Names) -> list[tuple[File, Path]]:
    """Write the schema of each sort of file into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in FILES:
        path = folder / f"{file.name}.json"
        path.write_text(json.dumps(file.schema(names), ensure_ascii=False, indent=1) + "\n", "utf-8")
        written.append((file, path))
    return written
