"""A task per domain: its kinds, their order and options, and its report of a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.errors import Guarded, InvalidConfig
from piste.engine.kind import Kind, faults
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains import domain as domains
from piste.runs.domains.access import MODULES as ACCESS
from piste.runs.domains.directory import MODULES as DIRECTORY
from piste.runs.domains.inventory import MODULES as INVENTORY
from piste.runs.domains.network import MODULES as NETWORK
from piste.runs.plans.show import DOMAINS as SHOWN
from piste.systems.kinds import DOMAINS, KINDS, TITLES, of_domain
from piste.town.derived import keep

SITE = "ecole-jaures"
OPERATION = {"owner": SITE, "action": "update"}


class Ran:
    """The requests of each kind, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int, int, bool]] = []
        self.fails = ""
        self.empty: set[str] = set()

    def __call__(self, driver: Any, connection: Any, request: Any, params: Any) -> dict[str, Any]:
        name = driver.resource.name
        asked = (name, request.state, len(request.config), len(request.absent), request.rehearsal)
        self.asked.append(asked)
        if name == self.fails:
            raise Guarded("non", where=name)
        gathered = {"gathered": [] if name in self.empty else [{"name": name}]} if request.state == "gathered" else {}
        operations = [{**OPERATION, "kind": name}]
        return {"changed": True, "operations": operations, "summary": [f"~ {name}"], "warnings": [], **gathered}

    @property
    def names(self) -> list[str]:
        return [name for name, *_ in self.asked]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    runs = Ran()
    monkeypatch.setattr(domains, "run", runs)
    town = declared_town()
    keep("commune", town.commune)
    keep(SITE, town.sites[SITE])
    return runs


def network(check: bool = False, **given: Any) -> dict[str, Any]:
    module = NETWORK["piste_network"]
    dashboard = {"base_url": "https://lab.invalid", "api_key": "x", "organization": "x"}
    return module.run({**module.defaults, "dashboard": dashboard, **given}, check)


OF_ANOTHER = {"switch_stack", "link_aggregation", "trusted_server", "firmware"}
"""Kinds of the network that this site does not declare."""


def words(domain: str) -> list[str]:
    return [kind.table.name for kind in of_domain(domain) if not kind.step and kind.table.name not in OF_ANOTHER]


def test_a_domain_takes_its_kinds_in_the_order_of_the_table(ran: Ran) -> None:
    result = network(site=SITE)
    assert ran.names == words("network")
    assert [operation["kind"] for operation in result["operations"]] == words("network")
    assert result["kinds"] == {kind.name: 1 for kind in of_domain("network") if kind.table.name in words("network")}
    assert {state for _, state, *_ in ran.asked} == {"merged"}


def test_it_is_limited_to_some_kinds_and_a_step_is_done_alone(ran: Ran) -> None:
    network(site=SITE, only=["ssids", "devices"])
    assert ran.names == ["device", "ssid"]
    network(site=SITE, step="management")
    assert ran.names[2:] == ["device"]


def test_it_stops_at_the_first_failure_and_says_what_was_done(ran: Ran) -> None:
    ran.fails = "access_policy"
    with pytest.raises(Guarded) as refused:
        network(site=SITE)
    assert ran.names == ["network", "device", "network_settings", "access_policy"]
    assert [operation["kind"] for operation in refused.value.operations] == ran.names[:3]
    assert "qui reste fait" in str(refused.value)
    assert "~ device" in str(refused.value)
    with pytest.raises(Guarded) as planned:
        network(check=True, site=SITE)
    assert "qui reste fait" not in str(planned.value)


def test_ports_and_ssids_are_left_alone_where_their_8021x_is_not_ready(ran: Ran) -> None:
    with pytest.raises(Exception, match=r"PISTE-E050 .*l’annuaire n’a pas abouti"):
        network(site=SITE, ports_withheld="l’annuaire n’a pas abouti")
    assert ran.names == words("network")[: words("network").index("switch_port")]


def test_an_undo_makes_again_what_disappeared_before_it_gives_the_rest_back(ran: Ran) -> None:
    part = {"config": [{"name": "a"}], "absent": ["b"]}
    undo = {
        "restored": {"meraki_ssids": part, "meraki_devices": part, "ad_groups": part},
        "returned": {"meraki_devices": part, "meraki_ssids": part},
    }
    network(owner=SITE, network="VLB", state="merged", undo=undo)
    assert ran.names == ["device", "ssid", "ssid", "device"]
    assert {(config, absent) for _, _, config, absent, _ in ran.asked} == {(1, 1)}


