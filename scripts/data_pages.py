"""Write the page of the keys, those of the beliefs, and tables of others, from the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from piste.commands.beliefs import HARMS, MARKS
from piste.commands.editor.descriptions import described
from piste.commands.editor.forms import Schema, of_levels
from piste.engine.words import NO_BREAK
from piste.papers.frameworks.clauses import places_of
from piste.readings.table import READERS, SUBJECTS
from piste.systems.beliefs.form import Belief, systems
from piste.systems.windows.points.table import points
from piste.town.model.rule import Rule, rules
from piste.town.model.variables import (
    LEVEL_OF,
    PLACES,
    AnyLevel,
    CategoryLevel,
    CommuneLevel,
    Level,
    NeighbourLevel,
    SiteLevel,
    TownLevel,
)

DOCS = Path(__file__).parent.parent / "docs"
ACCEPTANCE: Mapping[str, str] = {
    "recette-systemes": """# Recette : ce que seuls les vrais systèmes peuvent confirmer

Pour l’ingénieur qui applique Piste pour la première fois sur les vrais systèmes. Le laboratoire suit les contrats
que les éditeurs publient ; ce qu’aucun document public ne dit y est une **croyance**, que Piste n’emploie jamais
sans la vérifier : il relit ce qu’il écrit, et s’arrête où le système a gardé autre chose. Chacune se confirme une
fois, et `piste beliefs` en garde l’issue : [croyances.md](croyances.md).

Commencez par `piste doctor --environment production` : aucun point ne doit être à corriger. Puis `piste beliefs
--check --environment production` pose toutes les questions qui se lisent.
""",
    "recette-windows": """# Recette Windows : ce que seul un vrai Windows peut confirmer

Pour l’ingénieur qui applique l’annuaire pour la première fois sur le vrai domaine. Le laboratoire est un vrai
contrôleur de domaine (Samba) : l’annuaire, SYSVOL, les liens, les droits y sont prouvés. Aucun poste Windows n’y
applique quoi que ce soit. Chaque point ci-dessous est une croyance, qui se confirme une fois, par sa commande, sur
un poste de test d’un groupe pilote : `piste beliefs --confirm CROYANCE --because "Nom : ce qui a été vu"` en garde
l’issue ([croyances.md](croyances.md)). Un point non conforme : arrêtez-vous là, `piste undo` rend l’état précédent.

Les noms sont ceux de la déclaration (`group_vars/all/directory.yml`, `policies.yml`) : le contrôleur
`hdv-dc1.ad.lebourget.example`, les stratégies « Socle commun », « Sobriété - Veille (pilote) », « Sobriété - Arrêt
- Écoles (pilote) », « 802.1X - Postes (pilote) ». Un poste de test est membre de `GP-Pilote-Sobriete` et de
`GP-Pilote-8021X`, et redémarré depuis : un ordinateur ne connaît ses groupes qu’au démarrage.
""",
}
"""The beginnings of the pages that the beliefs fill."""
_WRITTEN = "\n*Page écrite par `make docs` d’après `piste/systems/beliefs/{}.yml`, où l’on en corrige les textes.*\n"
KEYS, DATA = DOCS / "cles.md", DOCS / "donnees.md"
FINDINGS, TIMERS, POINTS = DOCS / "constats.md", DOCS / "minuteries.md", DOCS / "points-annuaire.md"
_HEAD = """# Les clés de la déclaration

