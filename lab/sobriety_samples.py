"""Sample tables of digital sobriety, in the form of the town's imports.

`piste lab tables` writes those of a day; `python -m lab.sobriety_samples` those of `lab/samples/sobriety` again. Counts
are those of the sample plan; the rest follows from the rank of each row, so that the same day gives the same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

SOURCE = "laboratoire"
FOLDER = Path(__file__).resolve().parent / "samples" / "sobriety"
TODAY = date(2026, 11, 26)
"""The day of the samples in the repository."""
# Code, then workstations, thin clients, Mac of agents, workstations of pupils, of the public.
PCS: Mapping[str, tuple[str, int, int, int, int, int]] = {
    "hotel-de-ville": ("hdv", 60, 28, 5, 0, 0), "ccas": ("ccas", 8, 6, 0, 0, 0), "ctm": ("ctm", 16, 8, 0, 0, 0),
    "cimetiere": ("cim", 2, 0, 0, 0, 0), "ecole-auriol": ("aur", 3, 0, 0, 12, 0),
    "ecole-jaures": ("jau", 3, 0, 0, 12, 0), "ecole-mermoz": ("mer", 3, 0, 0, 12, 0),
    "ecole-bleriot": ("ble", 3, 0, 0, 12, 0), "ecole-saint-exupery": ("stx", 3, 0, 0, 12, 0),
    "creche-bastie": ("bas", 5, 0, 0, 0, 0), "halte-jeux": ("hje", 2, 0, 0, 0, 0),
    "rpe-caravelle": ("rpe", 2, 0, 0, 0, 0), "mediatheque": ("med", 8, 4, 0, 0, 16),
    "malraux": ("mal", 6, 2, 0, 0, 4), "conservatoire": ("con", 6, 2, 0, 0, 0), "houyoux": ("hou", 6, 0, 0, 0, 0),
    "stade-salengro": ("sal", 1, 0, 0, 0, 0), "piscine": ("pis", 5, 0, 0, 0, 0),
    "residence-marlin": ("mar", 3, 0, 0, 0, 4), "police-municipale": ("pm", 10, 0, 0, 0, 0),
}  # fmt: skip
COPIERS = {"hotel-de-ville": 5, "ccas": 1, "ctm": 2, "mediatheque": 2, "malraux": 1}
METERS = {"hotel-de-ville": 65, "mediatheque": 24, "ecole-jaures": 15}
"""Workstations behind a meter, by site."""
Row = dict[str, object]


def write(folder: Path, today: date = TODAY, sober_from: date | None = None) -> None:
    """Write the four tables of a day; from `sober_from` on, the town is sober."""
    sober = sober_from is not None and sober_from <= today
    tables: Mapping[str, Iterable[Row]] = {
        "pcs": _pcs(today, sober),
        "printing": _printing(today, sober_from),
        "electricity": _electricity(today, sober),
        "incidents": _incidents(today),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        lines = list(rows)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(lines[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)


def _pcs(today: date, sober: bool) -> Iterator[Row]:
    rank = 0
    for site, (code, agents, thin, macs, pupils, public) in PCS.items():
        groups = (
            ("pc", "Agents", agents), ("tc", "Agents", thin), ("mac", "Agents", macs), ("pc", "Élèves", pupils),
            ("pc", "Public", public),
        )  # fmt: skip
        numbers: dict[str, int] = {}
        for prefix, service, count in groups:
            for _ in range(count):
                rank += 1
                numbers[prefix] = numbers.get(prefix, 0) + 1
                laptop = prefix == "pc" and service == "Agents" and numbers[prefix] % 5 == 0
                kind = "laptop" if laptop else {"pc": "fixed", "tc": "thin_client", "mac": "mac"}[prefix]
                yield {
                    "name": f"{prefix}-{code}-{numbers[prefix]:03d}", "site": site, "kind": kind, "service": service,
                    "status": "in_service", **_settings(rank, today, sober), "source": SOURCE,
                }  # fmt: skip


def _settings(rank: int, today: date, sober: bool) -> Row:
    """Return the settings of a workstation.

    One in 30 does not answer; of the others, one in five sleeps before the town is sober, 24 in 25 after.
    """
    if rank % 30 == 0:
        return {"sleep_ac_seconds": "", "shutdown_outside_hours": "", "read_on": ""}
    read_on = (today - timedelta(days=2 + rank % 5)).isoformat()
    right = bool(rank % 25) if sober else rank % 5 == 0
    sleep = 600 if right else (0, 900, 1800)[rank % 3]
    stop = right if sober else rank % 10 == 0
    return {"sleep_ac_seconds": sleep, "shutdown_outside_hours": "true" if stop else "false", "read_on": read_on}


def _months(today: date) -> list[str]:
    """List the whole months since January of last year, the last twelve at least."""
    last = today.year * 12 + today.month - 2
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range((last // 12 - 1) * 12, last + 1)]


def _printing(today: date, sober_from: date | None) -> Iterator[Row]:
    this_year = _months(today)[12][:4]
    for site, copiers in COPIERS.items():
        for month in _months(today):
            sober = sober_from is not None and month >= sober_from.isoformat()[:7]
            season = 55 if month.endswith(("-07", "-08")) else 100
            jobs = 8 * copiers * season
            pages = jobs * 4 * (63 if sober else 97 if month.startswith(this_year) else 100) // 100
            duplex, mono, both = (jobs * share // 100 for share in ((97, 98, 96) if sober else (35, 60, 24)))
            yield {
                "month": month, "site": site, "queue": "", "service": "", "jobs": jobs, "duplex_jobs": duplex,
                "mono_jobs": mono, "duplex_mono_jobs": both, "pages_a4": pages, "pages_a3": pages // 50,
                "color_pages": pages * (100 - 100 * mono // jobs) // 100, "source": SOURCE,
            }  # fmt: skip


def _electricity(today: date, sober: bool) -> Iterator[Row]:
    """Yield two years of workstations and a room; a sober workstation uses a fifth less."""
    end = today.replace(day=1) - timedelta(days=1)
    for ago in (1, 0):
        first = (today.replace(day=1)).replace(year=today.year - ago - 1)
        until = today.replace(day=1, year=today.year - ago) - timedelta(days=1) if ago else end
        period = {"from": first.isoformat(), "until": until.isoformat()}
        each = 151 if ago else 121 if sober else 149
        for site, count in METERS.items():
            kwh = each * count
            yield {"equipment": "pc", "site": site, **period, "kwh": kwh, "count": count, "source": SOURCE}
        for equipment, kwh in (("room", 18400), ("room_it", 9900)):
            yield {
                "equipment": equipment, "site": "hotel-de-ville", **period, "kwh": kwh, "count": 1, "source": SOURCE
            }  # fmt: skip


def _incidents(today: date) -> Iterator[Row]:
    opened, closed = (today - timedelta(days=ago) for ago in (36, 35))
    yield {
        "ticket": "LAB-1", "opened_on": opened.isoformat(), "site": "ccas", "lever": "impression",
        "closed_on": closed.isoformat(), "source": SOURCE,
    }  # fmt: skip


if __name__ == "__main__":
    write(FOLDER)
