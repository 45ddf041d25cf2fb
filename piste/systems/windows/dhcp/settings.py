"""Settings of DHCP servers: options of all scopes, audit log, conflict detection.

A server has its settings from its installation: they are changed, never made. The account of its DNS updates and the
addresses that it answers on are read and judged (`piste/systems/windows/dhcp/judged.py`), never written.

Source: module DhcpServer; MS-DHCPM 3.1.1.25 (bounds of the audit log).
Believed: [belief windows.dhcp_server_options].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Guarded, Rejected
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource, Shape
from piste.systems.windows.dhcp import table
from piste.systems.windows.dhcp.relation import Servers
from piste.systems.windows.winrm import Session

SERVERS = Field("servers", "Names of all the DHCP servers; the first and its partner by default.", type="list")


def of_class(text: str) -> str:
    """Spell a vendor class and the number of its option. Raises ValueError."""
    name, _, number = text.rpartition("/")
    if not name.strip() or not 0 < int(number) < 255:
        raise ValueError(text)
    return f"{name.strip()}/{int(number)}"


def folder(text: str) -> str:
    """Return a folder of a server. Raises ValueError for what is no whole path."""
    if not re.fullmatch(r"[A-Za-z]:\\[^<>\"|?*\x00-\x1f]{0,244}", text):
        raise ValueError(text)
    return text


DHCP_SERVERS = Resource(
    system="dhcp",
    name="dhcp_server",
    doc="Serveur DHCP",
    shape=Shape.FIXED,
    fields=(
        Field("name", "Name of the server; its identity.", required=True),
        Field(
            "options",
            "What a client gets where its scope says nothing; undeclared options stay.",
            type="dict",
            of=(
                *table.CLIENT_OPTIONS,
                Field(
                    "classes",
                    "Options of vendor classes, as C(CLASS/NUMBER); null removes an option. The class exists already.",
                    type="map",
                    normalise_key=of_class,
                    of=(Field("values", "Values, as texts.", type="list", required=True),),
                ),
            ),
        ),
        Field(
            "audit_log",
            "Daily log of what the server lends and refuses.",
            type="dict",
            of=(
                Field("enabled", "True while the server writes it.", type="bool"),
                Field("path", "Folder, on the server; used after the next start of the service.", normalise=folder),
                Field("max_mb", "Most megabytes of the files of a week.", type="int", minimum=1, maximum=4096),
                Field("min_free_mb", "Free megabytes below which it stops.", type="int", minimum=1, maximum=4096),
                Field("check_every", "Events between two checks of the disk.", type="int", minimum=1, maximum=100_000),
            ),
        ),
        Field(
            "conflict_attempts",
            "Pings of an address before it is lent; 0 lends it at once.",
            type="int",
            minimum=0,
            maximum=5,
        ),
    ),
)


class Settings(Driver):
    """The settings of the DHCP servers, a write a server."""

    resource = DHCP_SERVERS
    options = (SERVERS,)
    states = ("merged", "gathered")
    scope = ""

    def __init__(self, servers: Servers, names: Sequence[str] = ()) -> None:
        self.servers = servers
        partner = [servers.partner_name] if servers.failover else []
        self.names = list(names) or [servers.host, *partner]
        self._live: dict[str, dict[str, Any]] = {}
        self._declared: dict[str, Item] = {}

    @classmethod
    def of(cls, connection: Servers, request: Request, params: Mapping[str, Any]) -> Self:
        return cls(connection, params.get("servers") or ())

    def locks(self) -> Sequence[str]:
        return [f"dhcp {name}" for name in self.names]

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self._declared |= {str(item["name"]): item for item in desired if item.keys() - {"name"}}
        names = [str(item["name"]) for item in desired] or self.names
        self._live = {name: self.servers.server(name).settings(fresh=fresh) for name in names}
        return {name: _item(name, live) for name, live in self._live.items()}

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse the options of a class that a server does not have: nothing confirms it."""
        lacking = [
            f"{operation.key} : la classe de fournisseur « {name} » n’y est pas définie"
            for operation in operations
            for name in _classes(operation)
            if name not in self._live[operation.key]["classes"]
        ]
        if lacking:
            raise Guarded(
                "options de classes inconnues, rien n’a été écrit",
                why=" ; ".join(lacking),
                todo="Définissez la classe sur le serveur (Add-DhcpServerv4Class), ou retirez ses options.",
            )
        return {}

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            server = self.servers.server(operation.key)
            with server.writing_settings(), progress.sending(operation):
                try:
                    _write(server.session, operation)
                except Rejected as error:
                    progress.begun([operation])  # its options are written one by one
                    error.objects = (operation.name,)
                    raise
            progress.done(operation)

    def remarks(self) -> list[str]:
        return [remark for name in self._live for remark in self._kept(name)]

    def _kept(self, name: str) -> Iterator[str]:
        """Yield the options of a server that nobody declares, which stay."""
        if name not in self._declared:
            return
        declared = self._declared[name].get("options") or {}
        known = {table.NUMBERS.get(option, 0) for option in declared}
        known |= {int(number) for number in declared.get("other") or ()}
        classes = declared.get("classes") or {}
        others = [
            _said(option)
            for option in self._live[name]["options"]
            if (option["option"] not in known if _plain(option) else _class_of(option) not in classes)
            and option["option"] not in table.DERIVED
        ]
        if others:
            yield f"{name} : options du serveur que personne ne déclare, gardées : {', '.join(sorted(others))}"


