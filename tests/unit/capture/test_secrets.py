"""Secrets and persons in every place of every system: a capture keeps none, whole or killed."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport.contents import content_of, written
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.systems.windows.dns import record
from piste.systems.windows.gpo.registry_pol import Entry, encode
from piste.systems.windows.winrm import pack

PERSON = "Zoe Durand"
HEX = PERSON.encode("utf-16-le").hex()
SPARED = "Cle-que-le-coffre-connait-"
"""The start of the secrets that the vault has: they look like no secret."""


class Planter:
    """Draws secrets: those of a vault, those of a field, those that people write in a text."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def known(self) -> str:
        self.made.append(f"{SPARED}{len(self.made):02}")
        return self.made[-1]

    def field(self) -> str:
        self.made.append(f"ardoise-{len(self.made):02}-champ")
        return self.made[-1]

    def said(self) -> str:
        self.made.append(f"Soleil{len(self.made):02}!levant")
        return f"voir {PERSON}, mot de passe : {self.made[-1]}"

    def drawn(self) -> str:
        rank = len(self.made)
        raw = bytes((rank * 37 + 101 * at) % 251 for at in range(24))
        self.made.append(base64.b64encode(raw).decode().replace("/", "Z"))
        return self.made[-1]


def planted() -> tuple[list[tuple[Question, Any]], list[str]]:
    """Make answers with a secret in each place where a hand could put it."""
    p, asked = Planter(), []

    def hear(system: str, method: str, path: str, content: Any, body: Any = None, query: Any = ()) -> None:
        asked.append((Question(system, method, path, tuple(query), body), content))

    def called(method: str, result: Any) -> None:
        body = {"method": method, "params": {}, "id": 1}
        hear("zabbix", "POST", "/api_jsonrpc.php", {"id": 1, "result": result}, body)

    # Meraki.
    network = {"id": "N_1", "name": p.known(), "notes": p.said(), "tags": [p.drawn()], "enrollmentString": p.field()}
    hear("meraki", "GET", "/networks/N_1", network)
    ssid = {"number": 0, "name": PERSON, "psk": p.field(), "radiusServers": [{"secret": p.field()}]}
    ssid |= {"ldap": {"credentials": {"distinguishedName": f"cn={PERSON}", "password": p.field()}}}
    ssid |= {"splashUrl": p.drawn(), "availabilityTags": [PERSON]}
    hear("meraki", "GET", "/networks/N_1/wireless/ssids", [ssid])
    hear("meraki", "GET", "/organizations/1/configurationChanges", [{"label": PERSON, "newValue": p.field()}])
    users = [{"username": PERSON, "passphrase": p.field()}]
    hear("meraki", "GET", "/networks/N_1/snmp", {"access": "users", "users": users, "communityString": p.field()})
    # The SMC.
    for kind in ("ldap_server", "radius_server", "active_directory_server"):
        named = {"name": kind, "comment": p.said(), "bind_password": p.field(), "shared_secret": p.field()}
        hear("smc", "GET", f"/7.4/elements/{kind}/1", named)
    hear("smc", "GET", "/7.4/elements/host/1", {"name": p.drawn(), "comment": p.known(), "address": "192.0.2.9"})
    listed = {"name": "liste", "parameter_values": ["durand.example"], "comment": p.said()}
    hear("smc", "GET", "/7.4/elements/url_list_application/1", listed)
    hear("smc", "GET", "/7.4/elements/ntp/1", {"name": "ntp", "ntp_auth_key": p.field()})
    # Prism Central.
    script = base64.b64encode(f"#cloud-config\npassword: {p.known()}\nusers: [{PERSON}]\n".encode()).decode()
    custom = {"config": {"$objectType": "vmm.v4.ahv.config.CloudInit", "cloudInitScript": {"value": script}}}
    hear("prism", "GET", "/api/vmm/v4.0/ahv/config/vms/1", {"data": {
        "name": PERSON, "description": p.said(), "guestCustomization": custom, "motDePasse": p.field()}})  # fmt: skip
    category = {"key": p.drawn(), "value": p.known(), "description": p.said()}
    hear("prism", "GET", "/api/prism/v4.0/config/categories", {"data": [category]})
    image = {"name": p.known(), "source": {"url": f"https://a:{p.known()}@x/y"}}
    hear("prism", "GET", "/api/vmm/v4.0/content/images", {"data": [image]})
    # GLPI.
    computer = {"id": 1, "name": PERSON, "comment": p.said(), "contact": PERSON, "otherserial": p.drawn()}
    hear("glpi", "GET", "/api.php/v2.3/Assets/Computer", [{**computer, "note": p.known()}])
    ticket = {"id": 1, "name": p.said(), "content": f"<p>{p.said()}</p>"}
    hear("glpi", "GET", "/api.php/v2.3/Assistance/Ticket", [ticket])
    hear("glpi", "GET", "/api.php/v2.3/Management/Contract", [{"id": 1, "comment": p.drawn(), "num": p.known()}])
    account = {"id": 2, "username": "zoe.durand", "realname": "Durand", "firstname": "Zoe", "api_token": p.field()}
    hear("glpi", "GET", "/api.php/v2.3/Administration/User", [account])
    # Zabbix.
    macro = {"macro": "{$CLEF}", "value": p.field(), "description": p.said()}
    details = {"version": "2", "community": p.known(), "securityname": PERSON, "authpassphrase": p.field()}
    host = {"hostid": "1", "host": PERSON, "description": p.said(), "macros": [macro]}
    called("host.get", [{**host, "interfaces": [{"details": details}]}])
    medium = {"mediatypeid": "1", "name": "mail", "passwd": p.field(), "username": PERSON}
    called("mediatype.get", [{**medium, "parameters": [{"name": "jeton", "value": p.field()}]}])
    called("item.get", [{"itemid": "1", "key_": "web.page.get", "lastvalue": p.said(), "preprocessing": [
        {"type": "21", "params": f"var jeton = '{p.known()}';"}]},
        {"itemid": "2", "key_": f"system.run[mysql -u {PERSON} --mot={p.known()}]"}])  # fmt: skip
    called("token.get", [{"tokenid": "1", "userid": "1", "name": PERSON, "token": p.field()}])
    groups = [{"usrgrpid": "1", "name": PERSON, "mfa_status": "1"}]
    called("user.get", [{"userid": "1", "username": PERSON, "passwd": p.field(), "usrgrps": groups}])
    called("maintenance.get", [{"maintenanceid": "1", "tags": [PERSON]}])
    called("configuration.export", f"zabbix_export: {{macros: [{{value: {p.known()}}}]}}")
    # Veeam.
    job = {"name": p.known(), "description": p.said(), "lastResult": "Success"}
    hear("veeam", "GET", "/api/v1/jobs/states", {"data": [job]})
    hear("veeam", "GET", "/api/v1/backupInfrastructure/repositories", {"data": [{
        "name": PERSON, "description": p.said(), "credentials": {"password": p.field()}}]})  # fmt: skip
    # Microsoft 365.
    filtered = {"mode": "exclude", "rule": p.said()}
    devices = {"deviceFilter": filtered, "neuf": p.field()}
    policy = {"id": "1", "displayName": p.said(), "conditions": {"devices": devices}}
    hear("microsoft", "GET", "/v1.0/identity/conditionalAccess/policies", {"value": [policy]})
    user = {"id": "u", "userPrincipalName": "zoe.durand@ville.example", "displayName": PERSON, "motDePasse": p.field()}
    hear("microsoft", "GET", "/v1.0/users", {"value": [user], "@odata.nextLink": f"https://x/users?$skiptoken={p.drawn()}"})
    holder = {"id": "1", "principal": {"@odata.type": "#microsoft.graph.group", "displayName": PERSON, "mail": PERSON}}
    hear("microsoft", "GET", "/v1.0/roleManagement/directory/roleAssignments", {"value": [holder]})
    hear("microsoft", "GET", "/v1.0/auditLogs/signIns", {"error": {"code": "Refused", "message": p.said()}})
    machine = {"id": "1", "computerDnsName": "pc-durand.ville.example", "machineTags": [p.said()]}
    hear("microsoft", "GET", "/api/machines", {"value": [machine]}, query=(("$skiptoken", p.drawn()),))
    # The directory and SYSVOL.
    txt = written(record.write(record.TXT, p.said(), 3600, 1), binary=True)
    unit, node = f"OU={PERSON},DC=ville,DC=test", f"DC={PERSON},DC=ville.test,CN=MicrosoftDNS,DC=ville,DC=test"
    attributes = {"description": [p.said()], "info": [p.known()], "motDePasse": [p.field()]}
    attributes |= {"userPassword": [p.field()], "displayName": [p.drawn()]}
    schema = "CN=Person,CN=Schema,CN=Configuration,DC=durand,DC=example"
    attributes |= {"objectCategory": [schema, f"CN={PERSON},CN=Schema,DC=ville,DC=test"]}
    attributes |= {"cn": [f"{{6ac1786c-016f-11d2-945f-00c04fb984f9}}@{PERSON}"], "sAMAccountName": [f"S-1-{PERSON}"]}
    entries = [{"dn": unit, "attributes": attributes}, {"dn": node, "attributes": {"dnsRecord": [txt]}}]
    hear("ad", "SEARCH", "/dc1", entries, query=(("base", unit), ("filter", f"(cn={p.known()})")))
    values = [Entry("Software\\Policies\\SNMP", "DefaultPassword", 1, f"{p.field()}\0".encode("utf-16-le")),
              Entry("Software\\Policies\\Ville", "Message", 1, f"{p.known()}\0".encode("utf-16-le")),
              Entry("Software\\Policies\\Ville", "Octets", 3, p.field().encode("utf-16-le"))]  # fmt: skip
    files = {
        "pol": encode(values),
        "csv": f"login,nom,prénom,téléphone,code\r\nzdurand,Durand,Zoe,0612345678,{p.known()}\r\n".encode(),
        "cmt": p.said().encode("utf-16-le"),
        "ps1": f"# {PERSON}\n$motdepasse = '{p.known()}'\nnet use x: /user:a {p.known()}\n".encode("utf-8-sig"),
        "ini": f"[Startup]\r\n0CmdLine=essai.cmd\r\n0Parameters=/p:{p.known()} {p.drawn()}\r\n".encode(),
        "inf": f'[Registry Values]\r\nMACHINE\\X\\DefaultPassword=1,"{p.field()}"\r\nA = {PERSON}\r\n'.encode("utf-16"),
        "xml": f'<Groups><User name="{PERSON}"><Properties cpassword="{p.field()}" description="{p.said()}"/></User>'
               f'<Task><Properties runAs="{PERSON}" args="{p.known()}" neuf="{p.field()}"/></Task>'
               f'<Shortcut><Properties pidl="14001f{HEX}"/></Shortcut></Groups>'.encode(),
    }  # fmt: skip
    for suffix, content in files.items():
        path = [("path", f"Policies/{PERSON}/a.{suffix}")]
        hear("ad", "READ", f"/dc1/sysvol/{suffix}", written(content), query=path)
    # Windows servers.
    nps = (
        "<Root><Children><Microsoft_Internet_Authentication_Service><Children><X><Children>"
        '<Zoe_Durand name="Zoe Durand"><Properties>'
        f"<Shared_Secret>{p.field()}</Shared_Secret><SqlConnexion>{p.field()}</SqlConnexion>"
        f"<Opaque_Data>{p.said()}</Opaque_Data></Properties></Zoe_Durand></Children></X></Children>"
        "</Microsoft_Internet_Authentication_Service></Children></Root>"
    )
    dhcp = (
        f"<DHCPServer><IPv4><Scopes><Scope><Name>{PERSON}</Name><Description>{p.said()}</Description><Reservations>"
        f"<Reservation><Name>{p.known()}</Name><Cle>{p.field()}</Cle></Reservation></Reservations></Scope></Scopes>"
        "</IPv4></DHCPServer>"
    )
    reservation = {"subnet": "192.0.2.0", "name": PERSON, "description": p.said(), "values": [p.known()]}
    queue = {"name": "imp", "comment": p.said(), "location": PERSON, "nouveau": p.field()}
    for snippet, result in {
        "nps_export": {"document": pack(nps.encode())},
        "dhcp_export": {"document": pack(dhcp.encode())},
        "dhcp_scopes_read": {"entries": [reservation]},
        "print_queues_read": {"queues": [queue]},
    }.items():
        hear("winrm", "RUN", "/hdv-srv1", {"result": result}, {"method": snippet, "params": {}})
    # The Nexus.
    configuration = [
        "version 9.3(13)", "hostname nx-1", f"username Zoe.Durand password 5 {p.field()} role network-admin",
        f"snmp-server community {p.field()} group network-operator",
        f"snmp-server host 192.0.2.1 traps version 2c {p.field()}",
        f"radius-server host 192.0.2.2 key 7 {p.field()}", f"tacacs-server key 7 {p.field()}",
        f"ntp authentication-key 1 md5 {p.field()} 7", f"snmp-server contact {p.said()}",
        f"banner motd #{p.said()}#", f"nouveau mot {p.field()}", "interface Ethernet1/1",
        f"  description {p.said()}", f"  remark {p.known()}",
    ]  # fmt: skip
    hear("nexus", "SHOW", "/nx-1/running-config", "\n".join(configuration))
    # The supplies.
    hear("nut", "LIST", "/192.0.2.5:3493/VAR/ups", {
        "ups.status": "OL", "driver.parameter.community": p.field(), "driver.parameter.authPassword": p.field(),
        "device.description": p.said(), "device.contact": PERSON, "ups.id": p.known(), "autre": p.field()})  # fmt: skip
    return asked, p.made


