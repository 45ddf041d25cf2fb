"""The judgment of a place: answers of `trials.probe.onsite` against what the trials want.

Pure. What was not answered in time, or could not be asked, is unknown; silence proves that a way is closed only where
something else was answered at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from netaddr import AddrFormatError

from piste.engine.converge.reading import FAULTS
from piste.engine.words import agreed, some
from piste.papers.dossier.verification_record import Verdict
from piste.trials.probe import chain
from piste.trials.probe.results import GRAVEST, Result
from piste.trials.probe.traffic import ROUTED
from piste.trials.probe.trial import PARTS, Trial
from piste.trials.probe.trials import of_pool
from piste.trials.probe.ways import Ways

Answers = Mapping[str, Mapping[str, Any]]
Said = tuple[Verdict, str, str]
"""The verdict, what was observed, the reason."""
_LIVING = "rien n’a répondu à cet endroit : un silence n’y prouve rien"
_LATE = "pas de réponse dans le temps imparti"
_WITHHELD = "le portail captif attend que ses conditions soient acceptées"
_SECONDS = 60
"""The most that a server's clock may differ from the probe's; Kerberos refuses five minutes."""
_SHOWN = 4
_OPEN = 204
"""The status of the page that telephones ask for, once nothing stands before the Internet."""


class Judge:
    """The answers of a place, and what is known of it."""

    def __init__(
        self,
        ways: Ways,
        listed: Sequence[Trial],
        answers: Answers,
        *,
        everything_answers: bool = False,
        error: str = "",
        way: Mapping[str, Any] | None = None,
    ) -> None:
        self.ways, self.listed, self.answers, self.error, self.way = ways, listed, answers, error, way or {}
        self.everything_answers = everything_answers
        gateway, lease = answers.get("gateway", {}), answers.get("lease", {})
        self.living = "answered" in (gateway.get("outcome"), lease.get("outcome"))
        portal = answers.get(f"portal{PARTS}0", {})
        self.withheld = bool(portal.get("location")) and portal.get("after") != _OPEN
        near = next((trial.want["address"] for trial in listed if trial.kind == "gateway"), "")
        # What the core routes by itself answers without any route of the firewall.
        some = [trial for trial in listed if trial.id != ROUTED]
        far = (question["id"] for trial in some for question in trial.questions if question["address"] != near)
        self.beyond = any(answers.get(id_, {}).get("outcome") in ("answered", "refused", "nonsense") for id_ in far)

    def result(self, trial: Trial) -> Result:
        """Judge a trial."""
        asked = (question["id"] for question in trial.questions)
        mine = {id_: self.answers[id_] for id_ in asked if id_ in self.answers}
        own = {trial.id: self.answers[trial.id]} if trial.id in self.answers else {}
        verdict, observed, reason = self._said(trial, {**own, **mine})
        return Result(
            id=trial.id,
            kind=trial.kind,
            title=trial.title,
            expected=trial.expected,
            observed=observed,
            verdict=verdict,
            reason=reason,
            requirements=list(trial.requirements),
            evidence=[{**question, **mine.get(question["id"], {"outcome": "none"})} for question in trial.questions]
            + [{"id": key, **value} for key, value in own.items()],
        )

    def _said(self, trial: Trial, mine: Answers) -> Said:
        if trial.reason:
            return "untested", "pas essayé", trial.reason
        unable = next((answer.get("why", "") for answer in mine.values() if answer["outcome"] == "unable"), "")
        if unable:
            return "unknown", "pas essayé", unable
        try:
            return _KINDS[trial.kind](self, trial, mine)
        except (AddrFormatError, *FAULTS) as error:
            return "unknown", "réponse illisible", f"la sonde a répondu n’importe quoi ({type(error).__name__})"

    def _missing(self) -> Said:
        return "unknown", "pas essayé", self.error or (_LATE if self.living else _LIVING)


def _link(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = mine.get("link")
    if answer is None:
        return judge._missing()
    if answer["outcome"] != "answered":
        return "wrong", "inactif", "le port ne donne pas de signal : câble, port éteint, ou admission refusée"
    speed = answer.get("speed", "")
    return "conform", f"actif, {speed} Mbit/s" if speed.isdigit() else "actif", ""


def _admission(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = mine.get(trial.id)
    if answer is None:
        return judge._missing()
    said = {"answered": "admis", "refused": "refusé", "silent": "sans suite"}.get(answer["outcome"], "pas essayé")
    if answer["outcome"] == trial.want["outcome"]:
        return "conform", said, ""
    if answer["outcome"] == "silent":
        why = "ni admission ni refus : le serveur RADIUS se tait (secret de l’équipement, adresse, route)"
        return "wrong" if trial.want["outcome"] == "answered" else "unknown", said, why
    return "wrong", said, "les identifiants ou la politique ne sont pas ceux qui sont déclarés"


def _lease(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = mine.get("lease")
    if answer is None:
        return judge._missing()
    offers = answer.get("offers", [])
    if trial.want.get("none"):
        if not offers:
            return "conform", "aucune offre", ""
        return "wrong", f"offre de {_servers(offers)}", "un serveur DHCP qui n’est pas déclaré répond sur ce segment"
    if answer["outcome"] == "silent":
        return "wrong", "aucune offre", _why_no_lease(judge, trial)
    if answer["outcome"] == "refused":
        return "wrong", f"offre de {_servers(offers)}, puis refus", "le serveur a retiré son offre"
    faults = [*_of_lease(judge, answer, trial.want), *_strangers(offers, trial.want)]
    said = f"{answer['address']} par {answer['server']}, en {_figure(answer['ms'])} ms"
    return ("wrong" if faults else "conform"), said, " ; ".join(faults)


def _servers(offers: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({offer["server"] for offer in offers}))


def _of_lease(judge: Judge, lent: Mapping[str, Any], want: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a lease has that is not declared."""
    if not of_pool(lent["address"], want):
        there = judge.ways.place_of(lent["address"])
        where = f"c’est {there} : ce port ou ce SSID mène dans un autre VLAN" if there else "hors de la ville"
        inside = there and judge.ways.place_of(want["start"]) == there
        yield f"{lent['address']} n’est pas de la plage" if inside else f"{lent['address']} : {where}"
        if not inside:
            return
    options = want["options"]
    for name, said in (("routers", "passerelle"), ("dns", "serveurs de noms"), ("ntp", "serveurs de temps")):
        if sorted(lent[name]) != sorted(options[name]):
            yield f"{said} : {', '.join(lent[name]) or 'aucun'} au lieu de {', '.join(options[name]) or 'aucun'}"
    for name, said in (("domain", "domaine"), ("boot_server", "serveur de démarrage"), ("boot_file", "fichier")):
        if lent[name] != (options[name] or ""):
            yield f"{said} : {lent[name] or 'aucun'} au lieu de {options[name] or 'aucun'}"
    if lent["lease"] != want["lease"]:
        yield f"durée : {lent['lease']} s au lieu de {want['lease']} s"


