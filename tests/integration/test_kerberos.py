"""Kerberos with a real KDC, in a domain without NTLM: by password and by key file alone."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ldap3.protocol.sasl import kerberos as sasl

from lab import Lab
from lab.winrm import WinrmSimulator
from piste.engine.converge.errors import Misused, PisteError, Unreachable
from piste.engine.transport.shared import VARIABLE
from piste.runs.read import of
from piste.systems.windows import checks
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import Domain as Where
from piste.systems.windows.refusals import RefusedAccount
from piste.systems.windows.sysvol import Sysvol
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import Access
from tests.integration.test_sysvol import use
from tests.support import samba_tool
from tests.support.samba import OTHER, Domain, running_domain

HOST = "hdv-nps1"
WITH_AES = f"""dn: {OTHER.account_dn("windows.test")}
changetype: modify
replace: msDS-SupportedEncryptionTypes
msDS-SupportedEncryptionTypes: 24
"""
"""Attributes that a Windows computer writes of itself when it joins."""
LOCAL = ("-H", "/run/dc/private/sam.ldb", "--configfile=/run/dc/etc/smb.conf")


@pytest.fixture(scope="module")
def hardened() -> Iterator[Domain]:
    """Domain without NTLM, with Piste's account in Protected Users; its SYSVOL is no DFS root."""
    with running_domain(OTHER, {"ntlm auth": "disabled", "host msdfs": "no"}) as domain:
        tool(domain, "group", "addmembers", "Protected Users", "svc-piste")
        tool(domain, "user", "create", "windows.test", "--random-password")
        tool(domain, "spn", "add", f"HTTP/{HOST}.{OTHER.domain}", "windows.test")
        done = domain.run("ldbmodify", *LOCAL, given=WITH_AES)
        assert done.returncode == 0, done.stderr
        yield domain


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a separate run; the machine has no tickets to read."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/of-the-machine")


def tool(domain: Domain, *arguments: str) -> None:
    samba_tool.run(domain.controller, *arguments, *LOCAL)


def keys(domain: Domain, folder: Path, principal: str) -> str:
    """Export the key file of an account, as an administrator delivers it."""
    place = f"{principal.replace('/', '-')}.keytab"
    tool(domain, "domain", "exportkeytab", f"/run/dc/{place}", f"--principal={principal}")
    inside = domain.policies.parents[3] / place
    (folder / place).touch(mode=0o600)
    (folder / place).write_bytes(inside.read_bytes())
    inside.unlink()
    return str(folder / place)


@pytest.fixture(params=["password", "keytab"])
def option(request: pytest.FixtureRequest, hardened: Domain, tmp_path: Path) -> dict[str, Any]:
    """Return the option `domain` for an account that proves itself in either way."""
    if request.param == "password":
        return hardened.kerberos_option
    return {**hardened.kerberos_option, "password": "", "keytab": keys(hardened, tmp_path, "svc-piste")}


def doctor(option: dict[str, Any]) -> dict[str, tuple[str, str]]:
    result = of("ad_checks").run({"domain": option}, True)
    return {finding["id"].removeprefix("ad."): (finding["state"], finding["what"]) for finding in result["findings"]}


def test_directory_and_sysvol_are_used_by_ticket_alone(option: dict[str, Any], tmp_path: Path) -> None:
    findings = doctor(option)
    assert {name for name, (state, _) in findings.items() if state != "ok"} == set()
    assert findings["authentication"][1] == "LDAP : Kerberos, lié au canal TLS ; SMB : Kerberos"
    sysvol = Sysvol(Directory(Where.of(option), tmp_path))
    use(sysvol)
    sysvol.close()
    assert not (tmp_path / "of-the-machine").exists()
    written = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".keytab"]
    assert all(option["password"].encode() not in file.read_bytes() for file in written if option["password"])
    assert all(file.stat().st_mode & 0o077 == 0 for file in written if file.suffix == ".conf")


