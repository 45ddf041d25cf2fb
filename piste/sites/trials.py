"""The trials of a verification, in order: each adds its tests to the statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from piste.engine.clock import DAY
from piste.engine.converge.errors import PisteError
from piste.engine.finding import Finding
from piste.engine.words import agreed, some
from piste.papers.dossier.verification_record import VERDICTS, TestVerdict, Verdict
from piste.readings.logs.said import of_site
from piste.runs.plans.play import Played, Step, Trouble
from piste.sites.compared import COMPARED, HOSTING, INTENTS, Compared
from piste.sites.constat import Constat
from piste.sites.flows import Judged, Picture
from piste.sites.flows_read import read_rules
from piste.sites.living.backups import backups
from piste.sites.living.hosting import machines
from piste.sites.living.judged import judged, lives
from piste.sites.living.link import link
from piste.sites.living.packets import packets
from piste.sites.living.restores import restores
from piste.sites.living.seen import readings
from piste.sites.living.services import services
from piste.sites.segments import try_exchanges, try_segments
from piste.systems.nutanix.intent import prism_intent
from piste.town.model import Commune, Site, Town
from piste.town.model.access import dot1x_share
from piste.town.model.freshness import ages
from piste.town.model.nexus.derived import Nexus


class Ran(NamedTuple):
    """The run of the playbook of a verification, and what it is about.

    `read` is the folder of its readings, `proven` are the findings of the calendar of restore tests.
    """

    town: Town
    site: Site
    environment: str
    played: Played
    steps: Sequence[Step]
    read: Path
    proven: Sequence[Finding] = ()


WAITS = " attend "
"""What a line says of an object that waits for another."""


def nexus(town: Town, site: Site) -> list[Nexus]:
    """List the Nexus switches of the site."""
    switches = town.commune["nexus"]["switches"] if town.commune else []
    return [switch for switch in switches if switch["site"] == site["id"]]


def certificates(town: Town, site: Site) -> list[str]:
    """List the certificates that something reads on a machine of the site."""
    addresses = {address for segment in site["segments"].values() for address in segment["reservations"].values()}
    names = {name for segment in site["segments"].values() for name in segment["reservations"]}
    declared = town.commune["certificates"]["certificates"] if town.commune else []
    return [entry["name"] for entry in declared if entry["address"] in addresses or entry["store"] in names]


def _compare_site(constat: Constat, ran: Ran) -> None:
    for test in COMPARED:
        _compare(constat, test, ran.site, INTENTS[test.role](ran.site), ran.played, ran.steps)


def _compare_machines(constat: Constat, ran: Ran) -> None:
    """Compare the machines on the segments of the site, which the town owns."""
    commune, played = ran.town.commune, ran.played
    names = machines(ran.town, ran.site)
    if not names or commune is None:
        return
    vms = [described for described in prism_intent(commune)["vms"] if described["name"] in names]
    of_site = [entry for entry in played.operations if entry["kind"] != "vm" or entry["label"] in names]
    _compare(constat, HOSTING, commune, {"vms": vms}, replace(played, operations=of_site), ran.steps)


def _compare(
    constat: Constat,
    test: Compared,
    owner: Site | Commune,
    intent: Mapping[str, Any],
    played: Played,
    steps: Sequence[Step],
) -> None:
    wanted = {part: intent[part] for part in test.parts}
    if not any(wanted.values()):
        return
    # A port of another site is judged with the link that arrives there.
    far = {f"{port['serial']}/{port['port']}" for port in intent.get("far_ports", ())}
    operations = [
        operation
        for operation in played.operations
        if (operation["system"], operation["kind"]) in test.kinds and operation["key"] not in far
    ]
    expected = f"{_counted(wanted)}, sans écart"
    trouble = _trouble(test, owner["id"], played, steps)
    waiting = _waiting(test, owner["id"], played)
    if trouble is None and waiting:
        verdict: Verdict = "wrong"
        observed, reason = "pas en place", " ; ".join(waiting)
    elif trouble:
        verdict = "unknown" if trouble.kind == "unknown" else "wrong"
        observed, reason = "pas comparé", trouble.message
    elif operations:
        verdict, observed = "wrong", f"{agreed(len(operations), 'écart(s)')} : {_differences(operations)}"
        reason = ""
    else:
        verdict, observed, reason = "conform", "aucun écart", ""
    proof = {"expected": wanted, "differences": operations, "trouble": reason}
    constat.add(
        test.id,
        test.domain,
        test.title,
        expected,
        observed,
        verdict,
        requirements=test.requirements,
        reason=reason,
        proof=proof,
        wrong=waiting,
    )


def _waiting(test: Compared, owner: str, played: Played) -> list[str]:
    """List what a plan left out, since it waits for something that is not there."""
    names = tuple(f"{owner} : {name} " for _, name in sorted(test.kinds))
    lines = [line.removeprefix(f"{owner} : ") for line in played.withheld if line.startswith(names)]
    return [line for line in dict.fromkeys(lines) if WAITS in line]


def _trouble(test: Compared, owner: str, played: Played, steps: Sequence[Step]) -> Trouble | None:
    """Give the reason why a comparison was not made; None where each of its modules ended well."""
    mine = [step for step in steps if step.host == owner]
    done = {module for step in mine for module in step.modules}
    if not set(test.modules) - done:
        return None
    of_role = {step.task for step in mine if step.failed and step.role in (test.role, "declaration")}
    said = next(
        (trouble for trouble in played.troubles if trouble.host in (owner, "") and trouble.task in of_role), None
    )
    return said or next(iter(played.troubles), Trouble(owner, "", "unknown", "la comparaison n’a pas eu lieu"))


def _counted(wanted: Mapping[str, Sequence[Any]]) -> str:
    number = sum(len(objects) for objects in wanted.values())
    return agreed(number, "objet(s) déclaré(s)")


def _differences(operations: Sequence[Mapping[str, Any]]) -> str:
    labels = [f"{operation['kind']} {operation['label']}" for operation in operations]
    return some(labels, _SHOWN)


_SHOWN = 5


def _resolve(constat: Constat, ran: Ran) -> None:
    """Test the names that the site needs, as the domain's name servers resolve them."""
    played = ran.played
    domain, requirements = "Noms", ("R012", "R067")
    if not _tried(constat, domain, requirements, played, "dns."):
        title, expected = "Noms des serveurs du site", "chacun à son adresse"
        reason = "aucun serveur de noms n’a été interrogé"
        constat.add("dns", domain, title, expected, "pas essayé", "unknown", requirements=requirements, reason=reason)


