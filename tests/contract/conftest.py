"""The wire contracts, from the folder that PISTE_CONTRACTS names.

Where it is absent, these tests skip and say so.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.contract.smc import Contract as SmcContract
from tests.support.prism_contract import Contract as PrismContract


def _path(name: str) -> Path:
    folder = os.environ.get("PISTE_CONTRACTS")
    if not folder:
        pytest.skip("contrats absents : PISTE_CONTRACTS ne nomme aucun dossier")
    return Path(folder) / name


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_path(name).read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session")
def meraki_contract() -> dict[str, Any]:
    """Return the operations of the Dashboard API by operationId."""
    operations: dict[str, Any] = _read("meraki.json")["operations"]
    return operations


@pytest.fixture(scope="session")
def prism_contract() -> PrismContract:
    """Return the models of Prism Central's v4 API."""
    return PrismContract(_path("nutanix-v4.json"))


@pytest.fixture(scope="session")
def smc_contract_if_present() -> SmcContract | None:
    return SmcContract(_read("forcepoint-7.4.json")) if os.environ.get("PISTE_CONTRACTS") else None


@pytest.fixture(scope="session")
def smc_contract() -> SmcContract:
    return SmcContract(_read("forcepoint-7.4.json"))