def _plain(option: Mapping[str, Any]) -> bool:
    """True for an option that goes to any client."""
    return not (option["vendor"] or option["user"] or option["policy"])


def _class_of(option: Mapping[str, Any]) -> str:
    """Return the key of an option of a vendor class; empty for those never written."""
    return "" if option["user"] or option["policy"] else f"{option['vendor']}/{option['option']}"


def _said(option: Mapping[str, Any]) -> str:
    around = [option[part] for part in ("vendor", "user", "policy") if option[part]]
    return f"{option['option']:03}" + (f" ({', '.join(around)})" if around else "")


def _item(name: str, live: Mapping[str, Any]) -> Item:
    """Return the settings of a server in normal form."""
    options: dict[str, Any] = {}
    for option in live["options"]:
        if _plain(option):
            table.add_option(options, option["option"], option["values"])
        elif key := _class_of(option):
            options.setdefault("classes", {})[key] = {"values": list(option["values"])}
    return {"name": name, "options": options, "audit_log": dict(live["audit"]), "conflict_attempts": live["conflicts"]}


def _classes(operation: Operation) -> list[str]:
    """Name the vendor classes whose options an operation sets."""
    before, after = _by_class(operation.before), _by_class(operation.after)
    return sorted({key.rpartition("/")[0] for key, entry in after.items() if entry != before.get(key)})


def _by_class(item: Item | None) -> dict[str, Any]:
    entries: dict[str, Any] = ((item or {}).get("options") or {}).get("classes") or {}
    return entries


def _write(session: Session, operation: Operation) -> None:
    """Write a change: null for what stays."""
    before, after = operation.before or {}, operation.after or {}
    plain = table.change_of_options(before.get("options") or {}, after.get("options") or {})
    old, new = _by_class(operation.before), _by_class(operation.after)
    parted = [(*_parted(key), entry) for key, entry in new.items() if entry != old.get(key)]
    gone = [_parted(key) for key in old if key not in new]
    was, audit = before.get("audit_log") or {}, after.get("audit_log") or {}
    log = {name: value if value != was.get(name) else None for name, value in audit.items()}
    attempts = after.get("conflict_attempts")
    session.run(
        "dhcp_settings_write",
        options=[
            *({**option, "vendor": ""} for option in plain["options"]),
            *({"id": number, "values": entry["values"], "vendor": name} for name, number, entry in parted),
        ],
        cleared=[
            *({"id": number, "vendor": ""} for number in plain["cleared"]),
            *({"id": number, "vendor": name} for name, number in gone),
        ],
        conflicts=attempts if attempts != before.get("conflict_attempts") else None,
        enabled=log.get("enabled"),
        path=log.get("path"),
        max_mb=log.get("max_mb"),
        min_free_mb=log.get("min_free_mb"),
        check_every=log.get("check_every"),
    )


def _parted(key: str) -> tuple[str, int]:
    name, _, number = key.rpartition("/")
    return name, int(number)
