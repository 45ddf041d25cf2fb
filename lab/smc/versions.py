"""The differences between versions 6.10 and 7.5; the state has the newest form.

Sources: the vendor's Python library 1.0.34 (its version tests), the release notes of the API; *facts* of the town's
sheet, section 2.
"""

from __future__ import annotations

from functools import cache
from typing import Any

Json = dict[str, Any]

# The first version of the API with an attribute, by kind ("rule": all kinds of rules) and dotted path.
SINCE = {
    ("rule", "background_color"): "7.1",
    ("rule", "action.forced_next_hop_ip"): "7.1",
    ("rule", "action.forced_next_hop_element"): "7.1",
    ("rule", "action.network_application_latency_monitoring"): "7.0",
    ("rule", "action.valid_block_lister"): "7.0",
}
# The first version of the API in which the servers of an authentication method have a rank.
RANKED_SERVERS = "7.3"
# The first Management Server with an attribute, whatever the version of the API.
SERVER_SINCE = {
    ("domain_name", "domain_name_entry"): "6.11",
    ("external_ldap_user_domain", "additional_username_suffix"): "7.4.0",
    ("external_ldap_user_domain", "browse_ldap_automatically"): "7.3.0",
    ("external_ldap_user_domain", "engine_can_connect"): "7.4.0",
    ("rule", "background_color"): "7.1.7",
}
# The first version of the API with a kind, by the prefix of its name.
KIND_SINCE = {"application_access_": "7.5", "web_access_server": "7.3"}
# The first version of the API without an attribute.
UNTIL = {("rule", "action.valid_blacklister"): "7.0"}
LISTED_ACTION = "6.6"
# Before this version the options of a rule have one more attribute, spelled so by the system.
ADDITIONAL_PAYLOAD = "6.11"
BLOCK_LIST = "7.0"
LATENCY_IS_TEXT = "7.1"
# The first Management Server of each branch with a feature; branches above the last have it too.
LOCKS = ("6.10.10", "7.0.2", "7.1.0")
RE_RANK = ("7.1.11", "7.3.5", "7.4.2", "7.5.1", "7.6.0")
# Whole objects in the list of system properties: the same releases.
EXPAND = RE_RANK
TASK_CHILDREN = ("7.1.6",)


@cache
def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def older(version: str, than: str) -> bool:
    return number(version) < number(than)


def offers(smc: str, first: tuple[str, ...]) -> bool:
    """Tell whether a Management Server has a feature; `first`: its first version in each branch."""
    release = number(smc)
    branches = {number(version)[:2]: number(version) for version in first}
    if release[:2] in branches:
        return release >= branches[release[:2]]
    return release[:2] > max(branches)


def has_kind(api: str, kind: str) -> bool:
    """Tell whether a version of the API knows a kind of element."""
    since = next((version for start, version in KIND_SINCE.items() if kind.startswith(start)), None)
    return since is None or not older(api, since)


def missing(smc: str, api: str, kind: str, attribute: str) -> bool:
    """Tell whether a server or a version of its API lacks an attribute (dotted path) of a kind."""
    since = SINCE.get((kind, attribute))
    server = SERVER_SINCE.get((kind, attribute))
    if server is not None and older(smc, server):
        return True
    until = UNTIL.get((kind, attribute))
    return (since is not None and older(api, since)) or (until is not None and not older(api, until))


def first_missing(smc: str, api: str, kind: str, body: Json) -> str | None:
    """Return the first attribute of a body that a server or a version of its API lacks."""
    for key, value in body.items():
        inner: Json = value if isinstance(value, dict) else {}
        for path in (key, *(f"{key}.{below}" for below in inner)):
            if missing(smc, api, kind, path):
                return path.rpartition(".")[2]
    return None


def inward(api: str, row: Json) -> Json:
    """Translate an object from the form of a version to the newest form."""
    if older(api, RANKED_SERVERS) and "authentication_server" in row:
        servers = enumerate(row["authentication_server"], 1)
        return {**row, "authentication_server": [{"auth_server_ref": ref, "rank": rank} for rank, ref in servers]}
    options = row.get("options")
    if older(api, ADDITIONAL_PAYLOAD) and isinstance(options, dict):
        row = {**row, "options": {key: value for key, value in options.items() if key != "log_payload_additionnal"}}
    action = row.get("action")
    if not isinstance(action, dict):
        return row
    action = dict(action)
    named = action.get("action")
    if isinstance(named, str):
        action["action"] = named = [named]
    if isinstance(named, list):
        action["action"] = ["block_list" if word == "blacklist" else word for word in named]
    if "valid_blacklister" in action:
        action["valid_block_lister"] = action.pop("valid_blacklister")
    return {**row, "action": action}


def outward(smc: str, api: str, kind: str, body: Json) -> Json:
    """Translate an object from the newest form to the form of a version."""
    shown = {key: value for key, value in body.items() if not missing(smc, api, kind, key)}
    if older(api, RANKED_SERVERS) and "authentication_server" in shown:
        ranked = sorted(shown["authentication_server"], key=lambda server: server["rank"])
        shown["authentication_server"] = [server["auth_server_ref"] for server in ranked]
    if kind != "rule":
        return shown
    if older(api, ADDITIONAL_PAYLOAD) and "options" in shown:
        shown["options"] = {**shown["options"], "log_payload_additionnal": False}
    if isinstance(shown.get("action"), dict):
        shown["action"] = _action_outward(smc, api, shown["action"])
    return shown


def _action_outward(smc: str, api: str, action: Json) -> Json:
    action = dict(action)
    if older(api, BLOCK_LIST):
        action["action"] = ["blacklist" if word == "block_list" else word for word in action["action"]]
        if "valid_block_lister" in action:
            action["valid_blacklister"] = action.pop("valid_block_lister")
    action = {key: value for key, value in action.items() if not missing(smc, api, "rule", f"action.{key}")}
    latency = action.get("network_application_latency_monitoring")
    if latency is not None and older(api, LATENCY_IS_TEXT):
        action["network_application_latency_monitoring"] = latency != "false"
    if older(api, LISTED_ACTION):
        action["action"] = action["action"][0]
    return action
