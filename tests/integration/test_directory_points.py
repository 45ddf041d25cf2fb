"""The points of a directory on a real Samba: each fires for its fault, and not before.

A domain is read new, then with every fault at once, four years later by the controller's clock. What Samba refuses to
hold is a made answer: `tests/unit/windows/test_points.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ldap3.protocol.microsoft import security_descriptor_control

from piste.engine.transport.shared import VARIABLE
from piste.runs.read import of
from piste.systems.windows import domain as windows
from piste.systems.windows.authority import ENROLL
from piste.systems.windows.directory import Directory
from piste.systems.windows.dns.properties import new
from piste.systems.windows.gpo.acl import ALLOW, ALLOW_OBJECT, Ace, build, parse
from piste.systems.windows.points import reader
from piste.systems.windows.points.table import attributes, readable
from piste.systems.windows.searches import DESCRIPTOR
from tests.support.samba import Domain
from tests.unit.windows.test_points import MADE, ON_THEIR_OWN

YEARS = timedelta(days=4 * 365)
EVERYBODY = "S-1-5-11"
WRITES_RIGHTS, ENROLS = Ace(ALLOW, 0, 0x40000, EVERYBODY), Ace(ALLOW_OBJECT, 0, 0x100, EVERYBODY, ENROLL)
NEW = {
    "vuln_dc_crypto-l4", "vuln_dont_expire-l2", "vuln_dont_expire_priv-l1", "vuln_dsheuristics_bad-l4",
    "vuln_permissions_naming_context-l2", "vuln_privileged_members_password-l2", "vuln_protected_users-l3",
    "vuln_silo_priv-l4", "vuln_user_accounts_machineaccountquota-l4",
}  # fmt: skip
"""Faults that the lab's domain is born with."""
MENDED = {"vuln_dsheuristics_bad-l4", "vuln_user_accounts_machineaccountquota-l4"}
"""Faults that are mended beside the others."""
CONFIDENTIAL = "(&(objectClass=attributeSchema)(searchFlags:1.2.840.113556.1.4.803:=128))"
OF_ROOT = {"currentTime", "domainFunctionality", "forestFunctionality"}
OF_LAPS = {"msLAPS-PasswordExpirationTime", "ms-Mcs-AdmPwdExpirationTime"}
"""What the schema of the lab does not have: of the rootDSE (MS-ADTS 3.1.1.3.2), and of LAPS (MS-ADA2)."""
SECRETS = {
    "msLAPS-Password", "msLAPS-EncryptedPassword", "msLAPS-EncryptedPasswordHistory", "msLAPS-EncryptedDSRMPassword",
    "msLAPS-EncryptedDSRMPasswordHistory", "ms-Mcs-AdmPwd", "msFVE-RecoveryPassword", "msFVE-KeyPackage",
    "msKds-RootKeyData", "msDS-ManagedPassword", "unicodePwd", "dBCSPwd", "ntPwdHistory", "lmPwdHistory",
    "supplementalCredentials", "trustAuthIncoming", "trustAuthOutgoing", "userPassword",
}  # fmt: skip
"""Secrets that the schema of the lab does not have, or that no searchFlags guards (MS-ADTS 3.1.1.4.4)."""


class Hand:
    """The administrator, who makes the faults."""

    def __init__(self, domain: Domain, connection: ldap3.Connection) -> None:
        self.base, self.connection = domain.base_dn, connection

    def add(self, dn: str, kind: str, values: Mapping[str, Any]) -> None:
        self.connection.add(f"{dn},{self.base}", [kind], dict(values))

    def put(self, dn: str, values: Mapping[str, Any], how: str = ldap3.MODIFY_REPLACE) -> None:
        changes = {name: [(how, value if isinstance(value, list) else [value])] for name, value in values.items()}
        self.connection.modify(",".join(filter(None, (dn, self.base))), changes)

    def grant(self, dn: str, *aces: Ace) -> None:
        place, controls = ",".join(filter(None, (dn, self.base))), security_descriptor_control(sdflags=4)
        self.connection.search(place, "(objectClass=*)", ldap3.BASE, attributes=[DESCRIPTOR], controls=controls)
        kept = parse(self.connection.response[0]["raw_attributes"][DESCRIPTOR][0])
        raw = build(type(kept)(kept.control, (*kept.dacl, *aces)))
        self.connection.modify(place, {DESCRIPTOR: [(ldap3.MODIFY_REPLACE, [raw])]}, controls=controls)


