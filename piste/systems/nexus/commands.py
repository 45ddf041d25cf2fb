"""The only texts that ever reach a Nexus: reads, and settings of our own terminal.

Source: *Cisco Nexus 9000 Series NX-OS Command Reference*. None takes an argument: no text of the declaration, of an
inventory or of a switch becomes part of a command.
"""

from __future__ import annotations

from enum import StrEnum


class Command(StrEnum):
    NO_PAGING = "terminal length 0"
    WIDE = "terminal width 511"
    VERSION = "show version"
    CONFIGURATION = "show running-config"
    VLANS = "show vlan brief"
    PORT_CHANNELS = "show port-channel summary"
    INTERFACES = "show interface brief"
    ACCOUNTS = "show user-account"


OF_TERMINAL = (Command.NO_PAGING, Command.WIDE)
