"""Network namespaces: entered by this process, listed and removed by name."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAMESPACES = Path("/run/netns")
_DETACH = 2
_SET_FLAGS, _ETHTOOL = 0x8914, 0x8946
_UP = 0x1
_OFF = (0x17, 0x1F, 0x24)
"""Commands of ethtool: checksums on sending, segmentation by TCP, by any protocol."""


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Enter a namespace, with what is started meanwhile; come back in any case."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        place = os.open(NAMESPACES / namespace, os.O_RDONLY)
        try:
            os.setns(place, os.CLONE_NEWNET)
        finally:
            os.close(place)
        yield
    finally:
        os.setns(home, os.CLONE_NEWNET)
        os.close(home)


def named(prefix: str) -> list[str]:
    """List the namespaces whose names begin so."""
    with suppress(FileNotFoundError):
        return sorted(path.name for path in NAMESPACES.iterdir() if path.name.startswith(prefix))
    return []


def remove(namespace: str) -> None:
    """Remove a namespace, even if it was only half made."""
    path = NAMESPACES / namespace
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.umount2(os.fsencode(path), _DETACH) and ctypes.get_errno() not in (errno.EINVAL, errno.ENOENT):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    with suppress(FileNotFoundError):
        path.unlink()


def bring_up(interface: str) -> None:
    """Turn on an interface of the current namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14x", interface.encode(), _UP))


def compute_checksums(interface: str) -> None:
    """Leave no checksum to hardware: a switch in user space would see packets without any."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in _OFF:
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP8x", interface.encode(), ctypes.addressof(value))
            with suppress(OSError):
                fcntl.ioctl(control, _ETHTOOL, request)


def set_kernel(name: str, value: str) -> None:
    """Set a value of the current namespace below `/proc/sys/net`."""
    Path("/proc/sys/net", name).write_text(value, "ascii")