USERS, COMPUTERS, CONTROLLER = "CN=Users", "CN=Computers", "CN=DC1,OU=Domain Controllers"
SERVICES, SYSTEM = "CN=Services,CN=Configuration", "CN=System"
TEMPLATES = f"CN=Certificate Templates,CN=Public Key Services,{SERVICES}"
MENU = {"adminContextMenu": "9,&Script,\\\\hdv-fic1\\commun\\menu.vbs"}
WEAK = 0x220 | 0x10000 | 0x400000 | 0x200000 | 0x80
"""Enabled, no password: never ends, no preauthentication, DES, reversible."""


def accounts(host: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield what is created."""
    for name, control in (("adm-faible", WEAK), ("adm-imbrique", 544)):
        yield f"CN={name},{USERS}", "user", {"sAMAccountName": name, "userAccountControl": control}
    for name in ("GG-Relais", "GG-A", "GG-B"):
        yield f"CN={name},{USERS}", "group", {"sAMAccountName": name}
    old, client = "Windows Server 2019 Standard", {"operatingSystem": "Windows 11 Pro"}
    cluster = {"operatingSystem": old, "servicePrincipalName": "MSClusterVirtualServer/srv"}
    for name, control, more in (
        ("RODC1", 0x5001000, {}), ("PC-T4D", 0x81000, {}), ("SRV-VIEUX", 0x1000, cluster), ("PC-VIEUX", 0x1000, client),
        ("PC-A2D2", 0x1000, {"msDS-AllowedToDelegateTo": f"ldap/{host}"}),
        ("PC-T2A4D", 0x1001000, {"msDS-AllowedToDelegateTo": f"cifs/{host}"}),
    ):  # fmt: skip
        values = {"sAMAccountName": f"{name}$", "userAccountControl": control, **more}
        yield f"CN={name},{COMPUTERS}", "computer", values
    managed = {"sAMAccountName": "gmsa$", "userAccountControl": 0x1000, "msDS-ManagedPasswordInterval": 30}
    yield f"CN=gmsa,{USERS}", "msDS-GroupManagedServiceAccount", {**managed, "dNSHostName": host}
    yield f"CN=SYSVOL,CN=File Replication Service,{SYSTEM}", "nTFRSReplicaSet", {}
    yield f"CN=DC1,CN=SYSVOL,CN=File Replication Service,{SYSTEM}", "nTFRSMember", {}


def seed(domain: Domain, hand: Hand) -> None:
    base, zone = domain.base_dn, f"DC={domain.forest.domain},CN=MicrosoftDNS,DC=DomainDnsZones"
    for dn, kind, values in accounts(f"dc1.{domain.forest.domain}"):
        hand.add(dn, kind, values)
    agent, admins = f"CN=agent.test,{USERS},{base}", f"CN=Domain Admins,{USERS}"
    for group, member in (
        (admins, f"CN=adm-faible,{USERS},{base}"), (admins, f"CN=GG-Relais,{USERS},{base}"),
        (f"CN=GG-Relais,{USERS}", f"CN=adm-imbrique,{USERS},{base}"),
        (f"CN=GG-A,{USERS}", f"CN=GG-B,{USERS},{base}"), (f"CN=GG-B,{USERS}", f"CN=GG-A,{USERS},{base}"),
        ("CN=Pre-Windows 2000 Compatible Access,CN=Builtin", "<SID=S-1-5-7>"),
        (f"CN=Allowed RODC Password Replication Group,{USERS}", agent), (f"CN=DnsAdmins,{USERS}", agent),
    ):  # fmt: skip
        hand.put(group, {"member": member}, ldap3.MODIFY_ADD)
    heuristics = {"dSHeuristics": "0000002201000000000200000001130"}
    policies = {"minPwdLength": 6, "pwdProperties": 17, "ms-DS-MachineAccountQuota": 0}
    by_name = {"msPKI-Certificate-Name-Flag": 1, "msPKI-Enrollment-Flag": 0, "msPKI-RA-Signature": 0}
    for dn, changed in (
        (f"CN=adm-faible,{USERS}", {"primaryGroupID": 512, "servicePrincipalName": "HTTP/faible"}),
        (f"CN=SRV-VIEUX,{COMPUTERS}", {"pwdLastSet": -1}),
        (f"CN=Guest,{USERS}", {"userAccountControl": 0x10220}),
        (f"CN=Denied RODC Password Replication Group,{USERS}", {"member": [f"{admins},{base}"]}),
        (f"CN=RODC1,{COMPUTERS}", {"msDS-RevealOnDemandGroup": f"{admins},{base}"}),
        ("", {**policies, "msDS-ExpirePasswordsOnSmartCardOnlyAccounts": "FALSE"}),
        (CONTROLLER, {"operatingSystemVersion": "6.3 (9600)", "msDS-SupportedEncryptionTypes": 3}),
        (f"CN=ActiveDirectoryUpdate,CN=DomainUpdates,{SYSTEM}", {"revision": 15}),
        ("CN=user-Display,CN=409,CN=DisplaySpecifiers,CN=Configuration", MENU),
        (f"CN=Directory Service,CN=Windows NT,{SERVICES}", heuristics),
        (zone, {"dNSProperty": new("any")}), (f"CN=VLB-Poste,{TEMPLATES}", by_name),
        (f"CN=VLB-RADIUS,{TEMPLATES}", {"pKIExtendedKeyUsage": [], "msPKI-RA-Signature": 0}),
    ):  # fmt: skip
        hand.put(dn, changed)
    hand.grant(f"CN=VLB-Poste,{TEMPLATES}", ENROLS)
    hand.grant(f"CN=VLB-RADIUS,{TEMPLATES}", ENROLS, WRITES_RIGHTS)
    for dn in (
        f"CN=AdminSDHolder,{SYSTEM}", f"CN=Administrator,{USERS}", CONTROLLER, "", "CN=Schema,CN=Configuration",
        f"CN=DFSR-GlobalSettings,{SYSTEM}", f"CN=Master Root Keys,CN=Group Key Distribution Service,{SERVICES}",
        f"CN=Public Key Services,{SERVICES}",
    ):  # fmt: skip
        hand.grant(dn, WRITES_RIGHTS)


def wrong(answer: Mapping[str, Any]) -> set[str]:
    return {id_ for id_, point in answer["points"].items() if point["wrong"]}


def test_each_point_fires_for_its_fault_and_not_before(
    domain_of_module: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = domain_of_module
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    directory = Directory(windows.Domain.of(domain.option))
    before = of("ad_points").run({"domain": domain.option}, True)["directory"]
    assert wrong(before) == NEW
    # The DNS of Samba keeps nothing in CN=System; unread, it is not passed.
    assert before["unread"].keys() == {"vuln_permissions_msdns-l1"}
    with domain.ldap() as connection:
        seed(domain, Hand(domain, connection))
    clock = reader.clock
    monkeypatch.setattr(reader, "clock", lambda root: clock(root) + YEARS)
    usn = domain.usn()
    after = reader.read(directory)
    assert wrong(after) == (readable().keys() - MADE.keys() - ON_THEIR_OWN - MENDED) | {"vuln_dont_expire-l2"}
    assert (domain.usn(), directory.calls["writes"]) == (usn, 0)
    assert directory.calls["reads"] <= 25, "bulk searches alone"
    named = {id_: point["names"] for id_, point in after["points"].items()}
    assert named["vuln_spn_priv-l1"] == ["adm-faible"]
    assert named["tiers_nested"] == ["adm-imbrique"]
    everybody = "Authenticated Users"
    assert named["vuln_permissions_naming_context-l2"] == [f"Schema ({everybody})", f"ad ({everybody}, svc-piste)"]
    assert named["vuln_kerberos_properties_preauth-l2"] == [], "persons are counted, not named"
    # The keys of BitLocker do not show to this account: unknown, and not absent.
    assert after["unread"]["bitlocker"].startswith("rien de ce que ce point regarde")
    assert datetime.fromisoformat(after["read_at"]) > datetime.fromisoformat(before["read_at"]) + YEARS / 2


def test_what_is_asked_for_is_of_the_schema_and_no_secret(domain_of_module: Domain) -> None:
    with domain_of_module.ldap() as connection:
        place = f"CN=Schema,CN=Configuration,{domain_of_module.base_dn}"
        connection.search(place, CONFIDENTIAL, attributes=["lDAPDisplayName"])
        confidential = {entry.lDAPDisplayName.value for entry in connection.entries}
        wanted = "".join(f"(lDAPDisplayName={name})" for name in attributes())
        connection.search(place, f"(|{wanted})", attributes=["lDAPDisplayName"])
        known = {entry.lDAPDisplayName.value for entry in connection.entries}
    assert "msFVE-RecoveryPassword" in confidential
    asked = {name.casefold() for name in attributes()}
    assert asked & {name.casefold() for name in confidential | SECRETS} == set()
    assert attributes() - known == OF_ROOT | OF_LAPS
