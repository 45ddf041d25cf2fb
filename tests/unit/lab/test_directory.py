"""The directory of the lab: a real domain controller that keeps or forgets its state."""

from __future__ import annotations

import contextlib
import json
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import ldap3
import pytest
import trustme
from ldap3.core.exceptions import LDAPInsufficientAccessRightsResult, LDAPNoSuchObjectResult, LDAPSocketOpenError

from lab import Lab
from lab.ad import LE_BOURGET, Controller, Forest, obstacle
from lab.ad import image as images
from lab.ad.image import PISTE
from tests.support.meraki_client import small_inventory
from tests.support.samba import OTHER, Domain


def units(controller: Controller) -> list[str]:
    return controller.tool("ou", "list").split("\n")[:-1]


def test_images_of_two_towns_do_not_take_each_others_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    keys = iter(("real", "frozen", "real", "small", "other", "another", "real"))

    def make(forest: Forest, file: Path) -> dict[str, str]:
        made.append(file.name)
        file.write_bytes(b"")
        return {}

    monkeypatch.setattr(images, "REPOSITORY", tmp_path)
    monkeypatch.setattr(images, "SEEDS", {"empty": make})
    monkeypatch.setattr(images, "_key", lambda forest: next(keys))
    files = [images.image(LE_BOURGET).file for _ in range(7)]
    real, frozen, _, *others, _ = (file.name for file in files)
    assert made == [real, frozen, *others]
    assert {path.name for path in files[0].parent.glob("*.tar.zst")} == {real, *others}


def test_a_legacy_is_made_again_with_the_new_domain_that_it_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(forest: Forest, file: Path) -> dict[str, str]:
        made.append(file.name.split("-")[1])
        file.write_bytes(b"")
        return {"svc-piste": str(made.count("empty"))}

    def fill(forest: Forest, file: Path) -> dict[str, str]:
        make(forest, file)
        return images.image(forest).passwords

    monkeypatch.setattr(images, "REPOSITORY", tmp_path)
    monkeypatch.setattr(images, "SEEDS", {"empty": make, "brownfield": fill})
    monkeypatch.setattr(images, "_key", lambda forest: "town")
    images.image(LE_BOURGET, "brownfield")
    images.image(LE_BOURGET, "brownfield")
    images.image(LE_BOURGET).file.unlink()
    assert images.image(LE_BOURGET, "brownfield").passwords == {"svc-piste": "2"}
    assert made == ["brownfield", "empty", "empty", "brownfield"]


def refuses_a_capture(controller: Controller) -> None:
    """Find that a domain that does not take a capture says why in its log, and stays as it was."""
    folder = controller.folder
    controller.stop()
    before = (folder / "state.tar.zst").read_bytes()
    with pytest.raises(RuntimeError) as said:
        controller.become({"base": "DC=ville,DC=fr"})
    assert "Traceback" not in str(said.value)
    assert str(folder / "image.log") in str(said.value)
    assert "KeyError" in (folder / "image.log").read_text("utf-8")
    assert (folder / "state.tar.zst").read_bytes() == before


@pytest.mark.story
def test_the_state_is_kept_when_it_stops(tmp_path: Path) -> None:
    authority = trustme.CA()
    with Controller(tmp_path, authority) as controller:
        controller.tool("ou", "create", "OU=Ville")
    with Controller(tmp_path, authority) as controller:
        assert "OU=Ville" in units(controller)


def test_the_state_is_kept_when_the_lab_is_killed_and_forgotten_when_it_is_restored(tmp_path: Path) -> None:
    """The controller sees only the end of its standard input, as when the lab stops."""
    started = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"
    before = (tmp_path / "state.tar.zst").stat().st_mtime_ns
    started.kill()
    started.communicate()
    deadline = time.monotonic() + 10
    while (tmp_path / "state.tar.zst").stat().st_mtime_ns == before and time.monotonic() < deadline:
        time.sleep(0.02)
    with Controller(tmp_path, trustme.CA()) as controller:
        assert "OU=Ville" in units(controller)
        assert (controller.policies / "vu.txt").read_text(encoding="utf-8") == "vu"
        address = controller.address
        controller.restore()
        assert units(controller) == ["OU=Domain Controllers"]
        assert controller.address == address
        refuses_a_capture(controller)


