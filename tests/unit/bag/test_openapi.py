"""The OpenAPI documents of what Piste reads: valid, whole, and true of what the lab answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from piste.cli import main
from piste.exports.bag.openapi import ANY, TITLES, WHERE, document
from piste.exports.capture import forms
from piste.exports.capture.forms import _table

JSON = "application/json"


@pytest.mark.parametrize("system", TITLES)
def test_a_document_is_valid_and_has_each_path_of_the_forms(system: str) -> None:
    assert (ANY, WHERE) == (forms.ANY, forms.WHERE)
    made = document(system)
    OpenAPIV31SpecValidator(made).validate()  # type: ignore[arg-type]
    assert len(made["paths"]) == len([name for name in _table(system) if name[0] == ""]) > 5
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


def test_the_documents_are_written_on_request(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["schema", "--interfaces", "--out", str(tmp_path / "interfaces")])
    assert said.exit_code == 0, said.output
    written = sorted(path.name for path in (tmp_path / "interfaces").iterdir())
    assert written == sorted(f"{system}.openapi.json" for system in TITLES)
