"""Accounts on a real controller: leavers are disabled, nested administrators are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from piste.engine.transport.shared import VARIABLE
from piste.runs.plans.undo import inverse
from piste.systems.windows.administrators import DISABLED, MODULES
from piste.systems.windows.computers import MODULES as COMPUTERS
from tests.support.samba import Domain

OUTGOING = ["*prestataire*"]


@pytest.fixture
def contractors(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Domain:
    """Create an ordinary account, an administrator two groups deep, and a disabled account."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    users = f"CN=Users,{domain.base_dn}"
    with domain.ldap() as connection:
        for name, control in (("ext.astreinte", 544), ("adm-prestataire", 544), ("vieux-prestataire", 546)):
            content = {"sAMAccountName": name, "userAccountControl": control}
            connection.add(f"CN={name},{users}", ["user"], content)
        mail = {"mail": [("MODIFY_REPLACE", ["astreinte@prestataire.invalid"])]}
        connection.modify(f"CN=ext.astreinte,{users}", mail)
        connection.add(f"CN=GG-Exploitation,{users}", ["group"], {"sAMAccountName": "GG-Exploitation"})
    domain.tool("group", "addmembers", "GG-Exploitation", "adm-prestataire")
    domain.tool("group", "addmembers", "Domain Admins", "GG-Exploitation")
    return domain


def run(domain: Domain, *outgoing: str, remove: bool = False, check: bool = False) -> dict[str, Any]:
    params = {"domain": domain.option, "outgoing": list(outgoing), "remove": remove}
    return MODULES["ad_administrators"].run(params, check)


def enabled(domain: Domain, name: str) -> bool:
    with domain.ldap() as connection:
        connection.search(domain.base_dn, f"(sAMAccountName={name})", attributes=["userAccountControl"])
        return not int(connection.entries[0].userAccountControl.value) & DISABLED


def test_accounts_that_leave_are_listed_with_who_is_in_charge_then_disabled(contractors: Domain) -> None:
    listed = run(contractors, *OUTGOING)
    assert {(account["name"], account["whole"], account["outgoing"]) for account in listed["administrators"]} == {
        ("Administrator", True, False),
        ("adm-prestataire", True, True),
        ("ext.astreinte", False, True),
    }
    assert listed["calls"]["writes"] == 0
    assert run(contractors, *OUTGOING, remove=True, check=True)["calls"]["writes"] == 0
    done = run(contractors, *OUTGOING, remove=True)
    assert set(done["removed"]) == {"adm-prestataire", "ext.astreinte"}
    assert done["findings"][0]["state"] == "ok"
    assert not enabled(contractors, "adm-prestataire")
    assert not enabled(contractors, "ext.astreinte")
    assert enabled(contractors, "Administrator")
    before = contractors.usn()
    assert run(contractors, *OUTGOING, remove=True)["changed"] is False
    assert contractors.usn() == before
    config = inverse(done["operations"])[0]["commune"]["returned"]["ad_administrators"]["config"]
    params = {"domain": contractors.option, "outgoing": [], "accounts": config}
    assert MODULES["ad_administrators"].run(params, False)["findings"][0]["state"] == "ok"
    assert enabled(contractors, "adm-prestataire")
    assert enabled(contractors, "ext.astreinte")
    assert not enabled(contractors, "vieux-prestataire")
    assert MODULES["ad_administrators"].run(params, False)["changed"] is False


def test_a_drift_names_an_undeclared_account_in_charge_at_any_depth(contractors: Domain) -> None:
    contractors.tool("group", "addmembers", "Administrators", "ext.astreinte")
    params = {"domain": contractors.option, "outgoing": [], "known": ["administrator"]}
    result = MODULES["ad_administrators"].run(params, True)
    why = "administre tout, personne ne le déclare"
    assert [(orphan["key"], orphan["why"]) for orphan in result["orphans"]] == [
        ("ad/adm-prestataire", why), ("ad/ext.astreinte", why),
    ]  # fmt: skip
    assert result["calls"]["writes"] == 0
    assert MODULES["ad_administrators"].run({**params, "known": ["*"]}, True)["orphans"] == []


def test_the_last_administrator_of_the_domain_stays(contractors: Domain) -> None:
    with pytest.raises(Guarded, match="ne laisserait personne de la Ville"):
        run(contractors, *OUTGOING, "administrator", remove=True)
    assert enabled(contractors, "adm-prestataire")


def test_an_account_that_may_not_be_written_is_said_with_the_missing_right(contractors: Domain) -> None:
    everybody = f"CN=Users,{contractors.base_dn}"
    sid = contractors.tool("user", "show", "svc-piste", "--attributes=objectSid").split("objectSid: ")[1].split()[0]
    place = f"CN=adm-prestataire,{everybody}"
    contractors.tool("dsacl", "set", f"--objectdn={place}", f"--sddl=(D;;WP;;;{sid})")
    done = run(contractors, *OUTGOING, remove=True)
    assert done["removed"] == ["ext.astreinte"]
    (finding,) = done["findings"]
    assert finding["state"] == "wrong"
    assert "adm-prestataire (" in finding["what"]
    assert "userAccountControl" in finding["what"]
    assert enabled(contractors, "adm-prestataire")


def test_computers_are_listed_with_their_unit_and_their_state_and_nobody_else(contractors: Domain) -> None:
    with contractors.ldap() as connection:
        for name, control in (("PC-JAU-001", 4096), ("PC-JAU-002", 4098)):
            content = {"sAMAccountName": f"{name}$", "userAccountControl": control, "operatingSystem": "Windows 11 Pro"}
            connection.add(f"CN={name},CN=Computers,{contractors.base_dn}", ["computer"], content)
    result = COMPUTERS["ad_computers"].run({"domain": contractors.option}, True)
    accounts = {computer["name"]: computer for computer in result["gathered"]}
    assert {name: computer["enabled"] for name, computer in accounts.items() if name.startswith("PC-JAU")} == {
        "PC-JAU-001": True,
        "PC-JAU-002": False,
    }
    assert accounts["PC-JAU-001"]["unit"] == f"CN=Computers,{contractors.base_dn}"
    assert (accounts["PC-JAU-001"]["system"], accounts["PC-JAU-001"]["last_seen"]) == ("Windows 11 Pro", None)
    assert not {"adm-prestataire", "Administrator"} & accounts.keys()
    assert result["calls"]["writes"] == 0
