"""The module that reads the certificates of the declared endpoints, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from piste.engine.converge.errors import PisteError, Unreachable
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.readings.certificates.facts import Facts
from piste.readings.certificates.judgment import judge
from piste.readings.certificates.served import PATIENCE, Place, served, trusting
from piste.town.model.certificates import Certificate
from piste.town.model.dates import now

AT_ONCE = 8

DECLARED = Field(
    "declared",
    "Certificates of the town and the rules that judge them, as C(piste_site) gives them.",
    type="dict",
    required=True,
)
NAMES = Field("names", "Names of the certificates to read; all of them where it is absent.", type="list")


def place(entry: Certificate, given: Mapping[str, Any]) -> Place:
    """Give the place of an endpoint, by the option `tls`. Raises `Unreachable`."""
    other = (given.get("elsewhere") or {}).get(entry["name"]) or {}
    if given.get("only_elsewhere") and not other:
        raise Unreachable(
            "cet environnement ne le sert pas", where=entry["name"], todo="Au laboratoire, démarrez-le (piste lab up)."
        )
    host = str(other.get("address") or entry["address"] or entry["host"])
    return Place(host, int(other.get("port") or entry["port"] or 443), entry["names"][0])


def result(town: Any, read: Mapping[str, Facts | PisteError]) -> dict[str, Any]:
    """Give the result of a module that has read certificates: readings, reasons, trials."""
    moment = now()
    facts = {name: answer for name, answer in read.items() if not isinstance(answer, PisteError)}
    unread = {
        name: " : ".join(part for part in (answer.where, answer.what, answer.why) if part)
        for name, answer in read.items()
        if isinstance(answer, PisteError)
    }
    judged = [
        judge(entry, facts.get(entry["name"]), town, moment, unread.get(entry["name"], ""))
        for entry in town["certificates"]
        if entry["name"] in read
    ]
    return {
        "changed": False,
        "certificates": {"read_at": moment.isoformat(timespec="seconds"), "facts": facts, "unread": unread},
        "trials": [item.trial(town) for item in judged],
    }


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    town, wanted = params["declared"], params.get("names")
    given = params.get("tls") or {}
    entries: list[Certificate] = [
        entry
        for entry in town["certificates"]
        if entry["reader"] == "scan" and (wanted is None or entry["name"] in wanted)
    ]
    trust = trusting(str(given.get("ca_file") or ""))
    patience = float(given.get("timeout") or PATIENCE)

    def read(entry: Certificate) -> Facts | PisteError:
        try:
            return served(place(entry, given), trust, patience)
        except PisteError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(read, entries))
    names = [entry["name"] for entry in entries]
    return {**result(town, dict(zip(names, answers, strict=True))), "calls": {"reads": len(entries), "writes": 0}}


TLS = Field(
    "tls",
    "Authorities and addresses of the endpoints.",
    type="dict",
    of=(
        Field("ca_file", "Authorities of the town, where the machine does not trust them.", type="path"),
        Field(
            "elsewhere",
            "By certificate, another C(address) and C(port) than the declared endpoint.",
            type="dict",
        ),
        Field(
            "only_elsewhere",
            "Read no endpoint at its declared place: a laboratory must not reach the real services.",
            type="bool",
            default=False,
        ),
        Field("timeout", "Seconds to wait for the end of a handshake.", type="float", default=PATIENCE),
    ),
)

MODULES: Mapping[str, Module] = {
    "certificate_scan": Module(name="certificate_scan", options=(DECLARED, TLS, NAMES), run=_run),
}