def recording(data: Path, secrets: list[str], *, keep_names: bool) -> Recording:
    known = {secret: f"essai/{rank}" for rank, secret in enumerate(secrets) if secret.startswith(SPARED)}
    return Recording(data, Masks(b"clef", keep_names, known))


def hear(there: Recording, asked: list[tuple[Question, Any]]) -> None:
    for question, content in asked:
        there.allow(question)
        there.heard(question, Response(200, {}, json.dumps(content).encode()), 0.1)


def texts(folder: Path) -> Iterator[str]:
    """Yield each file as a text, and what is in base64 in it."""
    for path in folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            yield raw.decode("utf-8", "replace")
            yield raw.decode("utf-16-le", "replace")
            for coded in re.findall(rb"base64:[A-Za-z0-9+/=]*", raw):
                try:
                    content = content_of(coded.decode())
                except ValueError:
                    continue  # a draft that was cut
                yield content.decode("utf-8", "replace")
                yield content.decode("utf-16-le", "replace")


def forms_of(secret: str) -> tuple[str, ...]:
    return secret, base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex()


def leaks(folder: Path, secrets: list[str]) -> list[str]:
    whole = [*texts(folder)]
    return [secret for secret in secrets if any(form in text for form in forms_of(secret) for text in whole)]


