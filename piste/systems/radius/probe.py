"""The module `radius_tests`: a site's tests of 802.1X on each server, and their record.

The same questions go to an NPS and to the lab. Nothing is written anywhere but the record.
Believed: [belief windows.nps_trial].
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from piste.engine.converge.errors import Misused, PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.transport.shared import run_folder
from piste.systems.radius.exchange import NoSupplicant, Outcome, Server, ask_eap, ask_mac, quoted
from piste.systems.radius.trials import Account, Missing, Trial, judged, trials

PATIENCE = 15.0
"""Seconds for each answer; a server may have to ask a domain that is busy."""
SILENCE = 4.0
"""Seconds to wait for a server that must not answer; it answers real clients sooner."""


class NoProbe(PisteError):
    """This machine cannot ask a RADIUS server."""

    code = "PISTE-E060"
    kind = "unknown"


@dataclass(frozen=True, slots=True)
class Probe:
    """Way in which this machine asks: source address, trusted authority, names of servers."""

    servers: tuple[Server, ...]
    names: Mapping[str, str]
    ca_file: str
    stranger: str = ""
    folder: Path = field(default_factory=Path)

    def ask(self, server: Server, trial: Trial) -> Outcome:
        if trial.stranger:
            unknown = replace(server, source=self.stranger) if self.stranger else replace(server, secret=_drawn())
            return ask_mac(unknown, trial.place, SILENCE)
        if trial.account is None:
            return ask_mac(server, trial.place, PATIENCE)
        return ask_eap(server, trial.place, self._network(server, trial, trial.account), self.folder, PATIENCE)

    def _network(self, server: Server, trial: Trial, account: Account) -> dict[str, str]:
        network = {"key_mgmt": "IEEE8021X", "identity": quoted(account.identity)}
        if self.ca_file:
            network |= {"ca_cert": quoted(self.ca_file), "domain_match": quoted(self.names[server.name])}
        if account.method == "tls":
            certificate, key = (self._file(account, part) for part in ("certificate", "key"))
            return {**network, "eap": "TLS", "client_cert": quoted(certificate), "private_key": quoted(key)}
        password = _drawn() if trial.wrong_password else account.password
        inner = {"phase1": quoted("peapver=0"), "phase2": quoted("auth=MSCHAPV2")}
        return {**network, "eap": "PEAP", **inner, "password": quoted(password)}

    def _file(self, account: Account, part: str) -> str:
        path = self.folder / f"{account.name}.{part}.pem"
        if not path.exists():
            handle, name = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(getattr(account, part))
            Path(name).rename(path)
        return str(path)


def _drawn() -> str:
    return secrets.token_urlsafe(18)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=run_folder(), prefix="eap-") as folder:
        probe, accounts = _probe(params, Path(folder))
        asked = list(trials(params["access"], accounts))
        results = _asked(probe, [trial for trial in asked if isinstance(trial, Trial)])
    findings, record, reports = [], [], []
    for server in probe.servers:
        heard = any(outcome.answers for (name, _), outcome in results.items() if name == server.name)
        for trial in asked:
            id_ = f"radius.{server.name}.{trial.id}"
            if isinstance(trial, Missing):
                findings.append(Finding(id_, "unknown", f"{server.name} : {trial.title} : pas essayé", trial.todo))
                reports.append(_report(findings[-1], f"{server.name} : {trial.title}", "un essai", "pas essayé"))
                continue
            state, observed = judged(trial, results[server.name, trial.id], heard=heard)
            what = f"{server.name} : {trial.title} : {observed}"
            remedy = "" if state == "ok" else _REMEDIES[state]
            findings.append(Finding(id_, state, what, f"Attendu : {trial.wanted}. {remedy}" if remedy else ""))
            record.append({"server": server.name, "test": trial.title, "expected": trial.wanted, "found": observed})
            report = _report(findings[-1], f"{server.name} : {trial.title}", trial.wanted, observed)
            reports.append(report | {"todo": remedy})
    succeeded = all(finding.state == "ok" for finding in findings)
    path = params.get("record")
    if succeeded and (unready := params.get("unready")):
        what = f"essai réussi, mais pas inscrit : {unready}"
        findings.append(Finding("radius.record", "wrong", what, "Corrigez l’autorité, puis relancez « piste verify »."))
        reports.append(_report(findings[-1], "Essai inscrit", "une autorité sans défaut", unready))
        succeeded = False
    written = str(_write(Path(path), params["site"], probe.servers, record)) if path and succeeded and not check else ""
    answer = {"findings": [finding.to_json() for finding in findings], "trials": reports}
    return {"changed": False, **answer, "record": written}


def _report(finding: Finding, title: str, expected: str, observed: str) -> dict[str, str]:
    """Return a test as reports need it, with the expectation separate from the remedy."""
    return {**finding.to_json(), "title": title, "expected": expected, "observed": observed}


_REMEDIES = {
    "wrong": "Comparez le serveur à la déclaration (piste plan commune --domain access), et les groupes du compte.",
    "unknown": "Vérifiez que le serveur écoute, que ce poste est son client « sonde », et le secret radius/sonde.",
}


def _asked(probe: Probe, asked: Sequence[Trial]) -> dict[tuple[str, str], Outcome]:
    """Ask each server its questions in turn.

    Questions that must stay without an answer go beside the others; all threads end here.
    """
    rounds = [
        (server, [trial for trial in asked if trial.stranger is stranger])
        for server in probe.servers
        for stranger in (False, True)
    ]

    def round_of(server: Server, some: Sequence[Trial]) -> dict[tuple[str, str], Outcome]:
        return {(server.name, trial.id): probe.ask(server, trial) for trial in some}

    with ThreadPoolExecutor(len(rounds)) as pool:
        try:
            answered = list(pool.map(round_of, *zip(*rounds, strict=True)))
            return {key: outcome for outcomes in answered for key, outcome in outcomes.items()}
        except NoSupplicant as error:
            raise NoProbe(
                "eapol_test manque à ce poste",
                todo="Installez-le : sudo apt-get install eapoltest",
            ) from error
        except OSError as error:
            raise NoProbe(
                f"ce poste ne peut pas interroger les serveurs RADIUS : {error}",
                todo="Vérifiez piste_eap.source et piste_eap.stranger : ce sont des adresses de ce poste.",
            ) from error


def _probe(params: Mapping[str, Any], folder: Path) -> tuple[Probe, list[Account]]:
    given: Mapping[str, Any] = params["probe"]
    secret = (params["secrets"] or {}).get(params["secret"])
    if not secret or not params["servers"]:
        raise NoProbe(
            f"le secret {params['secret']} n’a pas de valeur" if params["servers"] else "aucun serveur RADIUS",
            where=params["site"],
            todo="Au laboratoire : piste lab up. Ailleurs : déclarez radius, et donnez le secret dans le coffre.",
        )
    elsewhere: Mapping[str, Any] = given.get("servers") or {}
    servers = []
    for entry in params["servers"]:
        there = elsewhere.get(entry["name"]) or {}
        address, port = there.get("address") or entry["host"], int(there.get("port") or entry["auth_port"])
        servers.append(Server(entry["name"], str(address), port, str(secret), str(given.get("source") or "")))
    names = {server.name: f"{server.name}.{params['dns_domain']}" for server in servers}
    ca_file = str(given.get("ca_file") or "")
    if not ca_file:
        raise Misused(
            "rien ne dit à quelle autorité se fier",
            where="piste_eap.ca_file",
            todo="Donnez le fichier PEM de l’autorité des serveurs RADIUS : un essai vérifie leur identité.",
        )
    probe = Probe(tuple(servers), names, ca_file, str(given.get("stranger") or ""), folder)
    accounts: Mapping[str, Mapping[str, Any]] = given.get("accounts") or {}
    return probe, [_account(name, entry, params["secrets"]) for name, entry in accounts.items()]


def _account(name: str, given: Mapping[str, Any], values: Mapping[str, str]) -> Account:
    hidden = {key: values.get((given.get(key) or {}).get("secret", ""), "") for key in _HIDDEN}
    identity = str(given.get("identity") or "")
    if not identity or not (hidden["password"] or (hidden["certificate"] and hidden["key"])):
        raise Misused(
            f"le compte d’essai « {name} » est incomplet",
            where="piste_eap.accounts",
            todo="Il lui faut identity, et password ou certificate et key : des références dont le coffre a la valeur.",
        )
    return Account(name, identity, str(given.get("policy") or ""), bool(given.get("revoked")), **hidden)


_HIDDEN = ("password", "certificate", "key")


def _write(folder: Path, site: str, servers: Sequence[Server], record: Sequence[Mapping[str, str]]) -> Path:
    """Record a success in one step: a reader sees the former record or the new record."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "site": site,
        "date": datetime.now().isoformat(timespec="minutes"),
        "servers": [server.name for server in servers],
        "tests": [{**entry, "state": "conform"} for entry in record],
    }
    path = folder / f"{site}.yml"
    heading = f"---\n# Essai réussi du 802.1X de {site}, écrit par piste verify : la preuve que demande « enforced ».\n"
    text = heading + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).chmod(0o644)
    shutil.move(name, path)
    return path


