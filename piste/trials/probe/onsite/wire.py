"""Leases and addresses on the wire: DHCP (RFC 2131) and ARP (RFC 826), as frames."""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from typing import Any, NamedTuple

from piste.trials.probe.onsite.interface import Interface, since

Answer = dict[str, Any]
BROADCAST, ANY, COOKIE = b"\xff" * 6, b"\0" * 4, b"\x63\x82\x53\x63"
ROUTERS, DNS, DOMAIN, NTP, REQUESTED, LEASE, TYPE, SERVER, WANTED, BOOT, FILE = 3, 6, 15, 42, 50, 51, 53, 54, 55, 66, 67
DISCOVER, OFFER, REQUEST, ACK, NAK, RELEASE, INFORM = 1, 2, 3, 5, 6, 7, 8


def checksum(data: bytes) -> int:
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def heard(raw: socket.socket, until: float) -> bytes | None:
    """Give the next frame, None once the time is over."""
    ready, _, _ = select.select([raw], [], [], max(0.0, until - time.monotonic()))
    return raw.recv(4096) if ready else None


def frames(interface: str, protocol: int) -> socket.socket:
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    raw.bind((interface, protocol))
    return raw


def dhcp(kind: int, mac: bytes, transaction: bytes, options: dict[int, bytes], **fields: bytes) -> bytes:
    """Write a message of DHCP (RFC 2131). No host name: a lease must not make a name."""
    client, relay = fields.get("client", ANY), fields.get("relay", ANY)
    head = struct.pack("!4B4sHH", 1, 1, 6, 1 if relay != ANY else 0, transaction, 0, 0 if client != ANY else 0x8000)
    wanted = bytes((1, ROUTERS, DNS, DOMAIN, NTP, LEASE, BOOT, FILE))
    chosen = {TYPE: bytes((kind,)), 61: b"\x01" + mac, WANTED: wanted, **options}
    body = b"".join(bytes((code, len(value))) + value for code, value in chosen.items())
    message = head + client + ANY + ANY + relay + mac.ljust(16, b"\0") + b"\0" * 192 + COOKIE + body + b"\xff"
    return message.ljust(300, b"\0")


def read_dhcp(message: bytes, transaction: bytes) -> Answer | None:
    """Read an answer of a DHCP server to a transaction; None for anything else."""
    if len(message) < 241 or message[0] != 2 or message[4:8] != transaction or message[236:240] != COOKIE:
        return None
    options, at = {}, 240
    while at + 1 < len(message) and message[at] != 255:
        if message[at] == 0:
            at += 1
            continue
        options[message[at]] = message[at + 2 : at + 2 + message[at + 1]]
        at += 2 + message[at + 1]
    quads = {code: [socket.inet_ntoa(value[i : i + 4]) for i in range(0, len(value) - 3, 4)]
             for code, value in options.items()}  # fmt: skip
    texts = {code: options.get(code, b"").rstrip(b"\0").decode("ascii", "replace") for code in (DOMAIN, BOOT, FILE)}
    mask = int.from_bytes(options.get(1, ANY), "big")
    return {
        "type": next(iter(options.get(TYPE, b"")), 0),
        "address": socket.inet_ntoa(message[16:20]),
        "length": bin(mask).count("1"),
        "server": next(iter(quads.get(SERVER, [])), ""),
        "relay": socket.inet_ntoa(message[24:28]),
        "routers": quads.get(ROUTERS, []),
        "dns": quads.get(DNS, []),
        "ntp": quads.get(NTP, []),
        "domain": texts[DOMAIN],
        "boot_server": texts[BOOT],
        "boot_file": texts[FILE],
        "lease": int.from_bytes(options.get(LEASE, b""), "big"),
    }


class Computer(NamedTuple):
    """A computer that asks for an address: the interface, and a hardware address."""

    name: str
    mac: bytes