@pytest.mark.parametrize("keep_names", [True, False])
def test_nothing_kept_of_any_system_has_a_planted_secret_nor_a_person(keep_names: bool, tmp_path: Path) -> None:
    asked, secrets = planted()
    assert len({*secrets}) == len(secrets) >= 60
    assert {question.system for question, _ in asked} == {
        "meraki", "smc", "prism", "glpi", "zabbix", "veeam", "ad", "winrm", "nexus", "nut", "microsoft"
    }  # fmt: skip
    there = recording(tmp_path, secrets, keep_names=keep_names)
    hear(there, asked)
    assert len([*tmp_path.rglob("*.json")]) == len(asked)
    assert leaks(tmp_path, secrets) == []
    if not keep_names:
        assert [text for text in texts(tmp_path) if re.search(rf"(?i)zoe|durand|{HEX}", text)] == []


def test_a_capture_that_is_killed_while_it_writes_has_none_either(tmp_path: Path) -> None:
    _, secrets = planted()
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.capture.test_secrets import hear, planted, recording\n"
        "asked, secrets = planted(); there = recording(Path(sys.argv[1]), secrets, keep_names=True)\n"
        "print('prêt', flush=True)\n"
        "while True: hear(there, asked)\n"
    )
    for rank, pause in enumerate((0.0, 0.013, 0.05, 0.21)):
        folder = tmp_path / str(rank)
        child = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        while not (folder.is_dir() and any(folder.rglob("*.json"))):
            time.sleep(0.002)
        time.sleep(pause)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert any(folder.rglob("*.json"))
        assert leaks(folder, secrets) == []
