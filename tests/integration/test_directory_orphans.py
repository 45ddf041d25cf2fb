"""What nobody declares in the directory is found, by name, in a few reads and without a write."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

from piste.transport.shared import VARIABLE
from piste.windows.orphans import MODULES
from tests.support.ad import Town
from tests.support.samba import Domain


def test_what_nobody_declares_is_an_orphan(domain: Domain, tmp_path: Path) -> None:
    town = Town(domain, tmp_path)
    town.module(
        "ad_organizational_units", [{"path": path} for path in ("Ville", "Ville/Ecoles", "Ville/Essai", "TEST")]
    )
    town.module("ad_groups", [{"name": name, "ou": "Ville"} for name in ("GG-Agents", "GG-Presta")])
    town.module("ad_wmi_filters", [{"name": name, "queries": [{"query": "x"}]} for name in ("Portables", "Vieux")])
    with domain.ldap() as connection:
        place = f"CN={{00000001-0000-4000-8000-000000000000}},CN=Policies,CN=System,{domain.base_dn}"
        connection.add(place, ["groupPolicyContainer"], {"displayName": "Ne pas toucher"})
    declared: dict[str, Any] = {
        "units": ["Ville", "ville/ecoles"],
        "groups": ["GG-Agents"],
        "wmi_filters": ["Portables"],
        "gpos": ["Socle"],
    }
    before = domain.usn()
    with patch.dict("os.environ", {VARIABLE: str(tmp_path)}):
        result = MODULES["ad_orphans"].run({"domain": domain.option, "base": "Ville", **declared}, False)
    assert [(orphan["kind"], orphan["key"]) for orphan in result["orphans"]] == [
        ("organizational_unit", "Ville/Essai"),
        ("group", "GG-Presta"),
        ("wmi_filter", "Vieux"),
        ("gpo", "Ne pas toucher"),
    ]
    assert (result["changed"], domain.usn()) == (False, before)
