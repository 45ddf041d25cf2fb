"""The judgment of a service: where its chain breaks, and the cause that this proves.

Pure. The links are those of `piste.trials.probe.onsite.service`, in their order: name, way, port, certificate, page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.engine.words import safe, some
from piste.trials.probe.trial import PARTS, Trial

if TYPE_CHECKING:
    from piste.papers.dossier.verification_record import Verdict

SLOW = 4000.0
"""Milliseconds beyond which a page is slow: people ask for it again."""
_UNREACHABLE, _EXPIRED, _EARLY, _NAMED = (0, 1, 7), 10, 9, (62, 64)
"""Codes of ICMP about a machine that is not there (RFC 792); of OpenSSL: expired, too early, another name."""
_STATUSES: Mapping[int, str] = {
    403: "sa page est refusée : sans droits, ou filtrée",
    404: "sa page n’existe pas à cette adresse",
}
_STOPPED, _QUEUES = 5, {3: "attend", 4: "imprime"}
_LONGEST = 200
"""Letters that are kept of a text from outside: a name, an error."""
Answers = Mapping[str, Mapping[str, Any]]
Said = tuple["Verdict", str, str]


def judged(trial: Trial, answer: Mapping[str, Any], answers: Answers, *, beyond: bool) -> Said:
    """Judge a service by its answer; `answers` are all those of its place.

    `beyond` tells whether something answered beyond the gateway: else a silence proves nothing of the service.
    """
    asked = trial.questions[0]
    answer = {key: safe(value)[:_LONGEST] if isinstance(value, str) else value for key, value in answer.items()}
    links = {"name": _name, "port": _port, "certificate": _certificate, "page": _page, "protocol": _protocol}
    resolved = [safe(str(address))[:_LONGEST] for address in answer.get("addresses", ())]
    if trial.want["address"] and resolved and trial.want["address"] not in resolved:
        where = f"{asked['host']} mène à {some(resolved)}, et non à {trial.want['address']}"
        return "wrong", "son nom mène ailleurs", where
    if link := links.get(answer["step"]):
        return link(trial, answer, answers, beyond)
    if (answer["step"], answer["outcome"]) != ("done", "answered"):
        raise ValueError(answer["step"])
    if asked.get("speaks"):
        return _spoken(answer)
    if not asked.get("page"):
        return "conform", f"tcp/{asked['port']} répond ; sa page n’est pas connue (url)", ""
    return _shown(trial, answer)


def _name(trial: Trial, answer: Mapping[str, Any], answers: Answers, beyond: bool) -> Said:
    host, servers = trial.questions[0]["host"], ", ".join(trial.questions[0]["dns"])
    if not servers:
        return "unknown", "son nom n’est pas essayé", "aucun serveur de noms n’est déclaré pour cet endroit"
    if answer["outcome"] == "answered":
        return "wrong", "son nom est inconnu", f"{host} est inconnu de {servers}"
    if not beyond:
        return "unknown", "son nom ne se résout pas", "rien ne répond au-delà de la passerelle"
    return "wrong", "son nom ne se résout pas", f"les serveurs de noms ({servers}) se taisent"


def _port(trial: Trial, answer: Mapping[str, Any], answers: Answers, beyond: bool) -> Said:
    asked, machine = trial.questions[0], some(trial.want["machines"]) or trial.questions[0]["host"]
    by, rule = answer.get("by", ""), trial.want["rule"].partition(".")[0]
    observed = f"tcp/{asked['port']} ne répond pas"
    if answer["outcome"] == "refused" and by == (trial.want["address"] or by) and "code" not in answer:
        return "wrong", observed, f"le port est fermé : le service est arrêté sur {machine}"
    if answer.get("alive"):
        return "wrong", observed, f"{machine} répond à l’écho, pas son port : service arrêté, ou flux refusé ({rule})"
    if answer.get("code") in _UNREACHABLE:
        return "wrong", observed, f"{machine} est éteinte, ou débranchée : {by} ne la trouve pas"
    if answer["outcome"] == "refused":
        return "wrong", observed, f"le flux {rule} est refusé en chemin, par {by}"
    if not beyond:
        return "unknown", observed, "rien ne répond au-delà de la passerelle : ce silence n’accuse pas le service"
    others = [said.get("outcome") for id_, said in answers.items() if _beside(trial, id_, said)]
    if "answered" in others:
        return "wrong", observed, f"{machine} se tait, d’autres répondent par le flux {rule} : machine éteinte"
    if others:
        return "wrong", observed, f"rien ne répond par le flux {rule} : il est refusé en chemin"
    return "wrong", observed, f"{machine} se tait : machine éteinte, ou flux {rule} refusé en chemin"


def _beside(trial: Trial, id_: str, said: Mapping[str, Any]) -> bool:
    """Tell whether an answer is that of another server by the rule of a service."""
    name, _, number = id_.rpartition(PARTS)
    return name == f"flow.{trial.want['rule']}" and bool(number) and said.get("address") != trial.want["address"]


def _certificate(trial: Trial, answer: Mapping[str, Any], answers: Answers, beyond: bool) -> Said:
    host, code, why = trial.questions[0]["host"], answer.get("code"), answer.get("why", "")
    if code == _EXPIRED:
        return "wrong", "certificat refusé", f"le certificat de {host} a expiré"
    if code == _EARLY:
        return "wrong", "certificat refusé", f"le certificat de {host} ne vaut pas encore, ou l’heure est fausse"
    if code in _NAMED:
        return "wrong", "certificat refusé", f"le certificat n’est pas au nom de {host}"
    if code is not None:
        return "unknown", "certificat non attesté", f"son autorité n’est pas connue de la sonde ({why})"
    return "wrong", "pas de TLS", f"le port est ouvert, mais ne parle pas TLS : {why}"


def _page(trial: Trial, answer: Mapping[str, Any], answers: Answers, beyond: bool) -> Said:
    return "wrong", "sa page ne vient pas", f"certificat bon, mais rien ne suit : {answer.get('why', 'silence')}"


def _protocol(trial: Trial, answer: Mapping[str, Any], answers: Answers, beyond: bool) -> Said:
    asked = trial.questions[0]
    observed = f"tcp/{asked['port']} répond, sans parler {asked['speaks'].upper()}"
    why = answer.get("why", "silence")
    return "wrong", observed, f"le service de {some(trial.want['machines'])} répond mal : {why}"


def _spoken(answer: Mapping[str, Any]) -> Said:
    """Judge what a protocol said.

    It is the dialect of a server of shares, or the state of a queue (RFC 8011 5.4.11).
    """
    if "state" not in answer:
        if not isinstance(answer["dialect"], str) or not isinstance(answer["signed"], bool):
            raise ValueError(answer["dialect"])
        signed = "exigée" if answer["signed"] else "non exigée"
        return "conform", f"SMB {answer['dialect']} répond, signature {signed}", ""
    if answer["state"] == _STOPPED:
        return "wrong", "la file est arrêtée", "la file d’impression est arrêtée : rien ne s’imprime"
    return "conform", f"la file {_QUEUES[answer['state']]}", ""


def _shown(trial: Trial, answer: Mapping[str, Any]) -> Said:
    status, took = answer["status"], f"{answer['ms'] / 1000:.1f} s".replace(".", ",")
    observed = f"réponse {status} en {took}"
    if not 200 <= status <= 999 or not isinstance(answer.get("shown", False), bool):
        raise ValueError(status)
    if elsewhere := answer.get("elsewhere"):
        if answer.get("plain") is not False:
            return "wrong", observed, f"elle renvoie à {elsewhere} en clair (http) : ce qui s’y tape se lit en chemin"
        if elsewhere == trial.want["sign_in"]:
            return "conform", f"renvoie s’identifier à {elsewhere}, en {took}", ""
        why = f"elle renvoie à {elsewhere}, que rien ne déclare (sign_in)"
        return "wrong" if trial.want["shows"] else "unknown", observed, why
    if status >= 500:
        return "wrong", observed, f"le service répond par une erreur ({status})"
    if status in _STATUSES:
        return "wrong", observed, _STATUSES[status]
    if status >= 400 and status != 401:
        return "wrong", observed, f"sa page est refusée ({status})"
    if status == 401:
        return "conform", f"{observed} : elle demande de s’identifier", ""
    if trial.want["shows"] and not answer["shown"]:
        return "wrong", observed, f"la page n’est pas la sienne : « {trial.want['shows']} » n’y est pas"
    if answer["ms"] > SLOW:
        return "wrong", f"lent : {observed}", f"plus de {SLOW / 1000:g} s"
    return "conform", observed, ""


def siblings(listed: Sequence[Trial], answers: Answers) -> dict[str, Mapping[str, Any]]:
    """Give the answers of flows, each with the address that was asked."""
    return {
        asked["id"]: {**answers[asked["id"]], "address": asked["address"]}
        for trial in listed
        if trial.kind == "flow"
        for asked in trial.questions
        if asked["id"] in answers
    }
