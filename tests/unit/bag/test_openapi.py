"""The OpenAPI documents: valid, whole, true of an answer and of a body; their test sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from piste.cli import main
from piste.exports.bag.openapi import ANY, TITLES, WHERE, document, trials
from piste.exports.capture import forms
from piste.exports.capture.forms import _table
from piste.systems.meraki.ssids import SSIDS

JSON = "application/json"
WRITTEN = {
    "meraki": {"post", "put", "delete"}, "prism": {"post", "put", "delete"}, "smc": {"post", "put", "delete"},
    "glpi": {"post", "patch"},
}  # fmt: skip


@pytest.mark.parametrize("system", TITLES)
def test_a_document_is_valid_and_has_each_path_of_the_forms(system: str) -> None:
    assert (ANY, WHERE) == (forms.ANY, forms.WHERE)
    made = document(system)
    OpenAPIV31SpecValidator(made).validate()  # type: ignore[arg-type]
    read = [path for path, operations in made["paths"].items() if "get" in operations]
    assert len(read) == len([name for name in _table(system) if name[0] == ""]) > 5
    written = {method for operations in made["paths"].values() for method in operations} - {"get", "parameters"}
    assert written == WRITTEN.get(system, set())
    named = set(json.dumps(made).split('"#/components/schemas/')[1:])
    assert {each.partition('"')[0] for each in named} <= {*made["components"]["schemas"]}


def accepts(path: str, answer: Any, system: str = "meraki") -> bool:
    made = document(system)
    schema = made["paths"][path]["get"]["responses"]["200"]["content"][JSON]["schema"]
    return bool(Draft202012Validator({**schema, "components": made["components"]}).is_valid(answer))


def test_an_answer_in_its_form_is_accepted_and_another_is_not() -> None:
    device = {"name": "sw-jau-01", "serial": "QZZZ-0005-0001", "lat": 48.9, "tags": ["ecole"], "notes": None}
    assert accepts("/devices/{id1}", device)
    assert not accepts("/devices/{id1}", {**device, "lat": "48.9"})
    assert not accepts("/devices/{id1}", {**device, "serial": None})
    assert not accepts("/devices/{id1}", [device])
    assert "securityEnabled" in json.dumps(document("microsoft")), "the fields of a case are there"


def test_a_body_has_the_wire_names_of_its_table_and_never_a_secret_in_clear() -> None:
    made = document("meraki")["paths"]["/networks/{id1}/wireless/ssids/{id2}"]["put"]
    body = made["requestBody"]["content"][JSON]["schema"]
    wire = {field.wire_name for field in SSIDS.body if not field.path_only}
    assert set(body["properties"]) == wire
    assert body["properties"]["psk"] == {"type": "string", "format": "password", "writeOnly": True}
    glpi = document("glpi")["paths"]["/api.php/{id1}/Assets/Computer"]["post"]["requestBody"]["content"][JSON]["schema"]
    assert Draft202012Validator(glpi).is_valid({"name": "P1", "status": {"id": 3}, "location": 0})
    assert not Draft202012Validator(glpi).is_valid({"name": "P1", "status": "En service"})
    without = document("prism")["paths"]["/api/vmm/{id1}/ahv/config/vms"]["post"]["summary"]
    assert "extId" in without


def test_the_documents_are_written_on_request(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["schema", "--interfaces", "--out", str(tmp_path / "interfaces")])
    assert said.exit_code == 0, said.output
    written = sorted(path.name for path in (tmp_path / "interfaces").iterdir())
    assert written == sorted(f"{system}.{kind}.json" for system in TITLES for kind in ("openapi", "essais"))


@pytest.mark.parametrize("system", TITLES)
def test_each_request_and_answer_of_a_test_set_fits_its_document(system: str) -> None:
    made = document(system)
    rows = trials(system, made)["trials"]
    assert len(rows) == sum(len(operations.keys() - {"parameters"}) for operations in made["paths"].values())
    for row in rows:
        asked, expected = row["request"], row["expected"]
        said = made["paths"][asked["path"]][asked["method"].lower()]
        for part, schema in ((asked, said.get("requestBody")), (expected, said["responses"][expected["status"]])):
            if "body" in part:
                whole = {**schema["content"][JSON]["schema"], "components": made["components"]}
                assert [*Draft202012Validator(whole).iter_errors(part["body"])] == [], asked["path"]
    assert sum(bool(row["expected"].get("body")) for row in rows) > 5
