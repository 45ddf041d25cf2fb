"""`show interface brief`: each port as its switch says it, or nothing of the switch."""

from __future__ import annotations

import pytest

from piste.engine.converge.values import Misfit
from piste.systems.nexus.tables import MOST_PORTS, ports

RULE = "-" * 80
HEAD = f"""
{RULE}
Port   VRF          Status IP Address                              Speed    MTU
{RULE}
mgmt0  --           up     192.0.2.3                               1000     1500

{RULE}
Ethernet      VLAN    Type Mode   Status  Reason                   Speed     Port
Interface                                                                    Ch #
{RULE}
"""
ROWS = """Eth1/1        1       eth  trunk  up      none                        10G(D) 10
Eth1/2        102     eth  access up      none                       1000(D) --
Eth1/3        1       eth  access down    Link not connected         auto(D) --
Eth1/4        --      eth  routed down    Administratively down      auto(D) --
Eth1/5        1       eth  access down    SFP not inserted            10G(D) --
Eth1/6        1       eth  trunk  down    suspended(no LACP PDUs)     10G(D) 7
Eth1/7        1       eth  access down    BPDUGuard errDisable       auto(D) --
Eth1/8        1       eth  access down    Err-disabled by UDLD       auto(D) --
Eth1/9        monitor eth  access up      none                        2.5G(D) --
Eth1/10       --      eth  routed up      none                       auto(D) --
Eth1/10.300   300     eth  routed up      none                        40G(D) --
Eth1/50/1     1       eth  fabric up      none                      a-25G(D) 4000
"""
REST = f"""
{RULE}
Port-channel VLAN    Type Mode   Status  Reason                    Speed   Protocol
Interface
{RULE}
Po10         1       eth  trunk  up      none                       a-10G(D)  lacp

{RULE}
Interface     Status     Description
{RULE}
Lo0           up         Ethernet VLAN de l’ancien prestataire
"""
EXTENDER = f"""
{RULE}
Ethernet       VLAN    Type Mode   Status  Reason                  Speed     Port
Interface                                                                    Ch #
{RULE}
Eth101/1/1     1       eth  trunk  up      none                      1000(D) --
"""
WHOLE = HEAD + ROWS + REST + EXTENDER


def test_each_port_is_as_its_switch_says() -> None:
    read = {number: tuple(port.values()) for number, port in ports(WHOLE).items()}
    assert read == {
        "1/1": ("up", 10_000, ""),
        "1/2": ("up", 1000, ""),
        "1/3": ("down", None, "Link not connected"),
        "1/4": ("off", None, ""),
        "1/5": ("down", None, "SFP not inserted"),
        "1/6": ("error", None, "suspended(no LACP PDUs)"),
        "1/7": ("error", None, "BPDUGuard errDisable"),
        "1/8": ("error", None, "Err-disabled by UDLD"),
        "1/9": ("up", 2500, ""),
        "1/10": ("up", None, ""),
        "1/50/1": ("up", 25_000, ""),
        "101/1/1": ("up", 1000, ""),
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bienvenue sur le portail",
        HEAD,
        ROWS,
        HEAD + ROWS[:-20],
        HEAD + ROWS.replace("Eth1/2  ", "Eth1/1  "),
        HEAD + ROWS.replace("up      none                       1000(D)", "flapping none                      1000(D)"),
        HEAD + ROWS.replace("up      none                       1000(D)", "up      en panne                   1000(D)"),
        HEAD + ROWS.replace("1000(D)", "vite"),
        HEAD + "<script>alert(1)</script>\n" + ROWS,
        HEAD + ROWS.replace("Link not connected", "x" * 200),
        HEAD + "".join(
            f"Eth{n // 900 + 1}/{n % 900} 1 eth access down none auto(D) --\n" for n in range(MOST_PORTS + 1)
        ),
    ],
    ids=["nothing", "a page", "no row", "no heading", "cut", "twice", "status", "reason", "speed", "hostile", "long",
         "many"],
)  # fmt: skip
def test_what_is_not_understood_leaves_nothing_known(text: str) -> None:
    with pytest.raises(Misfit):
        ports(text)


def test_a_name_that_a_switch_gives_is_data() -> None:
    hostile = "<b>{{ 7*7 }}</b>"
    (port,) = ports(f"{HEAD}Eth1/1        1       eth  access down    {hostile}           auto(D) --\n").values()
    assert tuple(port.values()) == ("down", None, hostile)
