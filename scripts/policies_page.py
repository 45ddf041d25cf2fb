"""Write the page of the named policies from their table."""

from __future__ import annotations

from pathlib import Path

from piste.systems.windows.gpo.policy import Flag, Form, Lines, Listing, Number, Policy, Text, Words
from piste.systems.windows.gpo.policy_table import TABLE

PAGE = Path(__file__).parent.parent / "docs" / "strategies.md"
_SIDES = {"computer": "ordinateur", "user": "utilisateur"}
_HEAD = """# Les stratégies qui ont un nom

Chaque ligne se déclare sous `policies`, du côté qu’elle indique : `power.sleep_after_ac: 600`. `null` rend le réglage
« non configuré ». Le nom dit ce que `true` veut dire. Les durées de `power` sont en secondes, 0 pour jamais. Ce qui n’a
pas de nom ici s’écrit par les fichiers ADMX du domaine, dans le dossier que dit `piste_admx` (`Catégorie/Nom affiché`
ou `FICHIER:Stratégie`), ou brut, sous `registry`.

*Page écrite par `make docs` d’après les fichiers de
[`piste/systems/windows/gpo/named_policies`](../piste/systems/windows/gpo/named_policies), où l’on en ajoute.*
"""


def _values(form: Form) -> str:
    """The values that people may write, in French."""
    match form:
        case Number(low=low, high=high):
            return f"nombre de {low} à {high}"
        case Flag():
            return "`true`, `false`"
        case Words(words=words):
            return ", ".join(f"`{word}`" for word in words)
        case Text():
            return "texte"
        case Lines():
            return "liste de textes"
        case Listing(naming="named", names=names, words=words):
            of = f" parmi {', '.join(f'`{name}`' for name in names)}" if names else ""
            return f"noms{of} : {', '.join(f'`{word}`' for word in words) if words else 'texte'}"
        case Listing():
            return "liste de textes"
    raise TypeError(form)


def _line(policy: Policy) -> str:
    element = policy.elements[""]
    sides = ", ".join(_SIDES[side] for side in sorted(policy.sides))
    values = f"{_values(element.form)}{f' ({policy.unit})' if policy.unit else ''}"
    return f"| `{policy.name}` | {policy.label} | {sides} | {values} | {policy.source} |"


def page() -> str:
    """Write the page: a table for each area."""
    areas: dict[str, list[Policy]] = {}
    for policy in sorted(TABLE, key=lambda policy: policy.name):
        areas.setdefault(policy.name.partition(".")[0], []).append(policy)
    parts = [_HEAD]
    for area, policies in areas.items():
        table = ["| nom | dans un plan | côté | valeurs | modèle |", "|---|---|---|---|---|", *map(_line, policies)]
        parts.append(f"\n## {area}\n\n" + "\n".join(table) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
