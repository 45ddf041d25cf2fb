"""The rules that tie an inventoried item to the item that GLPI knows, as they are delivered.

Source: `resources/Rules/RuleImportAsset.xml` (criteria, conditions, order; these are a part) and
`RuleController.php` (routes, form of a rule) of GLPI 11.
"""

from __future__ import annotations

from typing import Any

IS, EXISTS, DOES_NOT_EXIST, FIND = 0, 8, 9, 10
PATH = "Rule/Collection/ImportAsset/Rule"
_COMPUTER = ("itemtype", IS, "Computer")
_BY = (("serial", "uuid"), ("serial",), ("uuid",), ("mac",), ("name",))


def rules() -> list[dict[str, Any]]:
    """Make a rule of what has no type, then those of a computer: its serial number is first."""
    untyped = ("itemtype", DOES_NOT_EXIST, "1")
    made = [_rule(1, "Update only mac address (mac on switch port)", _found(("mac",)), active=True, of=untyped)]
    made.append(_rule(2, "Computer constraint (name)", [("name", DOES_NOT_EXIST)], active=True))
    for rank, by in enumerate(_BY, 3):
        made.append(_rule(rank, f"Computer update (by {' + '.join(by)})", _found(by), active=by != ("mac",)))
    return made


def _found(by: tuple[str, ...]) -> list[tuple[str, int]]:
    return [(name, condition) for name in by for condition in (FIND, EXISTS)]


def _rule(
    rank: int, name: str, criteria: list[tuple[str, int]], *, active: bool, of: tuple[str, int, str] = _COMPUTER
) -> dict[str, Any]:
    every = [of, *((named, condition, "1") for named, condition in criteria)]
    return {
        "id": rank, "uuid": f"rule-{rank}", "entity": {"id": 0, "name": "Root entity"}, "is_recursive": True,
        "name": name, "description": "", "comment": "", "is_active": active, "match": "AND", "condition": 0,
        "ranking": rank, "actions": [{"id": rank, "action_type": "assign", "field": "_inventory", "value": "0"}],
        "criteria": [
            {"id": number, "criteria": named, "condition": condition, "pattern": pattern}
            for number, (named, condition, pattern) in enumerate(every, 100 * rank)
        ],
    }  # fmt: skip