@pytest.mark.parametrize(("who", "why"), [("svc-piste", "Protected Users"), ("agent.test", "NTLM est refusé")])
def test_nothing_goes_by_ntlm_where_it_is_refused(hardened: Domain, who: str, why: str) -> None:
    account = {"username": OTHER.account_dn(who), "password": hardened.controller.passwords[who]}
    state, what = doctor({**hardened.option, **account})["account"]
    assert (state, why in what, "authentication: kerberos" in what) == ("wrong", True, True)


def test_doctor_knows_a_member_of_protected_users(hardened: Domain, tmp_path: Path) -> None:
    """The directory tells the groups of the account that signed in, directly or through others."""
    directory = Directory(Where.of(hardened.kerberos_option), tmp_path)
    assert directory.sid
    directory.domain = replace(directory.domain, kerberos=None)
    assert checks._proof(directory).state == "wrong"
    directory.close()


def test_a_ticket_that_is_bound_to_no_channel_is_refused(hardened: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sasl, "get_channel_bindings", lambda socket: None)
    assert doctor(hardened.kerberos_option)["account"][0] == "wrong"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"password": "n-est-pas-le-bon"}, RefusedAccount, "mot de passe ou clé erronés"),
        ({"username": f"personne@{OTHER.domain}"}, RefusedAccount, "ce compte n’existe pas"),
        ({"kdc": "127.0.0.251"}, Unreachable, "aucun centre de distribution de clés ne répond"),
        ({"keytab": "/nulle/part"}, Misused, "le fichier de clés n’est pas celui de « svc-piste@"),
        ({"username": OTHER.account_dn("svc-piste")}, Misused, "nom@domaine"),
        ({"kdc": "127.0.0.1\n[libdefaults]"}, Misused, "nom@domaine"),
        ({"authentication": "ntlm", "keytab": "/nulle/part"}, Misused, "authentication: kerberos"),
    ],
)
def test_what_gives_no_ticket_is_said(
    hardened: Domain, changes: dict[str, str], error: type[PisteError], words: str
) -> None:
    with pytest.raises(error, match=words) as met:
        _ = Directory(Where.of({**hardened.kerberos_option, **changes})).base
    assert hardened.password not in str(met.value)


def test_a_controller_of_another_name_than_its_service_is_said(hardened: Domain) -> None:
    """A ticket is for a name: an address, or an alias without a service, has none."""
    kerberos = Where.of(hardened.kerberos_option).kerberos
    assert kerberos is not None
    access = Access("svc-piste", "", urls={HOST: "https://127.0.0.1:1/wsman"}, kerberos=kerberos)
    assert access.full(HOST) == f"{HOST}.{OTHER.domain}"


@pytest.fixture
def server(hardened: Domain, tmp_path: Path) -> Iterator[tuple[Access, WinrmSimulator]]:
    """Windows server that takes tickets alone, bound to its TLS channel."""
    with Lab(tls=True, inventory=[], others=("winrm",)) as lab:
        simulator, info = lab.systems["winrm"].simulator, lab.info["winrm"]
        simulator.behaviour.set(ntlm=False, basic=False)
        url = urlsplit(info["hosts"][HOST])
        certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((str(url.hostname), url.port or 0)))
        simulator.authentication.binding = b"tls-server-end-point:" + hashlib.sha256(certificate).digest()
        simulator.authentication.keytab = Path(keys(hardened, tmp_path, f"HTTP/{HOST}.{OTHER.domain}"))
        option = {**hardened.kerberos_option, "urls": info["hosts"], "kdc": hardened.address}
        yield Access.of({**option, "ca_file": lab.info["ca_file"]}), simulator


def test_a_windows_server_is_used_by_ticket_alone(server: tuple[Access, WinrmSimulator]) -> None:
    access, simulator = server
    with Session(access, HOST) as session:
        assert session.run("host", services=["IAS"], commands=[])["services"] == [
            {"name": "IAS", "running": True, "sid_type": 1}
        ]
        session.run("nps_export")
    unnamed = "ne connaît pas le service sous ce nom"
    with pytest.raises(Unreachable, match=unnamed), Session(access, "hdv-imp1") as session:
        session.run("nps_export")
    simulator.authentication.binding += b"x"
    with pytest.raises(RefusedAccount), Session(access, HOST) as session:
        session.run("nps_export")
