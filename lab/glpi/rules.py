"""The rules that tie an inventoried item to the item that GLPI knows, as they are delivered.

Source: `src/RuleImportAsset.php` (criteria, conditions, order of the rules of a computer) and `RuleController.php`
(routes, form of a rule) of GLPI 11.
"""

from __future__ import annotations

from typing import Any

IS, EXISTS, DOES_NOT_EXIST, FIND = 0, 8, 9, 10
PATH = "Rule/Collection/ImportAsset/Rule"
_BY = (("serial", "uuid"), ("serial",), ("uuid",), ("mac",), ("name",))


def rules() -> list[dict[str, Any]]:
    """Make the rules of a computer: its name is due, its serial number finds it first."""
    made = [_rule(1, "Computer constraint (name)", [("name", DOES_NOT_EXIST)], active=True)]
    for rank, by in enumerate(_BY, 2):
        criteria = [(name, condition) for name in by for condition in (FIND, EXISTS)]
        made.append(_rule(rank, f"Computer update (by {' + '.join(by)})", criteria, active=by != ("mac",)))
    return made


def _rule(rank: int, name: str, criteria: list[tuple[str, int]], *, active: bool) -> dict[str, Any]:
    every = [("itemtype", IS, "Computer"), *((of, condition, "1") for of, condition in criteria)]
    return {
        "id": rank, "uuid": f"rule-{rank}", "entity": {"id": 0, "name": "Root entity"}, "is_recursive": True,
        "name": name, "description": "", "comment": "", "is_active": active, "match": "AND", "condition": 0,
        "ranking": rank, "actions": [{"id": rank, "action_type": "assign", "field": "_inventory", "value": "0"}],
        "criteria": [
            {"id": number, "criteria": of, "condition": condition, "pattern": pattern}
            for number, (of, condition, pattern) in enumerate(every, 100 * rank)
        ],
    }  # fmt: skip
