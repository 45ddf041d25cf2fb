"""A real domain from a capture answers as the captured domain, and says what it lacks."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.ad.image import image
from lab.state import FILLING
from piste.engine.transport.contents import content_of, written
from piste.exports.capture import store
from piste.runs.read import of
from piste.systems.windows import administrators, wmi_filters
from piste.systems.windows.connection import Connection
from piste.systems.windows.dns import record
from piste.systems.windows.gpo import acl
from piste.systems.windows.orphans import undeclared
from piste.systems.windows.searches import SEARCHES
from tests.integration.test_directory_points import Hand, seed
from tests.support.ad import MODULES, Town
from tests.support.capture import capturing
from tests.support.gpos import as_administrator, console
from tests.support.rich_gpo import rich
from tests.support.samba import Domain

ADMINISTRATORS = administrators.MODULES["ad_administrators"]
DESCRIPTOR = "nTSecurityDescriptor"
KEPT = ("CN=Administrator,", "CN=DC1,OU=", "CN=svc-piste,")
"""The accounts that a lab keeps, which were asked about or changed."""
OF_THE_LAB = {
    "vuln_dc_crypto-l2", "vuln_dc_crypto-l3", "vuln_dc_crypto-l4", "vuln_dc_obsolete-l1", "vuln_permissions_dc-l1",
    "vuln_permissions_dc-l2", "vuln_privileged_members_perm-l1", "vuln_privileged_members_perm-l2",
}  # fmt: skip
"""Points that see the faults of those accounts: of the controller, of its administrator."""
OF_THE_MOMENT = frozenset(
    {"currentTime", "dSCorePropagationData", "uSNChanged", "uSNCreated", "whenChanged", "tokenGroups"}
)  # fmt: skip
"""Attributes that a domain writes by itself."""


def fill(domain: Domain, folder: Path) -> None:
    """Add what people have: accounts in each other's groups, a site, a zone, a whole policy."""
    base = domain.base_dn
    unit = f"OU=Agents,OU=Mairie,{base}"
    group = {"sAMAccountName": "GG-Essai", "groupType": -2147483646, "description": "à la main"}
    zone = f"DC={domain.forest.domain},CN=MicrosoftDNS,DC=DomainDnsZones,{base}"
    places = f"CN=Sites,CN=Configuration,{base}"
    made: dict[str, tuple[str, dict[str, Any]]] = {
        unit: ("organizationalUnit", {"description": "Élus, agents"}),
        f"CN=Zoé Durand,{unit}": ("user", {"sAMAccountName": "zdurand", "mail": "zdurand@ville.example"}),
        f"CN=GG-Essai,{unit}": ("group", group),
        f"CN=PC-ACC-01,OU=Postes,OU=Mairie,{base}": (
            "computer", {"sAMAccountName": "PC-ACC-01$", "userAccountControl": 4096, "operatingSystem": "Windows 11",
                         "dNSHostName": f"pc-acc-01.{domain.forest.domain}"}),
        f"DC=imprimante,{zone}": ("dnsNode", {"dnsRecord": record.write(record.A, "192.0.2.7", 3600, 9)}),
        f"CN=Annexe,{places}": ("site", {"description": "Annexe"}),
        f"CN=192.0.2.0/24,CN=Subnets,{places}": ("subnet", {"siteObject": f"CN=Annexe,{places}"}),
        f"CN=srv.autre.example,CN=NetServices,CN=Services,CN=Configuration,{base}": (
            "dHCPClass", {"dhcpUniqueKey": 0, "dhcpType": 1, "dhcpFlags": 0, "dhcpIdentification": "DHCP Server object",
                          "dhcpServers": "i192.0.2.5$rcn=srv.autre.example$f0x00000000$ssrv.autre.example$"}),
    }  # fmt: skip
    with domain.ldap() as connection:
        for dn, (kind, values) in made.items():
            connection.add(dn, kind, values)
        connection.modify(f"CN=GG_Mairie,OU=Mairie,{base}", {"member": [("MODIFY_ADD", [f"CN=GG-Essai,{unit}"])]})
        connection.modify(f"CN=GG-Essai,{unit}", {"member": [("MODIFY_ADD", [f"CN=Zoé Durand,{unit}"])]})
        seed(domain, Hand(domain, connection))
        connection.delete(f"CN=gmsa,CN=Users,{base}")  # a stopped Samba makes none
    town = Town(domain, folder)
    town.module("ad_wmi_filters", [{"name": "Portables", "queries": [{"query": "SELECT * FROM Win32_Battery"}]}])
    town.module("dns_zones", [{"name": "2.0.192.in-addr.arpa"}])
    with console(domain, **as_administrator(domain)) as here:
        here.run({**rich("Stratégie d’essai"), "filtering": ["GG-Essai"], "wmi_filter": "Portables"})


