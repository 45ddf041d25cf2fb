"""The writes of the OpenAPI documents against the contracts of the vendors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from piste.exports.bag.openapi import JSON, document
from tests.contract.smc import MODELS
from tests.contract.smc import Contract as SmcContract
from tests.support.prism_contract import Contract as PrismContract

PLAIN = {"integer": ("integer", "number")}
OURS = {"Subnet", "Category", "Image", "Vm", "VmAntiAffinityPolicy", "VmHostAffinityPolicy", "ProtectionPolicy"}


def written(system: str) -> Iterator[tuple[str, str, Any]]:
    """Yield method, path with empty ids, and body of each write."""
    for path, operations in document(system)["paths"].items():
        for method in operations.keys() - {"get", "parameters"}:
            body = operations[method].get("requestBody", {}).get("content", {JSON: {}})[JSON].get("schema")
            yield method, re.sub(r"\{\w+\}", "{}", path), body


def unlike(ours: dict[str, Any], theirs: dict[str, Any], where: str) -> Iterator[str]:
    """Name the fields and the types that the contract does not have."""
    known = theirs.get("properties", {})
    for name, schema in ours.get("properties", {}).items():
        place = f"{where}.{name}"
        if name not in known:
            yield f"{place}: unknown"
            continue
        kind = schema.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind and known[name]["type"] not in PLAIN.get(kind, (kind,)):
            yield f"{place}: {kind} instead of {known[name]['type']}"
        yield from unlike(schema, known[name], place)
    if "items" in ours:
        yield from unlike(ours["items"], theirs.get("items", {}), f"{where}[]")


def test_every_write_of_the_dashboard_is_in_the_contract_field_by_field(meraki_contract: dict[str, Any]) -> None:
    known = {
        (each["method"].lower(), re.sub(r"\{\w+\}", "{}", each["path"])): each.get("request") or {}
        for each in meraki_contract.values()
    }
    faults: list[str] = []
    count = 0
    for method, path, body in written("meraki"):
        count += 1
        assert (method, path) in known
        faults += unlike(body or {}, known[method, path], f"{method} {path}")
    assert faults == []
    assert count > 50


def test_every_write_of_prism_central_sends_a_model_of_the_contract(prism_contract: PrismContract) -> None:
    bodies = {body["$ref"].rpartition("/")[2] for _, _, body in written("prism") if body}
    assert {name.rpartition(".")[2] for name in bodies} >= OURS
    for name in bodies:
        namespace = name.partition(".")[0]
        model = document("prism")["components"]["schemas"][name]
        short = name.rpartition(".")[2]
        props = next(
            each["props"] for known, each in prism_contract.models[namespace].items()
            if known.rpartition(".")[2] == short and "props" in each
        )  # fmt: skip
        assert {field for field in model["properties"] if not field.startswith("$")} <= {*props}


def test_every_write_of_the_smc_has_an_entry_point_of_the_contract(smc_contract: SmcContract) -> None:
    paths = {path for method, path, _ in written("smc") if method == "post"}
    assert "/{}/elements/host" in paths
    assert "/{}/elements/fw_policy" in paths
    assert {path.rpartition("/")[2] for path in paths} <= {*smc_contract.entry_points.values()} | {*MODELS}
