"""Names and ids of the objects of Prism Central: a list a kind, read at its first use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from piste.engine.converge.errors import Ambiguous, Missing
from piste.engine.converge.reading import listed, mapped, reading, text
from piste.engine.converge.values import Misfit
from piste.systems.nutanix.prism import (
    CATEGORIES,
    CLUSTERS,
    CONTAINERS,
    IMAGES,
    SUBNETS,
    SWITCHES,
    VMS,
    Collection,
    Prism,
)

GONE = "gone"
"""Name under which check mode notes the ids of the objects that the run will have removed."""

KINDS: Mapping[str, tuple[Collection, str]] = {
    "category": (CATEGORIES, "la catégorie"),
    "cluster": (CLUSTERS, "la grappe"),
    "image": (IMAGES, "l’image"),
    "storage_container": (CONTAINERS, "le conteneur de stockage"),
    "subnet": (SUBNETS, "le sous-réseau"),
    "virtual_switch": (SWITCHES, "le commutateur virtuel"),
    "vm": (VMS, "la machine"),
}
"""Kinds that others refer to by name: their collection, and their name in messages."""


class Names(Mapping[str, Mapping[str, str]]):
    """Names by id, for each kind; objects of a cluster only where it is the task's."""

    def __init__(self, prism: Prism, cluster: str) -> None:
        self._prism, self._cluster = prism, cluster
        self._known: dict[str, dict[str, str]] = {}

    def __getitem__(self, kind: str) -> Mapping[str, str]:
        if kind not in KINDS:
            raise KeyError(kind)
        if kind not in self._known:
            documents = self._prism.all(KINDS[kind][0])
            with reading(f"{self._prism.host} {KINDS[kind][0].path}"):
                here = [document for document in documents if self._in_reach(kind, document)]
                self._known[kind] = {identity_of(kind, document): name_of(kind, document) for document in here}
        return self._known[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)

    def forget(self, kind: str) -> None:
        self._known.pop(kind, None)

    @cached_property
    def cluster_id(self) -> str:
        """Id of the task's cluster; Prism Central lists itself as a cluster too, without machines.

        Raises `Missing` or `Ambiguous`.
        """
        with reading(f"{self._prism.host} {CLUSTERS.path}"):
            clusters = [cluster for cluster in self._prism.all(CLUSTERS) if is_aos(cluster)]
        matches = [text(cluster["extId"]) for cluster in clusters if text(cluster["name"]) == self._cluster]
        if len(matches) == 1:
            return matches[0]
        names = ", ".join(sorted(str(cluster.get("name")) for cluster in clusters)) or "aucune"
        error = Ambiguous if matches else Missing
        raise error(
            f"{len(matches) or 'aucune'} grappe(s) nommée(s) « {self._cluster} »",
            where=self._prism.host,
            why=f"Grappes visibles : {names}.",
            todo="Corrigez le nom de la grappe (hosting.cluster).",
        )

    @cached_property
    def central_id(self) -> str:
        """Id of this Prism Central, which lists itself as a cluster [recorded].

        Raises `Missing`.
        """
        with reading(f"{self._prism.host} {CLUSTERS.path}"):
            ids = [text(cluster["extId"]) for cluster in self._prism.all(CLUSTERS) if not is_aos(cluster)]
        if len(ids) == 1:
            return ids[0]
        raise Missing(
            f"{len(ids) or 'aucun'} Prism Central parmi les grappes, un seul est attendu",
            where=self._prism.host,
            todo="Vérifiez que le compte voit toutes les grappes (piste doctor, prism.rights).",
        )

    def id_of(self, kind: str, name: str) -> str:
        return next((key for key, known in self[kind].items() if known == name), "")

    def wrong(self, kind: str, name: str) -> str:
        """Fault of a declared name; empty where it is right: objects planned by check mode count."""
        count = list(self[kind].values()).count(name)
        if count == 1 or name in self._prism.shared.planned(kind):
            return ""
        what = KINDS[kind][1]
        if count:
            return f"{what} « {name} » n’est pas seule à porter ce nom ({count}) : renommez l’autre dans Prism Central"
        return f"{what} « {name} » n’existe pas sur le système et n’est pas déclarée : corrigez le nom, ou déclarez-la"

    def _in_reach(self, kind: str, document: Mapping[str, Any]) -> bool:
        if kind == "cluster":
            return is_aos(document)
        if not self._cluster or kind not in ("subnet", "storage_container"):
            return True
        places = clusters_of(document)
        return not places or self.cluster_id in places


def clusters_of(document: Mapping[str, Any]) -> list[str]:
    """Ids of the clusters of an object, in any of the forms that kinds use."""
    single = document.get("clusterReference") or document.get("clusterExtId")
    nested = mapped(document.get("cluster")).get("extId")
    return [text(ext_id) for ext_id in (single, nested, *listed(document.get("clusterReferenceList"))) if ext_id]


def is_aos(cluster: Mapping[str, Any]) -> bool:
    functions = cluster["config"]["clusterFunction"]
    if functions is None:
        raise Misfit("le rôle d’une grappe (clusterFunction) est attendu")
    return "AOS" in listed(functions)


def identity_of(kind: str, document: Mapping[str, Any]) -> str:
    own = document.get("containerExtId") if kind == "storage_container" else None
    return text(own or document["extId"])


def name_of(kind: str, document: Mapping[str, Any]) -> str:
    if kind == "category":
        return f"{text(document['key'])}:{text(document['value'])}"
    return text(document["name"])