def _tried(constat: Constat, domain: str, requirements: Iterable[str], played: Played, prefix: str) -> bool:
    """Add the tests of a module whose id begins so; return whether there are any."""
    trials = [trial for trial in played.trials if trial["id"].startswith(prefix)]
    for trial in trials:
        constat.add(
            trial["id"],
            domain,
            trial["title"],
            trial["expected"],
            trial["observed"],
            VERDICTS[trial["state"]],
            requirements=requirements,
            reason=trial["todo"],
            proof=trial,
            wrong=trial.get("wrong", ()),
        )
    return bool(trials)


def _try_link(constat: Constat, ran: Ran) -> None:
    """Test the link of the site to the town, at both ends."""
    town, site, played, read = ran.town, ran.site, ran.played, ran.read
    compared = constat.test("network.ports")
    why = (compared.reason or compared.observed) if compared and compared.verdict == "unknown" else ""
    known = readings(read, played)["meraki"]
    for seen in judged("network.link", "Réseau", lambda: list(link(town, site, known, played, why))):
        constat.add(**seen.test())


def _try_nexus(constat: Constat, ran: Ran) -> None:
    """Add the trials of the Nexus switches of the site."""
    town, site, played = ran.town, ran.site, ran.played
    names = [switch["name"] for switch in nexus(town, site)]
    domain, requirements = "Réseau", ("R031", "R067")
    if names and not _tried(constat, domain, requirements, played, "nexus"):
        reason = next((trouble.message for trouble in played.troubles if "Nexus" in trouble.task), "aucun n’a été lu")
        title, expected = f"Nexus du site ({', '.join(names)})", "comme déclarés"
        constat.add("nexus", domain, title, expected, "pas essayé", "unknown", requirements=requirements, reason=reason)


def _try_access(constat: Constat, ran: Ran) -> None:
    """Add the share of what is in 802.1X, then its exchanges, or the reason why there was none."""
    site, played = ran.site, ran.played
    domain, requirements = "Contrôle d’accès", ("R034", "R067")
    _count_access(constat, ran.site)
    if _tried(constat, domain, requirements, played, "radius."):
        return
    off = site["dot1x"] == "off"
    said = next((trouble.message for trouble in played.troubles if "admis" in trouble.task), "aucun essai n’a eu lieu")
    constat.add(
        "access.eap",
        domain,
        "Essais EAP sur les serveurs RADIUS",
        "chacun admis ou refusé comme déclaré",
        "pas essayé",
        "untested" if off else "unknown",
        requirements=requirements,
        reason="le 802.1X du site n’est pas en service (dot1x: off) : docs/passage-802.1x.md" if off else said,
    )


def _count_access(constat: Constat, site: Site) -> None:
    """Add F18: what is declared in 802.1X, in force where the comparisons of the site say so."""
    share, off = dot1x_share(site), site["dot1x"] == "off"
    if not share["internal_ssids"] and not share["access_ports"]:
        return
    compared = [test for test in map(constat.test, ("wifi.ssids", "network.ports")) if test]
    others: list[TestVerdict] = [test.verdict for test in compared if test.verdict != "conform"]
    whole = share["ssids"] == share["internal_ssids"]
    against = others or ([] if compared else ["unknown"])
    verdict: TestVerdict = "untested" if off else "wrong" if not whole else against[0] if against else "conform"
    until = f" (dès le {date.fromisoformat(share['until']):{DAY}})" if share["until"] else ""
    constat.add(
        "access.share", "Contrôle d’accès", "Part des usages internes en 802.1X", "tous les SSID internes",
        f"SSID internes : {share['ssids']} sur {share['internal_ssids']} ; ports d’accès : {share['ports']} sur "
        f"{share['access_ports']} ; exceptions par adresse MAC : {share['exceptions']}{until}",
        verdict, requirements=("F18", "R034", "R037"),
        reason="le 802.1X du site n’est pas en service (dot1x: off) : docs/passage-802.1x.md" if off else "",
        proof=share,
    )  # fmt: skip


