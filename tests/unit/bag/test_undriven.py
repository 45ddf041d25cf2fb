"""Kinds that no module drives: none is driven after all, no known kind is left out."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from piste.exports.bag.gaps import NOT_EXPORTED, UNDRIVEN
from piste.systems.forcepoint import element_table, policy_table
from piste.systems.forcepoint.rule_table import LISTS
from piste.systems.glpi.assets import ASSETS
from piste.systems.kinds import KINDS, TITLES
from piste.systems.meraki.carriers import ALONE, STACKED
from piste.systems.nutanix import prism

ROOT = Path(__file__).parents[3]
CONTRACTS = os.environ.get("PISTE_CONTRACTS", "")
contract = pytest.mark.skipif(not CONTRACTS, reason="PISTE_CONTRACTS does not name the contracts")
ACTIONS = {
    "reboot", "switch/ports/cycle", "bind", "unbind", "split", "networks/combine", "devices/claim",
    "devices/remove", "actionBatches", "inventory/claim", "inventory/release", "switch/devices/clone",
    "devices/details/bulkUpdate", "firmwareUpgrades/rollbacks", "switch/stacks/add", "switch/stacks/remove",
    "vlanProfiles/assignments/reassign", "wireless/ethernet/ports/profiles/assign",
    "wireless/ethernet/ports/profiles/setDefault",
}  # fmt: skip
"""Operations of Meraki that act once: they make no kind of object."""
SUPERSEDED = {"syslogServers"}
"""Paths of Meraki that a later path has replaced."""
CHILDREN_OF_THE_SMC = {
    "external_endpoint", "vpn_site", "gateway_node", "gateway_tunnel", "internal_gateway", "internal_endpoint",
}  # fmt: skip
DRIVEN_OF_THE_SMC = {*element_table.TYPES, *policy_table.TYPES, *CHILDREN_OF_THE_SMC}
RULES_OF_THE_SMC = tuple(entry.type for entry in LISTS.values())
DRIVEN_OF_PRISM = {name for kind in KINDS if kind.system == "prism" for name in kind.classes}
SYSTEMS = {
    "meraki": "Meraki", "smc": "Forcepoint", "prism": "Nutanix", "glpi": "GLPI", "zabbix": "Zabbix",
    **dict.fromkeys(("ad", "dns", "dhcp", "nps", "print"), "Windows"),
}  # fmt: skip
"""The part of the page of each system of a kind."""


def named(system: str) -> set[str]:
    return {name for entry in UNDRIVEN[system]["kinds"] for name in entry["names"]}


def read(name: str) -> Any:
    return json.loads((Path(CONTRACTS) / f"{name}.json").read_text("utf-8"))


def meraki_code() -> str:
    """The product's Meraki code, its paths with empty placeholders."""
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / "piste/systems/meraki").glob("*.py"))
    text = text.replace("{ALONE}", ALONE) + text.replace("{ALONE}", STACKED)
    text = text.replace("{_PATH}", "/wireless/ssids/").replace("{_N}", "/networks/x")
    return re.sub(r"/{2,}", "/", re.sub(r"\{+[^{}]*\}+", "", text))


def written(path: str) -> str:
    """Name a path of Meraki by its words after the scope, or by the scope where there are none."""
    scope, *words = [word for word in path.split("/") if word and not word.startswith("{")]
    if scope == "organizations" and words in ([], ["snmp"]):
        return "/".join([scope, *words])
    return "/".join(words) or scope


def driven_by_meraki(name: str) -> bool:
    return re.search(rf"/{re.escape(name)}/?[\"'\s{{]", meraki_code()) is not None


def test_nothing_that_is_listed_is_driven() -> None:
    assert [name for name in named("Meraki") - {"organizations", "organizations/snmp"} if driven_by_meraki(name)] == []
    assert [(kind, name) for kind in DRIVEN_OF_THE_SMC for name in named("Forcepoint") if fnmatchcase(kind, name)] == []
    assert named("Nutanix") & DRIVEN_OF_PRISM == set()
    of_glpi = {str(kind.table.endpoint) for kind in KINDS if kind.system == "glpi"} | {*ASSETS}
    assert [(kind, name) for kind in of_glpi for name in named("GLPI") if fnmatchcase(kind, name)] == []
    assert named("Zabbix") & {kind.table.endpoint.name for kind in KINDS if kind.system == "zabbix"} == set()
    of_windows = [kind for kind in KINDS if kind.driver.startswith("piste.systems.windows.")]
    kinds = {kind.table.name for kind in of_windows} | {kind.module for kind in of_windows}
    assert [(kind, name) for kind in kinds for name in named("Windows") if name in kind] == []


