"""Policies of the site's own definitions, written in a real GPO and read back by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge.errors import InvalidConfig
from tests.support.gpos import Console
from tests.support.samba import Domain
from tests.unit.windows.test_admx import definitions


def test_a_policy_of_the_sites_own_definitions_is_written_and_read_back_by_its_name(
    domain: Domain, tmp_path: Path
) -> None:
    here = Console(domain)
    driver = {"admx": definitions(tmp_path / "PolicyDefinitions")}
    wanted = {"name": "Réglages de la ville", "computer": {"policies": {"Ville/Postes/Réglage simple": True}}}
    assert [operation["action"] for operation in here.run(wanted, driver=driver)["operations"]] == ["create"]
    assert here.run(wanted, driver=driver)["operations"] == []
    (gathered,) = here.run({"name": wanted["name"]}, driver=driver, state="gathered")["gathered"]
    assert list(gathered["computer"]["policies"].values()) == [True]
    with pytest.raises(InvalidConfig, match="PISTE-E001"):
        here.run(wanted, driver={"admx": str(tmp_path / "nulle part")})
    (raw,) = here.gathered(str(wanted["name"]))
    assert raw["computer"]["registry"] == {"Software\\Policies\\Ville!Simple": {"type": "dword", "data": 1}}
    here.close()
