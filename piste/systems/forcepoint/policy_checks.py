"""Faults of a declared policy that its table cannot see, found before any request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.errors import Fault
from piste.systems.forcepoint.policy_table import OF_THE_WHOLE, RULES, TYPES, WHOLE
from piste.systems.forcepoint.references import ANY, NONE
from piste.systems.forcepoint.rule_table import LISTS, RuleList
from piste.systems.forcepoint.rules import keys

_HEADINGS = ("section", "insert_point")
_TRANSLATIONS = ("dynamic_src_nat", "static_src_nat", "static_dst_nat", "dynamic_dst_nat")


def faults_of(item: Mapping[str, Any], key: str) -> Iterator[Fault]:
    """Yield the faults of an entry of `config`, named `key`."""
    kind, _, of = str(item["scope"]).partition(":")
    where, own = f"config[{key}]", TYPES[item["type"]]
    if kind != WHOLE:
        for name in OF_THE_WHOLE:
            if name in item:
                yield Fault(f"{where}.{name}", "se déclare pour la politique entière (scope: whole)")
    elif "before" in item:
        yield Fault(f"{where}.before", "n’a de sens que pour une section ou des règles à soi")
    if not item["type"].startswith("fw_"):
        for name in sorted(item.keys() & {*OF_THE_WHOLE} - {"comment"}):
            yield Fault(f"{where}.{name}", f"une politique {item['type']} n’a pas ce champ")
    for name in LISTS:
        if name not in item:
            continue
        if name not in own:
            yield Fault(
                f"{where}.{name}", f"une politique {item['type']} n’a pas cette liste ; les siennes : {', '.join(own)}"
            )
            continue
        rules = item[name] or []
        for called, times in Counter(key for key in keys(rules) if key).items():
            if times > 1:
                yield Fault(f"{where}.{name}", f"« {called} » y est deux fois : l’identité d’une règle est unique")
        for rule, called in zip(rules, keys(rules), strict=True):
            at = f"{where}.{name}[{called or rules.index(rule)}]"
            for message in _messages(rule, LISTS[name], kind, of):
                yield Fault(at, message)


def _messages(rule: Mapping[str, Any], entry: RuleList, kind: str, of: str) -> Iterator[str]:
    heading = next((name for name in _HEADINGS if name in rule), "")
    if heading:
        allowed = {"section": {"section", "color"}, "insert_point": {"insert_point", "insert_point_type", "comment"}}
        if others := sorted(rule.keys() - allowed[heading]):
            yield f"« {heading} » n’est pas une règle : {', '.join(others)} n’y a pas de sens"
        if kind != WHOLE:
            yield "une section ou un point d’insertion ne se déclare que dans une politique entière (scope: whole)"
        return
    if not rule.get("id") and not rule.get("name"):
        yield "il lui faut une identité : id, ou un nom unique dans la liste"
    if kind == RULES and not str(rule.get("id", "")).startswith(of):
        yield f"son id doit commencer par « {of} », comme toutes les règles de cette entrée"
    demanded = (cell.name for cell in entry.cells if cell.kind == "match" or cell.name == "action")
    for name in demanded:
        said = rule.get(name)
        if not said:
            yield f"« {name} » manque : dites-le, fût-ce par any"
        elif len(said) > 1 and {ANY, NONE} & set(said):
            yield f"« {name} » : any et none ne se mêlent à rien"
    if "jump" in rule.get("action", ()) and "sub_policy" not in rule:
        yield "« jump » demande sub_policy"
    for name in _TRANSLATIONS:
        said = rule.get(name) or {}
        for target in [*said.get("to", ()), *(said[side] for side in ("original", "translated") if side in said)]:
            if ("element" in target) == ("address" in target):
                yield f"« {name} » : chaque adresse se dit par element ou par address, l’un des deux"