def read(domain: Domain, folder: Path) -> dict[str, Any]:
    """Read as a drift and an export do; give what the kinds say, and what nobody declares."""
    with Town(domain, folder).run():
        said: dict[str, Any] = {}
        for name in ("piste_directory", "piste_names"):
            module = MODULES[name]
            given = {**module.defaults, "domain": domain.option, "owner": "commune", "state": "gathered"}
            said[name] = module.run(given, False)["gathered"]
        connection = Connection(domain.option)
        nothing = dict.fromkeys(("units", "groups", "wmi_filters", "gpos", "links", "sites", "subnets"), ())
        try:
            said["orphans"] = [*undeclared(connection, {**nothing, "base": "/", "dhcp_servers": ["hdv-dc1.autre"]})]
            for search in SEARCHES:
                connection.directory.find(search, fresh=True)
        finally:
            connection.close()
        said["computers"] = of("ad_computers").run({"domain": domain.option}, True)["gathered"]
        asked = {**ADMINISTRATORS.defaults, "domain": domain.option, "known": ["personne"]}
        said["administrators"] = ADMINISTRATORS.run(asked, True)["orphans"]
        of("ad_checks").run({"domain": domain.option}, True)
        said["points"] = of("ad_points").run({"domain": domain.option}, True)["directory"]
        del said["points"]["read_at"]
    return said


def capture(domain: Domain, folder: Path, *, keep_names: bool) -> tuple[dict[str, Any], Path]:
    """Capture a filled domain; give what was said of it, and the folder of the capture."""
    domain.controller.restore(image(domain.forest, "brownfield"))
    for name in ("fill", "read"):
        (folder / name).mkdir()
    fill(domain, folder / "fill")
    with capturing(folder / "capture", keep_names=keep_names):
        return read(domain, folder / "read"), folder / "capture"


