"""A domain of the tests made as new: by deletions where they suffice, else started again."""

from __future__ import annotations

from pathlib import Path

from tests.support.ad import Town
from tests.support.fresh import Fresh
from tests.support.samba import Domain


def test_what_a_test_adds_goes_without_a_restart_and_what_it_changes_goes_with_one(
    shared_domain: Domain, tmp_path: Path
) -> None:
    domain, fresh = shared_domain, Fresh(shared_domain)
    fresh.restart()
    begun, administrators = domain.controller.process_id, f"CN=Domain Admins,CN=Users,{domain.base_dn}"
    Town(domain, tmp_path).module("ad_organizational_units", [{"path": "Ville", "protected": True}])
    account = f"CN=essai,OU=Ville,{domain.base_dn}"
    with domain.ldap() as connection:
        connection.add(account, ["user"], {"sAMAccountName": "essai"})
        connection.modify(administrators, {"member": [("MODIFY_ADD", [account])]})
    fresh.renew()
    assert domain.controller.process_id == begun
    with domain.ldap() as connection:
        connection.search(domain.base_dn, "(|(ou=Ville)(cn=essai))")
        assert connection.entries == []
        connection.modify(administrators, {"description": [("MODIFY_REPLACE", ["Autre"])]})
    fresh.renew()
    assert domain.controller.process_id != begun
