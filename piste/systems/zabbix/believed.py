"""Judges of the answers of Zabbix, for the beliefs about it (`beliefs/zabbix.yml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.systems.beliefs.answers import Answer, Verdict, answered, shown
from piste.systems.beliefs.asked import answering
from piste.systems.zabbix.api import PATH, Zabbix
from piste.systems.zabbix.connection import SUPERVISION
from piste.systems.zabbix.hosts import SECRET
from piste.systems.zabbix.link_measures import LATENCY, LOSS, PRESENCE

_ASKED: Mapping[str, Mapping[str, Any]] = {
    "host": {"output": ["hostid"], "selectMacros": ["macro", "type", "value"]},
}
"""What is asked of a kind of the API, by its name in the path of a question."""


def secrets_hidden(answers: Sequence[Answer]) -> Verdict:
    """No secret macro of a host shows a value."""
    macros = [macro for host in _answered(answers, "host") for macro in host.get("macros", ())]
    secret = [(macro["macro"], bool(macro.get("value"))) for macro in macros if macro["type"] == SECRET]
    return shown((name for name, seen in secret if not seen), (name for name, seen in secret if seen))


def hourly_means(answers: Sequence[Answer]) -> Verdict:
    """Presence has whole means, and an hour without any answer has no latency.

    An hour that a link spent silent shows it: whole means of hours with an answer throughout prove nothing.
    """
    items = {
        item["itemid"]: (host["host"], item["key_"].partition("[")[0])
        for host in _answered(answers, "host")
        for item in host.get("items", ())
    }
    trends = [row for row in _answered(answers, "trend") if row["itemid"] in items]
    rows = {(*items[row["itemid"]], row["clock"]): row for row in trends}
    right, wrong = list[str](), list[str]()
    for (host, key, clock), row in rows.items():
        if key == PRESENCE and not float(row["value_avg"]).is_integer():
            wrong.append(f"{key} {row['value_avg']}")
        lost = rows.get((host, LOSS, clock))
        if key == LATENCY and lost and float(lost["value_min"]) == 100:
            silent = float(row["value_max"]) == 0
            (right if silent else wrong).append(f"{key} {row['value_max']}")
    return shown(right, wrong)


def _answered(answers: Sequence[Answer], what: str) -> Iterator[Any]:
    for documents in answered(answers, f"POST {PATH}/{what}.get"):
        yield from documents


def _ask(zabbix: Zabbix, path: str) -> Iterator[Answer]:
    what = path.rpartition("/")[2].removesuffix(".get")
    zabbix.sees_all()
    yield Answer(path, zabbix.get(what, **_ASKED[what]))


MODULES = answering(
    "zabbix_answers", "zabbix", SUPERVISION, _ask, Zabbix.version, lambda zabbix: zabbix.transport.now()
)