STARTER = """
import sys, time, trustme
from pathlib import Path
from lab.ad import Controller
with Controller(Path(sys.argv[1]), trustme.CA()) as controller:
    controller.tool("ou", "create", "OU=Ville")
    (controller.policies / "vu.txt").write_text("vu", encoding="utf-8")
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.mark.story
def test_two_domains_of_two_names_run_at_once(domain: Domain, other_domain: Domain) -> None:
    assert domain.address != other_domain.address
    assert (domain.base_dn, other_domain.base_dn) == (LE_BOURGET.base_dn, OTHER.base_dn)
    domain.tool("ou", "create", "OU=Ville")
    assert "OU=Ville" not in units(other_domain.controller)


def test_its_certificate_is_for_its_name_and_signed_by_the_authority(domain: Domain) -> None:
    with domain.ldap(PISTE) as connection:
        assert connection.extend.standard.who_am_i() == f"u:{domain.forest.netbios}\\{PISTE}"


@pytest.mark.story
def test_a_controller_of_another_authority_is_refused(domain: Domain) -> None:
    with Controller(Path(domain.ca_file).parent.parent / "sans-autorité", trustme.CA()) as stranger:
        (stranger.folder / "ca.pem").write_bytes(Path(domain.ca_file).read_bytes())
        with pytest.raises(LDAPSocketOpenError):
            stranger.ldap()


def test_samba_finds_its_own_acls_right(domain: Domain) -> None:
    assert domain.tool("gpo", "aclcheck") == ""


def test_the_account_of_piste_may_do_its_work_and_no_more(domain: Domain) -> None:
    base, policies = domain.base_dn, f"CN=Policies,CN=System,{domain.base_dn}"
    with domain.ldap(PISTE) as connection:
        connection.add(f"OU=Ville,{base}", "organizationalUnit")
        connection.add(f"CN=Agents,OU=Ville,{base}", "group", {"sAMAccountName": "Agents"})
        member = domain.forest.account_dn("agent.test")
        connection.modify(f"CN=Agents,OU=Ville,{base}", {"member": [(ldap3.MODIFY_ADD, [member])]})
        connection.modify(f"OU=Ville,{base}", {"gPOptions": [(ldap3.MODIFY_REPLACE, [1])]})
        connection.add(f"CN={{1}},{policies}", ["groupPolicyContainer"], {"displayName": "Essai"})
        connection.delete(f"CN={{1}},{policies}")
        connection.add(f"CN={{2}},CN=SOM,CN=WMIPolicy,CN=System,{base}", ["msWMI-Som"], SOM)
        connection.delete(f"CN=Agents,OU=Ville,{base}")
        connection.delete(f"OU=Ville,{base}")
        with pytest.raises(LDAPInsufficientAccessRightsResult):
            connection.add(f"CN=intrus,CN=Users,{base}", "user", {"sAMAccountName": "intrus"})
        with pytest.raises(LDAPInsufficientAccessRightsResult):
            connection.modify(f"CN=Domain Admins,CN=Users,{base}", {"member": [(ldap3.MODIFY_ADD, [domain.bind_dn])]})


SOM = {"msWMI-ID": "{2}", "msWMI-Name": "Essai", "msWMI-Parm1": " ", "msWMI-Parm2": "1;3;10;1;WQL;root\\CIMv2;x;"}


def test_no_command_line_has_a_password(domain: Domain) -> None:
    secrets = [password.encode() for password in domain.controller.passwords.values()]
    commands = b"".join(file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if file.exists())
    assert [secret for secret in secrets if secret in commands] == []


@pytest.mark.story
def test_contractors_leave_the_disorder_that_is_announced(domain: Domain) -> None:
    domain.restore("brownfield")
    with domain.ldap() as connection:
        connection.search(f"CN=Policies,CN=System,{domain.base_dn}", POLICY, attributes=["cn", "displayName"])
        names = {str(entry.cn): str(entry.displayName) for entry in connection.entries}
    folders = {folder.name for folder in domain.policies.iterdir()}
    doubled = [name for name in set(names.values()) if list(names.values()).count(name) > 1]
    assert doubled == ["Proxy"]
    assert [names[guid] for guid in names.keys() - folders] == ["Moitié faite"]
    assert len(folders - names.keys()) == 1
    # samba-tool stops at the first fault, in an order of its own: without the half-made GPO it finds the access list.
    (half_made,) = names.keys() - folders
    with domain.ldap() as connection:
        for child in (f"CN=Machine,CN={half_made}", f"CN=User,CN={half_made}", f"CN={half_made}"):
            with contextlib.suppress(LDAPNoSuchObjectResult):
                connection.delete(f"{child},CN=Policies,CN=System,{domain.base_dn}")
    with pytest.raises(RuntimeError, match="Invalid GPO ACL"):
        domain.tool("gpo", "aclcheck")
    with pytest.raises(RuntimeError, match="NO_SUCH_OBJECT"):
        domain.tool("gpo", "getlink", f"OU=ECOLES,{domain.base_dn}")


POLICY = "(objectClass=groupPolicyContainer)"


def test_the_lab_describes_its_directory_beside_the_other_systems(tmp_path: Path) -> None:
    with Lab(folder=tmp_path, directory=True, inventory=small_inventory()) as lab:
        described = json.loads((tmp_path / "info.json").read_text(encoding="utf-8"))
        signed_in = {"bind_dn", "password", "restorer_dn", "restorer_password"}
        assert described["ad"].keys() == {"host", "address", "realm", "base_dn", "dns_port", *signed_in}
        assert described["ad"]["base_dn"] == LE_BOURGET.base_dn
        with connect(described) as connection:
            connection.add(f"OU=Ville,{LE_BOURGET.base_dn}", "organizationalUnit")
        # A seed that was made since the start has other passwords, which clients must read.
        (tmp_path / "info.json").write_text("{}", "utf-8")
        lab.reset("brownfield")
        described = json.loads((tmp_path / "info.json").read_text(encoding="utf-8"))
        assert described["ad"] == lab.directory.info  # type: ignore[union-attr]
        with connect(described) as connection:
            connection.search(LE_BOURGET.base_dn, "(objectClass=organizationalUnit)", attributes=["ou"])
            names = {str(entry.ou) for entry in connection.entries}
        assert "Mairie" in names
        assert "Ville" not in names


def connect(described: dict[str, Any]) -> ldap3.Connection:
    directory = described["ad"]
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=described["ca_file"], valid_names=[directory["host"]])
    server = ldap3.Server(directory["address"], 636, use_ssl=True, tls=tls)
    return ldap3.Connection(server, directory["bind_dn"], directory["password"], auto_bind=True)


def test_the_lab_does_without_a_directory_that_cannot_run_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.ad.host.COMMANDS", ("samba-absent",))
    obstacle.cache_clear()
    try:
        with Lab(directory=True, inventory=small_inventory()) as lab:
            assert "ad" not in lab.info
            assert lab.info["absent"]["ad"].startswith(
                "L’annuaire du laboratoire ne peut pas démarrer : il manque à cette machine samba-absent. Installez : "
                "sudo apt-get install --no-install-recommends acl attr "
            )
            assert lab.info["meraki"]["url"].startswith("http://127.0.0.1:")
            lab.reset("brownfield")
    finally:
        obstacle.cache_clear()
