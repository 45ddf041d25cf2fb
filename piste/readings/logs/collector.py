"""The configuration of the collector for rsyslog 8: its inputs, the file of each message.

A message is filed by the address and the port that it comes from, never by what it says: the path of its file is made
of the name of its stream and of the day of its reception. What an undeclared address sends is dropped. Sources:
rsyslog.conf(5), modules `imtcp`, `imudp`, `omfile` of rsyslog 8.2504.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, ip_network
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, TypedDict

from piste.engine.converge.errors import Misused
from piste.town.model.logs.derived import LogStream, TownLogs

Protocol = Literal["tls", "tcp", "udp"]
HEAD = "# Écrit par Piste (piste logs configuration) d’après group_vars/all/logs.yml : ne se corrige pas ici.\n"
DRIVER = "gtls"
"""The TLS of rsyslog. Its other driver, `ossl`, lets certificates of undeclared names in now and then in 8.2504, as the
same trial by `openssl s_client`, repeated, shows."""
_LONGEST = "64k"
"""Longest message; a longer message is cut."""


class Ears(NamedTuple):
    """The collector, where it is not as declared: a lab has other ports, addresses and files.

    `ports` gives those of the machine by declared protocol and port, `senders` the prefixes of each stream.
    """

    tree: PurePosixPath
    spool: PurePosixPath
    certificate: str | None
    key: str | None
    clients_ca: str | None
    owner: str | None
    group: str | None
    address: str | None = None
    ports: Mapping[tuple[Protocol, int], int] = {}
    senders: Mapping[str, Sequence[str]] = {}


def as_declared(logs: TownLogs) -> Ears:
    """Give the collector as the town declares it."""
    collector = logs["collector"]
    return Ears(
        tree=PurePosixPath(collector["tree"]),
        spool=PurePosixPath("/var/spool/rsyslog"),
        certificate=collector["certificate"],
        key=collector["key"],
        clients_ca=collector["clients_ca"],
        owner=collector["owner"],
        group=collector["group"],
    )


def listeners(logs: TownLogs) -> dict[tuple[Protocol, int], list[LogStream]]:
    """List the streams that each protocol and port receives."""
    received: dict[tuple[Protocol, int], list[LogStream]] = {}
    for stream in logs["streams"]:
        if stream["port"] and stream["transport"] in ("tls", "tcp", "udp"):
            received.setdefault((stream["transport"], stream["port"]), []).append(stream)
    return received


def configuration(logs: TownLogs, ears: Ears | None = None) -> str:
    """Write the whole configuration. Raises `Misused` for what rsyslog cannot say."""
    here = ears or as_declared(logs)
    received = listeners(logs)
    return "".join([HEAD, *_global(here, received), *_templates(here, received), *_inputs(here, received)])


class Place(TypedDict):
    """A folder of the tree, with its access list: as it is given, as it then reads."""

    path: str
    given: str
    said: list[str]


class Described(TypedDict):
    """The machine of the collector, for its role; `folders` are those of the sources."""

    configuration: str
    tree: str
    owner: str
    group: str
    readers: list[str]
    folders: list[Place]


def described(logs: TownLogs) -> Described:
    """Describe the machine of the collector: configuration, tree, accounts, groups that read."""
    collector, groups = logs["collector"], {reader["name"]: reader["unix_group"] for reader in logs["readers"]}
    folders: dict[str, list[str]] = {}
    for stream in logs["streams"]:
        if stream["transport"] != "journal":
            folders[stream["name"]] = sorted(groups[name] for name in stream["readers"] if name in groups)
    return Described(
        configuration=configuration(logs),
        tree=collector["tree"],
        owner=collector["owner"],
        group=collector["group"],
        readers=sorted(groups.values()),
        folders=[
            place(collector["tree"], sorted(groups.values())),
            *(place(f"{collector['tree']}/{name}", readers) for name, readers in folders.items()),
        ],
    )


def place(path: str, readers: Sequence[str]) -> Place:
    """Describe a folder that some groups read: what setfacl is given, what getfacl then says."""
    given = [*(f"g:{name}:rX" for name in readers), "u::rwX", "g::rX", "o::---"]
    said = [f"group:{name}:r-x" for name in readers]
    return Place(
        path=path,
        given=",".join([*given, *(f"d:{right}" for right in given)]),
        said=sorted([*said, *(f"default:{line}" for line in said)]),
    )


def _global(here: Ears, received: Mapping[tuple[Protocol, int], Sequence[LogStream]]) -> Iterator[str]:
    lines = [
        f"workDirectory={_quoted(here.spool)}",
        f'maxMessageSize="{_LONGEST}"',
        # A message on several lines, or with a sign that a terminal obeys, stays one readable line.
        'parser.escapeControlCharactersOnReceive="on"',
        'net.enableDNS="off"',
    ]
    protocols = {protocol for protocol, _ in received}
    if "tls" in protocols:
        lines += [
            f'defaultNetstreamDriver="{DRIVER}"',
            f"defaultNetstreamDriverCAFile={_quoted(here.clients_ca)}",
            f"defaultNetstreamDriverCertFile={_quoted(here.certificate)}",
            f"defaultNetstreamDriverKeyFile={_quoted(here.key)}",
        ]
    yield f"global(\n  {'\n  '.join(lines)}\n)\n"
    if "udp" in protocols:
        yield 'module(load="imudp")\n'
    if protocols & {"tls", "tcp"}:
        yield 'module(load="imtcp" keepAlive="on")\n'


def _templates(here: Ears, received: Mapping[tuple[Protocol, int], Sequence[LogStream]]) -> Iterator[str]:
    yield (
        'template(name="line" type="list") {\n'
        '  property(name="timegenerated" dateFormat="rfc3339" date.inUTC="on")\n'
        '  constant(value=" ")\n'
        '  property(name="fromhost-ip")\n'
        '  constant(value=" ")\n'
        '  property(name="rawmsg" controlCharacters="escape" dropLastLf="on")\n'
        '  constant(value="\\n")\n'
        "}\n"
    )
    names = sorted({stream["name"] for streams in received.values() for stream in streams})
    for name in names:
        parts = '\n  constant(value="-")\n'.join(
            f'  property(name="timegenerated" dateFormat="{part}" date.inUTC="on")' for part in ("year", "month", "day")
        )
        yield (
            f'template(name="{_file(name)}" type="list") {{\n'
            f"  constant(value={_quoted(here.tree / name)})\n"
            f'  constant(value="/")\n{parts}\n  constant(value=".log")\n}}\n'
        )


def _inputs(here: Ears, received: Mapping[tuple[Protocol, int], Sequence[LogStream]]) -> Iterator[str]:
    for (protocol, port), streams in received.items():
        ruleset, number = f"{protocol}-{port}", here.ports.get((protocol, port), port)
        yield f'ruleset(name="{ruleset}") {{\n'
        for stream in streams:
            for prefix in here.senders.get(stream["name"], stream["senders"]):
                yield f"  if ({_comes_from(prefix)}) then {{ {_filed(here, stream['name'])} stop }}\n"
        yield "  stop\n}\n"
        bound = f" address={_quoted(here.address)}" if here.address else ""
        if protocol == "udp":
            yield f'input(type="imudp" port="{number}"{bound} ruleset="{ruleset}")\n'
        elif protocol == "tcp":
            yield f'input(type="imtcp" port="{number}"{bound} ruleset="{ruleset}")\n'
        else:
            peers = sorted({name for stream in streams for name in stream["clients"]})
            named = ", ".join(_quoted(name) for name in peers)
            yield (
                f'input(type="imtcp" port="{number}"{bound} ruleset="{ruleset}"\n'
                f'  streamDriver.name="{DRIVER}" streamDriver.mode="1" streamDriver.authMode="x509/name"\n'
                f"  permittedPeer=[{named}])\n"
            )


def _comes_from(prefix: str) -> str:
    network = ip_network(prefix)
    if network.num_addresses == 1:
        return f'$fromhost-ip == "{network.network_address}"'
    if not isinstance(network, IPv4Network):
        raise Misused(
            f"rsyslog ne reconnaît pas le préfixe {prefix}", todo="Nommez ses serveurs un à un, par leur réservation."
        )
    first, last = int(network.network_address), int(network.broadcast_address)
    return f"ip42num($fromhost-ip) >= {first} and ip42num($fromhost-ip) <= {last}"


def _filed(here: Ears, name: str) -> str:
    owned = ""
    if here.owner and here.group:
        owned = f' fileOwner="{here.owner}" fileGroup="{here.group}" dirOwner="{here.owner}" dirGroup="{here.group}"'
    return (
        f'action(type="omfile" dynaFile="{_file(name)}" template="line" fileCreateMode="0640" dirCreateMode="0750" '
        f'createDirs="on"{owned})'
    )


def _file(name: str) -> str:
    # No stream has a dot in its name: two streams never share a template, which rsyslog would take without a word.
    return f"file-{name.replace('/', '.')}"


def _quoted(value: object) -> str:
    """Quote a value; the model admits no quote and no backslash in any of them."""
    text = str(value or "")
    if any(sign in text for sign in '"\\\n\r$'):
        raise Misused(f"« {text} » ne s’écrit pas dans la configuration de rsyslog")
    return f'"{text}"'