def _strangers(offers: Sequence[Mapping[str, Any]], want: Mapping[str, Any]) -> Iterator[str]:
    """Yield the servers that offer and are not declared; a relay may give its own address."""
    known = {*want["servers"], want["relay"], *want["options"]["routers"]}
    for server in sorted({offer["server"] for offer in offers} - known):
        yield f"un serveur DHCP qui n’est pas déclaré répond : {server}"


def _why_no_lease(judge: Judge, trial: Trial) -> str:
    """Say why there is no offer, by the answers of the servers without the relay."""
    gateway = judge.answers.get("gateway", {})
    if gateway.get("outcome") != "answered":
        return _why_dead(judge)
    if not trial.want["servers"]:
        return "la passerelle répond, mais n’offre rien : son serveur DHCP est éteint, ou sa plage épuisée"
    if any(judge.answers.get(f"relayed.{server}", {}).get("outcome") == "answered" for server in trial.want["servers"]):
        return f"un serveur offre une adresse à qui l’interroge sans relais : {_of_relay(judge, trial)}"
    if any(judge.answers.get(f"inform.{server}", {}).get("outcome") == "answered" for server in trial.want["servers"]):
        return "un serveur répond, sans rien offrir : sa plage est épuisée, ou ce segment n’y a pas d’étendue"
    if not judge.beyond:
        return _NO_RETURN
    return "les serveurs se taisent, d’autres machines répondent au-delà de la passerelle : filtrage, ou service arrêté"


def _of_relay(judge: Judge, trial: Trial) -> str:
    """Say what is wrong of the relay; only a twin knows where it leads."""
    live, wanted = judge.way.get("relays"), trial.want.get("relays", [])
    if live is None:
        return "le relais de la passerelle manque, ou mène ailleurs"
    if not live:
        return "le relais de la passerelle manque"
    if sorted(live) != sorted(wanted):
        return f"le relais de la passerelle mène à {', '.join(live)}, et non à {', '.join(wanted)}"
    return f"le relais de la passerelle mène bien à {', '.join(live)}, mais rien n’en revient"


