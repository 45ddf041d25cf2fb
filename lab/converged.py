"""The state `town`, which Piste itself makes over the APIs of the lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from lab import daemon
from lab.state import read_json

_API = "7.4"
TRIED = ("GV-Agents", "agent.test")
"""The group of the agents who sign in with a password, and the account of the lab that tries it."""
_UNLIMITED = {"rate_limit": None, "claim_limit": None, "batch_delay": 0.0}


def converge(folder: Path, town: Any) -> None:
    """Converge the town and its open sites on the running lab, then reset the counts.

    The limits of the lab are lifted meanwhile. Raises the errors of the modules.
    """
    # Imported here: the other commands of the lab do not need the modules, and start faster without them.
    from piste.town.derived import keep

    sites = {name: site for name, site in town.sites.items() if site["lifecycle"] == "open"}
    owners = {town.commune["id"]: town.commune, **sites}
    for name, owner in owners.items():
        keep(name, owner)
    described = read_json(folder / "info.json")
    common = {
        "secrets": read_json(folder / "secrets.json"),
        "secrets_lock": str(folder / "secrets.lock.yml"),
    }
    if "ad" in described:
        for name in owners:
            _run("directory", {**common, "site": name, "domain": _domain(described)})
            _run("names", {**common, "site": name, "domain": _domain(described)})
        # The account of the trials is in its group, as people put it there: no declaration has members.
        if any(group["name"] == TRIED[0] for group in town.commune["directory"]["groups"]):
            daemon.ask(folder, "member", group=TRIED[0], account=TRIED[1])
    if {"ad", "winrm"} <= described.keys():
        windows = {**common, "winrm": _winrm(described)}
        probe = described.get("radius", {}).get("source")
        for name in owners:
            _run("access", {**windows, "site": name, "domain": _domain(described), "probe": probe})
            _run("addressing", {**windows, "site": name})
        for name in sites:
            _run("printing", {**windows, "site": name})
    # The town first: it makes the groups, the templates and the names that its sites use.
    for system, domain in (("zabbix", "supervision"), ("glpi", "inventory")):
        if system in described:
            for name in owners:
                _run(domain, {**common, "site": name, system: reached(described, system)})
    if "prism" in described:
        _run("hosting", {**common, "site": town.commune["id"], "prism": reached(described, "prism")})
    if "smc" in described:
        _converge_firewall({**common, "smc": _smc(described)}, list(owners))
    with unlimited(folder):
        for name in sites:
            _run("network", {**common, "site": name, "dashboard": _dashboard(described)})
        for name in owners:
            _run("routing", {**common, "site": name, "dashboard": _dashboard(described)})


@contextmanager
def unlimited(folder: Path) -> Iterator[None]:
    """Lift the limits of the running lab meanwhile, then reset the counts."""
    behaviour = daemon.ask(folder, "set")
    daemon.ask(folder, "set", **_UNLIMITED)
    try:
        yield
    finally:
        daemon.ask(folder, "set", **{name: behaviour[name] for name in _UNLIMITED})
        daemon.ask(folder, "forget")


def _run(domain: str, given: Mapping[str, Any]) -> None:
    module = import_module(f"piste.runs.domains.{domain}").MODULES[f"piste_{domain}"]
    module.run({**module.defaults, **given}, False)


def _converge_firewall(given: Mapping[str, Any], owners: Sequence[str]) -> None:
    """Write the declarations of all owners at once, the town's first, and install.

    Neither policy nor engine shows who wrote it.
    """
    from piste.town.derived import intent

    whole, *others = (intent("firewall", name) for name in owners)
    config = {
        "elements": whole["elements"],
        "engine_interfaces": [item for each in (whole, *others) for item in each["engine_interfaces"]],
        "engine_routes": whole["engine_routes"],
        "engine_settings": whole["engine_settings"],
        "log_servers": whole["log_servers"],
        "policies": whole["installed"],
    }
    _run("firewall", {**given, "owner": owners[0], "state": "merged", "config": config})
    _run("firewall", {**given, "site": owners[0], "step": "installation"})


def _smc(described: Mapping[str, Any]) -> dict[str, Any]:
    reached = described["smc"]
    return {
        "url": reached["url"],
        "api_key": reached["api_key"],
        "api_version": _API,
        "ca_file": described["ca_file"],
    }


_REACHED: Mapping[str, Mapping[str, str]] = {
    "zabbix": {"url": "url", "token": "token"},
    "prism": {"base_url": "url", "username": "username", "password": "password"},
    "glpi": {
        "base_url": "url",
        **{name: name for name in ("client_id", "client_secret", "username", "password", "user_token", "app_token")},
    },
}
"""By system, the options of its connection and where the lab says them."""


def reached(described: Mapping[str, Any], system: str) -> dict[str, Any]:
    """Give the connection of a system of the table, from what the lab says of itself."""
    connection = {option: described[system][name] for option, name in _REACHED[system].items()}
    return {**connection, "ca_file": described["ca_file"], "rate": 0}


def _winrm(described: Mapping[str, Any]) -> dict[str, Any]:
    reached = described["winrm"]
    return {
        "username": reached["username"],
        "password": reached["password"],
        "urls": reached["hosts"],
        "ca_file": described["ca_file"],
    }


def _domain(described: Mapping[str, Any]) -> dict[str, Any]:
    directory = described["ad"]
    return {
        "controller": directory["host"],
        "address": directory["address"],
        "username": directory["bind_dn"],
        "password": directory["password"],
        "ca_file": described["ca_file"],
    }


def _dashboard(described: Mapping[str, Any]) -> dict[str, Any]:
    reached = described["meraki"]
    return {
        "base_url": reached["url"],
        "api_key": reached["api_key"],
        "organization": reached["organization_id"],
        "ca_file": described["ca_file"],
        "rate": 0,
    }
