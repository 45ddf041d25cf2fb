"""Services as their users have them: what a probe tried last at each place, while believed.

A thing is a service at a place, `<application>/<site>/<place>`; the result is that of the record of the probe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.clock import in_town
from piste.engine.finding import Finding, Gravity
from piste.engine.words import agreed, some
from piste.readings import store
from piste.readings.belief import Last, Reading, Tried
from piste.readings.protection import figures as protection
from piste.readings.protection.judgment import Judged
from piste.readings.table import SUBJECTS
from piste.sites.living.seen import Seen
from piste.town.model.freshness import ages
from piste.trials.probe import results
from piste.trials.probe.results import GRAVEST, Result
from piste.trials.probe.services import KIND, offered, tried

if TYPE_CHECKING:
    from piste.papers.dossier.verification_record import Verdict
    from piste.town.model import Site
    from piste.town.model.applications import Application
    from piste.town.model.derived import Derived

SUBJECT = SUBJECTS["services"]
ID, UNTRIED = "services", "untried.services"
_DOMAIN, _TITLE = "Applications", "Les applications du site s’ouvrent d’un poste de chaque population"
_REQUIREMENTS = ("R067", "R081")
_MENDED_BY: Mapping[str, str] = {
    "name": "corrigez le nom : piste plan commune --domain names",
    "port": "voyez la machine et le flux : piste find {machine}, piste flows",
    "certificate": "renouvelez le certificat : piste certificates scan, puis request",
    "protocol": "voyez le service sur {machine} : il écoute, et ne répond pas à ses clients",
    "page": "voyez le service sur sa machine, avec son éditeur",
}
"""What to do by the last link that was reached."""
_COPIED_BY = "piste backups gaps dit ce qui manque, et où"
_TRIES = "aucune sonde ne l’a essayée"


class AtPlace(NamedTuple):
    """A service at a place, `<place>@<site>`, with what may be said of it."""

    where: str
    last: Last[Result]


def kept(environment: str) -> dict[str, Tried[Result]]:
    """Give the last result of each service at each place, `<application>/<site>/<place>`."""
    return {
        f"{result.id.removeprefix(f'{KIND}.')}/{name}": Reading(result, last.read_at)
        for name, last in results.kept(environment).items()
        if isinstance(last, Reading)
        for result in last.value.place.results
        if result.kind == KIND
    }


def stands(town: Derived, name: str) -> bool:
    """Tell whether a service is still in use, and its place still that of a site in service."""
    from piste.sites.living import packets

    application, _, place = name.partition("/")
    return application in {entry["id"] for entry in _declared(town)} and packets.stands(town, place)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each service: whether it works, for whom, why not.

    A laboratory where no service was ever tried says nothing.
    """
    known = _known(town, environment)
    if environment == "lab" and not known:
        return
    copies, _ = protection.last(town, environment) if town.commune else ((), ())
    for entry in _declared(town):
        own = [judged for judged in copies if judged.item["server"] in entry["machines"]]
        yield _finding(town, entry, known.get(entry["id"], []), own)


def services(town: Derived, site: Site, environment: str) -> Iterator[Seen]:
    """Judge the services that were tried at a site; name those that were not."""
    known = _known(town, environment)
    here = {
        entry["label"]: [each for each in known.get(entry["id"], ()) if each.where.endswith(f"@{site['id']}")]
        for entry in _declared(town)
        if entry["site"] in (None, site["id"])
    }
    seen = [(label, each.where, last.value) for label, every in here.items() for each in every
            if isinstance(last := each.last, Reading)]  # fmt: skip
    doubts = [last.why for every in here.values() for each in every if not isinstance(last := each.last, Reading)]
    todo = f"piste probe {site['id']} (docs/services.md)"
    if seen:
        verdict = _worst(result for _, _, result in seen)
        faults = [(label, where, result) for label, where, result in seen if result.verdict == verdict != "conform"]
        said = [f"{label} : {result.observed}, de {where}" for label, where, result in faults]
        tries = agreed(len({label for label, _, _ in seen}), "application(s) essayée(s)")
        causes = some([*dict.fromkeys(result.reason for _, _, result in faults if result.reason)])
        if doubts and verdict == "conform":
            verdict, causes = "unknown", f"un essai d’ici n’est plus cru ({doubts[0]}) : {todo}"
        alone = sorted({label for label, _, result in seen if _port_alone(result)})
        ports = [f"au port seul, sans page connue (url) : {some(alone)}"] if alone else []
        proof = [{"application": label, "place": where, **result.model_dump()} for label, where, result in seen]
        observed = " ; ".join([tries, *said[:3], *ports])
        yield Seen(ID, _DOMAIN, _TITLE, _REQUIREMENTS, "chacune s’ouvre", observed, verdict, causes, proof)
    else:
        verdict = "unknown" if doubts else "untested"
        why = doubts[0] if doubts else f"{_TRIES} : {todo}"
        yield Seen(ID, _DOMAIN, _TITLE, _REQUIREMENTS, "chacune s’ouvre", "pas essayé", verdict, why)
    missing = sorted(label for label, every in here.items() if not every)
    if seen and missing:
        yield Seen(UNTRIED, _DOMAIN, "Applications que nul n’a essayées d’ici", _REQUIREMENTS, "essayées", "pas essayé",
                   "untested", f"{some(missing)} : adresse à confirmer, ou aucun flux d’ici n’y mène")  # fmt: skip


