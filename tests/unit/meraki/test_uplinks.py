"""The default gateway of a carrier: whose it is, however the system shows it."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.meraki.uplinks import by_subnet, uplink

OLD = {"interfaceId": "1", "subnet": "10.1.1.0/24"}
TRANSIT = {"interfaceId": "2", "subnet": "10.93.240.0/29"}
LOOPBACK = {"interfaceId": "3", "mode": "loopback", "subnet": None}


def _led(document: dict[str, Any], gateway: str, *, marked: bool = False) -> dict[str, Any]:
    return {**document, "defaultGateway": gateway, "uplinkV4": marked}


@pytest.mark.parametrize(
    ("documents", "holder", "shown"),
    [
        ([], None, {}),
        ([OLD, TRANSIT], None, {}),
        ([_led(OLD, "10.1.1.1"), TRANSIT], "1", {"1": "10.1.1.1"}),
        ([_led(OLD, "10.93.240.1"), LOOPBACK, TRANSIT], "1", {"2": "10.93.240.1"}),
        ([_led(OLD, "10.93.240.1"), _led(TRANSIT, "10.93.240.1")], "1", {"2": "10.93.240.1"}),
        ([_led(OLD, "10.93.240.1"), _led(TRANSIT, "10.93.240.1", marked=True)], "2", {"2": "10.93.240.1"}),
        ([_led(OLD, "192.0.2.1"), TRANSIT], "1", {"1": "192.0.2.1"}),
        ([_led(OLD, "n’importe quoi"), TRANSIT], "1", {"1": "n’importe quoi"}),
    ],
)
def test_the_gateway_is_that_of_the_subnet_where_it_lies(
    documents: list[dict[str, Any]], holder: str | None, shown: dict[str, str]
) -> None:
    known = uplink(documents)
    assert (known["interfaceId"] if known else None) == holder
    read = by_subnet(documents)
    assert {face["interfaceId"]: face["defaultGateway"] for face in read if face.get("defaultGateway")} == shown
    assert [face["interfaceId"] for face in read] == [face["interfaceId"] for face in documents]
