"""The assembly of a bag around an export: inventories, maps, schemas, texts, repository."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from piste.engine.cells import write
from piste.engine.converge.errors import PisteError
from piste.engine.repository import ROOT, commit
from piste.exports.bag import acceptance, bom, inventory, openapi, schemas
from piste.exports.bag.bagit import PAYLOAD, seal
from piste.exports.bag.contents import DHCP, NEXUS, ZABBIX, Contents
from piste.exports.bag.documents import put
from piste.exports.bag.gaps import Facts, page
from piste.exports.bag.kinds import DOMAINS, KINDS
from piste.exports.bag.maps import MAPS, drawn
from piste.exports.bag.quality import QUALITY, agreeing
from piste.exports.bag.read_tables import (
    ACCOUNTS,
    BACKUPS,
    CERTIFICATES,
    COMPUTERS,
    CONFORMITY,
    FINDINGS,
    LOGS,
    PRINTED,
    PROTECTION,
    RESTORES,
    TENANT,
)
from piste.exports.bag.table import Table
from piste.exports.bag.tables import TABLES
from piste.exports.bag.texts import dictionary, read_me
from piste.exports.portal.filed import filed
from piste.exports.portal.known import known
from piste.exports.portal.write import contents as portal_files
from piste.exports.portal.write import write as portal_folder
from piste.exports.runbooks.incident_document import PAPERS as RUNBOOKS
from piste.papers.dossier.document import schemas as of_documents
from piste.papers.dossier.life.kinds import LIFE_KINDS
from piste.papers.dossier.reversibility_plan import PLAN, read_plan
from piste.readings.accounts.judgment import judged
from piste.readings.belief import FAILED, Reading
from piste.readings.certificates import kept
from piste.readings.computers import kept as measures
from piste.readings.findings import findings
from piste.readings.history import dated, note_figures
from piste.readings.logs import kept as checked
from piste.readings.protection import kept as copies
from piste.readings.subject import Subject
from piste.readings.table import SUBJECTS
from piste.readings.tenant import kept as tenant
from piste.runs.records.archive import export as export_month
from piste.runs.records.chain import journal_folder
from piste.runs.records.journal import chains, months
from piste.sites.audit.document import KIND as AUDIT
from piste.sites.conformity import facts as conformity_facts
from piste.sites.conformity import judge
from piste.sites.month.document import KIND as MONTH
from piste.sites.transfer.document import kind_of as transfer
from piste.sites.transfer.form import papers as transfer_papers
from piste.sobriety.documents import schemas as of_sobriety
from piste.sobriety.printing import reading as printing
from piste.town.model import Town
from piste.town.model.freshness import ages
from piste.trials.restore.calendar import calendar

FORMAT = 1
SYSTEMS, SCHEMAS = "systems", "schemas"
INTERFACES = "interfaces"
FOLDERS: Mapping[str, Sequence[Table]] = {
    "inventories": (*TABLES, *CERTIFICATES, *BACKUPS, *LOGS, RESTORES, ACCOUNTS, COMPUTERS, PRINTED, TENANT),
    "maps": MAPS,
    "quality": (*QUALITY, PROTECTION, FINDINGS, CONFORMITY),
}


class NotMade(PisteError):
    """A program failed to make its part of the bag."""

    code = "PISTE-E080"


@dataclass(frozen=True, slots=True)
class Wish:
    """The demands on a bag: environment, documents to join, packages, signing key.

    The key signs the months of the journal.
    """

    environment: str
    documents: Path | None = None
    wheels: bool = False
    key: Path | None = None


def of_no_person() -> list[Subject]:
    """List the subjects that a bag may say something of."""
    return [subject for subject in SUBJECTS.values() if not subject.personal]


def take_readings(contents: Contents, town: Town, environment: str) -> None:
    """Add the last readings of the store.

    A store that cannot be read stops no bag: its tables say that declared things are unknown, the findings why; a table
    without declared things is unread.
    """
    limits = ages(town)
    with suppress(*FAILED):
        contents.certificates = kept.last(environment, limits).facts
    with suppress(*FAILED):
        contents.backups = copies.last(environment, limits)
    try:
        contents.accounts = judged(town, environment)
    except FAILED as error:
        contents.unread[ACCOUNTS.name] = {ACCOUNTS.name: str(error)}
    with suppress(*FAILED):
        contents.logs = last.value if isinstance(last := checked.last(environment, limits), Reading) else None
    with suppress(*FAILED):
        contents.tenant = tenant.last(town, environment)
    # The tables of these have what was read alone: without it, they would seem empty.
    try:
        contents.computers = measures.last(environment)
    except FAILED as error:
        contents.unread[COMPUTERS.name] = {COMPUTERS.name: str(error)}
    try:
        contents.printed = printing.last(environment)
    except FAILED as error:
        contents.unread[PRINTED.name] = {PRINTED.name: str(error)}


def assemble(bag: Path, contents: Contents, town: Town, wish: Wish) -> dict[str, Any]:
    """Fill `bag/data` around `data/systems`, move policy backups, seal; give the manifest."""
    data = bag / PAYLOAD
    # The console's format has identifiers and hours of its own: the declaration alone compares equal.
    if (backups := data / SYSTEMS / "gpo_backups").is_dir():
        backups.rename(data / "gpo_backups")
    # A person loads these at a console: nothing replays them.
    for beside in (NEXUS, DHCP, ZABBIX):
        if (folder := data / SYSTEMS / beside).is_dir():
            folder.rename(data / beside)
    take_readings(contents, town, wish.environment)
    contents.restores = calendar(town, wish.environment)
    contents.findings = dated(wish.environment, findings(town, wish.environment, of_no_person()))
    contents.conformity = judge(conformity_facts(town, wish.environment, contents.findings))
    counts = _tables(data, contents, town)
    for file, svg in drawn(contents, town):
        _text(data / "maps" / file, svg)
    _schemas(data / SCHEMAS)
    (data / INTERFACES).mkdir()
    openapi.write(data / INTERFACES)
    plan = read_plan()
    _text(data / "reversibility/plan.yml", PLAN.read_text(encoding="utf-8"))
    _text(data / "dictionnaire.md", dictionary(FOLDERS, KINDS))
    head, clean = commit()
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    documents = put(data / "documents", town, wish.environment, wish.documents)
    papers = filed(data / "documents", town, wish.environment, beside=True)
    portal = known(town, wish.environment, moment, head, clean, papers, of_no_person())
    portal_folder(data / "portail", portal_files(portal, "engineer"))
    figures = _figures(data)
    # A store that cannot be written stops no bag: `status` says it.
    with suppress(*FAILED):
        note_figures(wish.environment, [agreeing(row for row in figures if row["figure"] == "F10")])
    facts = Facts(
        clean=clean,
        months=_journal(data / "journal", wish.key),
        documents=documents,
        wheels=_repository(data / "repository", wheels=wish.wheels),
        plan_age_days=(datetime.now(UTC).date() - date.fromisoformat(plan.updated)).days,
        review_months=plan.review_months,
        figures=tuple(figures),
        inventory=tuple(inventory.gaps(town)),
        unlicensed=_bom(data / "repository"),
    )
    manifest = {
        "format": FORMAT,
        "environment": wish.environment,
        "read_at": moment,
        "commit": head,
        "clean": clean,
        "declaration": town.digest,
        "versions": _versions(),
        "kinds": [
            {
                "domain": kind.domain,
                "kind": kind.name,
                "state": contents.state(kind),
                "count": sum(1 for _ in contents.of(kind.domain, kind.name)),
            }
            for kind in KINDS
        ],
        "unread": contents.unread,
        "tables": counts,
        "admitted": town.commune["configurations"]["admitted"] if town.commune else [],
    }
    _text(data / "manifest.json", _json(manifest))
    _text(data / "lacunes-connues.md", page(contents, facts))
    _text(data / "recette.md", acceptance.page(data))
    _text(data / "LISEZMOI.md", read_me(manifest, town.name))
    _private(bag)
    seal(bag, _about(manifest, town.name))
    return manifest


def _text(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _tables(data: Path, contents: Contents, town: Town) -> dict[str, int]:
    """Write each table as CSV and JSON, and count its rows.

    The table of an unread domain is not written, and counts as unknown.
    """
    counts: dict[str, int] = {}
    for folder, tables in FOLDERS.items():
        for table in tables:
            if set(table.of) & contents.unread.keys():
                continue
            names = [column.name for column in table.columns]
            rows = [{name: row.get(name) for name in names} for row in table.rows(contents, town)]
            counts[f"{folder}/{table.name}"] = write(data / folder / f"{table.name}.csv", names, rows)
            _text(data / folder / f"{table.name}.json", _json(rows))
    return counts


def _schemas(folder: Path) -> None:
    for domain in DOMAINS:
        kinds = [kind for kind in KINDS if kind.domain == domain]
        if kinds[0].per_site:
            _text(folder / f"{domain}.schema.json", _json(schemas.of_site(kinds)))
            continue
        for kind in kinds:
            _text(folder / f"{domain}.{kind.name}.schema.json", _json(schemas.of_kind(kind)))
    for tables in FOLDERS.values():
        for table in tables:
            _text(folder / f"{table.name}.schema.json", _json(schemas.of_table(table)))
    _text(folder / "manifest.schema.json", _json(schemas.MANIFEST))
    _text(folder / "places.schema.json", _json(schemas.PLACES))
    others = of_documents(LIFE_KINDS) | of_documents(RUNBOOKS) | of_documents((MONTH, AUDIT))
    others |= of_documents(tuple(map(transfer, transfer_papers())))
    for name, schema in (of_documents() | others | of_sobriety()).items():
        _text(folder / f"{name}.schema.json", _json(schema))


def _journal(folder: Path, key: Path | None) -> int:
    """Write every month of this machine's journal, as `piste journal export` does; count them."""
    root = journal_folder()
    exported = sorted({month for chain in chains(root) for month, _ in months(chain)})
    for month in exported:
        export_month(root, month, folder, key)
    return len(exported)


