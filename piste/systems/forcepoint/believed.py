"""Judges of the answers of an SMC, for the beliefs about it (`beliefs/smc.yml`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.reading import listed, mapped
from piste.systems.beliefs.answers import Answer, Verdict, answered, given, shown
from piste.systems.beliefs.asked import SAMPLE, answering, everywhere
from piste.systems.forcepoint.admin_table import PERMISSIONS, granted
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.element_table import NETWORKS
from piste.systems.forcepoint.living import STATUS, moment
from piste.systems.forcepoint.references import ENGINES, path_of
from piste.systems.forcepoint.smc import Smc

_SECRET = re.compile(r"password|passphrase|shared_secret|api_key|private_key|community")
_ADDRESSED = re.compile(r" \([0-9a-f.:]+\)$")
_NUMBERED = re.compile(r"/[0-9]+$")


def name_space(answers: Sequence[Answer]) -> Verdict:
    """The types of a name space have no name twice."""
    kinds = {kind: [*_entries(answers, f"/*/elements/{kind}")] for kind in sorted(NETWORKS)}
    names = Counter(str(entry["name"]) for entries in kinds.values() for entry in entries)
    return shown([f"{len(names)} noms"] if names else [], (name for name, count in names.items() if count > 1))


def rule_place(answers: Sequence[Answer]) -> Verdict:
    """The path of a rule ends with a number."""
    paths = [path_of(rule["href"]) for rule in _entries(answers, "/*/elements/*/*/fw_ipv4_access_rule")]
    return shown(paths, (path for path in paths if not _NUMBERED.search(path)))


def installed_at(answers: Sequence[Answer]) -> Verdict:
    """The moment of an installation is a date, or milliseconds."""
    asked = [given(answer) for answer in answers if answer.question.rpartition("/")[2] in ("status", STATUS)]
    statuses = [mapped(content) for content in asked]
    moments = [status["last_upload_time"] for status in statuses if status.get("last_upload_time") is not None]
    return shown(map(str, moments), (repr(known) for known in moments if moment(known) is None))


def secrets_hidden(answers: Sequence[Answer]) -> Verdict:
    """No document of a log server or of an engine has the value of a secret.

    A log server that has none shows nothing.
    """
    servers = [mapped(server) for server in answered(answers, "/*/elements/log_server/*")]
    engines = [engine for kind in ENGINES for engine in answered(answers, f"/*/elements/{kind}/*")]
    wrong = [name for document in (*servers, *engines) for name in _secrets(document)]
    logins = {server["name"]: mapped(server.get("elasticsearch_authentication_settings") or {}) for server in servers}
    return shown((name for name, login in logins.items() if login.get("login") or "api_key" in login), wrong)


def endpoint_name(answers: Sequence[Answer]) -> Verdict:
    """The name of an endpoint ends with an address in brackets, or has no brackets at its end."""
    points = _entries(answers, "/*/elements/external_gateway/*/external_endpoint")
    names = [str(point["name"]) for point in points]
    return shown(names, (name for name in names if name.endswith(")") and not _ADDRESSED.search(name)))


def tunnel_ends(answers: Sequence[Answer]) -> Verdict:
    """Both ends of a tunnel are addresses, or objects that name their gateway."""
    tunnels = [mapped(tunnel) for tunnel in answered(answers, "/*/elements/vpn/*/gateway_tunnel/*")]
    ends = [tunnel.get(f"gateway_node_{side}") for tunnel in tunnels for side in (1, 2)]
    wrong = (repr(end) for end in ends if not isinstance(end, str) and "gateway" not in mapped(end))
    return shown((str(tunnel.get("name", "un tunnel")) for tunnel in tunnels), wrong)


def roles(answers: Sequence[Answer]) -> Verdict:
    """Every attribute that a role has on is a known right."""
    documents = [mapped(role) for role in answered(answers, "/*/elements/role/*")]
    wrong = [name for role in documents for name in granted(role) if name not in PERMISSIONS]
    return shown((str(role["name"]) for role in documents), wrong)


def _secrets(value: Any, name: str = "") -> Iterator[str]:
    """Name the keys of a document that have the value of a secret, and not its absence."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secrets(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, name)
    elif isinstance(value, str) and value.strip("*") and _SECRET.search(name):
        yield name


def _entries(answers: Sequence[Answer], path: str) -> list[Any]:
    return [entry for content in answered(answers, path) for entry in listed(content["result"])]


def _ask(smc: Smc, path: str) -> Iterator[Answer]:
    """Ask a question; `*` stands for each object of the list before it, or for some."""
    yield from _below(smc, f"/{smc.version}{path}", None if everywhere("smc", f"GET {path}") else SAMPLE)


def _below(smc: Smc, path: str, most: int | None) -> Iterator[Answer]:
    before, star, after = path.partition("/*")
    if not star:
        response = smc.read(path)
        if response is not None:
            yield Answer(f"GET {path}", response.document())
        return
    for entry in (smc.results(before) or [])[:most]:
        yield from _below(smc, path_of(entry["href"]) + after, most)


def _version(smc: Smc) -> str:
    _ = smc.entry_points
    return str((smc.get(f"/{smc.version}/system/smc_version") or {}).get("value", ""))


def _now(smc: Smc) -> float:
    return smc.transport.now()


MODULES = answering("smc_answers", "smc", FORCEPOINT, _ask, _version, _now)