Ce que veut dire chaque clé, et les valeurs qu’elle prend ; où s’écrit quoi, et pourquoi : [donnees.md](donnees.md). Un
éditeur montre les mêmes textes, au survol : [editer.md](editer.md). `<nom>` tient lieu d’un nom que l’on choisit, ou
qui est déclaré ailleurs ; `[]` d’une ligne d’une liste. Presque partout, `status` dit aussi d’où vient la donnée :
[ce qui est à confirmer](donnees.md#ce-qui-est-à-confirmer).

*Page écrite par `make docs` d’après le modèle et [`piste/town/model/described.yml`](../piste/town/model/described.yml),
où l’on en corrige les textes.*
"""
_FILES: Mapping[Level, str] = {
    TownLevel: "`group_vars/all`",
    AnyLevel: "`group_vars/all`, la catégorie ou le site",
    CategoryLevel: "`group_vars/<catégorie>`",
    SiteLevel: "`host_vars/<site>`",
    CommuneLevel: "`host_vars/commune`",
    NeighbourLevel: "`host_vars/<voisin>`",
}
_WORDS = {
    "string": "texte",
    "integer": "nombre entier",
    "number": "nombre",
    "boolean": "`true`, `false`",
    "object": "objet",
}


def keys_page() -> str:
    """Write the page: a part for each level, a table for each variable."""
    shown: dict[str, str] = {}
    parts = [_HEAD]
    for level, place in PLACES.items():
        schema, definitions = of_levels((level,), {}, whole=True)
        parts.append(f"\n## {_heading(place)}\n")
        for name, value in schema["properties"].items():
            parts.append(_variable(name, value, definitions, name in schema["required"], shown))
    return "".join(parts)


def _heading(place: str) -> str:
    return re.sub(r"(\w+_vars\S*)", r"`\1`", _typographic(place[0].upper() + place[1:]))


def _variable(name: str, value: Schema, definitions: Schema, required: bool, shown: dict[str, str]) -> str:
    needed = " **Obligatoire.**" if required else ""
    text = f"\n### `{name}`\n\n{value['description']}{needed}\n"
    form = _form(value)
    if form in shown:
        return f"{text}\nLes mêmes clés que [`{shown[form]}`](#{shown[form]}).\n"
    if form:
        shown[form] = name
    rows = [*_lines(value, definitions, "")]
    table = _table(("clé", "valeur", "ce que c’est"), rows) if rows else f"Valeur : {_values(value, definitions)}.\n"
    return f"{text}\n{table}"


def _form(value: Schema) -> str:
    """Name the form of a variable, whatever is around it; empty where it has none."""
    match = re.search(r"#/\$defs/(\w+)", str({key: part for key, part in value.items() if key != "description"}))
    return match[1] if match else ""


def _lines(value: Schema, definitions: Schema, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield the line of each key inside a value: its path, its values, its description."""
    for step, inner in _inside(value, definitions):
        required = inner.get("required", ())
        for key, part in inner.get("properties", {}).items():
            if key == "status":
                continue
            here = f"{path}{step}{key}"
            needed = ", obligatoire" if key in required else ""
            yield f"`{here}`", f"{_values(part, definitions)}{needed}", part["description"]
            yield from _lines(part, definitions, f"{here}.")


def _inside(value: Schema, definitions: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the objects that a value has: the path to their keys, their schema."""
    for part in _choices(value):
        if "$ref" in part:
            yield "", definitions[part["$ref"].rpartition("/")[2]]
        elif "items" in part:
            yield from ((f"[].{step}", inner) for step, inner in _inside(part["items"], definitions))
        elif isinstance(part.get("additionalProperties"), dict):
            yield from ((f"<nom>.{step}", inner) for step, inner in _inside(part["additionalProperties"], definitions))


def _choices(value: Schema) -> list[Schema]:
    return [part for part in value.get("anyOf", [value]) if part.get("type") != "null"]


def _values(value: Schema, definitions: Schema) -> str:
    return " ou ".join(_value(part, definitions) for part in _choices(value))


def _value(value: Schema, definitions: Schema) -> str:
    """Name the values that a schema accepts, in French."""
    if "$ref" in value:
        return _value({"type": "object"} | definitions[value["$ref"].rpartition("/")[2]], definitions)
    if "enum" in value or "const" in value:
        return ", ".join(f"`{word}`" for word in value.get("enum", [value.get("const")]))
    if "patternErrorMessage" in value:
        return _typographic(value["patternErrorMessage"].removeprefix("Attendu : ").rstrip("."))
    if "items" in value:
        return f"liste : {_values(value['items'], definitions)}"
    if isinstance(value.get("additionalProperties"), dict):
        return f"par nom : {_values(value['additionalProperties'], definitions)}"
    bounds = [f"{word} {_number(value[key])}" for word, key in (("de", "minimum"), ("à", "maximum")) if key in value]
    return " ".join([_WORDS.get(value.get("type", ""), "valeur"), *bounds])


def _number(number: float) -> str:
    return f"{number:,}".replace(",", NO_BREAK).replace(".", ",")


def _advice(rule: Rule) -> str:
    return f"{rule.recommendation}{_severity(rule.severity)}"


def data_page(text: str) -> str:
    """Give `docs/donnees.md` its two tables: the variables, and the rules."""
    variables = [
        (f"[`{name}`](cles.md#{name})", _FILES[level], described(level, name)) for name, level in LEVEL_OF.items()
    ]
    ruled = [
        (name, ", ".join(places_of(name)), *map(_typographic, (rule.title, rule.explanation, _advice(rule))))
        for name, rule in rules().items()
    ]
    text = _with_table(text, "Les variables", ("Variable", "Où", "Ce que c’est"), variables)
    return _with_table(text, "Les règles", ("Règle", "CCTP", "Ce qu’elle veut", "Pourquoi", "Que faire"), ruled)


def findings_page(text: str) -> str:
    """Give `docs/constats.md` the ages of the readings."""
    rows = [
        (f"`{subject.name}`", f"{_number(subject.age)} h", f"`{subject.again}`")
        for subject in SUBJECTS.values()
        if subject.age is not None
    ]
    return _with_table(text, "Les âges", ("sujet", "crue pendant", "relue par"), rows)


def timers_page(text: str) -> str:
    """Give `docs/minuteries.md` the readers, what they ask and how often."""
    rows = [(f"`{reader.name}`", ", ".join(reader.asks), f"{reader.hours} h") for reader in READERS.values()]
    return _with_table(text, "Ce que `piste-read` relit", ("lecture", "demandé à", "toutes les"), rows)


def points_page(text: str) -> str:
    """Give `docs/points-annuaire.md` the points of the directory."""
    entries = {point.name: point.entry for point in points().values()}
    listed = [
        ((f"`{name}`", ", ".join(str(level) for level in entry.levels if level), entry.says), entry)
        for name, entry in entries.items()
    ]
    read = [(*start, entry.means, entry.cure, entry.blind) for start, entry in listed if not entry.unread]
    unread = [(*start, entry.unread) for start, entry in listed if entry.unread]
    head = ("point", "niveau", "faute")
    text = _with_table(text, "Les points lus", (*head, "pourquoi", "que faire", "ce qui ne se voit pas"), read)
    return _with_table(text, "Les points non lus", (*head, "il faudrait"), unread)


def acceptance_page(name: str) -> str:
    """Write a page of what a real system alone confirms, from the beliefs."""
    mine = {key: system for key, system in systems().items() if system.page == name}
    parts = [ACCEPTANCE[name], _WRITTEN.format(next(iter(mine)) if len(mine) == 1 else "*")]
    for system in mine.values():
        parts += [f"\n## {system.name}\n"] if len(mine) > 1 else []
        for key, section in system.sections.items():
            parts.append(f"\n{section.heading}\n{section.text}{chr(10) if section.text else ''}")
            believed = [(id_, belief) for id_, belief in system.beliefs.items() if belief.section == key]
            parts += [f"\n{_beliefs(believed)}" if section.text else _beliefs(believed)] if believed else []
    return "".join(parts)


def _beliefs(believed: Iterable[tuple[str, Belief]]) -> str:
    """Write a table of beliefs; a column without any cell is left out."""
    head = ("croyance", "à confirmer", "si c’est faux", "d’où", "où", "comment", "attendu", "sinon", "pour revenir")
    names = ("where", "how", "expected", "otherwise", "undo")
    rows = [
        [f"`{id_}`", known.belief, f"{HARMS[known.harm]}{', demande un mot' if known.asks else ''}"]
        + [f"{MARKS[known.mark]} : {known.source}"]
        + [getattr(known, name) for name in names]
        for id_, known in believed
    ]
    kept = [number for number in range(len(head)) if any(row[number] for row in rows)]
    return _table(tuple(head[number] for number in kept), [tuple(row[number] for number in kept) for row in rows])


def _severity(severity: str) -> str:
    return " (avertissement)" if severity == "warning" else ""


def _with_table(text: str, heading: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Put a table in place of the table under a heading. Raises ValueError where there is none."""
    table = _table(head, rows)
    changed, count = re.subn(
        rf"(^## {heading}\n(?:(?!\||#).*\n)*)(?:\|.*\n)+", lambda match: match[1] + table, text, flags=re.MULTILINE
    )
    if count != 1:
        raise ValueError(f"pas de table sous « {heading} »")
    return changed


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (f"| {' | '.join(cells)} |\n" for cells in (head, *rows))
    return next(lines) + f"|{'---|' * len(head)}\n" + "".join(lines)


def _typographic(text: str) -> str:
    return re.sub(r"(?<=\w)'(?=[\w«])", "’", text)


def pages() -> Mapping[Path, str]:
    """Give each page, as it must be."""
    tables = {DATA: data_page, FINDINGS: findings_page, TIMERS: timers_page, POINTS: points_page}
    acceptance = {DOCS / f"{name}.md": acceptance_page(name) for name in ACCEPTANCE}
    return {KEYS: keys_page(), **acceptance, **{page: made(page.read_text("utf-8")) for page, made in tables.items()}}


if __name__ == "__main__":
    for page, content in pages().items():
        page.write_text(content, "utf-8")
