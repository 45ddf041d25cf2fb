"""The points of a directory that Samba cannot hold, on made answers; the table, the level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from piste.engine.converge.errors import Unreachable
from piste.systems.windows.dns.properties import new
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import ALLOW, Ace, Descriptor, build, sid_bytes
from piste.systems.windows.points import conditions
from piste.systems.windows.points.conditions import check
from piste.systems.windows.points.reader import NAMED, judged
from piste.systems.windows.points.rights import granted
from piste.systems.windows.points.table import points, readable, searches
from piste.systems.windows.points.world import World

BASE, SID = "DC=ville,DC=example", "S-1-5-21-1-2-3"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
Objects = Mapping[str, Sequence[Entry]]


def entry(dn: str, **values: Any) -> Entry:
    """Make an object; a text is a value, a list several."""
    listed = {name.replace("_", "-"): value if isinstance(value, list) else [value] for name, value in values.items()}
    return Entry(
        f"{dn},{BASE}" if dn else BASE,
        {name: [v if isinstance(v, bytes) else str(v).encode() for v in value] for name, value in listed.items()},
    )


def ticks(days_ago: float) -> int:
    return int((NOW - timedelta(days=days_ago) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000


def principal(name: str, number: int, kind: str = "user", control: int = 0x200, **more: Any) -> Entry:
    made = {"userAccountControl": control, "primaryGroupID": 513} if kind != "group" else {}
    classes = ["top", "user", "computer"] if kind == "computer" else ["top", kind]
    sid = sid_bytes(f"{SID}-{number}")
    values = {"objectClass": classes, "objectSid": sid, "sAMAccountName": name, **made, "pwdLastSet": ticks(1)}
    return entry(f"CN={name}", **{**values, **more})


def controller(**more: Any) -> Entry:
    return principal("DC1$", 1000, "computer", 0x82000, primaryGroupID=516, **more)


ADMINS = principal("Domain Admins", 512, "group")
WRITER = build(Descriptor(0x8004, (Ace(ALLOW, 0, 0x40000, "S-1-5-11"),)))
SAFE = build(Descriptor(0x8004, (Ace(ALLOW, 0, 0x40000, f"{SID}-512"),)))
TRUSTS = "vuln_trusts_"


def root(level: int) -> Entry:
    return entry("", domainFunctionality=level, forestFunctionality=level)


def trust(direction: int, attributes: int) -> Entry:
    return entry("CN=autre", name="autre.example", trustDirection=direction, trustAttributes=attributes, trustType=2)


def admin(number: int, **more: Any) -> Entry:
    return principal(f"adm-{number}", number, memberOf=ADMINS.dn, **more)


def workstation(name: str, **more: Any) -> Entry:
    return principal(name, 2000, "computer", 0x1000, operatingSystem="Windows 11 Pro", **more)


def silo(enforced: str, policy: str = "CN=N0") -> Entry:
    return entry("CN=N0,CN=AuthN Silos", msDS_AuthNPolicySiloEnforced=enforced, msDS_UserAuthNPolicy=policy or [])


IN_SILO: Mapping[str, Any] = {"msDS_AssignedAuthNPolicySilo": silo("TRUE").dn}
CROWD = [ADMINS, *(admin(number) for number in range(2000, 2051))]
OLD = {"whenCreated": "20250101000000.0Z"}
OURS, THEIRS = (build(Descriptor(0x8004, (), owner=f"{SID}-{number}")) for number in (512, 2001))
OF_A_CLERK = principal("g", 1500, "group", nTSecurityDescriptor=THEIRS, **OLD)
RODC = {"msDS_SecondaryKrbTgtNumber": 9}
SERVER = principal("RODC1$", 1001, "computer", 0x5001000)
REVEALED = {"msDS_RevealedUsers": f"B:8:00000000:{admin(2001).dn}"}
RECOVERY = {"recoveries": [entry("CN=x,CN=AUTRE", whenCreated="20261101000000.0Z")]}
MADE: Mapping[str, tuple[Objects, Objects]] = {
    # A new domain has the highest level.
    "vuln_functional_level-l1": ({"root": [root(3)]}, {"root": [root(4)]}),
    "vuln_functional_level-l3": ({"root": [root(5)]}, {"root": [root(6)]}),
    "vuln_functional_level-l4": ({"root": [root(6)]}, {"root": [root(7)]}),
    # Samba writes these over LDAP for nobody.
    f"{TRUSTS}domain_notfiltered-l1": ({"trusts": [trust(3, 0)]}, {"trusts": [trust(3, 4), trust(3, 8), trust(1, 0)]}),
    f"{TRUSTS}forest_sidhistory-l1": ({"trusts": [trust(2, 0x48)]}, {"trusts": [trust(2, 8), trust(1, 0x48)]}),
    f"{TRUSTS}tgt_deleg-l3": ({"trusts": [trust(1, 0x808)]}, {"trusts": [trust(1, 8), trust(2, 0x808)]}),
    f"{TRUSTS}accounts-l2": (
        {"principals": [principal("AUTRE$", 2000, control=0x820, pwdLastSet=ticks(400))]},
        {"principals": [principal("AUTRE$", 2000, control=0x820)]},
    ),
    "vuln_sidhistory_present-l3": (
        {"principals": [principal("a", 2000, sIDHistory=sid_bytes("S-1-5-21-9-9-9-1200"))]},
        {"principals": [principal("a", 2000)]},
    ),
    "vuln_sidhistory_dangerous-l2": (
        {"principals": [principal("a", 2000, sIDHistory=sid_bytes("S-1-5-21-9-9-9-512"))]},
        {"principals": [principal("a", 2000, sIDHistory=sid_bytes("S-1-5-21-9-9-9-1200"))]},
    ),
    "vuln_delegation_sourcedeleg-l1": (
        {"principals": [controller(**{"msDS_AllowedToActOnBehalfOfOtherIdentity": WRITER})]},
        {"principals": [controller()]},
    ),
    "vuln_rodc_orphan_krbtgt-l3": (
        {"principals": [principal("krbtgt_9", 1100, **RODC)]},
        {"principals": [principal("krbtgt_9", 1100, **RODC, **{"msDS_KrbTgtLinkBl": SERVER.dn})]},
    ),
    "vuln_rodc_priv_revealed-l2": (
        {"principals": [ADMINS, admin(2001), principal("RODC1$", 1001, "computer", 0x5001000, **REVEALED)]},
        {"principals": [ADMINS, admin(2001), SERVER]},
    ),
    "vuln_permissions_msdns-l1": (
        {"system": [entry("CN=MicrosoftDNS", cn="MicrosoftDNS", nTSecurityDescriptor=WRITER)]},
        {"system": [entry("CN=MicrosoftDNS", cn="MicrosoftDNS", nTSecurityDescriptor=SAFE)], "principals": [ADMINS]},
    ),
    # Fifty accounts more cost the test a second.
    "vuln_privileged_members-l1": ({"principals": CROWD}, {"principals": CROWD[:-1]}),
    "vuln_privileged_members-l2": ({"principals": CROWD}, {"principals": CROWD[:-1]}),
    # The account of the lab sees what it must see.
    "vuln_critical_objects-l1": (
        {"heads": [entry("", objectClass="domainDNS")], "principals": [ADMINS]},
        {
            "heads": [entry("", objectClass="domainDNS")],
            "principals": [ADMINS, principal("Administrateur", 500), principal("krbtgt", 502)],
        },
    ),
    "vuln_sd_failed_sd_read_on_priv-l3": (
        {"protected": [admin(2001)]}, {"protected": [admin(2001, nTSecurityDescriptor=SAFE)]},
    ),
    # Samba gives an object to who made it, or to the administrators.
    "vuln_owner-l3": (
        {"owners": [OF_A_CLERK]}, {"owners": [principal("g", 1500, "group", nTSecurityDescriptor=OURS, **OLD)]},
    ),
    # The keys of recovery do not show to it.
    "bitlocker": (
        {"principals": [workstation("PC-1"), workstation("AUTRE")], **RECOVERY},
        {"principals": [workstation("AUTRE")], **RECOVERY},
    ),
}  # fmt: skip
"""By point, an answer with its fault and an answer without: what Samba does not hold, and why."""


ON_THEIR_OWN = {f"vuln_certificates_vuln-l{level}" for level in (1, 2, 3)}
"""Points whose made answer is in a test below: the authority of the lab is sound."""


def world(objects: Objects) -> World:
    return World(BASE, SID, NOW, {name: objects.get(name, ()) for name in searches()})


@pytest.mark.parametrize("id_", MADE)
def test_a_made_fault_is_wrong_and_its_cure_is_not(id_: str) -> None:
    faulty, sound = MADE[id_]
    assert judged(world(faulty), readable()[id_])["wrong"] is True
    assert judged(world(sound), readable()[id_])["wrong"] is False


@pytest.mark.parametrize(
    ("kind", "bits", "signature", "levels"),
    [("DSA", 0, "sha256", {1}), ("RSA", 768, "sha256", {1}), ("RSA", 1024, "sha256", {3}), ("RSA", 4096, "sha1", {3}),
     ("RSA", 4096, "sha256", set()), ("EC", 256, "sha384", set()), ("", 0, "", {2})],
)  # fmt: skip
def test_a_weak_certificate_of_an_authority_is_of_a_level(
    kind: str, bits: int, signature: str, levels: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(raw: bytes) -> Mapping[str, Any]:
        if not kind:
            raise ValueError("pas un certificat")
        return {"key_kind": kind, "key_bits": bits, "signature": signature}

    monkeypatch.setattr(conditions, "facts", read)
    services = {"services": [entry("CN=CA", cn="CA", cACertificate=b"30")]}
    wrong = {id_ for id_ in ON_THEIR_OWN if judged(world(services), readable()[id_])["wrong"]}
    assert wrong == {f"vuln_certificates_vuln-l{level}" for level in levels}


def test_what_the_machine_of_an_authority_may_is_no_fault() -> None:
    machine = principal("CA1$", 1600, "computer", 0x1000, dNSHostName="ca1.ville.example")
    raw = build(Descriptor(0x8004, (Ace(ALLOW, 0, 0xF01FF, f"{SID}-1600"),)))
    service = {"objectClass": "pKIEnrollmentService", "cn": "CA", "nTSecurityDescriptor": raw}
    point = readable()["vuln_adcs_control-l1"]
    own = [entry("CN=CA", dNSHostName="CA1.ville.example", **service)]
    assert not judged(world({"services": own, "principals": [machine]}), point)["wrong"]
    other = [entry("CN=CA", dNSHostName="ca2.ville.example", **service)]
    assert judged(world({"services": other, "principals": [machine]}), point)["names"] == ["CA (CA1$)"]


def test_laps_is_judged_by_its_ends_alone_even_old() -> None:
    ends = {"msLAPS_PasswordExpirationTime": ticks(-3)}
    covered = [workstation("A", **ends), workstation("B", **{"ms_Mcs_AdmPwdExpirationTime": ticks(20)})]
    gone = workstation("C", **{"msLAPS_PasswordExpirationTime": ticks(40)})
    assert judged(world({"principals": covered}), readable()["laps"])["faults"] == 0
    assert judged(world({"principals": [*covered, gone]}), readable()["laps"])["names"] == ["C"]


@pytest.mark.parametrize(
    ("id_", "objects"),
    [
        ("vuln_krbtgt-l2", {}),
        ("bitlocker", {"principals": [workstation("PC-1")]}),
        ("vuln_guest-l2", {"principals": [principal("Invité", 501, userAccountControl=[])]}),
        ("vuln_krbtgt-l2", {"principals": [principal("krbtgt", 502, pwdLastSet=[])]}),
        ("vuln_primary_group_id_nochange-l3", {"principals": [principal("a", 2000, primaryGroupID=[])]}),
        ("vuln_reversible_password_priv_namingcontext-l3", {"heads": [entry("", objectClass="domainDNS")]}),
        ("vuln_dnszone_bad_prop-l1", {"zones": [entry("DC=autre", name="autre.example", dNSProperty=new("secure"))]}),
        ("vuln_dc_obsolete-l1", {"principals": [controller(operatingSystemVersion="4.22")]}),
        ("vuln_compatible_2000_not_default-l3", {"principals": [principal("g", 554, "group", member="CN=x,DC=autre")]}),
        ("vuln_silo_priv-l4", {"principals": [ADMINS, admin(2001, **IN_SILO)]}),
        ("vuln_permissions_schema-l1", {"heads": [entry("CN=Schema", objectClass="dMD")]}),
    ],
)
def test_what_does_not_show_is_unknown(id_: str, objects: Objects) -> None:
    with pytest.raises(Unreachable):
        judged(world(objects), readable()[id_])


@pytest.mark.parametrize(
    ("enforced", "policy", "faults"), [("TRUE", "CN=N0", 1), ("TRUE", "", 2), ("FALSE", "CN=N0", 2)], ids=str
)
def test_a_silo_protects_where_it_is_imposed_and_has_a_policy(enforced: str, policy: str, faults: int) -> None:
    objects = {"principals": [ADMINS, admin(2001, **IN_SILO), admin(2002)], "silos": [silo(enforced, policy)]}
    assert judged(world(objects), readable()["vuln_silo_priv-l4"])["faults"] == faults


def test_a_unit_of_somebody_who_administers_nothing_is_named() -> None:
    unit = entry("OU=Postes", objectClass="organizationalUnit", name="Postes", nTSecurityDescriptor=THEIRS, **OLD)
    assert judged(world({"owners": [unit]}), readable()["vuln_owner-l3"])["names"] == ["Postes"]
    assert all(kind in searches()["owners"].filter for kind in ("organizationalUnit", "groupPolicyContainer"))


def test_what_shows_is_enough_for_a_fault() -> None:
    hidden = principal("DC2$", 1001, "computer", 0x82000)
    objects = {"principals": [hidden, controller(operatingSystemVersion="6.3 (9600)")]}
    assert judged(world(objects), readable()["vuln_dc_obsolete-l1"])["names"] == ["DC1$"]


def test_a_right_of_a_group_whose_members_all_administer_is_no_fault() -> None:
    group = principal("GG-N0", 1500, "group")
    raw = build(Descriptor(0x8004, (Ace(ALLOW, 0, 0x40000, f"{SID}-1500"),)))
    heads = [entry("", objectClass="domainDNS", name="ville", nTSecurityDescriptor=raw)]
    chief = principal("adm", 2001, memberOf=[ADMINS.dn, group.dn])
    point = readable()["vuln_permissions_naming_context-l1"]
    assert not judged(world({"heads": heads, "principals": [ADMINS, group, chief]}), point)["wrong"]
    clerk = principal("agent", 2002, memberOf=group.dn)
    assert judged(world({"heads": heads, "principals": [ADMINS, group, chief, clerk]}), point)["names"] == [
        "ville (GG-N0)"
    ]


def test_a_name_is_bounded_and_few_are_kept() -> None:
    many = [principal(f"{'x' * 90}{n}", 3000 + n, "group", memberOf=f"CN={'x' * 90}{n},{BASE}") for n in range(30)]
    made = judged(world({"principals": many}), readable()["vuln_group_loop-l4"])
    assert (made["faults"], len(made["names"]), max(map(len, made["names"]))) == (30, NAMED, 64)


def test_the_table_has_the_95_points_of_the_agency() -> None:
    agency = [point for point in points().values() if point.of_agency]
    assert (len(agency), {point.level for point in agency}) == (95, {1, 2, 3, 4})
    assert all(point.entry.blind for point in agency if point.entry.partial)


def named(condition: Mapping[str, Any]) -> Iterator[str]:
    """Yield the attributes that a condition looks at: what is not asked for would be absent."""
    for word, argument in condition.items():
        if word in ("any", "all", "not"):
            for part in [argument] if word == "not" else argument:
                yield from named(part)
        elif word in ("present", "absent", "delegates"):
            yield argument
        elif word in ("off_sysvol", "lapsed"):
            yield from argument["attributes"] if word == "lapsed" else argument
        elif isinstance(argument, Mapping) and word != "digit":
            yield from argument
        elif word == "grants":
            yield "nTSecurityDescriptor"


def test_what_a_condition_looks_at_is_asked_for() -> None:
    for point in readable().values():
        search = searches()[point.entry.of]
        asked = {*search.attributes, *(searches()[search.joins].attributes if search.joins else ())}
        asked |= {"nTSecurityDescriptor"} if search.descriptor else set()
        assert {*named(point.entry.among), *named(point.fault)} - asked == set(), point.id


@pytest.mark.parametrize("condition", [{"bit": {}}, {"any": [{"x": 1}]}, {"not": {"x": 1}}, {"grants": ["tout"]}])
def test_the_vocabulary_is_closed(condition: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="no "):
        check(condition)


def test_a_right_that_is_only_handed_down_is_none_on_the_object() -> None:
    assert granted(Descriptor(0, (Ace(ALLOW, 8, 0x40000, "S-1-5-11"),)), ["take"]) == set()
