"""Writes that bring a list of rules to its arrangement: changes, creations, moves, removals.

Nothing of it reaches an engine before an installation. Changes come first, while every rule still has the rank that was
read: a whole document is written, and another rank in it would be a move. Every write of a live rule is conditional; a
rule that only took another rank because others moved counts as unchanged.
Source: SMC API guide, "Create a rule" (a rule without a position is the first), "Update an element", `re_rank`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Conflict, Rejected
from piste.engine.converge.reading import text
from piste.engine.converge.values import stable
from piste.systems.forcepoint import versions
from piste.systems.forcepoint.rule_codec import encode
from piste.systems.forcepoint.rule_table import RuleList
from piste.systems.forcepoint.rules import Arrangement, Entry, Live
from piste.systems.forcepoint.smc import Smc

_SHIFTS = frozenset({"rank", "tag", "etag", "path", "link"})
"""Attributes of a rule that change when others move."""


class Writer:
    """Writes of one list, whose rules are created at `path`."""

    def __init__(self, smc: Smc, path: str, entry: RuleList, order: Sequence[Live], *, adopt: bool) -> None:
        self.smc, self.path, self.entry, self.adopt = smc, path, entry, adopt
        self.order = [live.path for live in order]
        """Paths in the order of the SMC, kept up with each write."""
        self.made: dict[int, str] = {}
        self.tags: dict[str, str] = {}
        self.stale: set[str] = set()
        """Paths of the rules already changed: their tag and ETag are no longer those that were read."""

    def write(self, arrangement: Arrangement, order: Sequence[Live]) -> None:
        for entry in arrangement.entries:
            if entry.changed(adopt=self.adopt):
                self._update(entry)
        self._create(arrangement, order)
        if moved := arrangement.moved(order):
            self._move(arrangement, moved)
        for live in arrangement.gone:
            self._delete(live)

    def _update(self, entry: Entry) -> None:
        live = entry.live
        assert live is not None
        base = versions.rule_from({name: value for name, value in live.raw.items() if name != "path"}, self.smc.api)
        document = versions.rule_for(encode(entry.rule, self.entry, self.smc.address, base), self.smc.api)
        self._still(live, lambda now: self.smc.put(live.path, {**document, "rank": now["rank"]}, now["etag"]))
        self.stale.add(live.path)

    def _create(self, arrangement: Arrangement, order: Sequence[Live]) -> None:
        """Create rules from the last to the first.

        Each comes right after the nearest rule before it that stays, so that no new rule has to be read for its place.
        """
        moving = {id(entry) for entry in arrangement.moved(order)}
        entries = arrangement.entries
        for at in range(len(entries) - 1, -1, -1):
            if entries[at].live is not None:
                continue
            before = [entry.live for entry in entries[:at] if entry.live and id(entry) not in moving]
            anchor = before[-1] if before else None
            document = versions.rule_for(encode(entries[at].rule, self.entry, self.smc.address), self.smc.api)
            query = {"after": self._tag(anchor)} if anchor else None
            path = self.smc.create(self.path, document, query)
            self.made[id(entries[at])] = path
            self.order.insert(self.order.index(anchor.path) + 1 if anchor else 0, path)

    def _tag(self, live: Live) -> str:
        """Tag of a rule, read again after a change: a part of it counts the changes."""
        if live.path not in self.tags:
            read = live.path in self.stale or not live.sure
            document = (self.smc.document(live.path) or {}) if read else live.raw
            self.tags[live.path] = text(document["tag"])
        return self.tags[live.path]

    def _delete(self, live: Live) -> None:
        self._still(live, lambda now: self.smc.delete(live.path, now["etag"]))

    def _still(self, live: Live, write: Callable[[Mapping[str, Any]], None]) -> None:
        """Write on the document that was read; accept a new ETag due to a new place only."""
        try:
            write(live.raw)
        except Conflict:
            now = self.smc.document(live.path)
            if now is None or now["etag"] == live.raw["etag"] or _content(now) != _content(live.raw):
                raise
            write(now)

    # order

    def _move(self, arrangement: Arrangement, moved: Sequence[Entry]) -> None:
        desired = [self._where(entry) for entry in arrangement.entries]
        if versions.has_re_rank(self.smc.smc_version) and self._re_rank(arrangement, desired):
            return
        for entry in moved:
            at = desired.index(self._where(entry))
            self._rank(entry, desired[at - 1] if at else "")

    def _re_rank(self, arrangement: Arrangement, desired: Sequence[str]) -> bool:
        """Order the whole list in one request; False where this SMC lacks the operation after all."""
        tags = {live.path: str(live.raw["tag"]) for live in self._lives(arrangement)}
        self._read_tags(tags, [path for path in self.order if path not in tags or path in self.stale])
        rest = [path for path in self.order if path not in set(desired)]
        for attempt in (1, 2):
            try:
                self.smc.post(f"{self.path}/re_rank", {"values": [tags[path] for path in (*desired, *rest)]})
                break
            except Rejected as error:
                if error.status == 404:
                    return False
                if attempt == 2:
                    raise
                self._read_tags(tags, self.order)  # some come from an older read of another task
        return True

    def _read_tags(self, tags: dict[str, str], paths: Sequence[str]) -> None:
        for path, document in zip(paths, self.smc.documents(paths), strict=True):
            tags[path] = str((document or {}).get("tag", ""))

    def _rank(self, entry: Entry, after: str) -> None:
        """Give a rule a rank between the present ranks of its neighbours."""
        live = entry.live
        assert live is not None
        self.order.remove(live.path)
        at = self.order.index(after) + 1 if after else 0
        following = self.order[at] if at < len(self.order) else ""
        near = [path for path in (after, following) if path]
        now, *around = self.smc.documents([live.path, *near])
        if now is None or (live.path not in self.stale and _content(now) != _content(live.raw)):
            raise Conflict(
                f"la règle {live.key} a été modifiée par quelqu’un d’autre depuis la lecture",
                where=self.smc.host,
                todo="Relancez pour planifier sur l’état actuel.",
            )
        ranks = [float((document or {})["rank"]) for document in around]
        ends = (ranks[0] + 1 if after else ranks[0] - 0.5) if ranks else 1.0
        rank = sum(ranks) / 2 if len(ranks) == 2 else ends
        self.smc.put(live.path, {**now, "rank": rank}, str(now["etag"]))
        self.order.insert(at, live.path)

    def _where(self, entry: Entry) -> str:
        return entry.live.path if entry.live else self.made[id(entry)]

    def _lives(self, arrangement: Arrangement) -> list[Live]:
        return [entry.live for entry in arrangement.entries if entry.live] + arrangement.gone


def _content(document: Mapping[str, Any]) -> str:
    return stable({name: value for name, value in document.items() if name not in _SHIFTS})