def _try_certificates(constat: Constat, ran: Ran) -> None:
    """Add the trials of the site's certificates; those that were not tried are unknown."""
    town, site, played = ran.town, ran.site, ran.played
    domain, requirements = "Certificats", ("R048", "R135", "F16")
    _tried(constat, domain, requirements, played, "certificate.")
    for name in certificates(town, site):
        if constat.test(f"certificate.{name}") is None:
            said = (trouble.message for trouble in played.troubles if "certificats" in trouble.task)
            reason = next(said, "aucun certificat n’a été lu")
            title, expected = f"{name}, lu", "un certificat valable"
            constat.add(
                f"certificate.{name}", domain, title, expected, "pas essayé", "unknown",
                requirements=requirements, reason=reason,
            )  # fmt: skip


def _try_supplies(constat: Constat, ran: Ran) -> None:
    """Add the trials of the site's supplies; untested where no server of NUT is named."""
    site, played = ran.site, ran.played
    domain, requirements = "Onduleurs", ("R039",)
    _tried(constat, domain, requirements, played, "ups.")
    asked = next((trouble.message for trouble in played.troubles if "onduleur" in trouble.task), "")
    for ups in site["premises"]["ups"]:
        if constat.test(f"ups.{ups['name']}") is None:
            constat.add(
                f"ups.{ups['name']}", domain, f"{ups['name']}, onduleur", "sur secteur, chargé", "pas essayé",
                "unknown" if asked else "untested", requirements=requirements,
                reason=asked or "aucun serveur NUT n’est donné (piste_nut) : docs/onduleurs.md",
            )  # fmt: skip


def _try_logs(constat: Constat, ran: Ran) -> None:
    """Add the logs of the site by the last check; untested where there is none."""
    town, site = ran.town, ran.site
    logs = town.commune["logs"] if town.commune else None
    for log in of_site(logs, site["id"], ran.environment, ages(town)) if logs else ():
        verdict: Verdict = "untested" if log.state is None else "conform" if log.state == "ok" else log.state
        constat.add(
            f"logs.{_slug(log.stream)}", "Journaux", f"{log.label}, gardés et scellés",
            "douze mois, sans trou de plus d’un jour", log.observed, verdict,
            requirements=("R057", "R023", "F12"), reason=log.reason,
        )  # fmt: skip


def _isolate(constat: Constat, ran: Ran) -> None:
    """Test the isolation of each access that must be isolated, over the rules read."""
    town, site, read = ran.town, ran.site, ran.read
    domain, requirements = "Isolement", ("R036", "R053", "R003")
    expected = "rien de la ville n’est atteint, hors exceptions déclarées"
    try:
        rules = read_rules(read, town, site["id"])
        judged = Picture(town, rules).judged(site["id"])
    except PisteError as error:
        title = "Isolement des segments invités et publics"
        constat.add(
            "isolation", domain, title, expected, "pas calculé", "unknown", requirements=requirements, reason=str(error)
        )
        return
    for access in judged:
        verdict: Literal["conform", "wrong", "unknown"]
        verdict = {"isolated": "conform", "violated": "wrong", "unknown": "unknown"}[access.verdict]  # type: ignore[assignment]
        constat.add(
            f"isolation.{access.segment}.{_slug(access.access)}",
            domain,
            f"{access.segment}, {access.access}",
            expected,
            _reached(access),
            verdict,
            requirements=requirements,
            proof={**access._asdict(), "wrong": [row._asdict() for row in access.wrong]},
        )
    try_exchanges(constat, town, site, rules)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "acces"


def _reached(judged: Judged) -> str:
    if not judged.wrong:
        return f"rien, hors {', '.join(judged.excepted)}" if judged.excepted else "rien"
    return " ; ".join(f"{', '.join(row.destinations)} par {', '.join(row.rules)}" for row in judged.wrong)


def _try_all_segments(constat: Constat, ran: Ran) -> None:
    try_segments(constat, ran.town, ran.site, ran.played)


def _see(constat: Constat, ran: Ran) -> None:
    """Add what lives, what is kept of copies and restores, and the packets of the probe."""
    town, site = ran.town, ran.site
    living = lives(town, site, machines(town, site), ran.played, ran.read)
    kept = (*backups(town, site, ran.environment), restores(ran.proven))
    for seen in (*living, *kept, *packets(town, site, ran.environment), *services(town, site, ran.environment)):
        constat.add(**seen.test())


TRIALS: tuple[Callable[[Constat, Ran], None], ...] = (
    _compare_site,
    _compare_machines,
    _try_link,
    _try_all_segments,
    _resolve,
    _try_nexus,
    _try_access,
    _try_certificates,
    _try_supplies,
    _try_logs,
    _isolate,
    _see,
)
"""The trials of a verification, in the order of its statement."""