def test_what_is_in_a_network_that_is_not_there_is_read_as_nothing(ran: Ran) -> None:
    ran.empty = {"network"}
    read = network(owner=SITE, network="VLB", state="gathered")["gathered"]
    assert ran.names == ["network"]
    assert read == {kind.name: [] for kind in of_domain("network") if not kind.unexported}


@pytest.mark.parametrize("only", [[], ["warranties"]])
def test_a_reading_leaves_out_what_no_export_has_unless_it_is_asked(ran: Ran, only: list[str]) -> None:
    module, kinds = INVENTORY["piste_inventory"], of_domain("inventory")
    glpi = {"base_url": "https://lab.invalid", "client_id": "x", "client_secret": "x", "username": "x", "password": "x"}
    module.run({**module.defaults, "glpi": glpi, "owner": "commune", "state": "gathered", "only": only}, False)
    exported = [kind.table.name for kind in kinds if not kind.unexported]
    assert ran.names == ([kind.table.name for kind in kinds if kind.name in only] or exported)
    assert [kind.name for kind in kinds if kind.unexported] == ["warranties", "links"]


def test_a_closing_takes_the_contents_before_their_container(ran: Ran) -> None:
    network(site=SITE, state="deleted")
    assert [(name, state) for name, state, *_ in ran.asked] == [("device", "deleted"), ("network", "deleted")]


def test_a_rehearsal_goes_through_all_kinds_before_any_is_written(ran: Ran) -> None:
    network(site=SITE, rehearse=True)
    assert ran.names == 2 * words("network")
    half = len(words("network"))
    assert [rehearsal for *_, rehearsal in ran.asked] == [True] * half + [False] * half
    network(check=True, site=SITE, rehearse=True)
    assert len(ran.names) == 3 * len(words("network"))


def test_a_site_that_declares_no_group_policy_has_nothing_to_do_with_them(ran: Ran) -> None:
    module = DIRECTORY["piste_directory"]
    for owner in (SITE, "commune"):
        domain = {"controller": "dc", "username": "x", "password": "p"}
        module.run({**module.defaults, "domain": domain, "site": owner}, True)
    assert ran.names == ["organizational_unit", "group", "gpo_links", "ad_subnet", *words("directory")]


def test_bad_input_is_refused_before_anything_is_asked(ran: Ran) -> None:
    with pytest.raises(InvalidConfig, match=r"config\.ssid : network n’a pas ce genre"):
        network(owner=SITE, network="VLB", state="merged", config={"ssid": []}, absent={"x": []})
    with pytest.raises(InvalidConfig, match="site : attendu"):
        network(owner=SITE)
    with pytest.raises(InvalidConfig, match="dashboard : attendu : donnez-le à la tâche, ou piste_meraki"):
        network(site=SITE, dashboard=None)
    assert ran.asked == []


def test_the_table_of_kinds_holds_together() -> None:
    assert list(faults(KINDS)) == []
    assert tuple(dict.fromkeys(kind.domain for kind in KINDS)) == DOMAINS == tuple(TITLES)
    assert len({kind.table.name for kind in KINDS}) == len(KINDS)
    # A system of several domains is shown under the first.
    assert {kind.system: TITLES[kind.domain] for kind in reversed(KINDS)} == SHOWN
    kind = Kind("network", "meraki_essais", "piste.systems.meraki.ssids:Ssids", "essais", within=("meraki_autres",))
    lines = list(faults((kind, kind)))
    assert [line.partition(": ")[2] for line in lines] == [
        "either its state in a closing (closed), or why it has none (unclosed)",
        "the least rights of its account are missing (rights)",
        "what holds it, meraki_autres, comes after it",
        "listed twice",
        "another kind of network is called essais",
        "either its state in a closing (closed), or why it has none (unclosed)",
        "the least rights of its account are missing (rights)",
        "what holds it, meraki_autres, comes after it",
    ]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.module)
def test_each_kind_is_what_its_line_says(kind: Kind) -> None:
    assert kind.table is kind.driver_class.resource
    assert set(kind.within) <= {other.module for other in KINDS}
    assert {"merged", "gathered"} <= set(kind.driver_class.states)
    if kind.closed:
        assert kind.closed in kind.driver_class.states


def test_a_closing_removes_the_radius_clients_of_a_site_whatever_their_servers(ran: Ran) -> None:
    module = ACCESS["piste_access"]
    reached = {"winrm": {"username": "x", "password": "x"}, "domain": {"controller": "dc", "username": "x"}}
    module.run({**module.defaults, **reached, "site": SITE, "state": "deleted"}, True)
    assert ran.asked == [("radius_client", "overridden", 0, 0, False)]
