"""802.1X at the twin: policies read as FreeRADIUS judges them, without a machine."""

from __future__ import annotations

from typing import Any

from piste.trials.twin.access import account_at, accounts, address_at, guard, serve, shared
from piste.trials.twin.build import build
from piste.trials.twin.layout import NOWHERE, Host
from piste.trials.twin.readings import Readings
from tests.support.twin import readings, town

HALL = "hotel-de-ville"
NAS = "10.93.0.13"


def policy(name: str, order: int, **more: Any) -> dict[str, Any]:
    conditions = {"nas_port_type": ["wired"], "nas_address": r"^10\.93\.0\.", "windows_groups": [f"G-{name}"]}
    given = {"access": "grant", "eap": [{"method": "peap"}], "conditions": conditions}
    return {"name": name, "order": order, **given, **more}


def written(known: Readings) -> tuple[str, list[str]]:
    host, unsaid = Host("serveurs"), list[str]()
    serve(host, known, {account.name for account in accounts(known)}, unsaid)
    return host.files["radiusd.conf"], unsaid


def test_a_port_with_a_policy_leads_nowhere_before_an_admission() -> None:
    layout = build(readings(HALL), town(), [HALL])
    (port,) = [port for port in layout.ports if port.label == "sw-hdv-03/7"]
    assert port.vlans.tag == NOWHERE
    guards = {each.label: each for each in layout.guards}
    assert (guards["sw-hdv-03/7"].guest, guards["sw-hdv-03/7"].critical) == (104, 101)
    assert guards["sw-hdv-03/7"].address == NAS
    assert {place.account for place in layout.places if place.account} == {"essai-1"}


def test_the_policies_are_tried_in_their_order_and_an_account_has_the_groups_of_its_own() -> None:
    known = Readings(network_policies=[policy("second", 20, vlan=102), policy("premier", 10, vlan=101)])
    text, unsaid = written(known)
    assert text.index('Tunnel-Private-Group-Id := "101"') < text.index('Tunnel-Private-Group-Id := "102"')
    assert "=~ /^(essai-0)$/i" in text
    assert "=~ /^(essai-1)$/i" in text
    assert unsaid == []
    account = account_at(known, 102, NAS)
    assert account
    assert (account.policy, account_at(known, 102, "10.94.0.1"), account_at(known, 103, NAS)) == ("second", None, None)


def test_a_disabled_policy_and_a_denial_have_no_account() -> None:
    known = Readings(network_policies=[policy("morte", 1, enabled=False), policy("refus", 2, access="deny")])
    assert accounts(known) == []
    assert "G-morte" not in written(known)[0]


def test_a_condition_that_cannot_be_judged_leaves_the_policy_without_effect_and_is_named() -> None:
    odd = policy("vpn", 1, vlan=101)
    odd["conditions"]["verbatim"] = ['MATCH("MS-RAS-Vendor=^311$")']
    text, unsaid = written(Readings(network_policies=[odd]))
    assert unsaid == ["stratégie NPS « vpn » : condition verbatim, donc jamais appliquée"]
    assert "Tunnel-Private-Group-Id" not in text


def test_a_hostile_pattern_or_name_reaches_no_configuration() -> None:
    odd = policy("mal", 1, vlan=101)
    odd["conditions"]["nas_address"] = '%{exec:reboot}"'
    client = {"name": 'x" }\nexec', "address": "10.0.0.1", "secret": {"secret": "a"}}
    text, unsaid = written(Readings(network_policies=[odd], radius_clients=[client]))
    assert "exec:reboot" not in text
    assert len(unsaid) == 1
    assert "\nexec" not in text.partition("thread pool")[0].partition("proxy_requests")[2]


def test_an_address_is_let_in_where_a_request_says_so() -> None:
    request = {
        "name": "MAC", "order": 1, "authentication": "accept", "vlan": 111,
        "conditions": {
            "calling_station": "^02[-:.]?93[-:.]?01[-:.]?00[-:.]?00[-:.]?60$", "nas_address": r"^10\.93\.8\.",
        },
    }  # fmt: skip
    known = Readings(connection_request_policies=[request])
    assert address_at(known, 111, "10.93.8.11") == "02:93:01:00:00:60"
    assert address_at(known, 111, "10.93.0.11") is None
    assert address_at(known, 112, "10.93.8.11") is None


def test_ends_that_hold_another_secret_do_not_agree() -> None:
    servers = [{"host": "10.93.2.13", "port": 1812, "secret": {"secret": "radius/a"}}]
    made = guard({"name": "agents", "radius_servers": servers}, {"vlan": 101}, NAS, "gestion", "sw/1")
    assert made.servers[0][2] == shared({"secret": "radius/a"}) != shared({"secret": "radius/b"})
    assert (made.eap, made.mac) == (True, False)
