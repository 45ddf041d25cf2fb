"""Windows servers made of the answers of real servers, each in the state of its host.

A state that is made is asked the captured questions again: what it does not say as captured is listed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from lxml import etree

from lab.beyond import SECRET, Captured, made_up, missing, with_secrets
from lab.winrm import nps_rules, print_log
from lab.winrm.dhcp_server import scope, server
from lab.winrm.machine import Machine
from lab.winrm.powershell import PowerShellError
from lab.winrm.print_server import queue
from piste.engine.transport.contents import content_of
from piste.systems.windows.snippets.answers import fitting

Json = dict[str, Any]
Questions = list[tuple[str, Json, Json]]
"""The snippet, the arguments and the answer of each question to a host."""
_NOT_COMPARED = ("dhcp_export", "nps_export", "print_log_read")
_KEYS = ("subnet", "option", "vendor", "user", "policy", "address", "start", "name", "sid", "interface")
_PARTS: Mapping[str, str] = {
    "dhcp_server_read": "dhcp", "dhcp_settings_read": "dhcp", "dns_server_read": "dns", "nps_export": "nps",
    "print_queues_read": "queues", "certificates": "certificates", "local_administrators_read": "administrators",
}  # fmt: skip
"""The part of a state that each snippet reads."""
_SERVICES: Mapping[str, str] = {"dhcp": "DHCPServer", "dns": "DNS", "nps": "IAS", "queues": "Spooler"}
_MOST = 200


def states_of(
    answers: Iterable[Captured],
    states: Mapping[str, Json],
    secrets: Mapping[str, str],
    machine: Callable[[str, Mapping[str, Json]], Machine],
) -> tuple[dict[str, Json], list[str]]:
    """Build the states of the hosts that answered; list the lines of what was left.

    `states` are those of new servers; `machine` makes the server of a name among states.
    """
    heard: dict[str, Questions] = {}
    left: list[str] = []
    for answer in answers:
        if answer.method != "RUN" or answer.status != 200:
            continue
        name = answer.path.removeprefix("/").partition(".")[0]
        snippet = str(answer.body["method"])
        result = fitting(snippet, answer.answer)
        heard.setdefault(name, []).append((snippet, dict(answer.body["params"]), result))
    for name in [name for name in heard if name not in states]:
        left.append(f"{name} : le laboratoire n’a pas ce serveur, il est laissé")
        del heard[name]
    for name, questions in heard.items():
        heard[name] = _placed(name, questions, left)
    made = {name: _state(name, questions, states[name], secrets, left) for name, questions in heard.items()}
    every = {**states, **made}
    for name, questions in heard.items():
        _compare(machine(name, every), questions, left)
    left += [f"{name} : rien n’en a été capturé, il reste neuf" for name in states if name not in heard]
    more = len(left) - _MOST
    return made, [*left[:_MOST], *([f"et {more} autres"] if more > 0 else [])]


def _placed(name: str, questions: Questions, left: list[str]) -> Questions:
    """Give the questions of a host, with the addresses of its scopes as networks have them.

    A mask keeps the prefix of an address, and neither the zeros of a network nor the order of two addresses. Raises
    ValueError.
    """
    scopes = [scope for snippet, _, read in questions if snippet == "dhcp_server_read" for scope in read["scopes"]]
    networks = {it["subnet"]: str(IPv4Interface(f"{it['subnet']}/{it['mask']}").network[0]) for it in scopes}
    if all(was == now for was, now in networks.items()):
        return questions
    left.append(f"{name} : adresses masquées, celles des étendues sont remises en forme de réseaux")

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(item) for item in value]
        if not isinstance(value, Mapping):
            return networks.get(value, value) if isinstance(value, str) else value
        shown = {key: placed(item) for key, item in value.items()}
        if {"start", "end"} <= shown.keys():
            shown["start"], shown["end"] = sorted((shown["start"], shown["end"]), key=IPv4Address)
        return shown

    return [
        (snippet, placed(given), placed(answer)) if snippet.startswith("dhcp_") else (snippet, given, answer)
        for snippet, given, answer in questions
    ]


def _state(name: str, questions: Questions, new: Json, secrets: Mapping[str, str], left: list[str]) -> Json:
    state = copy.deepcopy(new)
    asked = {snippet for snippet, _, _ in questions}
    left += [
        f"{name} : « {snippet} » n’a pas de réponse, cette part reste celle d’un serveur neuf"
        for snippet, part in _PARTS.items()
        if part in state and snippet not in asked
    ]
    for part in {_PARTS[snippet] for snippet in asked if snippet in _PARTS} & {*_SERVICES}:
        state["services"][_SERVICES[part]] = True
    for snippet, given, answer in questions:
        if snippet == "host":
            _host(state, given, answer)
        elif snippet == "dns_server_read":
            state["dns"] = answer
        elif snippet == "certificates":
            state["certificates"] = answer["certificates"]
        elif snippet == "local_administrators_read":
            state["administrators"] = answer["members"]
        elif snippet == "nps_export":
            state["nps"] = _nps(name, answer["document"], secrets, left)
        elif snippet == "dhcp_export":
            left.append(f"{name} : l’export du serveur DHCP est refait de ce que le laboratoire en a")
    if "dhcp_server_read" in asked:
        state["dhcp"] = _dhcp(name, questions, left)
    elif "dhcp_settings_read" in asked:
        state["dhcp"] = {**state.get("dhcp", server()), "settings": _last("dhcp_settings_read", questions)}
    if "print_queues_read" in asked:
        state.pop("others", None)
        state["queues"] = _queues(name, questions, left)
    if "print_log_read" in asked:
        state["print_log"] = _print_log(name, questions, left)
    return state


def _last(snippet: str, questions: Questions) -> Json:
    return [answer for asked, _, answer in questions if asked == snippet][-1]


def _host(state: Json, given: Mapping[str, Any], answer: Json) -> None:
    """Keep what a host says of itself; a service that was asked and not named is not there."""
    known = state.setdefault("host", {"services": {}, "commands": []})
    running = {service["name"]: service["running"] for service in answer["services"]}
    for name in given["services"]:
        state["services"].pop(name, None)
    state["services"] |= running
    known["services"] |= {service["name"]: service.get("sid_type") for service in answer["services"]}
    known["commands"] = [*dict.fromkeys([*known["commands"], *answer["commands"]])]
    known |= {key: value for key, value in answer.items() if key not in ("services", "commands", "time")}


def _dhcp(name: str, questions: Questions, left: list[str]) -> Json:
    """Build the scopes, the relations and the settings of a DHCP server. Raises ValueError."""
    read = _last("dhcp_server_read", questions)
    made = server(scopes=_scopes(name, read, questions, left))
    if any(snippet == "dhcp_settings_read" for snippet, _, _ in questions):
        made["settings"] = _last("dhcp_settings_read", questions)
    for relation in read["relations"]:
        balanced = relation["mode"] == "LoadBalance"
        made["relations"][relation["name"]] = {
            **{key: relation.get(key) for key in ("partner", "subnets", "lead", "switch_after")},
            "balance": relation["balance"] if balanced else None,
            "reserve": None if balanced else relation["reserve"],
            "secret": made_up(f"dhcp/{relation['name']}") if relation["authenticated"] else None,
            "state": relation["state"],
        }
    return made


def _scopes(name: str, read: Json, questions: Questions, left: list[str]) -> dict[str, Json]:
    scopes = {}
    for entry in read["scopes"]:
        network = IPv4Network(f"{entry['subnet']}/{entry['mask']}")
        start, end = (str(IPv4Address(entry[key])) for key in ("start", "end"))
        kept = {key: entry[key] for key in ("description", "lease", "active")}
        scopes[entry["subnet"]] = scope(str(network), entry["name"], start, end, **kept)
    for span in read["exclusions"]:
        bounds = {key: str(IPv4Address(span[key])) for key in ("start", "end")}
        scopes[span["subnet"]]["exclusions"].append(bounds)
    for use in read["uses"]:
        scopes[use["subnet"]]["uses"] = {"free": use["free"], "in_use": use["in_use"]}
    detailed, lent = set(), set()
    for snippet, given, answer in questions:
        if snippet == "dhcp_scopes_read":
            detailed |= {*given["subnets"]}
            for entry in answer["entries"]:
                _fill(scopes[entry["subnet"]], entry)
        elif snippet == "dhcp_leases_read":
            lent |= {*given["subnets"]}
            for lease in answer["leases"]:
                scopes[lease["subnet"]]["leases"][str(IPv4Address(lease["address"]))] = ""
    if unread := scopes.keys() - detailed:
        left.append(f"{name} : {len(unread)} étendues dont options et réservations n’ont pas été capturées")
    if unread := {key for key in scopes.keys() - lent if scopes[key].get("uses", {}).get("in_use")}:
        left.append(f"{name} : {len(unread)} étendues dont les baux n’ont pas été capturés, leur nombre seul")
    return scopes


def _fill(there: Json, entry: Json) -> None:
    """Keep an option or a reservation of a scope; option 51 is its lease, which it has."""
    if entry.get("error"):
        there["broken"] = entry["error"]
    elif entry.get("address"):
        kept = {key: entry.get(key) or "" for key in ("client", "name", "description")}
        there["reservations"][str(IPv4Address(entry["address"]))] = kept
    elif entry.get("option") != 51:
        there["options"][str(int(entry["option"]))] = list(entry.get("values") or [])


def _nps(name: str, document: str, secrets: Mapping[str, str], left: list[str]) -> str:
    """Give the configuration of an NPS, with the lab's secrets. Raises ValueError."""
    root = nps_rules.parse(content_of(document))
    for element in root.iter():
        if isinstance(element.tag, str) and (element.text or "").startswith(SECRET):
            holder = element.getparent().getparent()
            unknown = made_up(f"{holder.get('name') if holder is not None else ''}/{element.tag}")
            element.text = unknown if element.text == SECRET else with_secrets(element.text, secrets)
    left += [f"{name} : l’import du laboratoire en refuse : {fault}" for fault in nps_rules.faults(root, ordered=True)]
    return str(etree.tostring(root, encoding="unicode"))


