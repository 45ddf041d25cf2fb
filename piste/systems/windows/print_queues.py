"""Print queues of a print server: printing defaults, location, comment and sharing.

The administrator of the print server creates and removes a queue, with its driver and its port: here only its settings
change. A driver may accept a default without keeping it: hence settings are read again after a write.

Source: module PrintManagement (`Get-Printer`, `Get-PrintConfiguration` and their counterparts).
Believed: [belief windows.print_preferences], [belief windows.print_queues], [belief windows.print_new_computer].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Ambiguous, Fault, Guarded, Rejected, Unreachable
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.run import System
from piste.systems.windows.print_server import BATCH, PrintServer
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access

MODES: Mapping[str, str] = {
    "one_sided": "OneSided",
    "long_edge": "TwoSidedLongEdge",
    "short_edge": "TwoSidedShortEdge",
}


def share(name: str) -> str:
    """Return a declared share name. Raises ValueError where no queue can have it."""
    if set(name) & set("\\/,") or name != name.strip():
        raise ValueError(name)
    return name


PRINT_QUEUES = Resource(
    system="print",
    name="print_queue",
    doc="File d’impression",
    fields=(
        Field("name", "Name of the queue; its identity.", required=True),
        Field("duplexing", "Printing on one side, or on both, turned along an edge.", choices=tuple(MODES)),
        Field("color", "True to print in colour.", type="bool"),
        Field("location", "Location, as people look for it; an empty text clears it.", default=""),
        Field("comment", "Comment for people; an empty text clears it.", default=""),
        Field("shared", "True if computers may connect to it.", type="bool"),
        Field("share_name", "Name under which it is shared.", normalise=share, minimum=1, maximum=80),
    ),
)
_AS_THEY_ARE = ("color", "location", "comment", "shared", "share_name")

SERVER = Field("server", "Name of the print server.", required=True)
OPTIONS = (
    Field(
        "prefix",
        "Beginning of the names of the owner's queues: C(imp-jau-). Others are neither read whole nor changed.",
        default="",
    ),
)


PRINT_SERVER = System((WINRM, SERVER), lambda params, vault: Session(Access.of(params["winrm"]), str(params["server"])))


class PrintQueues(Driver):
    """The queues of an owner on a print server, written `BATCH` at a time."""

    resource = PRINT_QUEUES
    options = OPTIONS
    states = ("merged", "replaced", "gathered")
    scope = ""

    def __init__(self, session: Session, owner: str, prefix: str = "", *, everything: bool = False) -> None:
        self.session, self.owner, self.prefix = session, owner, prefix
        self.everything = everything
        """True where the task covers all the owner's queues, not only those that it names."""
        self.server = PrintServer(session)
        self._silent: dict[str, str] = {}

    @classmethod
    def of(cls, connection: Session, request: Request, params: Mapping[str, Any]) -> Self:
        everything = request.survey or request.state in ("overridden", "gathered")
        return cls(connection, request.owner, params.get("prefix") or "", everything=everything)

    def locks(self) -> Sequence[str]:
        return (f"print {self.session.host}",)

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        """Return the faults of declared queues: of another owner, or missing.

        A survey reports the latter as absent.
        """
        faults = [
            self._fault(item, f"hors de ce que possède « {self.owner} » : le nom commencerait par {self.prefix}")
            for item in desired
            if not self._mine(item["name"])
        ]
        if self.everything:
            return faults
        live = {queue["name"].casefold() for queue in self.server.queues(item["name"] for item in desired)}
        why = f"n’existe pas sur {self.session.host} : créez-la avec son pilote et son port, ou corrigez le nom"
        return faults + [self._fault(item, why) for item in desired if item["name"].casefold() not in live]

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        spelling = {item["name"].casefold(): item["name"] for item in desired}
        items: dict[str, Item] = {}
        self._silent = {}
        prefix = self.prefix if self.everything else None
        for queue in self.server.queues(spelling.values(), prefix, fresh=fresh):
            name = spelling.get(queue["name"].casefold(), str(queue["name"]))
            if name not in spelling.values() and not (self.everything and self._mine(name)):
                continue
            if name in items:
                raise Ambiguous(f"deux files se nomment « {name} »", where=self.session.host)
            if error := queue.get("error"):
                self._silent[name] = error
            items[name] = _item(name, queue)
        self._refuse_silence(desired)
        return dict(sorted(items.items()))

    def _refuse_silence(self, desired: Sequence[Item]) -> None:
        """Raise `Unreachable` where the defaults of a declared queue are unknown."""
        unread = {item["name"] for item in desired if set(item) & {"duplexing", "color"}} & self._silent.keys()
        if unread:
            raise Unreachable(
                f"ne dit pas les réglages de {', '.join(sorted(unread))}",
                where=self.session.host,
                why=self._silent[min(unread)],
                todo="Vérifiez le pilote de la file sur le serveur d’impression, puis relancez.",
            )

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse creations and deletions; a survey, which writes nothing, only reports them."""
        odd = [operation.name for operation in operations if operation.action != "update"]
        if odd and not self.everything:
            raise Guarded(
                f"files qui ne se créent ni ne se suppriment d’ici : {', '.join(odd)}",
                where=self.session.host,
                todo="Le pilote et le port sont l’affaire du serveur d’impression.",
            )
        return {}

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        refusals: dict[str, str] = {}
        for some in batched(operations, BATCH):
            changes = [{"name": operation.key, **_wire(operation)} for operation in some]
            with self.server.writing([operation.key for operation in some]), progress.sending(*some):
                failed = self.session.run("print_queues_write", queues=changes)["failed"]
            refusals |= {refusal["name"].casefold(): refusal["error"].strip() for refusal in failed}
            for operation in some:
                if operation.key.casefold() not in refusals:
                    progress.done(operation)
        if refused := [operation for operation in operations if operation.key.casefold() in refusals]:
            progress.begun(refused)  # a queue's name and place are written before its defaults
            error = Rejected(
                f"réglages refusés : {', '.join(operation.name for operation in refused)}",
                where=self.session.host,
                why=refusals[refused[0].key.casefold()],
            )
            error.objects = tuple(operation.name for operation in refused)
            raise error

    def remarks(self) -> list[str]:
        return [f"file {name} : réglages illisibles ({why})" for name, why in sorted(self._silent.items())]

    def _mine(self, name: str) -> bool:
        return name.casefold().startswith(self.prefix.casefold())

    def _fault(self, item: Item, message: str) -> Fault:
        return Fault(f"config[{item['name']}]", message)


def _item(name: str, queue: Mapping[str, Any]) -> Item:
    item: Item = {"name": name}
    if "duplexing" in queue:
        modes = {wire: mode for mode, wire in MODES.items()}
        item["duplexing"] = modes.get(queue["duplexing"], queue["duplexing"])
    return item | {field: queue[field] for field in _AS_THEY_ARE if queue.get(field) is not None}


def _wire(operation: Operation) -> dict[str, Any]:
    """Return the changes of an operation, in the words of the cmdlets."""
    before, after = operation.before or {}, operation.after or {}
    changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return {name: MODES[value] if name == "duplexing" else value for name, value in changed.items()}
