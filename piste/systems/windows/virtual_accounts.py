"""Accounts that no domain issues: a service, an application pool, an application package.

Windows computes the SID of a service from its name; no directory keeps it. A SID cannot be turned back into a name, so
only the services of this table, and those that the declaration names, are read by their names.

Sources: winnt.h (SECURITY_MIN_BASE_RID 80, SECURITY_MAX_BASE_RID 111, SECURITY_APP_PACKAGE_AUTHORITY 15). The
computation is compared in a test with SIDs of Windows that public baselines contain.
"""

from __future__ import annotations

import hashlib
import re
import struct

PREFIX = "NT SERVICE\\"
_VIRTUAL = re.compile(r"S-1-5-(?:8[0-9]|9[0-9]|10[0-9]|11[01])-[0-9-]+|S-1-15-[0-9-]+")
_SERVICES = (
    "autotimesvc",
    "DiagTrack",
    "Dhcp",
    "dot3svc",
    "EventLog",
    "LanmanServer",
    "MpsSvc",
    "MSSQLSERVER",
    "SQLSERVERAGENT",
    "TrustedInstaller",
    "W32Time",
    "WdiServiceHost",
    "WdiSystemHost",
    "WinDefend",
    "WinRM",
)


def is_virtual(sid: str) -> bool:
    """Return True for a SID that stands for itself: no domain knows it, and none could."""
    return bool(_VIRTUAL.fullmatch(sid))


def service_sid(name: str) -> str:
    """Return the SID of a service: the SHA-1 of its name in UTF-16 capitals, as five numbers."""
    digest = hashlib.sha1(name.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "-".join(["S-1-5-80", *map(str, struct.unpack("<5I", digest))])


KNOWN = {service_sid(name): f"{PREFIX}{name}" for name in _SERVICES}
"""Names of services of Windows, by SID."""
