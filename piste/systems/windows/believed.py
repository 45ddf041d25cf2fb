"""Judges of a directory and of the trial of a server (`beliefs/windows.yml`).

Sources: MS-ADTS 3.1.1.9.1 and 6.1.1.2.4.1.3.1 (recycle bin); MS-NRPC 2.2.1.3.16 (`operatingSystemVersion`, written by
each server at its start).
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.words import agreed
from piste.systems.beliefs.answers import Answer, Verdict, answered, shown
from piste.systems.beliefs.asked import answering
from piste.systems.windows import ad_dhcp_servers
from piste.systems.windows.connection import Connection
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN
from piste.systems.windows.searches import Scope
from piste.systems.windows.snippets import documented

_WORDS = (("DhcpServerv4Scope", "State"), ("DhcpServerv4Failover", "State"), ("DhcpServerv4Failover", "Mode"))
_NO_ACCOUNT = "Get-DhcpServerDnsCredential"


def dhcp_words(answers: Sequence[Answer]) -> Verdict:
    """A state of DHCP is in the documented words, whatever the language of the server."""
    right: list[str] = []
    wrong: list[str] = []
    for kind, name in _WORDS:
        known = documented()["types"][kind]["words"][name]
        for asked in answered(answers, f"TRIAL Get-{kind}"):
            for word in asked["properties"].get(name, {}).get("words", ()):
                (right if word in known else wrong).append(f"{name} : {word}")
        for asked in answered(answers, "RUN /*/dhcp_server_read"):
            for relation in asked["relations"] if kind == "DhcpServerv4Failover" else ():
                word = relation[name.lower()]
                (right if word in known else wrong).append(f"{name} : {word}")
    return shown(right, wrong)


def dhcp_no_account(answers: Sequence[Answer]) -> Verdict:
    """A server without an account for the DNS gives nothing, or an empty name, and no error."""
    asked = [*answered(answers, f"TRIAL {_NO_ACCOUNT}")]
    without = [each for each in asked if each["properties"].get("UserName", {}).get("empty") == each["objects"]]
    wrong = [each["error"] or "erreur" for each in asked if each["state"] == "error"]
    accounts = [settings["account"]["name"] for settings in answered(answers, "RUN /*/dhcp_settings_read")]
    none = "" in accounts or any(each["state"] == "ok" for each in without)
    return shown(["aucun compte"] if none else [], wrong)


def print_ended(answers: Sequence[Answer]) -> Verdict:
    """An event 307 has the number of its job, its queue and its pages in their places."""
    asked = [each for each in answered(answers, "TRIAL Event-307") if each["state"] == "ok" and each["objects"]]
    places = (("Job", _WHOLE), ("Queue", _TEXT), ("Pages", _WHOLE))
    wrong = [name for each in asked for name, kind in places if not _typed(each["properties"].get(name), kind)]
    return shown((agreed(each["objects"], "événement(s)") for each in asked), wrong)


def print_rendered(answers: Sequence[Answer]) -> Verdict:
    """An event 805 says copies and colour as numbers, before the event that ends its job."""
    asked = [*answered(answers, "TRIAL Event-805")]
    wrong = [each["error"] for each in asked if each["error"].startswith(("PropertyNotFound", "InvalidCast"))]
    seen = [each for each in asked if each["state"] == "ok" and each["objects"]]
    wrong += ["après le 307" for each in seen if each["properties"].get("Late", {}).get("types")]
    return shown((agreed(each["objects"], "événement(s)") for each in seen), wrong)


_WHOLE, _TEXT = re.compile(r"System\.U?Int(16|32|64)"), re.compile(r"System\.String")


def _typed(about: Mapping[str, Any] | None, kind: re.Pattern[str]) -> bool:
    """Tell whether a property is there each time, and of a type."""
    if about is None or about["missing"] or about["empty"]:
        return False
    return all(map(kind.fullmatch, about["types"]))


_CONTROLLER = 8192
_BIN = "CN=Recycle Bin Feature,CN=Optional Features,CN=Directory Service,CN=Windows NT,CN=Services"
_COMPUTER = ("name", "dNSHostName", "servicePrincipalName", "userAccountControl", "operatingSystem")
_NAMED = "(&(objectCategory=computer)(dNSHostName=*))"
_VERSION = "operatingSystemVersion"
_SEARCHES: Mapping[str, tuple[Callable[[Directory], str], str, tuple[str, ...], Scope]] = {
    "recycle_bin": (
        lambda directory: f"{_BIN},{directory.configuration}",
        "(objectClass=*)", ("cn", "msDS-EnabledFeatureBL"), "base",
    ),
    "dhcp_servers": (
        lambda directory: f"{ad_dhcp_servers.PLACE},{directory.configuration}",
        "(objectClass=dHCPClass)", ("cn", *ad_dhcp_servers.PLAIN), "one",
    ),
    "service_names": (
        lambda directory: directory.base,
        f"(|{_NAMED}(servicePrincipalName=HOST/*))", _COMPUTER, "subtree",
    ),
    "versions": (
        lambda directory: directory.base,
        _NAMED, ("name", "userAccountControl", "operatingSystem", _VERSION), "subtree",
    ),
}  # fmt: skip
"""The searches that settle beliefs, and that of the versions: the place, the filter, the attributes."""


def searched(query: Sequence[tuple[str, str]]) -> str:
    """Name the question of a captured search by its filter and attributes, if any."""
    asked = [value for name, value in query if name == "attribute"]
    for name, (_, filter_, attributes, _) in _SEARCHES.items():
        if ("filter", filter_) in query and asked == [*attributes]:
            return f"LDAP {name}"
    return ""


def recycle_bin(answers: Sequence[Answer]) -> Verdict:
    """The forest is among the scopes of the recycle bin."""
    scopes = [entry["msDS-EnabledFeatureBL"] for entries in answered(answers, "LDAP recycle_bin") for entry in entries]
    return shown((scope for known in scopes for scope in known), ("aucune portée" for known in scopes if not known))


def dhcp_authorisation(answers: Sequence[Answer]) -> Verdict:
    """No authorised server is written otherwise; Piste's own entries prove nothing."""
    entries = [entry for entries in answered(answers, "LDAP dhcp_servers") for entry in entries]
    wrong = [
        f"{name} : {', '.join(entry[name]) or 'absent'}"
        for entry in entries
        for name, text in ad_dhcp_servers.PLAIN.items()
        if entry["cn"] != [ad_dhcp_servers.ROOT] and [value.casefold() for value in entry[name]] != [text.casefold()]
    ]
    return shown((), wrong)