@pytest.fixture(scope="module")
def captured(domain_of_module: Domain, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    return capture(domain_of_module, tmp_path_factory.mktemp("captured"), keep_names=True)


def become(domain: Domain, data: Path) -> list[str]:
    domain.restore()
    made, left = domain.controller.captured([answer for _, answer in store.answers(data)], {})
    return [*left, *domain.controller.become(made)]


def comparable(data: Path) -> dict[str, Any]:
    """Give each answer by its question, without what a domain writes by itself."""
    shown = {}
    for _, answer in store.answers(data):
        content = answer.answer
        if answer.method == "SEARCH" and isinstance(content, list):
            for entry in content:
                entry["attributes"] = {
                    name: [replace(acl.parse(content_of(value)), control=0) for value in values]
                    if name == DESCRIPTOR
                    else sorted(values)
                    for name, values in entry["attributes"].items()
                    if name not in OF_THE_MOMENT
                }
            content = sorted(
                (entry for entry in content if not entry["dn"].startswith(KEPT)), key=lambda entry: str(entry["dn"])
            )
        elif answer.method == "LIST" and content:
            content = sorted(content)  # a mask writes XML again, whose size may be another
        shown[json.dumps([answer.method, answer.path, answer.query])] = (answer.status, content)
    return shown


@pytest.mark.story
def test_a_domain_becomes_a_captured_domain(
    domain_of_module: Domain, captured: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    said, whole = captured
    left = become(domain_of_module, whole)
    expected = (
        "tenus par le domaine lui-même",
        "le laboratoire y a de plus : CN=MicrosoftDNS",
        "CN=SYSVOL,CN=File Rep",
    )
    (sized,) = (line for line in left if not line.startswith(expected))
    assert sized.endswith("Applications/x.aas est d’une forme inconnue, sa taille seule y est")
    with capturing(tmp_path / "again"):
        again = read(domain_of_module, tmp_path)
    points, others = said.pop("points"), again.pop("points")
    assert {id_ for id_, point in points["points"].items() if point != others["points"].get(id_)} == OF_THE_LAB
    assert others["unread"].keys() - points["unread"].keys() == {"vuln_dc_obsolete-l1"}
    for known in (said, again):
        (controller,) = (computer for computer in known["computers"] if computer["name"] == "DC1")
        known["computers"].remove(controller)
        (policy,) = (gpo for gpo in known["piste_directory"]["gpos"] if gpo["name"] == "Stratégie d’essai")
        assert policy["computer"]["foreign"].pop("Applications/x.aas")
    for name in said:
        assert again[name] == said[name], name
    assert said["piste_names"]["records"]
    assert {gpo["name"] for gpo in said["piste_directory"]["gpos"]} > {"Stratégie d’essai", "Parc - base"}
    first, second = comparable(whole), comparable(tmp_path / "again")
    assert [question for question in first if second.get(question) != first[question]] == []


@pytest.mark.story
def test_a_masked_capture_becomes_a_domain_too(domain_of_module: Domain, tmp_path: Path) -> None:
    said, masked = capture(domain_of_module, tmp_path, keep_names=False)
    left = become(domain_of_module, masked)
    (tmp_path / "again").mkdir()
    again = read(domain_of_module, tmp_path / "again")
    assert len(again["orphans"]) == len(said["orphans"]), left
    assert "Durand" not in json.dumps(again, ensure_ascii=False, default=str)


def test_no_path_of_a_capture_leaves_sysvol(domain_of_module: Domain) -> None:
    answers = another()
    listing = next(answer for answer in answers if answer.method == "LIST")
    for name in ("../../../etc", "..", "a\\b", ""):
        hostile = listing.model_copy(update={"answer": {name: None}})
        with pytest.raises(ValueError, match="n’est pas le chemin"):
            domain_of_module.controller.captured([*answers, hostile], {})


THEIRS, THEIR_SID = "DC=ville,DC=fr", "S-1-5-21-1111-2222-3333"
POLICY, FILTER = (f"{{0C0C0C0C-0000-4000-8000-00000000000{number}}}" for number in (1, 2))
PORTABLES = {"namespace": "root\\CIMv2", "query": "SELECT * FROM Win32_Battery"}


def searched(query: str, entries: list[dict[str, Any]], base: str = THEIRS, scope: str = "subtree") -> store.Answer:
    attributes = dict.fromkeys(name for entry in entries for name in entry if name != "dn")
    asked = [("base", base), ("scope", scope), ("filter", query), *(("attribute", name) for name in attributes)]
    shown = [
        {"dn": entry["dn"], "attributes": {name: [*map(text, entry[name])] for name in entry if name != "dn"}}
        for entry in entries
    ]
    where = {"system": "ad", "method": "SEARCH", "path": "/dc", "at": "", "seconds": 0.0, "status": 200}
    return store.Answer(**where, query=asked, answer=shown)


def text(value: str | bytes) -> str:
    return written(value, binary=True) if isinstance(value, bytes) else value


def of_sysvol(method: str, path: str, answer: Any) -> store.Answer:
    kind = {"READ": f"/{path.rpartition('.')[2].lower()}", "RIGHTS": "/rights"}.get(method, "")
    where = {"system": "ad", "method": method, "path": f"/dc/sysvol{kind}", "at": "", "seconds": 0.0, "status": 200}
    return store.Answer(**where, query=[("path", path)], answer=answer)


def sid(number: int) -> bytes:
    return acl.sid_bytes(f"{THEIR_SID}-{number}")


def another() -> list[store.Answer]:
    """Make the answers of a domain of another name, whose numbers the lab's own accounts have."""
    unit, place = f"OU=Services,{THEIRS}", f"Policies/{POLICY}"
    places = f"CN=Sites,CN=Configuration,{THEIRS}"
    account, person = f"CN=svc-iac,{unit}", f"CN=Dupont,{unit}"
    everybody = acl.Ace(acl.ALLOW, 2, 0x20094, acl.AUTHENTICATED_USERS)
    rights = [acl.Ace(acl.ALLOW, 2, 0xF00FF, f"{THEIR_SID}-1500"), everybody]
    rights += [acl.Ace(acl.ALLOW_OBJECT, 2, 0x100, f"{THEIR_SID}-{number}", acl.APPLY) for number in (5000, 7777)]
    guarded = acl.build(acl.Descriptor(0x1000, tuple(rights), f"{THEIR_SID}-512", f"{THEIR_SID}-512"))
    link = f"[LDAP://cn={POLICY},cn=policies,cn=system,{THEIRS};2]"
    zone = f"DC=ville.fr,CN=MicrosoftDNS,DC=DomainDnsZones,{THEIRS}"
    template = f"[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\nSeBackupPrivilege = *{THEIR_SID}-5000\r\n"
    user = {"objectClass": ["top", "user"]}
    return [
        searched("(objectClass=*)", [{"dn": "", "defaultNamingContext": [THEIRS]}], "", "base"),
        searched("(objectClass=*)", [{"dn": THEIRS, "objectSid": [acl.sid_bytes(THEIR_SID)]}], THEIRS, "base"),
        searched(
            f"(&(objectClass=user)(|(distinguishedName={account})))", [{"dn": account, "userAccountControl": ["512"]}]
        ),
        searched("(|(objectClass=organizationalUnit)(objectClass=domainDNS))", [{"dn": unit, "gPLink": [link]}]),
        searched("(|(sAMAccountName=dupont)(sAMAccountName=svc-iac))", [
            {"dn": account, "sAMAccountName": ["svc-iac"], "objectSid": [sid(1500)], **user},
            {"dn": person, "sAMAccountName": ["dupont"], "objectSid": [sid(1103)], **user}]),
        searched("(objectCategory=group)", [
            {"dn": f"CN=GG-Services,{unit}", "sAMAccountName": ["GG-Services"], "objectSid": [sid(5000)],
             "groupType": ["-2147483646"], "member": [account, person]}]),
        searched("(objectClass=groupPolicyContainer)", [
            {"dn": f"CN={POLICY},CN=Policies,CN=System,{THEIRS}", "displayName": ["Reprise"], "versionNumber": ["3"],
             "flags": ["0"], "nTSecurityDescriptor": [guarded], "gPCWQLFilter": [f"[ville.fr;{FILTER};0]"]}]),
        searched("(objectClass=msWMI-Som)", [
            {"dn": f"CN={FILTER},CN=SOM,CN=WMIPolicy,CN=System,{THEIRS}", "msWMI-ID": [FILTER],
             "msWMI-Name": ["Portables"], "msWMI-Parm1": [" "], "msWMI-Parm2": [wmi_filters.written([PORTABLES])]}]),
        searched("(|(objectClass=site)(objectClass=subnet))", [
            {"dn": f"CN=Annexe,{places}", "objectClass": ["top", "site"], "description": ["à la main"]},
            {"dn": f"CN=192.0.2.0/24,CN=Subnets,{places}", "objectClass": ["top", "subnet"],
             "siteObject": [f"CN=Annexe,{places}"]}], places),
        searched("(|(objectClass=dnsZone)(objectClass=dnsNode))", [
            {"dn": f"DC=intranet,{zone}", "dnsRecord": [record.write(record.CNAME, "www.ville.fr", 900, 1)]}]),
        of_sysvol("LIST", place, {"GPT.INI": 20, "Machine": None, "User": None}),
        of_sysvol("LIST", f"{place}/Machine", {"GptTmpl.inf": len(template)}),
        of_sysvol("READ", f"{place}/GPT.INI", "[General]\r\nVersion=3\r\n"),
        of_sysvol("READ", f"{place}/Machine/GptTmpl.inf", template),
        of_sysvol("RIGHTS", place, text(guarded)),
    ]  # fmt: skip


def test_a_domain_of_another_name_has_the_accounts_of_the_lab(domain_of_module: Domain, tmp_path: Path) -> None:
    domain = domain_of_module
    domain.restore()
    strange = [searched("(objectClass=", [], scope="subtree"), searched("(cn=ici)", [], scope="partout")]
    made, left = domain.controller.captured([*another(), *strange], {})
    left += domain.controller.become(made)
    assert left[0] == f"le domaine y est {domain.forest.domain}, et non ville.fr"
    assert {line for line in left if "ne se pose pas" in line} == {
        "la recherche (objectClass= (subtree) ne se pose pas ici, elle est laissée",
        "la recherche (cn=ici) (partout) ne se pose pas ici, elle est laissée",
    }
    town = Town(domain, tmp_path)
    (group,) = (it for it in town.module("ad_groups", [{"name": "GG-Services"}], "gathered")["gathered"])
    assert group["members"] == {"dupont": True, "svc-piste": True}
    links = town.module("ad_gpo_links", [{"target": "Services"}], "gathered")["gathered"]
    (place,) = (it for it in links if it["target"] == "Services")
    assert place["links"] == {"Reprise": {"enforced": True, "enabled": True}}
    records = town.module("dns_records", state="gathered")["gathered"]
    assert ["www." + domain.forest.domain] in [it["values"] for it in records if it["name"] == "intranet"]
    (subnet,) = town.module("ad_subnets", [{"subnet": "192.0.2.0/24"}], "gathered")["gathered"]
    assert subnet["site"] == "Annexe"
    (known,) = town.module("ad_wmi_filters", [{"name": "Portables"}], "gathered")["gathered"]
    assert known["queries"] == [PORTABLES]
    with console(domain) as here:
        (policy,) = here.gathered("Reprise")
        assert policy["wmi_filter"] == "Portables"
        assert policy["filtering"] == ["GG-Services", f"{here.directory.sid}-7777"]
        assert policy.get("defects", []) == []
        # The account of Piste there may change the policy, so that of the lab may.
        assert here.run({"name": "Reprise", "comment": "essai"})["changed"]
        content = here.sysvol.read(f"Policies/{POLICY}/Machine/GptTmpl.inf") or b""
        assert f"*{here.directory.sid}-5000".encode() in content


def test_a_domain_that_is_filled_answers_where_no_client_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILLING, "1")
    with Lab(folder=tmp_path, tls=True, others=(), directory=True) as lab:
        assert lab.directory is not None, lab.info["absent"]
        drawn = lab.info["ad"]["address"]
        assert not drawn.startswith("127.0.0.")
        assert lab.directory.ldap().unbind()
        lab.open()
        assert lab.info["ad"]["address"].startswith("127.0.0.")
        assert lab.directory.ldap().unbind()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((drawn, 636), timeout=5)
