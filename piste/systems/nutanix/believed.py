"""Judges of the answers of Prism Central, for the beliefs about it (`beliefs/prism.yml`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from piste.engine.converge.reading import listed, mapped
from piste.engine.words import agreed
from piste.systems.beliefs.answers import Answer, Verdict, answered, shown
from piste.systems.beliefs.asked import answering
from piste.systems.nutanix.administrators import IN_CHARGE
from piste.systems.nutanix.connection import PRISM_CENTRAL
from piste.systems.nutanix.living import VERSION
from piste.systems.nutanix.prism import CLUSTERS, Collection, Prism

_CLUSTERS = "/api/clustermgmt/*/config/clusters"
_HOSTS = "/api/clustermgmt/*/config/hosts"
_FAILED = "HA_FAILOVER_SOURCE"
_STATES = frozenset(
    {"ACROPOLIS_NORMAL", "RESERVED_FOR_HA_FAILOVER", "RESERVING_FOR_HA_FAILOVER", _FAILED}
    | {"ENTERING_MAINTENANCE_MODE", "ENTERED_MAINTENANCE_MODE", "ENTERING_MAINTENANCE_MODE_FROM_HA_FAILOVER"}
    | {"HA_FAILOVER_TARGET", "HA_HEALING_SOURCE", "HA_HEALING_TARGET"}
)
"""States of a hypervisor in the document of the namespace."""


def served(answers: Sequence[Answer]) -> Verdict:
    """The version that our tables know is served."""
    return shown((answer.question.split("/")[3] for answer in answers if _every([answer], _CLUSTERS)), ())


def node_version(answers: Sequence[Answer]) -> Verdict:
    """A word of a hypervisor's name is its version."""
    names = [str(mapped(host.get("hypervisor")).get("fullName") or "") for host in _every(answers, _HOSTS)]
    given = [name for name in names if name]
    return shown(given, (name for name in given if not any(map(VERSION.fullmatch, name.split()))))


def node_states(answers: Sequence[Answer]) -> Verdict:
    """The states of hypervisors are of the document's.

    Only the state of a node that failed shows what it means.
    """
    states = {str(state) for host in _every(answers, _HOSTS) if (state := mapped(host.get("hypervisor")).get("state"))}
    return shown(states & {_FAILED}, (state for state in states - _STATES if not state.startswith("$")))


def admin_in_charge(answers: Sequence[Answer]) -> Verdict:
    """The account of every Prism Central is there; the others are counted, never named."""
    users = [user.get("username") for user in _every(answers, "/api/iam/*/authn/users")]
    said = [agreed(len(users), "compte(s)")] if users else []
    return shown(said, said if IN_CHARGE not in users else ())


def _every(answers: Sequence[Answer], path: str) -> list[Any]:
    return [entry for content in answered(answers, path) for entry in listed(content.get("data"))]


def _ask(prism: Prism, path: str) -> Iterator[Answer]:
    """Ask a collection, all its pages: `/namespace/path`."""
    _, namespace, rest = path.split("/", 2)
    collection = Collection(f"believed-{rest.replace('/', '-')}", namespace, rest)
    yield Answer(f"GET {prism.url(collection)}", {"data": prism.all(collection, fresh=True)})


def _version(prism: Prism) -> str:
    """Name the version of the API that holds the clusters: all accounts read it."""
    return prism.offered(CLUSTERS.namespace)


MODULES = answering("prism_answers", "prism", PRISM_CENTRAL, _ask, _version, Prism.now)
