"""The rights that are printed are those with which Piste is proven, for the kinds in use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from piste.commands.production import accounts
from piste.commands.production.questions import BY_KEY
from piste.systems.kinds import DOMAINS, KINDS
from piste.town import declared
from tests.unit.repository.tree import ROOT

ANSWERS = {**dict.fromkeys(BY_KEY, ""), "domain": "ad.ville.fr", "netbios": "VILLE", "account": "svc-iac"}
KINDS_OF_OBJECTS = {
    "": "", "UNIT": "organizationalUnit", "GROUP": "group", "GP_LINK": "gPLink", "GP_OPTIONS": "gPOptions",
    "ZONE": "dnsZone", "NAME": "dnsNode", "SUBNET": "subnet", "SITE": "site", "SITE_LINK": "siteLink",
}  # fmt: skip
ENTRY = r"\(OA;(\w*);(\w+);(?:{(\w+)})?;(?:{(\w+)})?;{?(sid|CO)}?\)"
PRINTED = r'dsacls "(?:(.+),)?DC=ad,DC=ville,DC=fr" (?:/I:(\w) )?/G "([^":]+):(\w+);(\w*);?(\w*)"'
TRUSTEES = {"sid": "VILLE\\svc-iac", "CO": "S-1-3-0"}
INHERITANCE = {"CI": "T", "CIIO": "S", "": ""}


def granted(source: str) -> Iterator[tuple[str, ...]]:
    """Yield `(place, flags, rights, object, heir, trustee)` of each right that the lab grants."""
    constants = dict(re.findall(r'^([A-Z_]+) = "(.+)"', source, re.MULTILINE))
    # Another account restores, only where a town wants that test: its rights are on the page of restores.
    bodies = [node for node in ast.parse(source).body if getattr(node, "name", "") != "delegate_restores"]
    calls = [node for body in bodies for node in ast.walk(body) if isinstance(node, ast.Call)]
    for call in calls:
        if ast.unparse(call.func) == "grant":
            place = "".join(constants.get(name, "") for name in re.findall(r"{(\w+)},", ast.unparse(call.args[0])))
            for entry in call.args[1:]:
                if match := re.search(ENTRY, ast.unparse(entry)):
                    yield (place, *(part or "" for part in match.groups()))


def test_the_delegation_is_that_of_the_domain_of_the_lab() -> None:
    given = {
        (place, INHERITANCE[flags], TRUSTEES[trustee], rights, *(KINDS_OF_OBJECTS[kind] for kind in kinds))
        for place, flags, rights, *kinds, trustee in granted((ROOT / "lab/ad/provision.py").read_text("utf-8"))
        if "ACCOUNT_CONTROL" not in kinds  # For the day a contractor leaves.
    }
    printed = set()
    for line in accounts.lines(ANSWERS, KINDS):
        if match := re.search(PRINTED, line):
            printed.add(tuple(part or "" for part in match.groups()))
    assert len(given) == 15
    assert printed == given


def test_the_account_of_the_nexus_only_reads_where_there_are_some() -> None:
    assert "Nexus" not in "\n".join(accounts.lines(ANSWERS, KINDS))
    (said,) = "\n".join(accounts.lines({**ANSWERS, "nexus_account": "svc-lecture"}, [], ["nx-1", "nx-2"])).split("\n\n")
    assert said.strip().startswith("Nexus (nx-1, nx-2), compte svc-lecture : vault_piste_nexus_password")
    page = (ROOT / "docs/nexus.md").read_text("utf-8")
    roles = [line.strip() for line in page.partition("role name")[2].partition("```")[0].splitlines()[1:]]
    for command in roles[:3]:
        assert command in said, "the page and the command say the same role"
    assert f"role {roles[3].rpartition(' role ')[2]}" in said
    assert "host_keys" in said
    assert not re.search(r"role (network-admin|vdc-admin)", said)


def test_each_domain_has_its_account_and_only_the_kinds_in_use_ask_for_rights() -> None:
    assert sorted(domain for account in accounts.ACCOUNTS for domain in account.domains) == sorted(DOMAINS)
    used = [kind for kind in KINDS if kind.domain == "hosting" and kind.module != "prism_subnets"]
    said = "\n".join(accounts.lines(ANSWERS, used))
    assert "rôle Category Admin [prism_categories]" in said
    assert "Network Infra Admin" not in said
    assert "dsacls" not in said


def test_the_account_enters_only_the_servers_in_use() -> None:
    named = {**ANSWERS, "nps": "nps1, nps2", "print_server": "imp1"}

    def servers(*domains: str) -> list[str]:
        used = [kind for kind in KINDS if kind.domain in domains]
        return re.findall(r"Sur (.+) seulement : Add-LocalGroupMember", "\n".join(accounts.lines(named, used)))

    assert servers("directory", "access", "printing") == ["nps1, nps2, imp1"]
    assert servers("directory", "access") == ["nps1, nps2"]
    assert servers("directory") == []
    assert "winrm" not in "\n".join(accounts.lines(named, [kind for kind in KINDS if kind.domain == "directory"]))


def test_what_a_drift_reads_beside_the_kinds_is_named() -> None:
    assert "juge aussi les administrateurs : un rôle qui les voit" in "\n".join(accounts.lines(ANSWERS, KINDS))


def test_a_netbios_name_that_nobody_gave_is_shown_as_deduced() -> None:
    unnamed = "\n".join(accounts.lines({**ANSWERS, "netbios": ""}, KINDS))
    assert "Nom NetBIOS déduit du domaine : AD." in unnamed
    assert "déduit du domaine" not in "\n".join(accounts.lines(ANSWERS, KINDS))


def test_an_optional_kind_without_objects_is_not_in_use() -> None:
    town = declared.rule()
    assert town.commune is not None
    cemetery = {kind.module for kind in accounts.in_use([town.sites["cimetiere"]])}
    assert "ad_wmi_filters" not in cemetery
    assert "meraki_networks" in cemetery
    assert {kind.module for kind in accounts.in_use([town.commune])} - cemetery >= {"ad_wmi_filters", "prism_images"}
