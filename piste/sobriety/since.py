"""Savings since the first diagnosis: energy, sheets and euros, month by month. Pure.

`METHOD` is the rule in a sentence. Each part of the town is counted once: by its meter from the meter's first reading
on, by the levers elsewhere and before. Only kept readings and declared prices enter, so a replay gives the same. What
was not read again is unknown, and is named: silence is neither a saving nor a loss.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from piste.sobriety.breakdown import Share
from piste.sobriety.history import Reading, by_day
from piste.sobriety.lever_gains import Levers, Silence, hidden
from piste.sobriety.value_range import NOTHING, Range, total
from piste.town.model.sobriety.form import Perimeter
from piste.town.model.sobriety.reporting import EnergyPrice

METHOD = (
    "D’un relevé au suivant compte le plus petit des deux gains : sous compteur, ce que chaque équipement consomme de "
    "moins qu’au premier relevé de son compteur ; ailleurs, ce que les leviers relevés en place économisent de plus "
    "qu’au premier relevé qui les a lus (ce qui n’y avait pas répondu est dans la borne basse) ; ce qui n’a pas été "
    "relu est inconnu, ni gain ni perte ; chaque jour au prix de ce jour."
)
METERS: Mapping[str, Perimeter] = {
    "F22.metered_pc": "postes", "F22.metered_thin_client": "postes", "F22.metered_printing": "impression",
    "F22.metered_network": "reseau", "F22.metered_hosting": "hebergement", "F22.switches": "reseau",
}  # fmt: skip
"""The figures of meters, by site or kind: kilowatt-hours a year, count, kilowatt-hours for each."""
ALIKE = ("F22.metered_pc", "F22.metered_thin_client")
"""The meters whose equipment is alike: more or less of it compares by its mean, the others only as they were."""
YEAR = 365
Meter = tuple[str, str]
Rates = Mapping[tuple[str, str], Range]


@dataclass(frozen=True, slots=True)
class Month:
    """The savings of a month over its counted days; `euros_*` are None without a price.

    `measured` and `estimated` are kilowatt-hours, `sheets` are sheets of paper.
    """

    month: str
    days: int
    measured: Range
    estimated: Range
    sheets: Range
    euros_measured: Range | None
    euros_estimated: Range | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A lever that was not read again between two days; `silent` targets at most, None for all."""

    lever: str
    start: str
    until: str
    silent: int | None


@dataclass(frozen=True, slots=True)
class Since:
    """The savings between the first and the last reading.

    `parts` are kilowatt-hours by lever, or by figure of meters; `gaps` the windows too long to be counted; `unread`
    the levers that some readings did not read again, in whole or in part; `unpriced` the counted days without a price
    of energy.
    """

    start: str
    until: str
    months: Sequence[Month]
    parts: Mapping[str, Range]
    gaps: Sequence[tuple[str, str]]
    unread: Sequence[Unread]
    unpriced: int
    method: str = METHOD

    @property
    def measured(self) -> Range:
        return total([month.measured for month in self.months])

    @property
    def estimated(self) -> Range:
        return total([month.estimated for month in self.months])

    @property
    def sheets(self) -> Range:
        return total([month.sheets for month in self.months])

    @property
    def euros(self) -> Range | None:
        """The euros of the days with a price; None if there is none."""
        known = [part for month in self.months for part in (month.euros_measured, month.euros_estimated) if part]
        return total(known) if known else None


def since(readings: Sequence[Reading], prices: Sequence[EnergyPrice], gap_days: int) -> Since | None:
    """Compute the savings of readings, in any order; None for fewer than two days."""
    ordered = by_day(readings)
    if len(ordered) < 2:
        return None
    read = dict(zip([reading.day for reading in ordered], _rates(ordered), strict=True))
    rates = {day: known for day, (known, _) in read.items()}
    silences = {day: silence for day, (_, silence) in read.items()}
    months: dict[str, list[Month]] = defaultdict(list)
    parts: dict[str, Range] = defaultdict(lambda: NOTHING)
    gaps, unread, unpriced = [], list[Unread](), 0
    for start, until in pairwise(rates):
        first, last = date.fromisoformat(start), date.fromisoformat(until)
        if (last - first).days > gap_days:
            gaps.append((start, until))
            continue
        unread += _unread(start, until, silences)
        least = _least(rates[start], rates[until])
        for (month, price), count in _segments(first, last, prices):
            unpriced += 0 if price else count
            months[month].append(_month(month, count, least, price))
            for (side, name), rate in least.items():
                if side != "sheets":
                    parts[name] = parts[name].plus(rate.times(count / YEAR))
    return Since(
        ordered[0].day, ordered[-1].day, [_sum(name, some) for name, some in sorted(months.items())],
        dict(parts), gaps, _joined(unread), unpriced,
    )  # fmt: skip


def _unread(start: str, until: str, silences: Mapping[str, Silence]) -> Iterator[Unread]:
    """Name the levers that were not read again at an end of a window."""
    for lever in dict.fromkeys([*silences[start], *silences[until]]):
        counts = [silences[day][lever] for day in (start, until) if lever in silences[day]]
        yield Unread(lever, start, until, _most(*counts))


def _joined(unread: Sequence[Unread]) -> list[Unread]:
    """Join the windows of a lever that follow each other."""
    joined: dict[tuple[str, str], Unread] = {}
    for window in unread:
        former = joined.pop((window.lever, window.start), None)
        if former:
            window = Unread(window.lever, former.start, window.until, _most(former.silent, window.silent))
        joined[window.lever, window.until] = window
    return sorted(joined.values(), key=lambda window: window.start)


