"""Orphans of the directory are listed by name, in a few reads and without a write."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from piste.engine.converge.errors import Ambiguous
from piste.engine.transport.shared import VARIABLE
from tests.support.ad import Town
from tests.support.orphans import MODULES
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
        bracket = f"[LDAP://{place};0]"
        connection.modify(f"OU=Ville,{domain.base_dn}", {"gPLink": [("MODIFY_REPLACE", ["[LDAP://n’importe quoi"])]})
        for unit in ("OU=Ecoles,OU=Ville", "OU=Essai,OU=Ville", "OU=TEST"):
            connection.modify(f"{unit},{domain.base_dn}", {"gPLink": [("MODIFY_REPLACE", [bracket])]})
        connection.modify(f"OU=Essai,OU=Ville,{domain.base_dn}", {"gPOptions": [("MODIFY_REPLACE", ["1"])]})
        identity = "{00000002-0000-4000-8000-000000000000}"
        attributes = {"msWMI-ID": identity, "msWMI-Name": "Vieux", "msWMI-Parm2": "n’importe quoi"}
        connection.add(f"CN={identity},CN=SOM,CN=WMIPolicy,CN=System,{domain.base_dn}", ["msWMI-Som"], attributes)
    declared: dict[str, Any] = {
        "units": ["Ville", "ville/ecoles"],
        "groups": ["GG-Agents"],
        "wmi_filters": ["Portables"],
        "gpos": ["Socle"],
        "links": [{"target": "ville/ecoles", "links": {"Ne pas Toucher": {}}}, {"target": "Ville/Essai"}],
    }
    before = domain.usn()
    with patch.dict("os.environ", {VARIABLE: str(tmp_path)}):
        result = MODULES["ad_orphans"].run({"domain": domain.option, "base": "Ville", **declared}, False)
    assert [(orphan["kind"], orphan["key"].partition(" {")[0]) for orphan in result["orphans"]] == [
        ("organizational_unit", "Ville/Essai"),
        ("group", "GG-Presta"),
        ("wmi_filter", "Vieux"),
        ("wmi_filter", "Vieux"),
        ("gpo", "Ne pas toucher"),
        ("gpo_link", "Ville/Essai → Ne pas toucher"),
        ("gpo_link", "Ville/Essai"),
        ("gpo_link", "Ville"),
    ]
    assert (result["changed"], domain.usn()) == (False, before)
    # A policy that names one of two filters is stopped; a policy that names another is not, whatever the filters hold.
    town.module("ad_wmi_filters", [{"name": "Portables", "queries": [{"query": "y"}]}])
    with pytest.raises(Ambiguous, match="2 objets"):
        town.module("ad_wmi_filters", [{"name": "Vieux", "queries": [{"query": "y"}]}])
