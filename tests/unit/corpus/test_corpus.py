"""The readers over a folder of files: read, refused, crashed, different once written again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab.winrm import nps_documents
from piste.systems.windows.gpo.registry_pol import encode, make
from tests.corpus.__main__ import main
from tests.corpus.forms import FORMS, Form
from tests.corpus.run import Line, lines

POL = encode([make("Software\\Ville", "Un", "dword", 1), make("Software\\Ville", "Deux", "multi_sz", ["a", "b"])])
TEMPLATE = "[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\nSeDebugPrivilege = *S-1-5-32-544\r\n"
AUDIT = (
    "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value\r\n"
    ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success and Failure,,3\r\n"
)
GROUPS = '<Groups clsid="{3125E937-EB16-4b4c-9934-544FC6D24D26}"><Autre clsid="{1}" name="a"/></Groups>'
ADMX = (
    '<policyDefinitions><policies><policy name="P" class="Machine" key="Software\\Ville" valueName="Un"/></policies>'
    "</policyDefinitions>"
)
ADML = "<policyDefinitionResources><stringTable><string id='P'>é</string></stringTable></policyDefinitionResources>"
JOB = (
    '<Events><Event xmlns="e"><System><Provider Name="Microsoft-Windows-PrintService"/><EventID>307</EventID></System>'
    "<UserData><DocumentPrinted>" + "".join(f"<Param{at}>{at}</Param{at}>" for at in range(1, 9)) + "</DocumentPrinted>"
    "</UserData></Event></Events>"
)
SUPPLY = 'battery.charge: 100\ndevice.model: Onduleur "12\\\'\nups.load: 12\nups.status: OL CHRG\n'
CONFIGURATION = "version 9.3(5)\nhostname coeur-1\nvlan 1,30\ninterface Ethernet1/1\n  switchport mode trunk\n"
VLANS = (
    "VLAN Name                             Status    Ports\n"
    "---- -------------------------------- --------- -------------------------------\n"
    "30   agents                           active    Eth1/1\n"
)
BUNDLES = (
    "Group Port-       Type     Protocol  Member Ports\n      Channel\n"
    "11    Po11(SU)    Eth      LACP      Eth1/11(P)   Eth1/12(D)\n"
)
PORTS = (
    "Ethernet      VLAN    Type Mode   Status  Reason                   Speed     Port\n"
    "Eth1/1        1       eth  trunk  up      none                       10G(D) 11\n"
)
VERSION = "Cisco Nexus Operating System (NX-OS) Software\nTAC support: x\n  NXOS: version 9.3(5)\n"
API = {
    "openapi": "3.0.1",
    "paths": {
        "/devices/{serial}": {
            "get": {"responses": {"200": {"content": {"application/json": {"example": {"name": "sw-1", "lat": 48.9}}}}}}
        }
    },
}
GOOD: Mapping[str, str | bytes] = {
    "{G}/DomainSysvol/GPO/Machine/registry.pol": POL,
    "{G}/DomainSysvol/GPO/Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf": b"\xff\xfe" + TEMPLATE.encode("utf-16-le"),
    "Autre/GptTmpl.inf": "sans section\r\n[Group Membership]\r\n",
    "{G}/DomainSysvol/GPO/Machine/microsoft/windows nt/Audit/audit.csv": AUDIT,
    "{G}/DomainSysvol/GPO/User/Scripts/scripts.ini": "[Logon]\r\n0CmdLine=a.cmd\r\n0Parameters=\r\n",
    "{G}/DomainSysvol/GPO/User/Preferences/Groups/Groups.xml": GROUPS,
    "{G}/bkupInfo.xml": "<BackupInst/>",
    "ville.admx": ADMX,
    "fr-FR/ville.adml": ADML,
    "nps.xml": nps_documents.fresh(),
    "dhcp.xml": "<DHCPServer><IPv4><Scopes/></IPv4></DHCPServer>",
    "imprime.xml": JOB,
    "wevtutil.xml": JOB.removeprefix("<Events>").removesuffix("</Events>") * 2,
    "powershell.xml": JOB.encode("utf-16"),
    "poste.json": json.dumps({"deviceid": "pc-1", "content": {"hardware": {"name": "pc-1"}}}),
    "poste.xml": "<REQUEST><DEVICEID>1</DEVICEID><CONTENT><HARDWARE><NAME>pc</NAME></HARDWARE></CONTENT></REQUEST>",
    "spec.json": json.dumps(API),
    "onduleur.dev": SUPPLY,
    "coeur.cfg": CONFIGURATION,
    "coeur-powershell.txt": CONFIGURATION.encode("utf-16"),
    "version.raw": VERSION,
    "vlan.raw": VLANS,
    "agregats.raw": BUNDLES,
    "interfaces.raw": PORTS,
    "comptes.raw": "user:piste\n        this user account has no expiry date\n        roles:network-operator\n",
}
"""A sound file of each form."""
DTD = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
HOSTILE: Mapping[str, str | bytes] = {
    "court.pol": POL[:-3],
    "GptTmpl.inf": b"\xff\xfe[\0\xd8",
    "audit.csv": "Policy Target\r\nSystem,de trop\r\n",
    "Preferences/Groups/Groups.xml": f'{DTD}<Groups clsid="{{1}}">&e;</Groups>',
    "manifest.xml": f"{DTD}<Backups>&e;</Backups>",
    "entite.admx": f"{DTD}<policyDefinitions>&e;</policyDefinitions>",
    "vide.adml": "",
    "nps.xml": "<Root><Children><Version>300</Version><Microsoft_Internet_Authentication_Service/></Children></Root>",
    "dhcp.xml": "<Autre><DHCPServer ",
    "imprime.xml": JOB.replace("<Param8>8", "<Param8>huit"),
    "poste.json": '{"deviceid": "x", "content": ' + "[" * 5000,
    "spec.json": '{"openapi": "3.0.1", "paths": ' + "[" * 100_000,
    "onduleur.dev": b"ups.load: 12\nups.mfr: \xe9\xe8\n",
    "coeur.cfg": "version 9.3(5)\nhostname x\nvlan 9999\n",
    "version.raw": "Cisco Nexus Operating System (NX-OS) Software\n",
    "vlan.raw": "VLAN Name Status Ports\n",
    "interfaces.raw": PORTS.replace("up ", "ivre"),
}
"""A file of each form that no reader may take, and none may crash on."""


def written(folder: Path, files: Mapping[str, str | bytes]) -> list[Line]:
    for place, content in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [*lines(folder)]


def test_a_sound_file_of_each_form_is_read_and_written_again(tmp_path: Path) -> None:
    read = written(tmp_path, GOOD)
    assert [str(line) for line in read if line.outcome != "read"] == []
    assert {line.place for line in read} == GOOD.keys()
    assert {line.form for line in read} == {form.name for form in FORMS}


def test_a_hostile_file_of_each_form_is_refused(tmp_path: Path) -> None:
    read = written(tmp_path, HOSTILE)
    assert [str(line) for line in read if line.outcome != "refused" or not line.why] == []
    assert {line.place for line in read} == HOSTILE.keys()


def test_a_reader_that_crashes_and_what_differs_once_written_are_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(path: Path, raw: bytes) -> int:
        return int(raw)

    forms = (
        Form("nombre", lambda place, raw: place.suffix == ".txt", crash, lambda read: ["signe"] if read < 0 else []),
        Form("fichier", lambda place, raw: place.suffix == ".md", lambda path, raw: raw),
    )
    for name, content in {"a.txt": "1", "b.txt": "x", "c.txt": "-1", "d.md": "", "e.bin": ""}.items():
        (tmp_path / name).write_text(content)
    assert [line.outcome for line in lines(tmp_path, forms)] == ["read", "crashed", "differs", "read"]
    monkeypatch.setattr("sys.argv", ["corpus", str(tmp_path)])
    assert (main(), capsys.readouterr().err) == (2, "Aucun fichier d’une forme connue.\n")
    monkeypatch.setattr("tests.corpus.__main__.lines", lambda folder: lines(folder, forms))
    assert main() == 1
    assert capsys.readouterr().out.splitlines()[1].startswith("PLANTÉ   nombre · b.txt : ValueError : invalid literal")
