"""The state of an environment as this machine knows it: runs, moment, journal, secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from piste.engine.clock import TOWN as ZONE
from piste.engine.converge.bounded import Unreadable
from piste.engine.converge.errors import PisteError
from piste.engine.converge.moments import ahead
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.finding import Finding
from piste.engine.repository import ROOT, git_state, uncommitted
from piste.engine.words import agreed, some
from piste.readings.table import SUBJECTS
from piste.runs.plans.conditions import LAB
from piste.runs.records.chain import ID, Chain, Damaged, journal_folder
from piste.runs.records.decided import compare
from piste.runs.records.journal import begun, chains, in_progress, readable, verify_chain
from piste.runs.records.record import Entry, Record, outcome_of
from piste.sites import moment, passages
from piste.systems.kinds import DOMAINS
from piste.town.declared import serving
from piste.town.model.dates import today
from piste.town.model.derived import Derived

RECORDS = 1500
"""Newest records in which the last run of a site is looked for: those of the timers, for eight days."""
VERIFIED = 500
"""Most records whose seals a status verifies; more of them take their time in `piste journal verify`."""
LABELS: Mapping[str, str] = {
    "findings": "constats",
    "unread": "inconnus",
    **{name: subject.label for name, subject in SUBJECTS.items()},
    "commit": "dépôt",
    "declaration": "déclaration",
    "moment": "écritures",
    "freeze": "gel",
    "locks": "verrous",
    "running": "exécution",
    "journal": "journal",
    "secrets": "secrets",
    "vault.encrypted": "coffre",
    "lab": "laboratoire",
    "backups": "sauvegardes",
    "conformity": "conformité",
    "decisions": "décisions",
}
"""The words of the subjects of findings."""
_DRIFT = re.compile(r"(?:^|/)drift\.yml$")
_CONVERGING = frozenset(f"piste_{domain}" for domain in DOMAINS)


class Passage(NamedTuple):
    """The last run of a site, or its last drift; `changes` counts operations, done or foreseen."""

    run: str
    ended: str
    user: str | None
    outcome: str
    changes: int


class SiteState(NamedTuple):
    """The last real run of a site and its last drift; None where the journal has none."""

    site: str
    last: Passage | None
    drift: Passage | None


def sites(town: Derived, environment: str) -> list[SiteState]:
    """List the owners in service with their last run and drift, from the newest records."""
    owners = ([town.commune["id"]] if town.commune else []) + [*serving(town)]
    paths, rules = begun(journal_folder(), environment), sorted(_CONVERGING)
    known = passages.read(environment, paths, owners, rules)
    since = [path for path in paths if path.stem > known.until]
    passed, whole = _passed(since[-RECORDS:], owners)
    # Where more records came since, one that is not looked at may say something else than what was known.
    for entry in known.passages if len(since) <= RECORDS else ():
        owner, drifted, *made = (entry[name] for name in ("owner", "drift", *Passage._fields))
        passed.setdefault((owner, drifted), Passage(*made))
    if since and whole:
        entries = [{"owner": owner, "drift": drift, **made._asdict()} for (owner, drift), made in passed.items()]
        passages.write(environment, paths, owners, rules, entries)
    return [SiteState(owner, passed.get((owner, False)), passed.get((owner, True))) for owner in owners]


def _passed(paths: Sequence[Path], owners: Sequence[str]) -> tuple[dict[tuple[str, bool], Passage], bool]:
    """Find the last passage and drift of each owner; tell whether every record was read.

    Records are read newest first, until nothing is left to find.
    """
    passed: dict[tuple[str, bool], Passage] = {}
    whole = True
    for path in reversed(paths):
        if len(passed) == 2 * len(owners):
            break
        record = readable(path)
        if record is None or ahead(str(record["ended"])):
            whole = False
            continue
        checked = bool(record["check"])
        if not checked or is_drift(record):
            for owner, tasks in _by_host(record, owners, check=checked):
                passed.setdefault((owner, checked), _passage(record, tasks))
    return passed, whole


def is_drift(record: Record) -> bool:
    """Tell whether a run is a drift of every domain; some tags leave domains out."""
    whole = set(record.get("tags") or ()) <= {"all"}
    return bool(record["check"]) and whole and any(_DRIFT.search(word) for word in record["command"] or ())


def is_reading(record: Record) -> bool:
    """Tell whether a run read alone, without a fault; timers make many."""
    tasks = record["tasks"]
    acts = any(task["operations"] or task["module"] in _CONVERGING for task in tasks)
    return record["outcome"] == "ok" and not record["check"] and not acts


def _by_host(record: Record, owners: Sequence[str], *, check: bool) -> Iterator[tuple[str, list[Entry]]]:
    """List the tasks of each owner that a drift compared, or that a run converged.

    A task of a real run may be a check: it wrote nothing, and its run is no convergence.
    """
    for owner in owners:
        tasks = [task for task in record["tasks"] if task["host"] == owner]
        if tasks and (check or any(task["module"] in _CONVERGING and not task["check"] for task in tasks)):
            yield owner, tasks


def _passage(record: Record, tasks: Sequence[Entry]) -> Passage:
    # A run stopped between two tasks says of no site that it ended well.
    killed = record["outcome"] == "killed" or any(task["status"] == "killed" for task in tasks)
    number = sum(len(task["operations"]) for task in tasks)
    outcome = "killed" if killed else outcome_of(tasks)
    return Passage(record["id"], record["ended"], record["user"], outcome, number)


def findings(town: Derived, environment: str, now: datetime | None = None) -> Iterator[Finding]:
    """List the state of the repository, the moment, the journal, the secrets; nothing is asked.

    What cannot be read is unknown.
    """
    at = now or datetime.now(ZONE).replace(tzinfo=None)
    checks: Sequence[tuple[str, Callable[[], Iterable[Finding]]]] = (
        ("commit", lambda: _commit(environment)),
        ("declaration", lambda: _declaration(town)),
        ("moment", lambda: _moment(town, environment, at)),
        ("locks", _locks),
        ("running", lambda: _running(environment)),
        ("journal", lambda: journal(environment)),
        ("decisions", lambda: _sealed(town, environment)),
        ("secrets", lambda: _secrets(town, environment)),
    )
    for id_, check in checks:
        try:
            yield from check()
        except (OSError, Unreadable, PisteError) as error:
            yield Finding(id_, "unknown", f"ne se lit pas : {error}")


def _commit(environment: str) -> Iterator[Finding]:
    head, clean = git_state()
    if head is None:
        yield Finding("commit", "unknown", "ce dossier n’est pas un clone : aucun commit")
    elif clean:
        yield Finding("commit", "ok", f"{head[:12]}, sans modification")
    elif others := uncommitted():
        asked = moment.setting(environment, "piste_committed_only")
        alone = " : rien ne s’écrit d’ici sans --uncommitted" if asked else ""
        yield Finding("commit", "ok", f"{head[:12]}, {agreed(len(others), 'fichier(s) à enregistrer')}{alone}")
    else:
        yield Finding("commit", "ok", f"{head[:12]}, seul ce que Piste inscrit est à enregistrer")


def _declaration(town: Derived) -> Iterator[Finding]:
    if town.errors:
        what = agreed(len(town.errors), "erreur(s)")
        yield Finding("declaration", "wrong", what, "piste validate les donne avec fichier et ligne.")
    else:
        served = agreed(len(serving(town)), "site(s) en service")
        yield Finding("declaration", "ok", f"juste, {served} sur {len(town.sites)}, empreinte {town.digest[:12]}")


def _moment(town: Derived, environment: str, now: datetime) -> Iterator[Finding]:
    """Say for which sites a freeze or a closed window forbids to write now."""
    if town.errors:
        yield Finding("moment", "unknown", "gels et fenêtres : la déclaration a des erreurs")
        return
    hosts = moment.hosts(environment, [*([town.commune["id"]] if town.commune else []), *serving(town)])
    refused = [*moment.forbidden(hosts, now)]
    for what, sites, following in refused:
        where = "partout" if len(sites) == len(hosts) else some(sites)
        yield Finding("moment", "ok", f"pas d’écriture : {what} ({where})", following)
    if not refused:
        yield Finding("moment", "ok", "permises partout en ce moment")
    coming = {
        (freeze["from"], freeze["until"], freeze["why"])
        for host in hosts
        for freeze in host["freezes"] or ()
        if freeze["from"] > f"{now:%Y-%m-%dT%H:%M}"
    }
    for start, until, why in sorted(coming):
        when = f"{start.replace('T', ' à ')} au {until.replace('T', ' à ')}"
        yield Finding("freeze", "ok", f"gel prévu du {when} : {why}")


def _locks() -> Iterator[Finding]:
    from piste.engine.converge.locks import in_use

    taken = in_use()
    ours = [lock for lock in taken if lock.within(ROOT)]
    for lock in ours:
        yield Finding("locks", "ok", f"« {lock.words} » : écriture en cours, par {lock.holder}")
    if not ours:
        yield Finding("locks", "ok", "aucun : personne n’écrit depuis ce dépôt")
    if others := len(taken) - len(ours):
        yield Finding("locks", "ok", f"{agreed(others, 'verrou(s)')} d’autres dépôts de ce poste")


def _running(environment: str) -> Iterator[Finding]:
    for header in in_progress(journal_folder()):
        if header.get("environment") == environment:
            limit = header.get("limit") or "toute la ville"
            yield Finding("running", "ok", f"{header['id']}, {limit} : en cours, ou interrompue")


def _sealed(town: Derived, environment: str) -> Iterator[Finding]:
    """Say how many decisions are not what the journal sealed; nothing where all are."""
    taken = town.commune["decisions"] if town.commune else []
    try:
        made = compare(journal_folder(), environment, taken, today().isoformat())
    except ValueError as error:
        yield Finding("decisions", "unknown", f"les décisions scellées ne se lisent pas : {error}")
        return
    if differ := len((*made.altered, *made.removed, *made.unread)):
        said = f"{agreed(differ, 'décision(s)')} : ce n’est plus ce que le journal a scellé"
        yield Finding("decisions", "wrong", said, "piste decisions les nomme.")


def journal(environment: str) -> Iterator[Finding]:
    """Describe the chains of an environment; their seals are verified where they are few."""
    root = journal_folder()
    known = [chain for chain in chains(root) if chain.environment == environment]
    ids = sorted(path.stem for chain in known for path in chain.folder.glob("*.json") if ID.fullmatch(path.stem))
    if not ids:
        yield Finding("journal", "ok", f"aucune exécution ({_shown(root)})")
        return
    months = dict.fromkeys(f"{id_[:4]}-{id_[4:6]}" for id_ in (ids[0], ids[-1]))
    where = f"{agreed(len(ids), 'exécution(s)')}, {' à '.join(months)}, tête {', '.join(map(_head, known))}"
    if len(ids) > VERIFIED:
        yield Finding("journal", "unknown", f"{where} ; non vérifié", "piste journal verify le vérifie.")
        return
    wrong = []
    for chain in known:
        with chain.lock():
            wrong += verify_chain(chain)
    if wrong:
        yield Finding("journal", "wrong", f"pas intact, {wrong[0]} ; {where}", "piste journal verify dit tout.")
    else:
        yield Finding("journal", "ok", f"intact, {where}")


def _head(chain: Chain) -> str:
    try:
        return str((chain.head() or {}).get("id", "absente"))
    except Damaged:
        return "illisible"


def _secrets(town: Derived, environment: str) -> Iterator[Finding]:
    """Count the references without a value; those of a vault are unknown: it stays closed."""
    wanted = town.secret_paths()
    number = agreed(len(wanted), "référence(s)")
    file = Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab") / "secrets.json"
    if town.errors:
        yield Finding("secrets", "unknown", "la déclaration a des erreurs")
    elif environment != LAB:
        yield Finding("secrets", "unknown", f"{number}, au coffre, qui n’est pas ouvert ici : piste doctor")
    elif not file.is_file():
        yield Finding("secrets", "unknown", f"{number}, et pas de laboratoire : piste lab up")
    else:
        try:
            values = parse_json(read_plain(file))
        except ValueError as error:
            yield Finding("secrets", "unknown", f"{_shown(file)} ne se lit pas : {error}")
            return
        missing = [path for path in wanted if not (isinstance(values, Mapping) and values.get(path))]
        if missing:
            yield Finding("secrets", "wrong", f"{len(missing)} sur {len(wanted)} sans valeur : {some(missing)}")
        else:
            yield Finding("secrets", "ok", f"{number}, toutes ont une valeur")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
