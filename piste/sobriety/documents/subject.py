"""The subjects of the documents of sobriety: the town, its readings, its applied levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from piste.engine.converge.errors import Misused
from piste.papers.dossier import notation
from piste.papers.dossier.subject import About
from piste.papers.dossier.verification_record import Test
from piste.sobriety.history import Reading
from piste.town.model import Town
from piste.town.model.sobriety.form import SobrietyException

TRANCHE = "sobriété numérique, CCTP 4.4"


class Period(NamedTuple):
    """The days of a dashboard, both included, as `2026-11-01`; `id` is in the name of its files."""

    id: str
    label: str
    start: str
    until: str

    @classmethod
    def month(cls, of: str) -> Self:
        """Make the month of a day: `2026-11` from `2026-11-24`."""
        year, month = int(of[:4]), int(of[5:7])
        return cls(of[:7], notation.month(of), f"{of[:7]}-01", _last_day(year, month))

    @classmethod
    def quarter(cls, of: str) -> Self:
        """Make the quarter of a day: `2026-T4` from `2026-11-24`."""
        year, rank = int(of[:4]), (int(of[5:7]) + 2) // 3
        label = f"{rank}{'er' if rank == 1 else 'e'} trimestre {year}"
        return cls(f"{year}-T{rank}", label, f"{year}-{3 * rank - 2:02}-01", _last_day(year, 3 * rank))

    @classmethod
    def whole_year(cls, of: str) -> Self:
        """Make the year of a day: `2026` from `2026-11-24`."""
        return cls(of[:4], f"année {of[:4]}", f"{of[:4]}-01-01", f"{of[:4]}-12-31")


def _last_day(year: int, month: int) -> str:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).isoformat()


class Run(NamedTuple):
    """A run that applied a lever or took it back; `moment` is ISO 8601 with its zone.

    `operations` counts the written operations by create, update, delete, reset; `targets` are the changed targets.
    """

    id: str
    moment: str
    operator: str
    commit: str
    step: str
    operations: Mapping[str, int]
    targets: Sequence[str]


@dataclass(frozen=True, slots=True)
class Applied:
    """A lever as it was applied: its runs, its tests, the figures before and after.

    `evidence` is the folder of the files that the tests name. A test that was not made is untested.
    """

    environment: str
    runs: Sequence[Run]
    tests: Sequence[Test]
    before: Reading | None = None
    after: Reading | None = None
    reserves: Sequence[str] = ()
    evidence: Path | None = None

    @property
    def moment(self) -> str:
        """The moment of the last reading or run."""
        readings = [reading.moment for reading in (self.before, self.after) if reading]
        return max(readings + [run.moment for run in self.runs])


@dataclass(frozen=True, slots=True)
class SobrietySubject:
    """The town and its figures.

    `reading` is that of the day; `readings` are all of the history, the oldest first, with `reading` among them.
    `applied` gives levers by name, `exceptions` those of each site. Agents write to the mail address `contact`.
    `announced` is the first day of a lever that no step gives yet. `validated_by` and `validated_on` are those of the
    steering committee, empty until it has met.
    """

    town: Town
    reading: Reading
    readings: Sequence[Reading] = ()
    applied: Mapping[str, Applied] = field(default_factory=dict)
    exceptions: Mapping[str, Sequence[SobrietyException]] = field(default_factory=dict)
    contact: str | None = None
    announced: Mapping[str, str] = field(default_factory=dict)
    period: Period | None = None
    validated_by: str | None = None
    validated_on: str | None = None

    @property
    def today(self) -> str:
        return self.reading.day

    @property
    def history(self) -> Sequence[Reading]:
        """The readings up to that of the day, the oldest first."""
        return [reading for reading in self.readings if reading.moment < self.reading.moment] + [self.reading]

    @property
    def reference(self) -> Reading | None:
        """The first diagnosis; None if the reading of the day is the first."""
        first = self.history[0]
        return first if first is not self.reading else None

    @property
    def dashboard(self) -> Period:
        return self.period or Period.month(self.today)

    @property
    def about(self) -> About:
        subtitle = f"{TRANCHE[0].upper()}{TRANCHE[1:]}"
        return About(self._id, self.town.name, subtitle, self.town.name, observed=self.reading.moment)

    @property
    def _id(self) -> str:
        assert self.town.commune is not None
        return self.town.commune["id"]

    def require(self, environment: str) -> None:
        """Raise Misused if a reading or an application is of another environment."""
        readings = (self.reading, *self.readings)
        origins = [(f"le relevé du {notation.day(reading.day)}", reading.environment) for reading in readings]
        for lever, applied in self.applied.items():
            label = self.town.sobriety.levers[lever].label
            origins.append((f"l’application de « {label} »", applied.environment))
            pair = (applied.before, applied.after)
            origins += [(f"le relevé de « {label} »", reading.environment) for reading in pair if reading]
        for what, origin in origins:
            if origin != environment:
                raise Misused(
                    f"{what} est de « {origin} », pas de « {environment} »",
                    todo="Donnez les relevés de cet environnement : piste sobriety diagnose.",
                )


@dataclass(frozen=True, slots=True)
class LeverSubject:
    """A lever of the town."""

    whole: SobrietySubject
    lever: str

    @property
    def starts(self) -> str | None:
        """The day from which agents notice the lever: its first application, else as announced."""
        steps = self.whole.town.sobriety.rollout
        days = [step.date for step in steps if step.lever == self.lever and step.step in ("pilot", "general")]
        return days[-1] if days else self.whole.announced.get(self.lever)

    @property
    def about(self) -> About:
        whole = self.whole.about
        return replace(
            whole, name=self.whole.town.sobriety.levers[self.lever].label, subtitle=f"{whole.name}, {TRANCHE}"
        )


@dataclass(frozen=True, slots=True)
class AppliedSubject:
    """A lever of the town, with its application."""

    whole: SobrietySubject
    lever: str
    applied: Applied

    @property
    def about(self) -> About:
        names = {proof.file for test in self.applied.tests for proof in test.evidence}
        return replace(
            LeverSubject(self.whole, self.lever).about,
            observed=self.applied.moment,
            evidence=tuple(self.applied.evidence / name for name in sorted(names)) if self.applied.evidence else (),
        )
