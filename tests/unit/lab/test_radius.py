"""The export of an NPS as the lab reads it, and the FreeRADIUS configuration made of it."""

from __future__ import annotations

import selectors
import socket
from pathlib import Path

import pytest

from lab.control import Control
from lab.instance import Lab
from lab.radius import server
from lab.radius.nps_export import Configuration, NotServed, read
from lab.radius.render import files
from lab.winrm import nps_documents
from tests.support.meraki_client import small_inventory
from tests.support.nps_document import PEAP, TLS, Rule, document

SID = "S-1-5-21-1-2-3-1103"
CLIENTS = {"sw-01": ("10.93.8.11", 'se"cret')}


def rendered(known: Configuration, members: dict[str, frozenset[str]] | None = None) -> str:
    given = {"folder": Path("/f"), "port": 1812, "netbios": "VILLE", "samba": "/smb.conf"}
    return files(known, members or {}, **given)["radiusd.conf"]  # type: ignore[arg-type]


def with_condition(condition: str) -> Configuration:
    return read(document(CLIENTS, [Rule("Tous")], [Rule("Essai", (condition,), 111, (TLS,))]))


def test_clients_and_policies_are_read_in_their_order() -> None:
    known = read(
        document(
            CLIENTS,
            [Rule("Imprimante", ('MATCH("Calling-Station-Id=^x$")',), 151, provider=0), Rule("Tous")],
            [Rule("Agents", (f'NTGROUPS("{SID}")',), 111, (TLS, PEAP)), Rule("Refus")],
        )
    )
    assert [(client.name, client.address, client.secret) for client in known.clients] == [
        ("sw-01", "10.93.8.11", 'se"cret')
    ]
    assert [(policy.name, policy.unverified, policy.vlan) for policy in known.requests] == [
        ("Imprimante", True, "151"),
        ("Tous", False, None),
    ]
    assert [(policy.name, policy.eap, policy.vlan) for policy in known.policies] == [
        ("Agents", (TLS, PEAP), "111"),
        ("Refus", (), None),
    ]
    assert known.groups == {SID}


@pytest.mark.parametrize("content", [nps_documents.fresh(), nps_documents.inherited()])
def test_the_configurations_of_the_seeds_can_be_served(content: bytes) -> None:
    text = rendered(read(content.decode()))
    assert "server nps" in text


def test_a_group_is_its_accounts_and_an_empty_group_is_nobody() -> None:
    known = with_condition(f'NTGROUPS("{SID}")')
    assert "/^(agent\\.test|pc\\-01\\$)$/i" in rendered(known, {SID: frozenset({"pc-01$", "agent.test"})})
    assert "((false))" in rendered(known)


def test_enumerations_are_compared_by_number_and_a_pattern_cannot_leave_its_place() -> None:
    assert '"%{integer:NAS-Port-Type}" =~ /^15$/i' in rendered(with_condition('MATCH("NAS-Port-Type=^15$")'))
    assert r"=~ /a\/b%%{c}/i" in rendered(with_condition('MATCH("User-Name=a/b%{c}")'))


def test_a_secret_is_written_as_it_is() -> None:
    assert 'secret = "se\\"cret"' in rendered(with_condition('MATCH("User-Name=x")'))


@pytest.mark.parametrize(
    "condition", ['MATCH("Framed-Protocol=1")', 'TIMEOFDAY("1 07:30-19:00")', 'EAPTYPES("13")', "sans forme"]
)
def test_a_condition_that_the_lab_cannot_judge_is_refused(condition: str) -> None:
    with pytest.raises(NotServed, match="Essai"):
        rendered(with_condition(condition))


def test_a_repeated_request_passes_without_another_look_at_the_nps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[bool] = []
    monkeypatch.setattr(server._Server, "_refresh", lambda self: looked.append(True))
    front = server._Server(None, "hdv-nps1", lambda: "")  # type: ignore[arg-type]
    with selectors.DefaultSelector() as selector, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for data in (b"a" * 20, b"a" * 20, b"b" * 20, b"b" * 20, b"a" * 20):
            client.sendto(data, front.front.getsockname())
            front.ask(selector)
        front.close()
    assert len(looked) == 3


def test_a_machine_without_freeradius_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SYSTEM_PATH", "/nulle-part")
    assert "freeradius" in server.obstacle()
    assert "apt-get install --no-install-recommends eapoltest freeradius" in server.obstacle()


def test_a_lab_without_a_directory_has_no_radius_and_no_members(tmp_path: Path) -> None:
    with Lab("empty", folder=tmp_path, inventory=small_inventory()) as lab:
        assert "radius" not in lab.info
        with pytest.raises(ValueError, match="sans annuaire"):
            Control(lab, "jeton")._member({"group": "GV-Agents", "account": "agent.test"})
