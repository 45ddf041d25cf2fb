"""The wire contracts, from the folder that PISTE_CONTRACTS names; absent, these tests skip and say so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.prism_contract import Contract


def _contract(name: str) -> Path:
    folder = os.environ.get("PISTE_CONTRACTS")
    if not folder:
        pytest.skip("contrats absents : PISTE_CONTRACTS ne nomme aucun dossier")
    return Path(folder) / name


@pytest.fixture(scope="session")
def meraki_contract() -> dict[str, Any]:
    """Return the operations of the Dashboard API by operationId."""
    operations: dict[str, Any] = json.loads(_contract("meraki.json").read_text(encoding="utf-8"))["operations"]
    return operations


@pytest.fixture(scope="session")
def prism_contract() -> Contract:
    """Return the models of Prism Central's v4 API."""
    return Contract(_contract("nutanix-v4.json"))
