"""The sources of a runbook: the derived town, the copies that were read, the restore tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from piste.exports.runbooks.step import Item, Proof
from piste.town.model.freshness import ages
from piste.trials.restore.calendar import of_test
from piste.trials.restore.results import RestoreResult, results

if TYPE_CHECKING:
    from piste.papers.dossier.subject import About
    from piste.readings.protection.copies import Reading
    from piste.town.model.derived import Derived
    from piste.town.model.protection.derived import ProtectedSet
    from piste.town.model.restores import RestoreTest
    from piste.town.model.site import Commune
    from piste.town.model.town import Town

MISSING = "à renseigner"
WHOLE = "etape-"
"""The name of the restore test of a whole step begins so, and ends with its key."""


@dataclass(frozen=True)
class Sources:
    """The town, with the readings of copies by store, and the results of restore tests.

    A paper needs the whole town, for its name; its steps need its derivation alone.
    """

    town: Derived
    environment: str
    copies: Mapping[str, Reading] = field(default_factory=dict)
    results: Iterable[RestoreResult] = ()

    @property
    def commune(self) -> Commune:
        assert self.town.commune is not None
        return self.town.commune

    @property
    def whole(self) -> Town:
        """The whole town, which a paper needs."""
        from piste.town.model.town import Town

        assert isinstance(self.town, Town), "a paper needs the whole town"
        return self.town

    @property
    def about(self) -> About:
        # Imported here: what judges the promises of a plan imports no paper.
        from piste.papers.dossier.subject import About

        return About(self.commune["id"], self.whole.name, "Informatique de la Ville", self.whole.name)

    def sets(self, *kinds: str) -> list[ProtectedSet]:
        """List the protected sets of these kinds, the shortest RTO first."""
        chosen = [entry for entry in self.town.protection if entry["kind"] in kinds]
        return sorted(chosen, key=lambda entry: (entry["rto_hours"], entry["rpo_hours"], entry["name"]))

    def machines(self, names: Iterable[str]) -> list[ProtectedSet]:
        wanted = set(names)
        return [entry for entry in self.sets("machine") if entry["name"] in wanted]

    def items(self, sets: Iterable[ProtectedSet]) -> list[Item]:
        """Describe sets, with the stores that a lost cluster leaves, and the last whole copy there."""
        return [
            Item(
                name=entry["name"],
                what=entry["label"],
                family=entry["family_label"],
                rpo_hours=entry["rpo_hours"],
                rto_hours=entry["rto_hours"],
                stores=self._stores(entry),
                last_copy=max(self._copies(entry), default=None),
                status=entry["status"],
            )
            for entry in sets
        ]

    def party(self, name: str | None) -> str:
        """Name a third party as people do."""
        labels = {party["id"]: party["label"] for party in self.commune["third_parties"]}
        return labels.get(name or "", name) or MISSING

    def _stores(self, entry: ProtectedSet) -> list[str]:
        lasting = {store["name"] for store in self.commune["protection"]["stores"] if store["carrier"] is None}
        return [name for name in entry["stores"] if name in lasting]

    def _copies(self, entry: ProtectedSet) -> Iterator[str]:
        for name in self._stores(entry):
            for copy in self.copies[name]["copies"] if name in self.copies else ():
                if copy["set"] == entry["name"] and copy["state"] == "complete":
                    yield copy["taken_at"]

    def proofs(self, key: str, *methods: str, sets: Iterable[str] = (), named: Iterable[str] = ()) -> list[Proof]:
        """List the restore tests of a step: of these methods; with `sets`, of these sets alone.

        A test by procedure is that of a step by its name alone: `named`. A test `etape-<key>` times the whole step.
        """
        wanted, names = set(sets), {*named, f"{WHOLE}{key}"}
        return [
            self._proof(test)
            for test in self.commune["restore_tests"]
            if test["name"] in names or (test["method"] in methods and (not wanted or test["set"] in wanted))
        ]

    def _proof(self, test: RestoreTest) -> Proof:
        proven = [result for result in self.results if of_test(test, result) and result.outcome == "proven"]
        real = max((result for result in proven if not result.rehearsal), key=_ended, default=None)
        rehearsed = max((result.ended for result in proven if result.rehearsal), default=None)
        return Proof(
            test=test["name"], label=test["label"], set=test["set"], whole=test["name"].startswith(WHOLE),
            seconds=real.rto_seconds if real else None, proven_on=real.ended if real else None, rehearsed_on=rehearsed,
        )  # fmt: skip


def gathered(town: Town, environment: str) -> Sources:
    """Gather the sources of the runbooks of an environment; no system is asked anything."""
    from piste.readings.protection import kept

    copies = kept.last(environment, ages(town))
    return Sources(town, environment, copies, [result for result, _ in results(environment)])


def _ended(result: RestoreResult) -> str:
    return result.ended


def rto(sets: Iterable[ProtectedSet]) -> int | None:
    return min((entry["rto_hours"] for entry in sets), default=None)