def service_names(answers: Sequence[Answer]) -> Verdict:
    """Each server has the service of its full name; no account has that of another."""
    accounts = [entry for entries in answered(answers, "LDAP service_names") for entry in entries]
    names = Counter(name.casefold() for entry in accounts for name in entry["servicePrincipalName"])
    hosts = [host.casefold() for entry in accounts if _is_server(entry) for host in entry["dNSHostName"]]
    once = {host for host in hosts if names[f"host/{host}"] == 1}
    twice = [name for name, count in names.items() if count > 1 and name.startswith("host/")]
    return shown(once, (*(host for host in hosts if host not in once), *twice))


def _is_server(entry: Mapping[str, Sequence[str]]) -> bool:
    return _is_controller(entry) or any("Server" in name for name in entry["operatingSystem"])


def _is_controller(entry: Mapping[str, Sequence[str]]) -> bool:
    return any(int(flags) & _CONTROLLER for flags in entry["userAccountControl"])


class Asked(Connection):
    """A domain, and the names of the servers whose version counts."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(params["domain"])
        self.servers = {str(name).partition(".")[0].casefold() for name in params["servers"] if name}


def _ask(domain: Asked, question: str) -> Iterator[Answer]:
    name = question.removeprefix("LDAP ")
    place, query, attributes, scope = _SEARCHES[name]
    entries = domain.directory.search(place(domain.directory), query, attributes, scope)
    yield Answer(question, [{name: entry.texts(name) for name in attributes} for entry in entries])


def _versions(domain: Asked, *, controllers: bool) -> str:
    """Name the systems of the servers, by their accounts, and each server that says none."""
    (answer,) = _ask(domain, "LDAP versions")
    said = {
        entry["name"][0].casefold(): " ".join((*entry["operatingSystem"], *entry[_VERSION]))
        for entry in answer.content
        if entry["name"][0].casefold() in domain.servers or (controllers and _is_controller(entry))
    }
    silent = [f"{name} : inconnue" for name in {*domain.servers, *said} if not said.get(name)]
    return " ; ".join(sorted({*filter(None, said.values()), *silent}))


def _now(domain: Asked) -> float:
    return time.time()


_SERVERS = Field("servers", "Names of the servers whose version counts.", type="list", default=[])
ASKED = System((DOMAIN, _SERVERS), lambda params, vault: Asked(params))
MODULES = {
    **answering("windows_answers", "windows", ASKED, _ask, lambda domain: _versions(domain, controllers=True), _now),
    **answering("files_answers", "files", ASKED, _ask, lambda domain: _versions(domain, controllers=False), _now),
}