def _why_dead(judge: Judge) -> str:
    """Say why the gateway is silent: another VLAN, a port without it, else what it may be."""
    near = judge.answers.get("elsewhere", {}).get("addresses", [])
    if near:
        there = ", ".join(judge.ways.place_of(address) or address for address in near)
        return f"la passerelle de {there} répond ici : ce port ou ce SSID mène dans un autre VLAN"
    if broken := judge.way.get("broken"):
        return f"le VLAN n’arrive pas jusqu’à la passerelle : {broken}"
    return "le VLAN n’arrive pas jusqu’à la passerelle (VLAN absent d’un lien), ou elle manque"


def _gateway(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = mine.get("gateway")
    if answer is None:
        return judge._missing()
    if answer["outcome"] != "answered":
        return "wrong", "aucune réponse", _why_dead(judge)
    macs = answer["macs"]
    if len(macs) > 1:
        return "wrong", f"{len(macs)} machines répondent : {', '.join(macs)}", "deux passerelles ont la même adresse"
    echo = next((part for key, part in mine.items() if PARTS in key), {})
    took = f", en {_figure(echo['times'][0])} ms" if echo.get("times") else ""
    return "conform", f"{macs[0]}{took}", ""


def _portal(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = next(iter(mine.values()), None)
    if answer is None:
        return judge._missing()
    if answer["outcome"] != "answered":
        return "unknown", "aucune réponse", answer.get("why", "")
    if answer["location"]:
        accepted = "" if judge.withheld else ", accepté"
        return "conform", f"renvoie vers {answer['location'][:120]}{accepted}", ""
    return "wrong", f"réponse {answer['status']}, sans renvoi", "aucun portail ne s’impose : l’Internet est ouvert"


def _name(judge: Judge, trial: Trial, mine: Answers) -> Said:
    wanted = trial.want["addresses"]
    said = {question["address"]: mine.get(question["id"], {}) for question in trial.questions}
    answered = {server: answer for server, answer in said.items() if answer.get("outcome") == "answered"}
    if not answered:
        outcome = next(iter(said.values()), {}).get("outcome")
        if outcome is None:
            return judge._missing()
        if outcome == "silent" and wanted == [] and judge.living:
            return "unknown", "aucune réponse", "le résolveur se tait : son silence ne dit pas ce qu’il connaît"
        return "unknown", "aucune réponse", f"{', '.join(said)} ne répond pas, ou n’importe quoi"
    wrong = {
        server: answer["addresses"]
        for server, answer in answered.items()
        if (not answer["addresses"] if wanted is None else answer["addresses"] != wanted)
    }
    if wrong:
        parts = [f"{', '.join(values) or 'inconnu'} selon {server}" for server, values in wrong.items()]
        return "wrong", " ; ".join(parts), "ce nom mène ailleurs" if wanted and any(wrong.values()) else ""
    missing = [server for server in said if server not in answered]
    seen = ", ".join(next(iter(answered.values()))["addresses"]) or "inconnu"
    return ("unknown", seen, f"{', '.join(missing)} ne répond pas") if missing else ("conform", seen, "")


def _time(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = next(iter(mine.values()), None)
    if answer is None:
        return judge._missing()
    if answer["outcome"] != "answered":
        verdict: Verdict = "wrong" if judge.living and judge.beyond else "unknown"
        return verdict, "aucune réponse", "" if judge.beyond else _NO_RETURN
    if answer["stratum"] in (0, 16):
        return "wrong", f"strate {answer['stratum']}", "ce serveur n’est pas à l’heure lui-même"
    said = f"strate {answer['stratum']}, à {_figure(answer['offset'])} s de la sonde"
    if abs(answer["offset"]) > _SECONDS:
        return "wrong", said, "l’heure de la sonde et celle du serveur diffèrent"
    return "conform", said, ""


_NO_RETURN = "aucun serveur ne répond, et rien ne refuse : une route manque, sans doute celle du retour"


def _flow(judge: Judge, trial: Trial, mine: Answers) -> Said:
    if len(mine) < len(trial.questions):
        return judge._missing()
    if judge.withheld:
        return "unknown", "pas essayé", _WITHHELD
    silent, refused, unsure = [], [], []
    for question in trial.questions:
        answer, said = mine[question["id"]], _target(question)
        if answer["outcome"] in ("answered", "nonsense") or (answer["outcome"] == "refused" and question.get("range")):
            continue
        certain = judge.everything_answers or (question.get("known") and question["kind"] != "udp")
        if answer["outcome"] == "refused":
            refused.append(f"{said} (par {answer.get('by', '?')})")
        elif certain and not question.get("range"):
            silent.append(said)
        else:
            unsure.append(said)
    number = len(trial.questions) - len(silent) - len(refused) - len(unsure)
    observed = f"{number} sur {len(trial.questions)}"
    if silent or refused:
        parts = [f"sans réponse : {_some(silent)}" if silent else "", f"refusé : {_some(refused)}" if refused else ""]
        reason = "" if judge.beyond or refused else _NO_RETURN
        return "wrong", " ; ".join(filter(None, [observed, *parts])), reason
    if unsure:
        return "unknown", f"{observed} ; sans réponse : {_some(unsure)}", "rien n’assure qu’un service écoute là"
    return "conform", observed, ""


def _service(judge: Judge, trial: Trial, mine: Answers) -> Said:
    if not mine:
        return judge._missing()
    if judge.withheld:
        return "unknown", "pas essayé", _WITHHELD
    beside = chain.siblings(judge.listed, judge.answers)
    said = []
    for asked in trial.questions:
        machines = [asked["machine"]] if asked.get("machine") else trial.want["machines"]
        own = replace(trial, questions=(asked,), want={**trial.want, "address": asked["address"], "machines": machines})
        answer = mine.get(asked["id"])
        said.append(chain.judged(own, answer, beside, beyond=judge.beyond) if answer else judge._missing())
    worst = min(said, key=lambda each: GRAVEST.index(each[0]))
    if len(said) == 1:
        return worst
    sound = agreed(sum(each[0] == "conform" for each in said), "machine(s)")
    return worst[0], f"{worst[1]} ({sound} sur {len(said)})", worst[2]


def _isolation(judge: Judge, trial: Trial, mine: Answers) -> Said:
    reached = [
        _target(question)
        for question in trial.questions
        if (answer := mine.get(question["id"], {})).get("outcome") == "answered"
        or (answer.get("outcome") == "refused" and answer.get("by") == question["address"])
    ]
    if reached:
        return "wrong", f"répond : {_some(reached)}", "une règle laisse passer plus que ce qui est déclaré"
    if len(mine) < len(trial.questions):
        return judge._missing()
    if not judge.living:
        return "unknown", "rien ne répond", _LIVING
    if judge.withheld:
        return "unknown", "rien ne répond", "le portail captif retient tout, ses conditions n’étant pas acceptées"
    return "conform", f"rien ne répond ({agreed(len(trial.questions), 'essai(s)')})", ""


def _quality(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = next(iter(mine.values()), None)
    if answer is None:
        return judge._missing()
    times, sent = answer.get("times", []), answer.get("sent", 0)
    if not times:
        return "unknown", "aucun écho", "cette machine ne répond peut-être pas au ping"
    lost = sent - len(times)
    said = f"{_figure(min(times))} à {_figure(max(times))} ms, {lost} perdus sur {sent}"
    return ("wrong" if lost else "conform"), said, "des paquets se perdent" if lost else ""


def _rate(judge: Judge, trial: Trial, mine: Answers) -> Said:
    answer = next(iter(mine.values()), None)
    if answer is None or answer["outcome"] != "answered":
        return "unknown", "pas mesuré", (answer or {}).get("why", _LATE)
    said = f"{_figure(answer['up'])} Mbit/s montants, {_figure(answer['down'])} Mbit/s descendants"
    return "conform", said, ""


def _figure(number: float) -> str:
    return f"{number:g}".replace(".", ",")


def _target(question: Mapping[str, Any]) -> str:
    protocol = "udp" if question["kind"] == "inform" else question["kind"]
    service = f"{protocol}/{question['port']}" if "port" in question else "ping"
    return f"{question['address']} {service}"


def _some(texts: Iterable[str]) -> str:
    return some([*texts], _SHOWN)


_KINDS: Mapping[str, Callable[[Judge, Trial, Answers], Said]] = {
    "link": _link,
    "admission": _admission,
    "lease": _lease,
    "gateway": _gateway,
    "portal": _portal,
    "name": _name,
    "time": _time,
    "printing": _flow,
    "flow": _flow,
    "service": _service,
    "isolation": _isolation,
    "quality": _quality,
    "rate": _rate,
}
