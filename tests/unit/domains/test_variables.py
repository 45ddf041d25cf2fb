"""Options that a task of a domain leaves out and variables of the environment give."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import EncryptedString, VaultLib, VaultSecret, VaultSecretsContext
from ansible.template import Templar, trust_as_template

from piste.runs.dispatch import _Action, plain
from piste.runs.domains.network import MODULES

ENVIRONMENT = {"piste_meraki": {"api_key": "x"}, "piste_secrets": {"a": "b"}, "piste_plan": "", "piste_survey": True}


def taken(variables: dict[str, Any] = ENVIRONMENT, **given: Any) -> dict[str, Any]:
    task = object.__new__(_Action)
    task.module = MODULES["piste_network"]
    task._task = SimpleNamespace(args=given)
    task._templar = Templar(loader=DataLoader(), variables=variables)
    task._take_variables(variables)
    return dict(plain(task._task.args))


def test_a_task_is_given_what_the_environment_says_and_keeps_what_it_says_itself() -> None:
    assert taken(site="ccas") == {
        "site": "ccas",
        "dashboard": {"api_key": "x"},
        "secrets": {"a": "b"},
        "survey": True,
    }
    assert taken(dashboard={"api_key": "y"}, survey=False) == {
        "dashboard": {"api_key": "y"},
        "survey": False,
        "secrets": {"a": "b"},
    }


def test_what_only_reads_is_given_no_secret_so_that_an_export_is_not_masked() -> None:
    assert "secrets" not in taken(state="gathered")
    assert taken(state="gathered", secrets={"c": "d"})["secrets"] == {"c": "d"}


def test_a_value_is_what_it_holds_templates_and_vault_within_and_what_a_system_said_is_no_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = [("default", VaultSecret(b"essai"))]
    monkeypatch.setattr(VaultSecretsContext, "_current", VaultSecretsContext(keys))
    sealed = EncryptedString(ciphertext=VaultLib(keys).encrypt("cle-du-coffre").decode())
    given = {
        **ENVIRONMENT,
        "key": sealed,
        "piste_meraki": {"api_key": trust_as_template("{{ key }}"), "organization": "{{ key }}"},
        "piste_secrets": {"radius": {"a": sealed}},
    }
    args = taken(given, site="ccas")
    assert args["dashboard"] == {"api_key": "cle-du-coffre", "organization": "{{ key }}"}
    assert args["secrets"] == {"radius": {"a": "cle-du-coffre"}}
