"""Findings of `doctor` on the access to a domain: each check, and a fault that fails it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport import probe
from piste.engine.transport.shared import VARIABLE, Shared
from piste.runs.read import of
from piste.systems.windows import checks, sysvol
from piste.systems.windows import domain as windows
from piste.systems.windows.dhcp.checks import authorised
from piste.systems.windows.directory import Directory
from tests.support.samba import Domain

ALL = [
    *("reachable", "account", "pdc", "authentication", "delegation", "certificate", "clock", "level"),
    *("policies", "wmi_filters", "sysvol"),
]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


def findings(domain: Domain, **changes: Any) -> dict[str, dict[str, str]]:
    before = domain.usn(), domain.sysvol()
    option = {**domain.option, **changes}
    result = of("ad_checks").run({"domain": option}, True)
    assert (result["changed"], (domain.usn(), domain.sysvol()) == before) == (False, True)
    assert all(finding["todo"] for finding in result["findings"] if finding["state"] != "ok")
    assert str(option["password"]) not in str(result)
    return {finding["id"].removeprefix("ad."): finding for finding in result["findings"]}


def states(listed: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: finding["state"] for name, finding in listed.items() if finding["state"] != "ok"}


def test_a_good_access_is_conform(shared_domain: Domain) -> None:
    listed = findings(shared_domain)
    assert (list(listed), states(listed)) == (ALL, {})
    assert listed["pdc"]["what"].endswith(shared_domain.host)


def test_the_dhcp_servers_of_the_town_are_authorised(shared_domain: Domain) -> None:
    directory = Directory(windows.Domain.of(shared_domain.option))
    try:
        assert [finding.state for finding in authorised(directory, ["hdv-dc1", "hdv-dc2"])] == ["ok"]
        assert [finding.state for finding in authorised(directory, ["hdv-dc1", "autre"])] == ["wrong", "wrong"]
    finally:
        directory.close()


def test_a_refused_account_is_wrong_and_stops_there(shared_domain: Domain) -> None:
    listed = findings(shared_domain, password="n-est-pas-le-bon")
    assert (list(listed), states(listed)) == (ALL[:2], {"account": "wrong"})
    assert "mot de passe ou nom erroné" in listed["account"]["what"]


def test_an_unattested_certificate_is_wrong_and_nothing_else_is_asked(shared_domain: Domain) -> None:
    listed = findings(shared_domain, ca_file="")
    assert (list(listed), states(listed)) == (["reachable"], {"reachable": "wrong"})
    assert "certificat que rien n’atteste" in listed["reachable"]["what"]


@pytest.mark.parametrize("changes", [{"address": "127.0.0.251"}, {"controller": ""}])
def test_silence_is_unknown(shared_domain: Domain, changes: dict[str, str]) -> None:
    listed = findings(shared_domain, **changes)
    assert (list(listed), states(listed)) == (["reachable"], {"reachable": "unknown"})


def test_a_pdc_emulator_that_does_not_answer_is_unknown_and_stops_there(shared_domain: Domain, tmp_path: Path) -> None:
    known = {"controller": "dc2.invalid", "base": shared_domain.base_dn, "configuration": "", "sid": "S-1-5-21-1"}
    Shared(tmp_path, f"windows-{shared_domain.host}").put("facts", known)
    listed = findings(shared_domain)
    assert (list(listed), states(listed)) == (ALL[:3], {"pdc": "unknown"})
    assert "dc2.invalid" in listed["pdc"]["what"]


def test_a_share_that_does_not_say_what_is_absent_is_unknown(
    shared_domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case of folders in DFS: a referral that leads nowhere answers each absence."""
    monkeypatch.setattr(sysvol, "_ABSENT", frozenset())
    assert states(findings(shared_domain)) == {"sysvol": "unknown"}


def test_a_clock_that_is_late_an_old_domain_and_a_certificate_that_ends_are_wrong(
    shared_domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SKEW", -1.0)
    monkeypatch.setattr(checks, "LOWEST", 10)
    monkeypatch.setattr(probe, "DAYS_BEFORE_EXPIRY", 1_000_000)
    assert states(findings(shared_domain)) == {"clock": "wrong", "level": "wrong", "certificate": "wrong"}


def test_an_account_that_may_only_read_learns_which_rights_it_lacks(domain: Domain) -> None:
    domain.tool("group", "removemembers", "Group Policy Creator Owners", "svc-piste")
    assert states(findings(domain)) == dict.fromkeys(ALL[-3:], "wrong")


def test_an_account_that_is_never_delegated_is_said_so(domain: Domain) -> None:
    assert "pourrait être délégué" in findings(domain)["delegation"]["what"]
    domain.tool("user", "sensitive", "svc-piste", "on")
    listed = findings(domain)
    assert (states(listed), "jamais délégué (il est « sensible »)" in listed["delegation"]["what"]) == ({}, True)
    domain.tool("group", "addmembers", "Protected Users", "svc-piste")
    kerberos = {**domain.kerberos_option, "kdc": domain.address}
    listed = findings(domain, **kerberos)
    assert (states(listed), "Protected Users, il est « sensible »" in listed["delegation"]["what"]) == ({}, True)
