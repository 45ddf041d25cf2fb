"""Tables of a bag that readings fill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from piste.engine.cells import text
from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Row, Table
from piste.readings.accounts.matrix import rows
from piste.readings.belief import Reading
from piste.readings.computers.judge import measured
from piste.readings.computers.table import row
from piste.readings.protection.figures import Figure, FigureId, figure, sources
from piste.readings.protection.judgment import Judged, judged
from piste.sites.conformity import row as clause_row
from piste.sobriety.printing.sources import queues, services
from piste.systems.microsoft.tenant import PARTS
from piste.town.model import Town
from piste.town.model.dates import now, today
from piste.trials.restore.calendar import DUES


def _every(contents: Contents, town: Town) -> list[Judged]:
    return judged(town.commune["protection"], contents.backups, now()) if town.commune else []


def _sets(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in _every(contents, town):
        item, requirement = entry.item, entry.item["requirement"]
        yield {
            **item,
            "wanted": f"{requirement['copies']}-{requirement['media']}-{requirement['off_site']}",
            "immutable": requirement["immutable"],
            "keep_days": requirement["keep_days"],
            "exempt": requirement["exempt"],
            "state": entry.state,
            "proven": f"{entry.copies}-{entry.media}-{entry.off_site}",
            "age_hours": None if entry.age is None else round(entry.age, 1),
            "faults": list(entry.faults),
        }


def _copies(contents: Contents, town: Town) -> Iterator[Row]:
    """Give the last complete copy of each set in each of its stores, or why there is none."""
    for entry in _every(contents, town):
        for kept in entry.kept:
            last = kept.last
            yield {
                "set": entry.item["name"],
                "store": kept.store["name"],
                "medium": kept.store["medium"],
                "off_site": kept.store["off_site"],
                "read_at": kept.read_at.isoformat() if kept.read_at else None,
                "taken_at": last["taken_at"] if last else None,
                "id": last["id"] if last else None,
                "size_bytes": last["size_bytes"] if last else None,
                "immutable_until": last["immutable_until"] if last else None,
                "fresh": kept.fresh,
                "words": kept.words,
            }


def protection(contents: Contents, town: Town) -> Iterator[Row]:
    """Compute F14 and the share within the RPO, of each family, then of all."""
    if town.commune is None:
        return
    every, source = _every(contents, town), sources(town.commune["protection"], contents.backups)
    families = dict.fromkeys(entry.item["family"] for entry in every)
    ids: tuple[FigureId, ...] = ("F14", "RPO")
    for id_ in ids:
        for family in (*families, "*"):
            yield _row(family, figure(id_, [entry for entry in every if family in (entry.item["family"], "*")], source))


def _row(family: str, made: Figure) -> Row:
    return {
        **made,
        "figure": made["id"],
        "class": family,
        "attribute": "*",
        "percent": made["value"],
        # A family that is exempt as a whole lacks nothing.
        "reached": made["reached"] or (not made["denominator"] and bool(made["excluded"])),
        "unknown": made["unknown"],
        "excluded": [f"{entry['name']} ({entry['why']})" for entry in made["excluded"]],
    }


BACKUPS: tuple[Table, ...] = (
    Table("protected_sets", _sets),
    Table("backup_copies", _copies),
)
PROTECTION = Table("protection", protection)


def _certificates(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in town.commune["certificates"]["certificates"] if town.commune else ():
        facts = contents.certificates.get(entry["name"])
        read = {}
        if facts:
            read = {
                "read_issuer": facts["issuer"],
                "read_not_before": facts["not_before"],
                "read_not_after": facts["not_after"],
                "read_key": f"{facts['key_kind']} {facts['key_bits'] or ''}".strip(),
                "read_fingerprint": facts["fingerprint"],
                "read_trusted": facts["trusted"],
            }
        yield {**entry, **read}


def _authorities(contents: Contents, town: Town) -> Iterator[Row]:
    yield from town.commune["certificates"]["authorities"] if town.commune else ()


CERTIFICATES: tuple[Table, ...] = (
    Table("certificates", _certificates),
    Table("certificate_authorities", _authorities),
)


def _sources(contents: Contents, town: Town) -> Iterator[Row]:
    logs = town.commune["logs"] if town.commune else None
    states = {entry["name"]: entry for entry in contents.logs["streams"]} if contents.logs else {}
    for stream in logs["streams"] if logs else ():
        read: Row = {}
        if known := states.get(stream["name"]):
            read = {
                "read_state": known["state"],
                "read_days": known["days"],
                "read_oldest": known["oldest"],
                "read_last": known["last"],
                "read_faults": [fault.message for fault in known["faults"]],
            }
        yield {**stream, "stream": stream["name"], "class": stream["log_class"], **read}


def _figure(contents: Contents, town: Town) -> Iterator[Row]:
    if contents.logs:
        yield {**contents.logs["figure"]}


LOGS: tuple[Table, ...] = (
    Table("log_sources", _sources),
    Table("log_figures", _figure),
)


def _tests(contents: Contents, town: Town) -> Iterator[Row]:
    for due in contents.restores:
        last = due.last
        yield {
            **due.test,
            "state": due.due,
            "words": DUES[due.due],
            "until": due.until,
            "last": last.id if last else None,
            "signed": [signature.party for signature in due.signed],
            "rehearsed": due.rehearsed.id if due.rehearsed else None,
        }


RESTORES = Table("restore_tests", _tests)


def _rights(contents: Contents, town: Town) -> Iterator[Row]:
    yield from rows(contents.accounts)


ACCOUNTS = Table("account_rights", _rights)


def _computers(contents: Contents, town: Town) -> Iterator[Row]:
    """Give settings and hardware, never nights nor sessions.

    No purge reaches a bag, and the hours of a computer are nearly those of a person.
    """
    for computer in measured(town, contents.computers, today()).computers:
        if computer.taken_at:
            yield {**row(computer)}


COMPUTERS = Table("measured_computers", _computers)


def _pages(contents: Contents, town: Town) -> Iterator[Row]:
    log = contents.printed
    if log is None:
        return
    site_of = {name.casefold(): site for name, site in queues(town).items()}
    service_of = {name.casefold(): service for name, service in services(town).items()}
    for month in log.months:
        queue = month.queue.casefold()
        yield {
            **month.model_dump(), "site": site_of.get(queue), "service": service_of.get(queue),
            "whole": log.whole(month.month),
        }  # fmt: skip


PRINTED = Table("printed_pages", _pages)


def _tenant(contents: Contents, town: Town) -> Iterator[Row]:
    """Give each value of each part, a line each; what was not read has a line, with the reason."""
    for part in PARTS:
        last = contents.tenant.get(part)
        if not isinstance(last, Reading):
            yield {"part": part, "unread": last.why if last else "jamais lu"}
            continue
        for number, item in enumerate(last.value, 1):
            for attribute, value in item.items():
                yield {
                    "part": part, "item": number, "attribute": attribute, "value": text(value),
                    "read_at": last.read_at.isoformat(),
                }  # fmt: skip


TENANT = Table("tenant", _tenant)


def _findings(contents: Contents, town: Town) -> Iterator[Row]:
    yield from map(asdict, contents.findings)


FINDINGS = Table("findings", _findings)


def _conformity(contents: Contents, town: Town) -> Iterator[Row]:
    yield from map(clause_row, contents.conformity.values())


CONFORMITY = Table("conformity", _conformity)
