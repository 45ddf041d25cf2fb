"""Judges of the answers of GLPI, for the beliefs about it (`beliefs/glpi.yml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.transport.response import rejected
from piste.systems.beliefs.answers import Answer, Verdict, answered, shown
from piste.systems.beliefs.asked import answering
from piste.systems.glpi.client import PAGE, Glpi
from piste.systems.glpi.connection import GLPI_SYSTEM

_DATED = {"Management/License": ("number", "date_expiration"), "Assets/Certificate": ("date_expiration",)}
_RULES = "/Rule/Collection/ImportAsset/Rule"
_IS, _IS_NOT, _LACKS = 0, 1, 9
"""Conditions of a criterion: the value, any other, or none (`Rule::PATTERN_IS`, `_IS_NOT`, `_DOES_NOT_EXISTS`)."""
_FIND = 10
"""Condition of a criterion that looks for a known item (`Rule::PATTERN_FIND`)."""


def contract_fields(answers: Sequence[Answer]) -> Verdict:
    """Each licence and each certificate shows the fields of its end."""
    named = [
        (f"{path.partition('/')[2]}.{field}", field in item)
        for path, fields in _DATED.items()
        for items in answered(answers, f"/api.php/*/{path}")
        for item in items
        for field in fields
    ]
    return shown((name for name, there in named if there), (name for name, there in named if not there))


def import_rules(answers: Sequence[Answer]) -> Verdict:
    """The first active rule that looks for a known computer does so by its serial number."""
    rules = [rule for rules in answered(answers, f"/api.php/*{_RULES}") for rule in rules]
    active = [rule for rule in sorted(rules, key=lambda rule: int(rule["ranking"])) if rule["is_active"]]
    looking = [(rule["name"], keys) for rule in active if _is_of_computers(rule) and (keys := _looks_for(rule))]
    first, keys = looking[0] if looking else ("", set[str]())
    return shown([first] if "serial" in keys else [], [first] if first and "serial" not in keys else [])


def _is_of_computers(rule: Mapping[str, Any]) -> bool:
    """True unless a criterion leaves computers out: without a criterion, every type counts.

    The first rules that GLPI delivers are for what has no type, as a device that another sees
    (`resources/Rules/RuleImportAsset.xml`).
    """
    types = [
        (of["pattern"] == "Computer", int(of["condition"])) for of in rule["criteria"] if of["criteria"] == "itemtype"
    ]
    left_out = ((False, _IS), (True, _IS_NOT), (False, _LACKS))
    return not any(of in left_out for of in types)


def _looks_for(rule: Mapping[str, Any]) -> set[str]:
    return {str(of["criteria"]) for of in rule["criteria"] if int(of["condition"]) == _FIND}


def _ask(glpi: Glpi, path: str) -> Iterator[Answer]:
    """Ask for the first page of a list: of rules, which are in order, it must be the whole."""
    response = glpi.request("GET", path.removeprefix("/"), query={"start": 0, "limit": PAGE})
    if path == _RULES and response.status == 206:
        response.refuse("la liste entière des règles est attendue")
    yield Answer(f"GET /api.php/v{glpi.version}{path}", response.listing())


def _version(glpi: Glpi) -> str:
    """Name the newest version of the API that is served; GLPI tells its own to nobody."""
    response = glpi.transport.request("GET", "/api.php/")
    if response.status >= 400:
        raise rejected(response, "GET /api.php/", "")
    versions: list[Any] = response.mapping("api_versions")["api_versions"]
    return str(versions[-1]["version"])


def _now(glpi: Glpi) -> float:
    return glpi.transport.now()


MODULES = answering("glpi_answers", "glpi", GLPI_SYSTEM, _ask, _version, _now)
