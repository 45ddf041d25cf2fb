"""Values that a device gives by SNMP: what the templates of the vendor and NUT ask for.

Sources: PowerNet-MIB (APC), ENTITY-MIB and the MIBs of Cisco, as the templates `APC UPS by SNMP` and `Cisco Nexus 9000
Series by SNMP` of Zabbix 7.0 and the driver `snmp-ups` of NUT 2.8 read them. What `snmpd` serves by itself (system,
interfaces) is left to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_APC = "1.3.6.1.4.1.318"
_CISCO, _ENTITY = "1.3.6.1.4.1.9", "1.3.6.1.2.1.47"
OUTPUT_STATUS = f"{_APC}.1.1.1.4.1.1.0"
"""State of the output of a supply: 2 on line, 3 on battery."""


class Device(NamedTuple):
    """The identity that `snmpd` gives, and the branches of the file that completes it."""

    description: str
    object_id: str
    branches: tuple[str, ...]
    values: Mapping[str, tuple[str, str]]


_UPS = {
    "1.1.1.0": ("string", "Smart-UPS 1500"),
    "1.1.2.0": ("string", "onduleur"),
    "1.2.1.0": ("string", "UPS 09.3"),
    "1.2.3.0": ("string", "EX0000000001"),
    "2.1.1.0": ("integer", "2"),
    "2.1.2.0": ("timeticks", "0"),
    "2.1.3.0": ("string", "03/01/2025"),
    "2.2.1.0": ("gauge", "100"),
    "2.2.2.0": ("gauge", "24"),
    "2.2.3.0": ("timeticks", "180000"),
    "2.2.4.0": ("integer", "1"),
    "2.2.5.0": ("integer", "0"),
    "2.2.8.0": ("integer", "27"),
    "2.3.1.0": ("gauge", "1000"),
    "2.3.2.0": ("gauge", "240"),
    "2.3.4.0": ("integer", "272"),
    "3.2.1.0": ("gauge", "231"),
    "3.2.4.0": ("gauge", "50"),
    "3.2.5.0": ("integer", "1"),
    "3.3.1.0": ("gauge", "2310"),
    "3.3.4.0": ("gauge", "500"),
    "4.1.1.0": ("integer", "2"),
    "4.2.1.0": ("gauge", "230"),
    "4.2.2.0": ("gauge", "50"),
    "4.2.3.0": ("gauge", "23"),
    "4.2.4.0": ("gauge", "2"),
    "4.3.1.0": ("gauge", "2300"),
    "4.3.2.0": ("gauge", "500"),
    "4.3.3.0": ("gauge", "230"),
    "4.3.4.0": ("gauge", "20"),
}
DEVICES: Mapping[str, Device] = {
    "ups": Device(
        "APC Web/SNMP Management Card", f"{_APC}.1.3.27", (_APC,),
        {f"{_APC}.1.1.1.{name}": value for name, value in _UPS.items()},
    ),
    "core_switch": Device(
        "Cisco NX-OS(tm) n9000", f"{_CISCO}.12.3.1.3.1812", (_CISCO, _ENTITY),
        {
            f"{_CISCO}.9.25.1.1.1.2.5": ("string", "CW_VERSION$9.3(10)$"),
            f"{_CISCO}.9.109.1.1.1.1.2.1": ("integer", "22"),
            f"{_CISCO}.9.109.1.1.1.1.8.1": ("gauge", "7"),
            f"{_ENTITY}.1.1.1.1.7.149": ("string", "Nexus9000 C93180YC-EX Chassis"),
            f"{_ENTITY}.1.1.1.1.5.149": ("integer", "3"),
            f"{_ENTITY}.1.1.1.1.11.149": ("string", "EX0000000002"),
            f"{_ENTITY}.1.1.1.1.13.149": ("string", "N9K-C93180YC-EX"),
        },
    ),
}  # fmt: skip
"""Devices by the class of their asset."""
