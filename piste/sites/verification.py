"""The verification of a site: the run of its playbook, its trials, its statement."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import UTC, datetime

import ansible

from piste.engine.converge.as_found import count
from piste.engine.converge.errors import Misused
from piste.engine.repository import commit
from piste.engine.words import agreed
from piste.papers.dossier.verification_record import Verification
from piste.runs.plans.play import Played
from piste.runs.records.chain import new_id
from piste.runs.records.operator import operator
from piste.sites.adopted import mark_kept
from piste.sites.constat import Constat
from piste.sites.living.supervision import ID as WATCHED
from piste.sites.trials import TRIALS, Ran
from piste.town import declared
from piste.town.model import Site, Town
from piste.town.model.flows.ends import IN_SERVICE

PLAYBOOK = "playbooks/verify.yml"


def declared_site(name: str, environment: str) -> tuple[Town, Site]:
    """Load the town of an environment and a site in service.

    Raises `Missing`, `Misused`, `InvalidDeclaration`.
    """
    town = declared.town(environment)
    declared.refuse_stranger(name, town)
    site = town.sites[name]
    if site["lifecycle"] not in IN_SERVICE:
        raise Misused(f"« {name} » n’est pas en service (lifecycle: {site['lifecycle']}) : rien n’y est à vérifier")
    return town, site


def draw_up(ran: Ran, started: datetime, uncommitted: str | None = None) -> tuple[Verification, dict[str, bytes]]:
    """Draw up the verification of a site and its evidence, from the run of its playbook.

    `uncommitted` says who wants it from a tree with uncommitted changes, and why; it is then the first reserve.
    """
    constat, site = Constat(), ran.site
    for trial in TRIALS:
        trial(constat, ran)
    mark_kept(constat, ran)
    head, clean = commit()
    wanted = [f"Constat d’un dépôt aux modifications non enregistrées, voulu par {uncommitted}"] if uncommitted else []
    record = Verification(
        id=new_id(started),
        site=site["id"],
        environment=ran.environment,
        started=started.isoformat(timespec="seconds"),
        ended=datetime.now(UTC).isoformat(timespec="seconds"),
        operator=operator(ran.environment),
        commit=head,
        clean=clean,
        declaration=ran.town.digest,
        versions={"ansible-core": ansible.__version__, "python": platform.python_version()},
        reserves=[*wanted, *_reserves(site, ran.played), *_rehearsed(ran, constat)],
        tests=constat.tests,
    )
    return record, constat.files


def _rehearsed(ran: Ran, constat: Constat) -> Iterator[str]:
    """Yield what a laboratory cannot show: its Zabbix reaches nothing by itself."""
    watched = constat.test(WATCHED)
    if ran.environment == "lab" and watched and watched.verdict == "wrong":
        yield "Au laboratoire, Zabbix ne joint rien sans un jumeau qu’il interroge : piste lab poll (docs/lab.md)"


def _reserves(site: Site, played: Played) -> Iterator[str]:
    yield from (line.removeprefix(f"{site['id']} : ") for line in dict.fromkeys(played.withheld))
    yield from (f"{orphan['kind']} {orphan['key']} : {orphan['why']}" for orphan in played.orphans)
    if kept := count(site["as_found"]):
        yield f"{agreed(kept, 'valeur(s) gardée(s) comme trouvée(s)')}, à rendre à la règle"
    if site["awaited"]:
        yield f"{agreed(len(site['awaited']), 'équipement(s) encore à recevoir')}"
    recorded = "ce qui est enregistré au SMC, qui s’installe à part sur les pare-feu"
    yield f"L’isolement et les chemins sont calculés sur {recorded}."
