"""A rule with a value for every attribute, none of them a default."""

from __future__ import annotations

from typing import Any

from piste.systems.forcepoint.rule_table import RuleList

SAMPLE: dict[str, Any] = {"str": "x", "bool": True, "int": 7}


def sample(entry: RuleList) -> dict[str, Any]:
    """A rule with a value for every attribute, none of them a default."""
    rule: dict[str, Any] = {"id": "tout", "name": "Tout", "comment": "commentaire"}
    to = {"element": "host/one", "ports": "1024-2048"}
    for cell in entry.cells:
        if cell.kind in ("match", "refs"):
            rule[cell.name] = ["host/one", "host/two"]
        elif cell.kind in ("ref", "used_on"):
            rule[cell.name] = "host/one"
        elif cell.kind == "translation":
            sides = {"original": to, "translated": {"address": "10.0.0.1", "ports": "80"}}
            shape = {"to": [to, {"address": "10.0.0.2"}]} if "dynamic" in cell.name else sides
            rule[cell.name] = {**shape, "automatic_proxy": False}
        elif cell.kind == "list":
            rule[cell.name] = ["allow", "apply_vpn"]
        else:
            rule[cell.name] = (not cell.default) if cell.field.type == "bool" else SAMPLE[cell.field.type]
    return rule