def _repository(folder: Path, *, wheels: bool) -> int:
    """Write the repository as a file that git clones, the locked lists, the packages if asked."""
    folder.mkdir(parents=True)
    _run("git", "-C", str(ROOT), "bundle", "create", "--quiet", str(folder / "piste.bundle"), "HEAD", "--branches")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    if not wheels:
        return 0
    target = folder / "wheels"
    lock = str(ROOT / "requirements/demo.txt")
    # A package that has to be built would ask the network for its tools on the day of the replay.
    pip = (sys.executable, "-P", "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--require-hashes")
    _run(*pip, "-r", lock, "-d", str(target))
    return sum(1 for _ in target.iterdir())


def _bom(folder: Path) -> tuple[str, ...]:
    """Write the bill of materials beside the locked lists; name the packages without a licence."""
    made = bom.bom(folder / "requirements")
    (folder / bom.FILE).write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return tuple(bom.unlicensed(made))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMade(f"« {' '.join(command[:4])}… » a échoué", why=done.stderr.strip()[-500:])


def _figures(data: Path) -> list[dict[str, Any]]:
    """Give the figures of acceptance: F9 and F10 of each class, F14 and the RPO of each family."""
    completeness = json.loads((data / "quality/completeness.json").read_text(encoding="utf-8"))
    concordance = json.loads((data / "quality/concordance.json").read_text(encoding="utf-8"))
    protection = json.loads((data / "quality/protection.json").read_text(encoding="utf-8"))
    whole = [{**row, "figure": "F9"} for row in completeness if row["class"] == "*"]
    return whole + [{**row, "figure": "F10"} for row in concordance] + [{**row, "attribute": "*"} for row in protection]


def _versions() -> dict[str, str]:
    names = ("piste", "ansible-core")
    versions: dict[str, str] = {"python": sys.version.split()[0]}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "non installé"
    return versions


def _private(bag: Path) -> None:
    """Make the bag readable by its owner alone: the directory of a town is in it."""
    for path in [bag, *bag.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)


def _about(manifest: Mapping[str, Any], town: str) -> dict[str, str]:
    day = manifest["read_at"][:10]
    return {
        "Source-Organization": town,
        "Bagging-Date": day,
        "External-Identifier": f"piste-{manifest['environment']}-{day}-{manifest['commit'][:12] or 'sans-depot'}",
        "External-Description": "Systèmes, inventaires, cartes, documents et dépôt : voir data/LISEZMOI.md",
    }