def _queues(name: str, questions: Questions, left: list[str]) -> list[Json]:
    """Give the queues of the last list, with their defaults of any answer."""
    settings: dict[str, Json] = {}
    for snippet, _, answer in questions:
        for read in answer["queues"] if snippet == "print_queues_read" else ():
            known = {key: read[key] for key in ("duplexing", "color") if read.get(key) is not None}
            known |= {"broken": read["error"]} if read.get("error") else {}
            settings.setdefault(read["name"], {}).update(known)
    listed = _last("print_queues_read", questions)["queues"]
    shown = ("location", "comment", "shared", "share_name")
    made = [queue(it["name"], **{key: it[key] for key in shown}, **settings[it["name"]]) for it in listed]
    if unread := [it for it in listed if not settings[it["name"]]]:
        left.append(f"{name} : {len(unread)} files dont les réglages n’ont pas été capturés, ceux d’un pilote neuf")
    return made


def _print_log(name: str, questions: Questions, left: list[str]) -> Json:
    """Give the log of the print service, without its jobs, which a capture only counts."""
    answer = _last("print_log_read", questions)
    days = sum(len(answer["days"]) for snippet, _, answer in questions if snippet == "print_log_read")
    if days:
        left.append(f"{name} : {days} jours de travaux d’impression comptés, laissés : le journal est vide")
    kept = {key: answer[key] for key in ("enabled", "mode", "size")}
    return {**print_log.log(), **kept, "next": answer["last"] + 1}


def _compare(machine: Machine, questions: Questions, left: list[str]) -> None:
    """Ask a made server what the real server was asked; list what it says otherwise."""
    lines: list[str] = []
    for snippet, given, answer in questions:
        where = f"{machine.name} : « {snippet} »"
        if snippet in _NOT_COMPARED:
            continue
        try:
            shown = machine.snippets[snippet](given)
        except PowerShellError as fault:
            lines.append(f"{where} : le laboratoire ne le redit pas : {fault}")
            continue
        captured = {key: value for key, value in answer.items() if (snippet, key) != ("host", "time")}
        if missing(captured, shown, where, lines.append, named=_named):
            lines.append(f"{where} : des champs inconnus n’y sont pas")
    left += dict.fromkeys(lines)


def _named(item: Mapping[str, Any]) -> str:
    return " ".join(str(item[key]) for key in _KEYS if item.get(key) not in (None, ""))
