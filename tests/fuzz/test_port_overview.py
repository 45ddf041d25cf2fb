"""The overview of ports plans the same as the switches' own lists, whatever ports hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from lab.meraki.ports import NOT_IN_BY_SWITCH
from piste.engine.converge.errors import PisteError
from piste.engine.converge.plan import Item, State
from piste.engine.converge.request import Request
from piste.engine.converge.secrets import Vault
from piste.engine.converge.walk import converge
from piste.engine.transport.shared import Shared
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.switch_port_table import OVERVIEW
from piste.systems.meraki.switch_ports import SwitchPorts
from tests.support.fuzz import examples

SERIALS, NUMBERS = ("QZZZ-0000-0001", "QZZZ-0000-0002"), ("1", "2")
NETWORK = {"id": "N_1", "name": "VLB essai"}
_FIELDS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "name": ("name", ("Poste", None)),
    "tags": ("tags", ([], ["a"], ["b", "a"])),
    "enabled": ("enabled", (True, False)),
    "type": ("type", ("access", "trunk")),
    "vlan": ("vlan", (1, 151)),
    "allowed_vlans": ("allowedVlans", ("all", "1,3-4")),
    "isolation_enabled": ("isolationEnabled", (True, False)),
    "stp_guard": ("stpGuard", ("disabled", "bpdu guard")),
    "access_policy_type": ("accessPolicyType", ("Open", "Custom access policy", "Sticky MAC allow list")),
    "access_policy": ("accessPolicyNumber", ("agents", "invités")),
    "sticky_mac_allow_list": ("stickyMacAllowList", ([], ["02:00:00:00:00:01"])),
    "dai_trusted": ("daiTrusted", (True, False)),
}
POLICIES = {"agents": 1, "invités": 2}


def ports() -> st.SearchStrategy[Item]:
    """A port in wire form; what a port may leave out is there or not."""
    always = _FIELDS.keys() - {"access_policy", "sticky_mac_allow_list"}
    values = {
        name: st.sampled_from([POLICIES.get(str(value), value) for value in choices])
        for name, (_, choices) in _FIELDS.items()
    }
    made = st.fixed_dictionaries(
        {_FIELDS[name][0]: values[name] for name in values if name in always},
        optional={_FIELDS[name][0]: values[name] for name in values if name not in always},
    )
    return made.map(dict)


def desired() -> st.SearchStrategy[Item]:
    return st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(choices) for name, (_, choices) in _FIELDS.items()}
    )


class Listed(SwitchPorts):
    """The same driver without the overview."""

    def _overview(self, named: Any) -> dict[str, Any]:
        return {}


def planned(driver: type[SwitchPorts], live: dict[str, Item], located: bool, **request: Any) -> Any:
    """The operations that a check plans, or the error that ends it."""

    def own(path: str) -> list[Item]:
        if path.endswith("/accessPolicies"):
            return [{"accessPolicyNumber": str(number), "name": name} for name, number in POLICIES.items()]
        serial = path.split("/")[2]
        return [{"portId": number, **live[f"{serial}/{number}"]} for number in NUMBERS]

    def pages(path: str, per_page: int, query: dict[str, list[str]]) -> list[Item]:
        assert path.endswith("/switch/ports/bySwitch")
        return [
            {
                "serial": serial,
                "name": serial,
                "mac": "02:00:00:00:00:00",
                "network": NETWORK,
                "ports": [{k: v for k, v in port.items() if k not in NOT_IN_BY_SWITCH} for port in own(f"//{serial}")],
            }
            for serial in query["serials[]"]
        ]

    with tempfile.TemporaryDirectory() as folder:
        shared = Shared(Path(folder), "meraki")
        dashboard = SimpleNamespace(
            shared=shared,
            located=located,
            organization="1",
            planned=shared.planned,
            plan_object=shared.plan_object,
            network=lambda name: NETWORK,
            devices=lambda: [{"serial": serial, "networkId": "N_1", "productType": "switch"} for serial in SERIALS],
            items=own,
            pages=pages,
            transport=SimpleNamespace(map=lambda work, items: [work(item) for item in items]),
        )
        made = driver(cast("Dashboard", dashboard), Vault({}), "essai", NETWORK["name"])
        made.guards = lambda operations: {}  # type: ignore[method-assign]
        try:
            return converge(made, Request(check=True, owner="essai", max_removals=99, **request))["operations"]
        except PisteError as error:
            return str(error)


@examples(small=15, wide=3000)
@given(
    st.fixed_dictionaries({f"{serial}/{number}": ports() for serial in SERIALS for number in NUMBERS}),
    st.dictionaries(st.sampled_from([f"{serial}/{number}" for serial in SERIALS for number in NUMBERS]), desired()),
    st.booleans(),
    st.sampled_from(["merged", "merged", "replaced", "overridden", "deleted"]),
    st.booleans(),
    st.sets(st.sampled_from([f"{SERIALS[0]}/{number}" for number in NUMBERS]), max_size=1),
    st.booleans(),
)
def test_the_overview_changes_no_plan(
    live: dict[str, Item],
    declared: dict[str, Item],
    located: bool,
    state: State,
    shown: bool,
    absent: set[str],
    as_live: bool,
) -> None:
    config = []
    for key, item in declared.items():
        serial, _, number = key.partition("/")
        if shown:
            item = {name: value for name, value in item.items() if name in OVERVIEW}
        if as_live:  # most runs have nothing to do
            names = {number: name for name, number in POLICIES.items()}
            known = {name: live[key][wire] for name, (wire, _) in _FIELDS.items() if name in item and wire in live[key]}
            item = {name: names[value] if name == "access_policy" else value for name, value in known.items()}
        config.append({"serial": serial, "port_id": number, **item})
    request = {"config": config, "state": state, "absent": sorted(absent - declared.keys())}
    assert planned(SwitchPorts, live, located, **request) == planned(Listed, live, located, **request)
