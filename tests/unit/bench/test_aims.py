"""The changes of the lab before the lines of the aims are measured."""

from __future__ import annotations

from lab.instance import Lab
from tests.bench.aims import RENAMED, SWITCH
from tests.bench.own_lab import change_port
from tests.bench.routing import SERIAL
from tests.support.meraki_client import Client, small_inventory


def test_a_port_of_the_site_is_renamed_by_another_administrator() -> None:
    with Lab(inventory=small_inventory()) as lab:
        client = Client(lab.meraki)
        client.network("Banc")
        client.ok("PUT", f"/devices/{SERIAL}", {"name": SWITCH})
        change_port(lab, SWITCH, RENAMED)
        assert client.ok("GET", f"/devices/{SERIAL}/switch/ports/3")["name"] == "à la main"