def _declared(town: Derived) -> list[Application]:
    return tried(town.commune["applications"]) if town.commune else []


def _known(town: Derived, environment: str) -> dict[str, list[AtPlace]]:
    """Give by application what was tried, at the places that the town still has."""
    known: dict[str, list[AtPlace]] = {}
    for name, last in store.last(SUBJECT, environment, ages(town)).items():
        if stands(town, name):
            application, site, place = name.split("/", 2)
            known.setdefault(application, []).append(AtPlace(f"{place}@{site}", last))
    return known


def _worst(every: Iterable[Result]) -> Verdict:
    verdicts = {result.verdict for result in every}
    return next(verdict for verdict in GRAVEST if verdict in verdicts)


def _port_alone(result: Result) -> bool:
    """Tell whether the port alone was tried, since no page is known."""
    return result.verdict == "conform" and not any(said.get("page") or said.get("speaks") for said in result.evidence)


def _finding(town: Derived, entry: Application, every: list[AtPlace], copies: Sequence[Judged]) -> Finding:
    id_, label, site = f"{SUBJECT.name}.{entry['id']}", entry["label"], entry["site"] or ""
    seen = [(each.where, each.last) for each in every if isinstance(each.last, Reading)]
    if not seen:
        why = every[0].last.why if every and not isinstance(every[0].last, Reading) else offered(entry) or _TRIES
        return Finding(id_, "unknown", f"{label} : {why}", SUBJECT.again, site=site, gravity="minor")
    verdict = _worst(last.value for _, last in seen)
    alike = [(where, last.value) for where, last in seen if last.value.verdict == verdict]
    places, first = some([where for where, _ in alike], 3), alike[0][1]
    at = in_town(min(last.read_at for _, last in seen))
    evidence = " ; ".join([f"sonde du {at}", *_behind(town, entry), *map(_copy, copies)])
    if verdict == "conform":
        port = all(_port_alone(result) for _, result in alike)
        what = f"{label} : {f'{first.observed}, vu' if port else 'marche,'} de {places}"
        if late := [_copy(judged) for judged in copies if judged.rpo == "wrong"]:
            return Finding(id_, "wrong", f"{what} ; mais {some(late)}", _COPIED_BY, site=site, gravity="minor",
                           evidence=evidence)  # fmt: skip
        return Finding(id_, "ok", what, site=site, evidence=evidence)
    if verdict != "wrong":
        what = f"{label} : {first.reason or first.observed}, de {places}"
        return Finding(id_, "unknown", what, SUBJECT.again, site=site, evidence=evidence)
    slow = first.observed.startswith("lent")
    users, cause = some(entry["services"]), first.reason or first.observed
    what = f"{label} : {'lente' if slow else 'ne marche pas'} pour {users}, {cause}, vu de {places}"
    gravity: Gravity = "minor" if slow else "critical" if entry["critical"] else "major"
    broken: Mapping[str, Any] = next((said for said in first.evidence if said.get("step") not in (None, "done")), {})
    machine = broken.get("machine") or next(iter(entry["machines"]), entry["id"])
    todo = _MENDED_BY.get(str(broken.get("step")), _MENDED_BY["page"]).format(machine=machine)
    return Finding(id_, "wrong", what, todo, site=site, gravity=gravity, evidence=evidence)


def _behind(town: Derived, entry: Application) -> Iterator[str]:
    """Yield what stands behind a service: its machine, the family of its copies, its contract."""
    assert town.commune is not None
    for host in entry["hosts"]:
        yield f"machine {host['name']}, sauvegarde « {host['protection']} »"
    for contract in town.commune["contracts"]:
        if entry["id"] in contract["covers"]["applications"]:
            yield f"contrat {contract['id']} ({contract['supplier']})"


def _copy(judged: Judged) -> str:
    """Say the last complete copy of a set behind a service, or that it has none."""
    name, taken = judged.item["name"], [there.last["taken_at"] for there in judged.kept if there.last]
    if not taken:
        return f"{name} n’a aucune bonne copie" if judged.rpo == "wrong" else f"copies de {name} : inconnues"
    late = f", plus que son RPO ({judged.item['rpo_hours']} h)" if judged.rpo == "wrong" else ""
    return f"dernière bonne copie de {name} le {in_town(max(taken))}{late}"