def test_each_kind_of_prism_central_names_its_classes_and_every_system_has_its_part() -> None:
    assert [kind.module for kind in KINDS if (kind.system == "prism") != bool(kind.classes)] == []
    assert {SYSTEMS[kind.system] for kind in KINDS} == UNDRIVEN.keys()


@contract
def test_the_classes_that_a_kind_names_are_those_of_the_contract() -> None:
    known = {name.rpartition(".")[2] for models in read("nutanix-v4").values() for name in models}
    assert DRIVEN_OF_PRISM - known == set()


def test_the_page_of_gaps_calls_no_driven_system_undriven() -> None:
    names = {name.casefold() for name in (*SYSTEMS.values(), "supervision")}
    said = [gap["what"] for gap in NOT_EXPORTED if "non piloté" in gap["why"]]
    assert [what for what in said if names & {*re.findall(r"\w+", what.casefold())}] == []


def test_the_page_of_reversibility_names_each_domain_and_each_system() -> None:
    page = (ROOT / "docs/reversibilite.md").read_text("utf-8")
    replay = page[page.index("## 4. ") : page.index("## 5. ")]
    assert [title for title in TITLES.values() if f"\n| {title.lower()} |" not in replay.lower()] == []
    withdrawn = page[page.index("## 6. ") :]
    names = ("Meraki", "SMC", "annuaire", "Prism", "NPS", "impression", "Zabbix", "GLPI", "Nexus", "Veeam")
    assert [name for name in names if name not in withdrawn] == []


def test_every_system_says_where_the_rest_is_and_nothing_is_listed_twice() -> None:
    for system in UNDRIVEN.values():
        listed = system["kinds"]
        names = [name for entry in listed for name in entry["names"]]
        assert system["where"]
        assert len({entry["what"] for entry in listed}) == len(listed)
        assert len(names) == len(set(names))
        assert all(names)


def test_what_the_driver_of_prism_writes_is_what_the_comparison_calls_driven() -> None:
    written_paths = {"ahv/config/vms", "content/images", "config/categories", "config/subnets"}
    known = {collection.path for collection in vars(prism).values() if isinstance(collection, prism.Collection)}
    assert written_paths <= known
    assert prism.SWITCHES.path == "config/virtual-switches"  # read only, so that it is listed


def kinds_of_meraki() -> Iterator[str]:
    for operation in read("meraki")["operations"].values():
        if operation["method"].upper() in ("PUT", "POST"):
            yield written(operation["path"])


@contract
def test_every_kind_that_meraki_lets_write_is_driven_or_listed() -> None:
    known = named("Meraki") | ACTIONS | SUPERSEDED
    assert sorted({name for name in kinds_of_meraki() if name not in known and not driven_by_meraki(name)}) == []


@contract
def test_every_kind_of_element_of_the_smc_is_driven_or_listed() -> None:
    kinds = set(read("forcepoint-7.4")["entry_point"].values()) - DRIVEN_OF_THE_SMC - {*RULES_OF_THE_SMC}
    left = {kind for kind in kinds if not any(fnmatchcase(kind, name) for name in named("Forcepoint"))}
    assert sorted(left) == []
    assert [name for name in named("Forcepoint") if not any(fnmatchcase(kind, name) for kind in kinds)] == []


@contract
def test_every_kind_that_prism_central_lets_write_is_driven_or_listed() -> None:
    classes = {
        match[1]
        for namespace in ("vmm", "networking", "clustermgmt", "prism", "datapolicies", "dataprotection")
        for name in read("nutanix-v4")[namespace]
        if (match := re.fullmatch(r"(?:Create|Update)(\w+)ApiResponse", name.rpartition(".")[2]))
    }
    left = {
        name
        for name in classes - DRIVEN_OF_PRISM
        if not any(fnmatchcase(name, pattern) for pattern in named("Nutanix"))
    }
    assert sorted(left) == []
