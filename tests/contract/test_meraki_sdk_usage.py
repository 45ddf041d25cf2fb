"""Histories of the lab against the vendor's Python SDK, over HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import meraki
import pytest

from lab import Lab
from tests.contract.test_meraki_sdk import AP, ORG, SWITCH, Sdk
from tests.support.meraki_client import small_inventory


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("brownfield", tls=True, inventory=small_inventory()) as running:
        running.meraki.behaviour.set(rate_limit=None)
        yield running


@pytest.fixture(scope="module")
def sdk(lab: Lab) -> Sdk:
    return Sdk(lab)


def test_clients_come_by_hour_for_a_network_and_for_an_access_point(sdk: Sdk) -> None:
    network = sdk("getDevice", AP)["networkId"]
    whole = sdk("getNetworkWirelessClientCountHistory", network)
    # A week by day, by default.
    assert len(whole) == 7
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    bounds = {"t0": (midnight - timedelta(days=2)).isoformat(), "t1": midnight.isoformat()}
    hours = sdk("getNetworkWirelessClientCountHistory", network, deviceSerial=AP, resolution=3600, **bounds)
    assert len(hours) == 48
    assert set(hours[0]) == {"startTs", "endTs", "clientCount"}
    everybody = sdk("getNetworkWirelessClientCountHistory", network, resolution=3600, **bounds)
    pairs = zip(hours, everybody, strict=True)
    assert all(here["clientCount"] <= there["clientCount"] for here, there in pairs)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"resolution": 60}, "must be one of"),
        ({"timespan": 32 * 86_400}, "31 days|too far"),
        ({"t0": "2020-01-01T00:00:00Z", "t1": "2020-01-02T00:00:00Z"}, "31 days"),
        ({"timespan": 3600, "t0": "2026-01-01T00:00:00Z"}, "cannot be given"),
    ],
)
def test_a_question_that_the_dashboard_refuses_is_refused(question: dict[str, object], why: str, sdk: Sdk) -> None:
    network = sdk("getDevice", AP)["networkId"]
    with pytest.raises(meraki.APIError, match=why) as refusal:
        sdk("getNetworkWirelessClientCountHistory", network, **question)
    assert refusal.value.status == 400
    with pytest.raises(meraki.APIError):
        sdk("getOrganizationSwitchPortsUsageHistoryByDeviceByInterval", ORG, **{**question, "interval": 3600})


def test_the_use_of_channels_and_the_signal_come_by_access_point(sdk: Sdk) -> None:
    name, network = "getOrganizationWirelessDevicesChannelUtilizationByDevice", sdk("getDevice", AP)["networkId"]
    point = next(item for item in sdk(name, ORG, perPage=3, total_pages="all") if item["serial"] == AP)
    assert set(point) == {"serial", "mac", "network", "byBand"}
    assert [set(band) for band in point["byBand"]] == [{"band", "wifi", "nonWifi", "total"}] * 2
    for question, why in (({"interval": 60}, "must be one of"), ({"timespan": 91 * 86_400}, "90 days")):
        with pytest.raises(meraki.APIError, match=why):
            sdk(name, ORG, **question)
    (day,) = sdk("getNetworkWirelessSignalQualityHistory", network, deviceSerial=AP, timespan=86_400)
    assert set(day) == {"startTs", "endTs", "snr", "rssi"}
    with pytest.raises(meraki.APIError, match="must be given"):
        sdk("getNetworkWirelessSignalQualityHistory", network)


def test_clients_come_in_pages_by_mac_and_by_network(sdk: Sdk, lab: Lab) -> None:
    network = sdk("getDevice", SWITCH)["networkId"]
    seen = [{"mac": f"02:aa:00:00:00:0{at}", "serial": SWITCH, "port": "3", "vlan": 7} for at in range(5)]
    lab.meraki.behaviour.set(clients=seen)
    listed = sdk("getNetworkClients", network, total_pages="all", perPage=3, mac="02:aa", timespan=86_400 * 30)
    assert [client["mac"] for client in listed] == [client["mac"] for client in seen]
    assert {client["recentDeviceSerial"] for client in listed} == {SWITCH}
    known = sdk("getOrganizationClientsSearch", ORG, seen[0]["mac"])
    assert [record["network"]["id"] for record in known["records"]] == [network]
    assert isinstance(known["records"][0]["lastSeen"], int)
    for question in ({"mac": "02:aa"}, {"mac": seen[0]["mac"], "perPage": 6}):
        with pytest.raises(meraki.APIError) as refusal:
            sdk("getOrganizationClientsSearch", ORG, **question)
        assert refusal.value.status == 400
    with pytest.raises(meraki.APIError, match="31 days"):
        sdk("getNetworkClients", network, timespan=86_400 * 32)


def test_an_access_point_of_another_network_is_not_found(sdk: Sdk) -> None:
    networks = [network["id"] for network in sdk("getOrganizationNetworks", ORG)]
    other = next(network for network in networks if network != sdk("getDevice", AP)["networkId"])
    with pytest.raises(meraki.APIError) as refusal:
        sdk("getNetworkWirelessClientCountHistory", other, deviceSerial=AP)
    assert refusal.value.status == 404


def test_the_ports_of_a_day_come_in_pages_by_twenty_minutes(sdk: Sdk, lab: Lab) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    bounds = {"t0": (midnight - timedelta(days=1)).isoformat(), "t1": midnight.isoformat(), "interval": 1200}
    name = "getOrganizationSwitchPortsUsageHistoryByDeviceByInterval"
    paged = sdk(name, ORG, total_pages="all", perPage=4, **bounds)["items"]
    assert paged == sdk(name, ORG, perPage=50, **bounds)["items"]
    switch = next(item for item in paged if item["serial"] == SWITCH)
    assert {len(port["intervals"]) for port in switch["ports"]} == {72}
    with pytest.raises(meraki.APIError, match="perPage"):
        sdk(name, ORG, perPage=51, **bounds)
