"""Every number of the declaration has bounds, every text a length.

A slip of the keyboard is no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from piste.town.model.variables import HINTS, adapter
from tests.unit.model.broken_town import ALL, HDV, JAURES, Case, Copy, check, host

OPAQUE = {"common_segments[]", "directory_links.*[]", "flow_groups.*[]", "category_segments[]"}
"""Lists of names outside any form: each name must be known, so that a blank name is refused."""


def leaves(schema: Mapping[str, Any], path: str, known: Mapping[str, Any], seen: frozenset[str]) -> Iterator[Any]:
    """Yield the numbers and the texts of a form, by path."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        if name not in seen:
            yield from leaves(known[name], path, known, seen | {name})
        return
    for variant in schema.get("anyOf", ()):
        yield from leaves(variant, path, known, seen)
    if schema.get("type") in ("integer", "number", "string") and not {"enum", "const"} & set(schema):
        yield path, schema
    for key, inner in schema.get("properties", {}).items():
        yield from leaves(inner, f"{path}.{key}", known, seen)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from leaves(schema["additionalProperties"], f"{path}.*", known, seen)
    if "items" in schema:
        yield from leaves(schema["items"], f"{path}[]", known, seen)


@pytest.mark.parametrize("variable", sorted(HINTS))
def test_every_number_has_bounds_and_every_text_a_length(variable: str) -> None:
    schema = adapter(variable).json_schema()
    loose = []
    for path, leaf in leaves(schema, variable, schema.get("$defs", {}), frozenset()):
        if leaf["type"] == "string":
            bound = "pattern" in leaf or {"minLength", "maxLength"} <= set(leaf) or path in OPAQUE
        else:
            bound = bool({"minimum", "exclusiveMinimum"} & set(leaf)) and "maximum" in leaf
        if not bound:
            loose.append(path)
    assert loose == []


TEXTS = [
    Case(
        "a word that YAML reads as a boolean, an address without its sign",
        [
            (JAURES, "lifecycle: open", "lifecycle: yes"),
            (JAURES, "mail: responsable-jau@lebourget.example", "mail: responsable jau"),
        ],
        [
            ("M007", "sites[ecole-jaures].site.lifecycle", JAURES, "lifecycle: yes"),
            ("M007", "sites[ecole-jaures].premises.contacts[1].mail", JAURES, "mail: responsable jau"),
        ],
        ["que YAML lit comme un booléen", "« responsable jau » n’est pas une adresse électronique"],
    ),
    Case(
        "a site without a name, a town of blanks",
        [(JAURES, "name: École Jean Jaurès", 'name: ""'), (ALL + "town.yml", "name: Ville du Bourget", 'name: "  "')],
        [
            ("M007", "sites[ecole-jaures].site.name", JAURES, 'name: ""'),
            ("M007", "town.name", ALL + "town.yml", 'name: "  "'),
        ],
        ["Le texte est vide"],
    ),
    Case(
        "a name on two lines",
        [(JAURES, "name: École Jean Jaurès", 'name: "École\\nJaurès"')],
        [("M007", "sites[ecole-jaures].site.name", JAURES, "École")],
        ["« École… » tient sur plusieurs lignes : une seule est attendue"],
    ),
    Case(
        "a school zone that is none",
        [(ALL + "calendar.yml", "zone: C", "zone: D")],
        [("M007", "calendar.school_holidays.zone", ALL + "calendar.yml", "zone: D")],
        ["« D » n’est pas l’une de : A, B, C"],
    ),
    Case(
        "records kept for millions of years, a link that no fibre carries",
        [
            (ALL + "journal.yml", "retention_months: 12", "retention_months: 1000000000"),
            (host("mediatheque"), "rate_mbps: 10000,", "rate_mbps: 10000000,"),
        ],
        [
            ("M007", "journal.retention_months", ALL + "journal.yml", "retention_months"),
            ("M007", "sites[mediatheque].premises.links[1].rate_mbps", host("mediatheque"), "rate_mbps"),
        ],
        ["« 1000000000 » est trop grand : 600 au plus"],
    ),
    Case(
        "texts longer than Zabbix keeps, of its inventory, of its names",
        [
            (ALL + "hosting.yml", "role: Annuaire, DNS, DHCP (secours)", f"role: {'R' * 65}"),
            (ALL + "supervision.yml", "root: Ville du Bourget", f"root: {'V' * 45}"),
            (JAURES, "name: École Jean Jaurès", f"name: {'É' * 59}"),
        ],
        [
            ("M007", "hosting_machines.hdv-dc2.role", ALL + "hosting.yml", "role: RRR"),
            ("M007", "supervision.root", ALL + "supervision.yml", "root: VVV"),
            ("M007", "sites[ecole-jaures].site.name", JAURES, "name: ÉÉÉ"),
        ],
        ["est trop long : 64 caractères au plus", "44 caractères au plus", "58 caractères au plus"],
    ),
    Case(
        "marks that nobody sees, written or announced, in a text and in a comment",
        [
            (JAURES, "name: École Jean Jaurès", 'name: "École \\u202eJaurès"'),
            (HDV, "# le poste des exploitants", "# le poste\u202e des exploitants"),
            (HDV, "name: Hôtel de ville", "name: H\u200dôtel"),
        ],
        [
            ("M018", "sites[ecole-jaures].site.name", JAURES, "École"),
            ("M018", "sites[hotel-de-ville]", HDV, "# le poste"),
            ("M018", "sites[hotel-de-ville]", HDV, "name: H"),
        ],
        ["contient un caractère invisible (U+202E)", "(U+200D)"],
    ),
]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)
