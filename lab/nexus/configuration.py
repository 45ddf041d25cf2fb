"""The configuration of a simulated Nexus, as NX-OS writes it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from typing import Any

Config = dict[str, Any]
"""`{hostname, vlans: {id: {name, state}}, interfaces: {name: [lines]}, extra: [lines]}`, as JSON values."""

LOCAL = (
    "username admin password 5 $5$EXEMPL$laboratoire0sans0valeur0hors0du0lab  role network-admin",
    "snmp-server user admin network-admin auth md5 0x00112233445566778899aabbccddeeff priv "
    "0x00112233445566778899aabbccddeeff localizedkey",
    "snmp-server community communaute-du-lab group network-operator",
    'tacacs-server key 7 "qdwmlab0secret"',
)
"""Lines with secrets, as any Nexus has: an export must mask them."""


PORTS, _SLOW_PORTS = 54, 48
"""Ports of the chassis; the first of them are of 10 Gb/s."""
SHUT_BY_DEFAULT = "system default switchport shutdown"
"""The line that shuts the switched ports that do not say otherwise."""


def spans(vlans: Iterable[int]) -> str:
    """Write VLANs as NX-OS does: `1,10-12`."""
    parts: list[list[int]] = []
    for vlan in sorted(vlans):
        if parts and vlan == parts[-1][1] + 1:
            parts[-1][1] = vlan
        else:
            parts.append([vlan, vlan])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in parts)


def trunk(to: str, vlans: Iterable[int], *more: str) -> list[str]:
    """Write the lines of a trunk; NX-OS cuts a long list of VLANs into several lines."""
    written = spans(vlans).split(",")
    lists = [",".join(written[at : at + 20]) for at in range(0, len(written), 20)]
    allowed = [f"switchport trunk allowed vlan {'add ' if at else ''}{text}" for at, text in enumerate(lists)]
    return [f"description vers {to}", "switchport", "switchport mode trunk", *allowed, *more, "no shutdown"]


def _closed(config: Config, name: str) -> bool:
    """Tell whether a port is shut where its block does not say."""
    routed = "no switchport" in config["interfaces"][name]
    return name.startswith("Ethernet") and not routed and SHUT_BY_DEFAULT in config["extra"]


def is_shut(config: Config, name: str) -> bool:
    lines = config["interfaces"][name]
    return "shutdown" in lines or (_closed(config, name) and "no shutdown" not in lines)


def running(config: Config, clock: str) -> str:
    """Write `show running-config`."""
    lines = ["", "!Command: show running-config"]
    lines += [f"!Running configuration last done at: {clock}", f"!Time: {clock}", ""]
    lines += ["version 9.3(13) Bios:version 05.47 ", f"hostname {config['hostname']}", ""]
    lines += ["feature lacp", "feature interface-vlan", "", *LOCAL, *config["extra"], ""]
    vlans = {int(number): vlan for number, vlan in config["vlans"].items()}
    lines.append(f"vlan {spans({1, *vlans})}")
    for number, vlan in sorted(vlans.items()):
        lines += [f"vlan {number}", f"  name {vlan['name']}"]
        lines += ["  shutdown"] if vlan["state"] == "shut" else []
    for name, content in config["interfaces"].items():
        # What is the default is not shown.
        shown = [line for line in content if line != "shutdown" or not _closed(config, name)]
        lines += ["", f"interface {name}", *[f"  {line}" for line in shown]]
    return "\n".join([*lines, ""])


def vlan_brief(config: Config) -> str:
    lines = ["", "VLAN Name                             Status    Ports"]
    lines.append("---- -------------------------------- --------- -------------------------------")
    lines.append(f"{1:<4} {'default':<32} {'active':<9} Eth1/4, Eth1/5, Eth1/6, Eth1/7")
    lines.append(f"{'':<48}Eth1/8, Eth1/9")
    for number, vlan in sorted((int(number), vlan) for number, vlan in config["vlans"].items()):
        state = "act/lshut" if vlan["state"] == "shut" else "active"
        lines.append(f"{number:<4} {vlan['name'][:32]:<32} {state:<9} Po1, Po10, Eth1/1, Eth1/2")
    return "\n".join([*lines, ""])


def vlan_json(config: Config) -> str:
    """Write `show vlan | json`."""
    rows = [("1", "default", "active")]
    rows += [(number, vlan["name"], vlan["state"]) for number, vlan in sorted(config["vlans"].items(), key=_number)]
    brief = [
        {
            "vlanshowbr-vlanid": number,
            "vlanshowbr-vlanid-utf": number,
            "vlanshowbr-vlanname": name,
            "vlanshowbr-vlanstate": "active",
            "vlanshowbr-shutstate": "shutdown" if state == "shut" else "noshutdown",
        }
        for number, name, state in rows
    ]
    media = [
        {"vlanshowinfo-vlanid": number, "vlanshowinfo-media-type": "enet", "vlanshowinfo-vlanmode": "ce-vlan"}
        for number, _, _ in rows
    ]
    tables = {"TABLE_vlanbrief": {"ROW_vlanbrief": brief}, "TABLE_mtuinfo": {"ROW_mtuinfo": media}}
    return json.dumps(tables)


def _number(entry: tuple[str, Any]) -> int:
    return int(entry[0])


def section(text: str, pattern: str) -> str:
    """Keep the blocks whose first line matches, as the filter `section` of NX-OS does."""
    lines, kept = [], False
    for line in text.splitlines():
        if not line.startswith(" "):
            kept = bool(re.search(pattern, line))
        lines += [line] if kept else []
    return "\n".join([*lines, ""])


def port_channels(config: Config) -> str:
    """Write `show port-channel summary`, with the members that are not shut down as bundled."""
    groups: dict[str, list[str]] = {}
    for name, lines in config["interfaces"].items():
        if name.startswith("port-channel"):
            groups.setdefault(name.removeprefix("port-channel"), [])
        for line in lines:
            if line.startswith("channel-group "):
                flag = "D" if is_shut(config, name) else "P"
                groups.setdefault(line.split()[1], []).append(f"{name.replace('Ethernet', 'Eth')}({flag})")
    rule = "-" * 80
    lines = ["Flags:  D - Down        P - Up in port-channel (members)", rule]
    lines += ["Group Port-       Type     Protocol  Member Ports", "      Channel", rule]
    for group, members in groups.items():
        state = "SU" if any(member.endswith("(P)") for member in members) else "SD"
        head = f"{group:<6}{f'Po{group}({state})':<12}Eth      LACP      "
        # Two members a line: the others go on below.
        rows = [members[at : at + 2] for at in range(0, len(members), 2)] or [[]]
        for at, row in enumerate(rows):
            lines.append((head if at == 0 else " " * len(head)) + "".join(f"{member:<13}" for member in row).rstrip())
    return "\n".join([*lines, ""])


def interface_brief(config: Config) -> str:
    """Write `show interface brief`; a port without any line is empty."""
    rule = "-" * 80
    lines = ["", rule, "Port   VRF          Status IP Address                              Speed    MTU", rule]
    lines += [f"{'mgmt0':<7}{'--':<13}{'up':<7}{'':<40}{'1000':<9}1500", "", rule]
    lines += ["Ethernet      VLAN    Type Mode   Status  Reason                   Speed     Port"]
    lines += ["Interface                                                                    Ch #", rule]
    for number in range(1, PORTS + 1):
        name = f"Ethernet1/{number}"
        content = config["interfaces"].get(name)
        mode, status, reason, speed = "access", "down", "XCVR not inserted", "auto(D)"
        if content is not None:
            mode = "trunk" if "switchport mode trunk" in content else "access"
            status, reason, speed = "up", "none", "40G(D)" if number > _SLOW_PORTS else "10G(D)"
            if is_shut(config, name):
                status, reason, speed = "down", "Administratively down", "auto(D)"
        group = next((line.split()[1] for line in content or () if line.startswith("channel-group ")), "--")
        head = f"{f'Eth1/{number}':<14}{1:<8}eth  {mode:<7}{status:<8}{reason:<25}"
        lines.append(f"{head}{speed:>8} {group}")
    lines += ["", rule, "Port-channel VLAN    Type Mode   Status  Reason                    Speed   Protocol"]
    lines += [f"{'Interface':<75}", rule]
    for name in config["interfaces"]:
        if name.startswith("port-channel"):
            short = name.replace("port-channel", "Po")
            lines.append(f"{short:<13}{1:<8}eth  {'trunk':<7}{'up':<8}{'none':<25}{'a-10G(D)':>9}  lacp")
    return "\n".join([*lines, ""])


def version(config: Config) -> str:
    return "\n".join(
        [
            "Cisco Nexus Operating System (NX-OS) Software",
            "TAC support: http://www.cisco.com/tac",
            "",
            "Software",
            "  BIOS: version 05.47",
            "  NXOS: version 9.3(13)",
            "  NXOS image file is: bootflash:///nxos.9.3.13.bin",
            "",
            "Hardware",
            "  cisco Nexus9000 C93180YC-EX Chassis ",
            "  Intel(R) Xeon(R) CPU  @ 1.80GHz with 24571700 kB of memory.",
            "  Processor Board ID EX-NX-LAB",
            "",
            f"  Device name: {config['hostname']}",
            "  bootflash:   53298520 kB",
            "",
            "Kernel uptime is 12 day(s), 3 hour(s), 4 minute(s), 5 second(s)",
            "",
        ]
    )


def inventory(config: Config) -> str:
    return (
        'NAME: "Chassis",  DESCR: "Nexus9000 C93180YC-EX Chassis"         \n'
        "PID: N9K-C93180YC-EX     ,  VID: V01 ,  SN: EX-NX-LAB          \n"
    )


def license_host(config: Config) -> str:
    return "License hostid: VDH=EX-NX-LAB\n"


def accounts(roles: dict[str, str]) -> str:
    lines = (f"user:{name}\n{' ' * 8}this user account has no expiry date\n{' ' * 8}roles:{role} \n"
             for name, role in roles.items())  # fmt: skip
    return "".join(lines)


def as_declared(switch: dict[str, Any], names: dict[int, str]) -> Config:
    """Make the configuration that a person would have typed after the declaration."""
    interfaces: dict[str, list[str]] = {}
    for link in switch["links"]:
        lines = trunk(link["to"], link["vlans"])
        interfaces[link["name"]] = [*lines[:-1], *([f"vpc {link['vpc']}"] if link["vpc"] else ()), lines[-1]]
        for port in link["ports"]:
            group = link["name"].removeprefix("port-channel")
            interfaces[port] = [*lines[:-1], f"channel-group {group} mode active", "no shutdown"]
    interfaces["mgmt0"] = ["vrf member management", f"ip address {switch['address']}/24"]
    vlans = {str(vlan): {"name": names.get(vlan, f"VLAN{vlan:04}"), "state": "active"} for vlan in switch["vlans"]}
    extra = [f"vpc domain {switch['vpc_domain']}"] if switch["vpc_domain"] else []
    return {"hostname": switch["name"], "vlans": vlans, "interfaces": interfaces, "extra": extra}


def by_hand(config: Config, gateway: str) -> Config:
    """Make the configuration of a switch that years of hands have changed."""
    changed = copy.deepcopy(config)
    lost, *others = list(changed["vlans"])
    del changed["vlans"][lost]
    changed["vlans"]["999"] = {"name": "ancien-essai", "state": "active"}
    changed["interfaces"]["Ethernet1/1"] = trunk("ntnx-hdv-a", map(int, others or ["999"]))
    changed["interfaces"]["Ethernet1/48"].insert(-1, "shutdown")
    changed["interfaces"]["Ethernet1/48"].remove("no shutdown")
    changed["interfaces"]["Ethernet1/30"] = trunk("inconnu", [1])
    changed["interfaces"][f"Vlan{lost}"] = ["no shutdown", f"ip address {gateway}/24"]
    changed["extra"] = [
        "banner motd #", "vlan 4000", "Acces reserve #", "vpc domain 1", "  peer-keepalive destination 192.0.2.9",
        "router ospf 1", "  router-id 192.0.2.8", "ip access-list essai", "  10 permit ip any any",
    ]  # fmt: skip
    changed["interfaces"]["port-channel10"].insert(-1, "vpc 10")
    changed["interfaces"][f"Vlan{lost}"] += ["ip router ospf 1 area 0.0.0.0", "ipv6 nd ra-interval 600"]
    return changed
