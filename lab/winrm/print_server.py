"""The queues of a print server, as the cmdlets of PrintManagement read and change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lab.winrm.powershell import PowerShellError

Queue = dict[str, Any]
MODES = ("OneSided", "TwoSidedLongEdge", "TwoSidedShortEdge")
SHOWN = ("name", "location", "comment", "shared", "share_name")


def queue(name: str, **changes: Any) -> Queue:
    """Return a queue as a driver makes it: one side, in colour, shared under its name.

    ignores  settings that its driver accepts and does not keep
    broken   the error on a read of its defaults
    """
    made = {"location": "", "comment": "", "shared": True, "share_name": name, "duplexing": MODES[0], "color": True}
    return {"name": name, **made, "ignores": [], "broken": "", **changes}


def _begins(name: str, prefix: str | None) -> bool:
    return prefix is not None and name.casefold().startswith(prefix.casefold())


class PrintServer:
    """The queues of a server; the case of names does not count."""

    def __init__(self, queues: list[Queue]) -> None:
        self.queues = queues

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        named, prefix = {name.casefold() for name in given["names"]}, given["prefix"]
        asked = [
            queue["name"]
            for queue in self.queues
            if queue["name"].casefold() in named or _begins(queue["name"], prefix)
        ]
        now, later = asked[: given["limit"]], asked[given["limit"] :]
        shown = [self._shown(queue, queue["name"] in now) for queue in self.queues]
        return {"queues": [queue | {"later": True} if queue["name"] in later else queue for queue in shown]}

    def write(self, given: Mapping[str, Any]) -> dict[str, Any]:
        failed = []
        for change in given["queues"]:
            try:
                self._change(change)
            except PowerShellError as fault:
                failed.append({"name": change["name"], "error": str(fault)})
        return {"failed": failed}

    def _shown(self, queue: Queue, whole: bool) -> dict[str, Any]:
        shown = {name: queue[name] for name in SHOWN}
        if not whole:
            return shown
        if queue["broken"]:
            return {**shown, "error": queue["broken"]}
        return {**shown, "duplexing": queue["duplexing"], "color": queue["color"]}

    def _change(self, change: Mapping[str, Any]) -> None:
        queue = self._find(change["name"])
        refusals = list(self._refusals(queue, change))
        if refusals:
            raise PowerShellError(refusals[0], "HRESULT 0x80070057,Set-Printer")
        kept = {name: value for name, value in change.items() if name not in ("name", *queue["ignores"])}
        queue.update(kept)

    def _find(self, name: str) -> Queue:
        for queue in self.queues:
            if queue["name"].casefold() == name.casefold():
                return queue
        raise PowerShellError("The specified printer was not found.", "HRESULT 0x80070709,Set-Printer")

    def _refusals(self, queue: Queue, change: Mapping[str, Any]) -> Iterator[str]:
        if change.get("duplexing", MODES[0]) not in MODES:
            yield (
                "Cannot process argument transformation on parameter 'DuplexingMode'. Unable to match the identifier "
                f"name {change['duplexing']} to a valid enumerator name."
            )
        if not all(isinstance(change.get(name, True), bool) for name in ("color", "shared")):
            yield "Cannot convert value to type System.Boolean."
        share = change.get("share_name")
        if share is not None and (not share or len(share) > 80 or set(share) & set("\\/,")):
            yield "The specified share name is invalid."
        others = {other["share_name"].casefold() for other in self.queues if other is not queue and other["shared"]}
        if share and share.casefold() in others:
            yield "The share name is already in use by another printer."
