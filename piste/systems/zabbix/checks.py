"""Checks of `piste doctor` on Zabbix: reachability, branch, account, templates, services.

A vendor's template has, in its declared version, what the town uses of it [belief zabbix.templates].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from piste.engine.converge.as_found import is_absent
from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, reading, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.finding import Finding, State
from piste.engine.transport import probe
from piste.engine.transport.subjects import checked
from piste.engine.words import agreed
from piste.systems.zabbix.api import PATH, SUPER, VERSION, Zabbix
from piste.systems.zabbix.connection import SUPERVISION
from piste.systems.zabbix.hosts import OWNER_TAG
from piste.systems.zabbix.templates import files

EXISTS = "4"
"""The operator of the API that asks for a tag, whatever its value."""
_OWNED = [{"tag": OWNER_TAG, "operator": EXISTS}]
"""The filter of the hosts that Piste made."""


def checks(
    zabbix: Zabbix, templates: Mapping[str, str], kept: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> Iterator[Finding]:
    """Yield every finding, in a few reads; stop where the next checks are impossible.

    `templates` gives the pinned version of each vendor's template, empty where none is; `kept` has what the town keeps
    of its templates as found.
    """
    probe.hurry(zabbix.transport)
    try:
        body = {"jsonrpc": "2.0", "method": "apiinfo.version", "params": {}, "id": 1}
        response = zabbix.transport.request("POST", PATH, body=body, changes=False, retry_passing=True)
        with reading("zabbix"):
            version = text(response.mapping("result")["result"])
    except PisteError as error:
        yield probe.silence("zabbix", error)
        return
    yield Finding("zabbix.reachable", "ok", "Zabbix répond, son certificat est attesté")
    yield probe.certificate("zabbix", zabbix.transport)
    yield probe.clock("zabbix", response)
    yield _branch(version)
    account = _account(zabbix)
    yield account
    if account.state == "ok":
        yield judged_templates(zabbix, templates, [name for name in kept if is_absent(kept[name])])
        yield from services(zabbix)


def _branch(version: str) -> Finding:
    branch = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if branch == VERSION:
        return Finding("zabbix.version", "ok", f"Zabbix {version}")
    what = f"Zabbix {version}, et Piste parle à la branche {'.'.join(map(str, VERSION))}"
    return Finding("zabbix.version", "wrong", what, "Gardez la branche longue (LTS) que Piste connaît.")


def _account(zabbix: Zabbix) -> Finding:
    todo = "Donnez à Piste le jeton d’un compte du rôle « Super admin role » (docs/supervision.md)."
    try:
        name = zabbix.account()
        with reading("zabbix"):
            [user] = zabbix.get("user", filter={"username": name}, output=["username"], selectRole=["type"])
            kind = text(user["role"]["type"])
    except PisteError as error:
        refused = "jeton" in error.what
        state: State = "wrong" if refused or error.kind != "unknown" else "unknown"
        return Finding("zabbix.account", state, _said(error), error.todo or todo)
    if kind != SUPER:
        return Finding("zabbix.account", "wrong", f"le compte {name} n’écrit ni comptes ni actions", todo)
    return Finding("zabbix.account", "ok", f"le jeton est celui de {name}, qui peut tout écrire")


def judged_templates(zabbix: Zabbix, wanted: Mapping[str, str], kept_absent: Sequence[str] = ()) -> Finding:
    """Judge the templates in use; ours come with the first hosts, and are missed after them.

    Those that an adoption keeps absent come once somebody gives them back to the rule.
    """
    try:
        with reading("zabbix"):
            known = {
                text(template["host"]): text(template["vendor_version"])
                for template in zabbix.get("template", filter={"host": [*wanted]}, output=["host", "vendor_version"])
            }
            away = [name for name in wanted if name not in known]
            waiting = [name for name in away if name in kept_absent]
            absent = [name for name in away if name not in waiting]
            ours = [name for name in absent if name in files()]
            converged = ours and zabbix.get("host", tags=_OWNED, output=["hostid"], limit=1)
    except PisteError as error:
        return Finding("zabbix.templates", "unknown", _said(error), error.todo or "Relancez.")
    coming = [] if converged else ours
    faults = [f"« {name} » n’y est pas" for name in absent if name not in coming]
    faults += [
        f"« {name} » est en {known[name] or 'aucune version'}, {version} est déclarée"
        for name, version in wanted.items()
        if version and name in known and known[name] != version
    ]
    if faults:
        todo = "Importez ce modèle, ou relisez ce qu’il change, puis changez sa version (supervision.versions)."
        if converged:
            todo = f"Ceux de Piste reviennent par « piste plan commune --domain supervision ». {todo}"
        return Finding("zabbix.templates", "wrong", " ; ".join(faults), todo)
    what = f"{agreed(len(known), 'modèle(s) employé(s)')}, à la version déclarée"
    if coming:
        what += f" ; {', '.join(f'« {name} »' for name in coming)} : avec le premier passage de la supervision"
    if waiting:
        what += (
            f" ; {', '.join(f'« {name} »' for name in waiting)} : la reprise en garde l’absence ; qui les veut : "
            "« piste adopt commune --release zabbix/template », puis « piste plan commune --domain supervision »"
        )
    return Finding("zabbix.templates", "ok", what)


def services(zabbix: Zabbix) -> Iterator[Finding]:
    """Judge the services of objectives.

    A service that no trigger of an enabled host touches is available for ever.
    """
    try:
        with reading("zabbix"):
            counted = zabbix.get(
                "service", tags=[{"tag": "objective", "operator": EXISTS}], output=["name"], selectProblemTags="extend"
            )
            if not counted:
                return
            hosts = zabbix.get(
                "host",
                tags=_OWNED,
                filter={"status": "0"},
                output=["hostid"],
                selectTags=["tag", "value"],
            )
            of_host = {text(host["hostid"]): _tags(host) for host in hosts}
            triggers = zabbix.get(
                "trigger",
                hostids=[*of_host],
                filter={"status": "0"},
                output=["triggerid"],
                selectHosts=["hostid"],
                selectTags=["tag", "value"],
            )
            touching = {
                _tags(trigger).union(*(of_host.get(text(host["hostid"]), ()) for host in listed(trigger["hosts"])))
                for trigger in triggers
            }
            idle = sorted(
                text(service["name"])
                for service in counted
                if not any(_tags(service, "problem_tags") <= tags for tags in touching)
            )
    except PisteError as error:
        yield Finding("zabbix.services", "unknown", _said(error), error.todo or "Relancez.")
        return
    if idle:
        names = ", ".join(f"« {name} »" for name in idle)
        verb = "ne surveille rien et vaut" if len(idle) == 1 else "ne surveillent rien et valent"
        todo = (
            "Convergez la supervision de la ville, puis de chaque site ; sinon, donnez une adresse à ce qui est de "
            "cette classe."
        )
        yield Finding("zabbix.services", "wrong", f"{names} {verb} toujours 100 %", todo)
        return
    what = f"les {len(counted)} services des objectifs surveillent quelque chose"
    yield Finding("zabbix.services", "ok", what)


def _tags(document: Mapping[str, Any], name: str = "tags") -> frozenset[tuple[str, str]]:
    return frozenset((text(tag["tag"]), text(tag["value"])) for tag in listed(document[name]))


def _said(error: PisteError) -> str:
    return " : ".join(part for part in (error.where, error.what, error.why) if part)


def templates_of(classes: Mapping[str, Any], versions: Mapping[str, str]) -> dict[str, str]:
    """Give the pinned version of each template in use; empty where none is declared."""
    names: Sequence[str] = sorted({name for entry in classes.values() for name in entry.get("templates") or ()})
    return {name: versions.get(name, "") for name in names}


def _judged(zabbix: Zabbix, params: Params) -> Iterator[Finding]:
    declared = params["supervision"] or {}
    templates = templates_of(declared.get("classes") or {}, declared.get("versions") or {})
    yield from checks(zabbix, templates, params["kept"] or {})


MODULES: Mapping[str, Module] = checked(
    "zabbix_checks",
    SUPERVISION,
    _judged,
    Field("supervision", "What the town declares of its supervision.", type="dict", default={}),
    Field("kept", "What the town keeps of its templates as found, by name.", type="dict", default={}),
)