MODULES: Mapping[str, Module] = {
    "radius_tests": Module(
        name="radius_tests",
        options=(
            Field("site", "Name of the site.", required=True),
            Field("access", "Derived access to the site's network.", type="dict", required=True),
            Field(
                "servers",
                "RADIUS servers of the site, as derived: C(name) of the certificate without the domain, C(host), "
                "C(auth_port).",
                type="list",
                elements="dict",
                required=True,
            ),
            Field("dns_domain", "Domain of the servers.", required=True),
            Field(
                "probe",
                "Way in which this machine asks. C(source), its address that the servers know as a client; "
                "C(stranger), its address that they do not know; C(ca_file), their authority; C(servers), by name, "
                "another address and port; C(accounts), by name, C(identity), C(policy) that must admit it, "
                "C(revoked), and as references of secrets C(password), or C(certificate) and C(key) (PEM).",
                type="dict",
                required=True,
            ),
            Field("secret", "Path of the secret that this machine shares with the servers.", required=True),
            Field("secrets", "Values of the environment's secrets, by path.", type="dict", required=True, no_log=True),
            Field(
                "unready",
                "Reason why a success is not recorded: what is wrong with the authority, as C(ad_authorities) says it.",
                default="",
            ),
            Field("record", "Folder of the records of success, a file for each site.", type="path"),
        ),
        run=_run,
    )
}