def _most(*counts: int | None) -> int | None:
    return None if None in counts else max(count for count in counts if count is not None)


def _segments(
    first: date, last: date, prices: Sequence[EnergyPrice]
) -> Iterator[tuple[tuple[str, EnergyPrice | None], int]]:
    """Cut a window into runs of days of a month and a price, with their counts."""
    days = (first + timedelta(days=rank) for rank in range((last - first).days))
    starts = [price.start for price in prices]
    counts = Counter((day.isoformat()[:7], sum(start <= day.isoformat() for start in starts)) for day in days)
    for (month, rank), count in counts.items():
        yield (month, prices[rank - 1] if rank else None), count


def _month(month: str, days: int, rates: Rates, price: EnergyPrice | None) -> Month:
    def of(side: str) -> Range:
        return total([rate.times(days / YEAR) for (kind, _), rate in rates.items() if kind == side])

    measured, estimated, sheets = of("measured"), of("estimated"), of("sheets")
    if price is None:
        return Month(month, days, measured, estimated, sheets, None, None)
    paper = sheets.times(price.eur_per_sheet or 0)
    return Month(
        month, days, measured, estimated, sheets, measured.times(price.eur_per_kwh),
        estimated.times(price.eur_per_kwh).plus(paper),
    )  # fmt: skip


def _sum(name: str, some: Sequence[Month]) -> Month:
    def euros(parts: Sequence[Range | None]) -> Range | None:
        known = [part for part in parts if part is not None]
        return total(known) if known else None

    return Month(
        name, sum(month.days for month in some), total([month.measured for month in some]),
        total([month.estimated for month in some]), total([month.sheets for month in some]),
        euros([month.euros_measured for month in some]), euros([month.euros_estimated for month in some]),
    )  # fmt: skip


def _least(former: Rates, later: Rates) -> dict[tuple[str, str], Range]:
    """Keep, of each part known at both ends of a window, the smaller rate."""
    return {part: min(former[part], later[part], key=lambda rate: rate.value) for part in former.keys() & later.keys()}


def _rates(readings: Sequence[Reading]) -> Iterator[tuple[Rates, Silence]]:
    """Give the yearly rates of each reading, by side, then lever or meters, and its silences."""
    levers, bases = Levers(), dict[Meter, tuple[Share, Reading]]()
    for reading in readings:
        meters = _meters(reading)
        for meter, share in meters.items():
            if meter not in bases or not comparable(bases[meter][0], share):
                bases[meter] = (share, reading)
        rates: dict[tuple[str, str], Range] = defaultdict(lambda: NOTHING)
        for meter, share in meters.items():
            reduction = _reduction(bases[meter][0], share)
            rates["measured", meter[0]] = rates["measured", meter[0]].plus(Range(reduction, reduction, reduction))
        gains = levers.read(reading)
        weights = _weights(reading, meters)
        for (lever, side), gain in gains.items():
            if side == "sheets":
                rates[side, lever] = gain
                continue
            start = levers.starts[lever, side]
            own = {meter: weight for meter, weight in weights.items() if METERS[meter[0]] == _of(reading, lever)}
            before = {meter: levers.gains[bases[meter][1].day].get((lever, side)) for meter in own}
            rates[side, lever] = _doubted(_outside(gain, own, before), hidden(start, lever))
        yield dict(rates), levers.silence(reading)


def _meters(reading: Reading) -> dict[Meter, Share]:
    return {
        (share.figure, share.name): share
        for share in reading.breakdowns
        if share.figure in METERS and share.value is not None and share.denominator
    }


def comparable(former: Share, later: Share) -> bool:
    """Check that two readings of a meter are of the same equipment, or of alike equipment."""
    return later.figure in ALIKE or former.denominator == later.denominator


def _reduction(base: Share, share: Share) -> float:
    """Compute the kilowatt-hours a year that the equipment of a meter uses less."""
    assert base.value is not None
    assert share.value is not None
    return (base.value - share.value) * (share.denominator or 0)


def _weights(reading: Reading, meters: Mapping[Meter, Share]) -> dict[Meter, float]:
    """Give the part of its perimeter's energy that each meter measures."""
    whole = {total.perimeter: total.kwh.value for total in reading.footprint.perimeters if total.kwh}
    weights = {
        meter: (share.numerator or 0) / kwh for meter, share in meters.items() if (kwh := whole.get(METERS[meter[0]]))
    }
    sums = Counter[Perimeter]()
    for meter, weight in weights.items():
        sums[METERS[meter[0]]] += weight  # type: ignore[assignment]
    # A meter of the last year may exceed the energy of today: together they never count for more than all.
    return {meter: weight / max(1.0, sums[METERS[meter[0]]]) for meter, weight in weights.items()}


def _of(reading: Reading, lever: str) -> Perimeter:
    return next(saving.perimeter for saving in reading.savings if saving.lever == lever)


def _outside(gain: Range, weights: Mapping[Meter, float], before: Mapping[Meter, Range | None]) -> Range:
    """Compute the saving of a lever outside meters, and `before` each meter's first reading."""
    counted = gain.times(1 - sum(weights.values()))
    for meter, weight in weights.items():
        if (former := before[meter]) is not None:
            counted = counted.plus(min(gain, former, key=lambda kwh: kwh.value).times(weight))
    return counted


def _doubted(kwh: Range, hidden: float) -> Range:
    """Lower the bound of a saving by what may have been in place, not below nothing."""
    return Range(kwh.value, max(min(kwh.low, 0.0), kwh.low - hidden), kwh.high)
