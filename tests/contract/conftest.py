"""The wire contracts, from the folder that PISTE_CONTRACTS names; absent, these tests skip and say so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def meraki_contract() -> dict[str, Any]:
    """Return the operations of the Dashboard API by operationId."""
    folder = os.environ.get("PISTE_CONTRACTS")
    if not folder:
        pytest.skip("contrats absents : PISTE_CONTRACTS ne nomme aucun dossier")
    operations: dict[str, Any] = json.loads((Path(folder) / "meraki.json").read_text(encoding="utf-8"))[
        "operations"
    ]
    return operations