def lease(interface: Interface | Computer, waits: list[float]) -> Answer:
    """Ask for an address as a computer does; every server that offers is in the answer."""
    raw, transaction, start = frames(interface.name, 0x0800), os.urandom(4), time.monotonic()

    def send(kind: int, options: dict[int, bytes]) -> None:
        payload = dhcp(kind, interface.mac, transaction, options)
        datagram = struct.pack("!4H", 68, 67, 8 + len(payload), 0) + payload
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0, ANY, b"\xff" * 4)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        raw.send(BROADCAST + interface.mac + b"\x08\x00" + head + datagram)

    def answers(wanted: int, patience: float, more: float) -> list[Answer]:
        until, listed = time.monotonic() + patience, []
        while (frame := heard(raw, until)) is not None:
            inner = 14 + (frame[14] & 15) * 4
            if len(frame) > inner + 8 and frame[23] == 17 and frame[inner + 2 : inner + 4] == b"\0\x44":
                said = read_dhcp(frame[inner + 8 :], transaction)
                if said and said["type"] in (wanted, NAK) and said["server"]:
                    listed.append({**said, "ms": since(start), "from_mac": frame[6:12].hex(":")})
                    until = min(until, time.monotonic() + more)
        return listed

    offers: list[Answer] = []
    try:
        for patience in waits:
            send(DISCOVER, {})
            offers = [said for said in answers(OFFER, patience, 0.4) if said["type"] == OFFER]
            if offers:
                break
        if not offers:
            return {"outcome": "silent", "offers": [], "ms": since(start)}
        first = offers[0]
        ends = {REQUESTED: socket.inet_aton(first["address"]), SERVER: socket.inet_aton(first["server"])}
        for _ in range(2):
            send(REQUEST, ends)
            for said in answers(ACK, 1.5, 0.0):
                if said["type"] == ACK:
                    return {"outcome": "answered", **said, "offers": offers}
        return {"outcome": "refused", "offers": offers, "ms": since(start)}
    finally:
        raw.close()


def ask_server(interface: Interface, server: str, kind: int, patience: float) -> Answer:
    """Ask a DHCP server without the relay: INFORM for options, DISCOVER as a relay would."""
    own, transaction = socket.inet_aton(interface.address), os.urandom(4)
    fields = {"client": own} if kind == INFORM else {"relay": own}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            datagrams.bind((interface.address, 68 if kind == INFORM else 67))
            datagrams.settimeout(patience)
            datagrams.sendto(dhcp(kind, interface.mac, transaction, {}, **fields), (server, 67))
            said = read_dhcp(datagrams.recv(4096), transaction)
        except OSError as error:
            return {"outcome": "silent", "why": str(error)}
    return {"outcome": "answered", **said} if said else {"outcome": "silent"}


def release(interface: Interface, lent: Answer) -> None:
    """Give a lease back, so that no test uses up a pool."""
    own, server = socket.inet_aton(lent["address"]), socket.inet_aton(lent["server"])
    message = dhcp(RELEASE, interface.mac, os.urandom(4), {SERVER: server}, client=own)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        datagrams.bind((lent["address"], 68))
        datagrams.sendto(message, (lent["server"], 67))


def arp(interface: Interface, address: str, patience: float = 0.5) -> list[str]:
    """List the MAC addresses that answer for an address: two of them are two machines."""
    raw, wanted = frames(interface.name, 0x0806), socket.inet_aton(address)
    own = socket.inet_aton(interface.address) if interface.address else ANY
    asked = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + interface.mac + own + b"\0" * 6 + wanted
    macs: dict[str, None] = {}
    try:
        for _ in range(2):
            raw.send(BROADCAST + interface.mac + b"\x08\x06" + asked)
            until = time.monotonic() + patience / 2
            while (frame := heard(raw, until)) is not None:
                if frame[20:22] == b"\0\x02" and frame[28:32] == wanted and frame[22:28] != interface.mac:
                    macs[frame[22:28].hex(":")] = None
        return list(macs)
    finally:
        raw.close()
