"""The match of networks and sites: by name, by the devices in the network, else by likeness."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from piste.engine.converge.errors import Misused
from piste.engine.words import agreed

NONE = "aucun"
"""The answer for a network of no site."""
_ALIKE = 0.8
"""The likeness at which two words are the same, but for a typing error."""
_DISTINCT = 0.6
"""The least weight of the words that a name shares with a site; a word of more sites weighs less."""


class OpenQuestions(Misused):
    """A network may belong to several sites, or to none that is known."""

    code = "PISTE-E042"


@dataclass(frozen=True, slots=True)
class Question:
    """The question of the site of a network; `proposed` is empty where several are as likely."""

    network: str
    devices: int
    proposed: str
    why: str
    choices: tuple[str, ...]

    def __str__(self) -> str:
        answer = f"proposé : {self.proposed}" if self.proposed else f"au choix : {', '.join(self.choices)}"
        return f"« {self.network} » ({agreed(self.devices, 'équipement(s)')}) : {self.why} ; {answer}"


@dataclass(slots=True)
class Matched:
    """The network of each site, the networks of no site, and the open questions."""

    networks: dict[str, str] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def questions_about(self, sites: Sequence[str]) -> list[Question]:
        """List the questions whose answer may be among these sites.

        A network without a link to any site is asked about only while one of the sites has no network.
        """
        proposed = {question.proposed for question in self.questions}
        lacking = set(sites) - self.networks.keys() - proposed
        return [q for q in self.questions if set(q.choices) & (lacking if q.proposed == NONE else set(sites))]


def match(
    places: Sequence[Mapping[str, Any]],
    sites: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, str],
    answers: Mapping[str, str],
) -> Matched:
    """Match networks to sites.

    `places` are `{key, devices}` for each network; `sites` the derived sites; `names` the known networks with their
    site. An answer (network → site, or *aucun*) settles first, then a known name. Raises `Misused` for an answer about
    an absent network or site, or two networks for one site.
    """
    devices = {place["key"]: list(place["devices"]) for place in places}
    matched = Matched()
    _check(answers, devices, sites)
    for network in devices:
        site = answers.get(network) or names.get(network, "")
        if site == NONE:
            matched.strangers.append(network)
        elif site and matched.networks.setdefault(site, network) != network:
            raise Misused(
                f"« {matched.networks[site]} » et « {network} » seraient tous deux le réseau de {site}",
                todo=f"Un site a un réseau : répondez « {NONE} » pour l’autre (--as RÉSEAU={NONE}).",
            )
    settled = {*matched.networks.values(), *matched.strangers}
    unmatched = {name: site for name, site in sites.items() if name not in matched.networks}
    open_networks = [network for network in devices if network not in settled]
    evidence = {network: _declared_in(devices[network], unmatched) for network in open_networks}
    for network in open_networks:
        matched.questions.append(_question(network, len(devices[network]), evidence, unmatched))
    return matched


def _check(answers: Mapping[str, str], networks: Mapping[str, Any], sites: Mapping[str, Any]) -> None:
    faults = [f"« {network} » n’est pas un réseau de l’organisation" for network in answers if network not in networks]
    faults += [
        f"« {site} » n’est pas un site en service" for site in answers.values() if site != NONE and site not in sites
    ]
    if faults:
        raise Misused(
            " ; ".join(faults),
            todo=f"Une réponse est RÉSEAU=SITE ou RÉSEAU={NONE}. Sites : {', '.join(sorted(sites))}.",
        )


def _declared_in(serials: Iterable[str], sites: Mapping[str, Mapping[str, Any]]) -> Counter[str]:
    """Count the declared devices of each site among these serial numbers."""
    owner = {device["serial"]: name for name, site in sites.items() for device in site["devices"]}
    return Counter(owner[serial] for serial in serials if serial in owner)


def _question(
    network: str, devices: int, evidence: Mapping[str, Counter[str]], sites: Mapping[str, Mapping[str, Any]]
) -> Question:
    here = evidence[network]
    if here:
        rivals = [other for other, sites in evidence.items() if other != network and here.keys() & sites.keys()]
        choices = tuple(sorted(here)) if not rivals else (*sorted(here), NONE)
        counted = ", ".join(f"{count} de {site}" for site, count in sorted(here.items()))
        shared = f", qui en a aussi dans « {rivals[0]} »" if rivals else ""
        proposed = choices[0] if len(here) == 1 and not rivals else ""
        return Question(network, devices, proposed, f"y travaillent {counted}{shared}", choices)
    near = _likely(network, sites)
    if len(near) == 1:
        return Question(network, devices, near[0], "son nom y ressemble", (near[0], NONE))
    if near:
        return Question(network, devices, "", "son nom ressemble à plusieurs", (*near, NONE))
    return Question(network, devices, NONE, "rien ne dit à quel site il est", (*sorted(sites), NONE))


def _likely(network: str, sites: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """List the sites that a name resembles most, equals included."""
    words = {name: _words(f"{name} {site['name']}") for name, site in sites.items()}
    common = Counter(word for known in words.values() for word in known)
    asked = _words(network)
    weights = {
        name: sum(1 / common[word] for word in known if any(_same(word, other) for other in asked))
        for name, known in words.items()
    }
    best = max(weights.values(), default=0)
    return sorted(name for name, weight in weights.items() if weight == best) if best >= _DISTINCT else []


def _words(text: str) -> set[str]:
    """List the words of three letters and more, without case or accents."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return {word for word in re.split(r"[^a-z0-9]+", bare) if len(word) > 2}


def _same(word: str, other: str) -> bool:
    return word == other or (min(len(word), len(other)) > 4 and SequenceMatcher(None, word, other).ratio() >= _ALIKE)
