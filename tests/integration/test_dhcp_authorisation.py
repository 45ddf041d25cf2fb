"""The authorisation of DHCP servers on a real controller: judged, written by its step alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ldap3 import SUBTREE

from lab.ad.image import ADMINISTRATOR
from piste.engine.converge.errors import Guarded, InvalidConfig, PisteError
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.directory import MODULES, DirectoryDomain
from piste.runs.domains.domain import Task
from piste.systems.windows import domain as windows
from piste.systems.windows.ad_dhcp_servers import undeclared
from piste.systems.windows.directory import Directory
from tests.support.playbooks import console, only
from tests.support.samba import Domain

ZONE = "ad.lebourget.example"
OURS = [f"hdv-dc1.{ZONE}", f"hdv-dc2.{ZONE}"]
NEW = {"name": f"HDV-DHCP3.{ZONE}.", "address": "10.93.2.13"}
DEFAULTS: dict[str, Any] = {"state": "merged", "absent": [], "confirm": [], "max_removals": 5, "secrets": {}}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    monkeypatch.setenv(VARIABLE, str(tmp_path))


def administrator(domain: Domain) -> dict[str, str]:
    return {"username": f"{ADMINISTRATOR}@{ZONE}", "password": domain.controller.passwords[ADMINISTRATOR]}


def task(domain: Domain, *config: Any, check: bool = False, plain: bool = False, **options: Any) -> dict[str, Any]:
    """Run the module as an administrator, or as the account of every day (`plain`)."""
    account = {} if plain else administrator(domain)
    given = {"domain": {**domain.option, **account}, "owner": "commune", "config": list(config)}
    return MODULES["ad_dhcp_servers"].run({**DEFAULTS, **given, **options}, check)


def live(domain: Domain) -> dict[str, list[str]]:
    with domain.ldap() as connection:
        place = f"CN=NetServices,CN=Services,CN=Configuration,{domain.base_dn}"
        connection.search(place, "(objectClass=dHCPClass)", SUBTREE, attributes=["cn", "dhcpServers"])
        return {str(entry["cn"]): list(entry["dhcpServers"].values) for entry in connection.entries}


def strange(domain: Domain, names: list[str]) -> list[tuple[str, str]]:
    directory = Directory(windows.Domain.of(domain.option))
    try:
        return [(orphan["key"], orphan.get("said", "")) for orphan in undeclared(directory, names)]
    finally:
        directory.close()


def test_an_authorisation_is_made_changed_and_ended_on_its_word(domain: Domain) -> None:
    before = live(domain)
    planned = task(domain, NEW, check=True)
    assert live(domain) == before
    done = task(domain, NEW)
    assert done["operations"] == planned["operations"]
    name = f"hdv-dhcp3.{ZONE}"
    assert live(domain)[name] == [f"i10.93.2.13$rcn={name}$f0x00000000$s{name}$"]
    assert task(domain, NEW)["changed"] is False
    task(domain, {**NEW, "address": "10.93.2.14"})
    assert live(domain)[name] == [f"i10.93.2.14$rcn={name}$f0x00000000$s{name}$"]
    assert strange(domain, OURS) == [(name, "")]
    with pytest.raises(Guarded, match="authorisation"):
        task(domain, absent=[name])
    task(domain, absent=[name], confirm=["authorisation"])
    assert live(domain) == before


def test_a_value_of_another_entry_is_taken_away_and_the_entry_stays(domain: Domain) -> None:
    place = f"CN=DhcpRoot,CN=NetServices,CN=Services,CN=Configuration,{domain.base_dn}"
    values = [f"i10.0.0.{rank}$rcn={name}$f0x00000000$s{name}$" for rank, name in enumerate((f"a.{ZONE}", f"b.{ZONE}"))]
    plain = {"dhcpUniqueKey": "0", "dhcpType": "0", "dhcpFlags": "0", "dhcpIdentification": "root"}
    directory = Directory(windows.Domain.of({**domain.option, **administrator(domain)}))
    try:
        content: dict[str, list[str]] = {key: [text] for key, text in plain.items()}
        directory.add(place, ["top", "dHCPClass"], {**content, "dhcpServers": values})
    finally:
        directory.close()
    assert strange(domain, OURS) == [(f"a.{ZONE}", ""), (f"b.{ZONE}", "")]
    task(domain, absent=[f"a.{ZONE}"], confirm=["authorisation"])
    assert live(domain)["DhcpRoot"] == values[1:]
    task(domain, absent=[f"b.{ZONE}"], confirm=["authorisation"])
    assert live(domain)["DhcpRoot"] == []


def test_the_account_of_every_day_is_refused_and_a_bad_name_before(domain: Domain) -> None:
    before = domain.usn()
    with pytest.raises(PisteError, match="droits insuffisants"):
        task(domain, NEW, plain=True)
    with pytest.raises(InvalidConfig):
        task(domain, {"name": "deux mots", "address": "10.93.2"})
    with pytest.raises(Guarded, match="impossible"):
        task(domain, {"name": f"sans-adresse.{ZONE}"})
    assert domain.usn() == before


def test_the_step_alone_ends_what_the_declaration_retires() -> None:
    for step, expected in (("authorisation", {"dhcp_servers": ["vieux.example"]}), ("", {})):
        asked = Task(params={"step": step}, intent={"retired_dhcp_servers": ["vieux.example"]})
        DirectoryDomain().prepare(asked)
        assert asked.absent == expected


def test_the_step_authorises_what_is_declared_and_the_drift_names_the_rest(tmp_path: Path) -> None:
    with console(tmp_path, directory=True) as terminal:
        terminal.environment |= only("directory")
        assert terminal.lab.directory is not None, terminal.lab.info["absent"]
        domain = Domain(terminal.lab.directory)
        task(domain, absent=[OURS[1]], confirm=["authorisation"])
        task(domain, NEW)
        drift = terminal.play("playbooks/drift.yml", "--check", "--tags", "directory", "-l", "commune")
        said = drift.said.replace("\n ", " ")
        assert f"ad_dhcp_server {OURS[1]} : déclaré, et l’annuaire ne l’autorise pas" in said
        assert f"ad_dhcp_server hdv-dhcp3.{ZONE} : personne ne le déclare" in said
        account = tmp_path / "administrateur.json"
        account.write_text(json.dumps({"piste_ad_enterprise": administrator(domain)}))
        step = ("playbooks/authorise_dhcp.yml", "-e", f"@{account}")
        planned = terminal.play(*step, "--check", "--diff")
        assert f"ad_dhcp_server {OURS[1]} (création)" in planned.said
        assert OURS[1] not in live(domain)
        done = terminal.play(*step)
        assert (done.code, done.recap("commune")["changed"]) == (0, 1), done.said
        assert {*OURS, f"hdv-dhcp3.{ZONE}"} <= live(domain).keys()
        assert terminal.play(*step).recap("commune")["changed"] == 0
