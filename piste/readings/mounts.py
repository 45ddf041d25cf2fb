"""The file system under a folder, by the table of mounts of Linux (proc(5), mountinfo)."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\(040|011|012|134)")
"""The signs that the table escapes: space, tab, end of line, backslash."""
NETWORK = ("afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "lustre", "nfs", "nfs4", "smb3")


def network(folder: Path, mounts: Path = MOUNTS) -> str:
    """Name the network file system under a folder; empty where it is local, or not known."""
    # Linux: a file system with a block device has its number; those of the network have none (major 0).
    try:
        if mounts is MOUNTS and os.major(folder.stat().st_dev):
            return ""
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    # Each opening of the store asks this: a path a mount costs ten times as much.
    under, nearest = f"{folder.resolve()}/", ("", "")
    for line in lines:
        fields, _, rest = line.partition(" - ")
        point = _ESCAPED.sub(lambda sign: chr(int(sign[1], 8)), fields.split(" ")[4])
        if under.startswith(f"{point.rstrip('/')}/") and len(point) >= len(nearest[0]):
            nearest = (point, rest.split(" ")[0])
    return nearest[1] if nearest[1] in NETWORK else ""
