"""The run of a capture: its steps, each a playbook that only reads, done once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.errors import Ambiguous, Guarded, InvalidConfig, Missing, Misused
from piste.engine.converge.private import is_draft, private_folder, write_private
from piste.engine.repository import commit
from piste.engine.transport.shared import private_folder as temporary
from piste.engine.transport.witness import CAPTURE
from piste.exports.capture import store
from piste.exports.capture.recording import SETTINGS
from piste.runs.plans.keys import seal
from piste.runs.plans.play import Order, Played, Trouble
from piste.runs.records.chain import stamp
from piste.systems.meraki.rf_profiles import BUILT_IN
from piste.town.derived import compute
from piste.town.model.derived import Derived


class Part(NamedTuple):
    """A step: the systems that it asks, and its playbook.

    A step that needs `all_systems` says nothing where one of them is not asked.
    `asked` gives the variables of its order, of the town; with `file`, they are in that file of the private folder.
    """

    name: str
    systems: tuple[str, ...]
    playbook: str
    tags: str = ""
    asked: Callable[[Derived, str], Mapping[str, Any]] | None = None
    file: str = ""
    all_systems: bool = False

    def concerns(self, systems: Sequence[str]) -> bool:
        """Tell whether a capture of these systems takes the step."""
        asked = {*systems}
        return asked.issuperset(self.systems) if self.all_systems else not asked.isdisjoint(self.systems)


def _usage(town: Derived, environment: str) -> Mapping[str, Any]:
    """Ask for the use of the network in the last week that is over."""
    from piste.sobriety import usage

    return usage.question(town, (), 1)


def _links(town: Derived, environment: str) -> Mapping[str, Any]:
    """Ask for the links of the last month that is over."""
    from piste.readings.links.period import month_before
    from piste.readings.links.reading import variables
    from piste.town.model.dates import today

    return variables(town, environment, month_before(today()))


def _accounts(town: Derived, environment: str) -> Mapping[str, Any]:
    """Ask for the accounts of the servers that have their own."""
    from piste.readings.accounts import kept

    return kept.variables(town, environment)


_DRIFT = "playbooks/drift.yml"
"""The playbook that plans as it reads; the step that follows it reads the same domain whole, and plans nothing."""
PARTS = (
    Part("ce que la dérive lit du réseau", ("meraki",), _DRIFT, "network,routing"),
    Part("le réseau entier", ("meraki",), "playbooks/export_network.yml"),
    Part("le routage entier", ("meraki",), "playbooks/export_routing.yml"),
    Part("ce que le Dashboard dit du réseau", ("meraki",), "playbooks/capture.yml", "meraki"),
    Part("l’usage du réseau", ("meraki",), "playbooks/usage.yml", asked=_usage, file="usage-question.json"),
    Part("l’énergie des commutateurs", ("meraki",), "playbooks/network_energy.yml"),
    Part("le trafic des liaisons", ("meraki", "zabbix"), "playbooks/links.yml", asked=_links, all_systems=True),
    Part("ce que la dérive lit du pare-feu", ("smc",), _DRIFT, "firewall"),
    Part("le pare-feu entier", ("smc",), "playbooks/export_firewall.yml"),
    Part("ce que le SMC dit du pare-feu", ("smc",), "playbooks/capture.yml", "smc"),
    Part("ce que la dérive lit de la supervision", ("zabbix",), _DRIFT, "supervision"),
    Part("la supervision entière", ("zabbix",), "playbooks/export_supervision.yml"),
    Part("ce que Zabbix dit de la supervision", ("zabbix",), "playbooks/capture.yml", "zabbix"),
    Part("ce que la dérive lit de l’inventaire", ("glpi",), _DRIFT, "inventory"),
    Part("l’inventaire entier", ("glpi",), "playbooks/export_inventory.yml"),
    Part("ce que GLPI dit de l’inventaire", ("glpi",), "playbooks/capture.yml", "glpi"),
    Part("ce que la dérive lit de l’hébergement", ("prism",), _DRIFT, "hosting"),
    Part("l’hébergement entier", ("prism",), "playbooks/export_hosting.yml"),
    Part("ce que Prism Central dit de l’hébergement", ("prism",), "playbooks/capture.yml", "prism"),
    Part("la place et l’énergie de la grappe", ("prism",), "playbooks/capacity.yml"),
    Part("ce que Veeam dit des sauvegardes", ("veeam",), "playbooks/capture.yml", "veeam"),
    Part("ce que Microsoft 365 dit du locataire et des agents", ("microsoft",), "playbooks/capture.yml", "microsoft"),
    Part("ce que les Nexus disent", ("nexus",), "playbooks/capture.yml", "nexus"),
    Part("ce que les onduleurs disent", ("nut",), "playbooks/capture.yml", "nut"),
    Part("ce que la dérive lit de l’annuaire", ("ad",), _DRIFT, "directory"),
    Part("l’annuaire entier", ("ad",), "playbooks/export_directory.yml"),
    Part("ce que la dérive lit des noms", ("ad", "winrm"), _DRIFT, "names"),
    Part("les noms entiers", ("ad",), "playbooks/export_names.yml"),
    Part("ce que l’annuaire dit", ("ad",), "playbooks/capture.yml", "ad"),
    Part("ce que la dérive lit de l’adressage", ("winrm",), _DRIFT, "addressing"),
    Part("l’adressage entier", ("winrm",), "playbooks/export_addressing.yml"),
    Part("ce que la dérive lit du contrôle d’accès", ("winrm",), _DRIFT, "access"),
    Part("le contrôle d’accès entier", ("winrm",), "playbooks/export_access.yml"),
    Part("ce que la dérive lit de l’impression", ("winrm",), _DRIFT, "printing"),
    Part("l’impression entière", ("winrm",), "playbooks/export_printing.yml"),
    Part("ce que les serveurs Windows disent", ("winrm",), "playbooks/capture.yml", "winrm", asked=_accounts),
)
SYSTEMS = tuple(dict.fromkeys(system for part in PARTS for system in part.systems))
"""The systems that a capture can ask."""
_WITHOUT = {"piste_nexus_absent": True}
"""Variables of the orders: the step of the Nexus asks them, and no other does."""
_OF_A_PLAN = tuple(error.code for error in (InvalidConfig, Missing, Ambiguous, Guarded))
"""Codes of the refusals of a plan, which a town that is not adopted yet may well have."""
_KINDS = {"unknown": "n’a pas répondu", "refused": "refusé", "error": "erreur", "partial": "lu en partie"}
"""The words of the kinds of troubles."""
_DOMAINS = (
    "directory", "names", "addressing", "access", "printing", "routing", "firewall", "hosting", "inventory",
)  # fmt: skip
"""The domains whose intents name objects."""
_PORTS = ("switch_ports", "far_ports")
"""Parts of an intent whose names people chose port by port: they may be those of persons."""


def refuses_a_plan(order: Order, trouble: Trouble) -> bool:
    """Tell whether a trouble is that of a plan, so that the capture lacks nothing by it."""
    return order.playbook == _DRIFT and trouble.message.startswith(_OF_A_PLAN)


def masks_key(environment: str) -> str:
    return seal(environment, "capture", b"masks")


def draft_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.en-cours")


def opened(
    draft: Path,
    environment: str,
    names_kept: bool,
    systems: Sequence[str] = SYSTEMS,
    key: str = "",
    versions: Mapping[str, str] | None = None,
) -> store.About:
    """Begin a capture, or go on with a draft. Raises `Misused` for that of another capture.

    `key` is that of the masks: a draft that another key or another version of Piste began is not gone on with.
    """
    data, version, now = draft / "data", commit()[0][:12], stamp(datetime.now(UTC))
    digest = sha256(key.encode()).hexdigest()[:12] if key else ""
    for path in [path for path in data.rglob(".*") if is_draft(path)]:
        path.unlink()  # of a run that was killed while it wrote
    if (data / store.ABOUT).exists():
        about = store.read_about(data)
        if (about.environment, about.names_kept, about.systems) != (environment, names_kept, [*systems]):
            what = f"{draft} est le début d’une autre capture ({about.environment})"
            raise Misused(what, todo="Reprenez-la avec ses options, ou donnez un autre dossier.")
        if (about.version, about.key) != (version, digest):
            what = f"{draft} a été commencée par une autre version de Piste ({about.version}), ou avec une autre clé"
            raise Misused(what, todo="Effacez ce début, puis recommencez.")
        about = about.model_copy(update={"resumed": [*about.resumed, now], **_versions(about, versions or {})})
        store.keep_about(data, about)
        return about
    private_folder(draft)
    private_folder(data)
    about = store.About(
        environment=environment,
        version=version,
        key=digest,
        begun=now,
        names_kept=names_kept,
        systems=[*systems],
        versions=dict(versions or {}),
    )
    store.keep_about(data, about)
    return about


def ended(data: Path, about: store.About, versions: Mapping[str, str] | None = None) -> store.About:
    """Note the end of a capture, with its counts and the versions of its systems."""
    now = stamp(datetime.now(UTC))
    known = {"ended": now, "answers": dict(store.counted(data)), **_versions(about, versions or {})}
    done = about.model_copy(update=known)
    store.keep_about(data, done)
    return done


def _versions(about: store.About, read: Mapping[str, str]) -> dict[str, Any]:
    """Give the versions read by now, and name the systems that had another before."""
    changed = {system for system, version in about.versions.items() if read.get(system, version) != version}
    return {"versions": {**about.versions, **read}, "changed": sorted({*about.changed, *changed})}


def run(
    data: Path,
    about: store.About,
    play: Callable[[Order], Played],
    say: Callable[[list[str]], None],
    town: Derived,
) -> store.About:
    """Play every step that is not done; note each as it ends."""
    done = {step.name for step in about.steps}
    for part in PARTS:
        if part.name in done or not part.concerns(about.systems):
            continue
        extra = {**_WITHOUT, **_variables(part, town, about.environment)}
        order = Order(part.playbook, about.environment, extra=extra, tags=part.tags)
        say(order.command(check=True))
        played = play(order)
        lacks = (said for said in played.troubles if not refuses_a_plan(order, said))
        # The message may quote what a system said, with nothing masked: the run has shown it.
        named = ((said.host, said.task, _KINDS.get(said.kind, _KINDS["error"])) for said in lacks)
        silent = dict.fromkeys(" : ".join(parts)[:500] for parts in named)
        step = store.Step(name=part.name, ended=stamp(datetime.now(UTC)), silent=[*silent][:200])
        about = about.model_copy(update={"steps": [*about.steps, step]})
        store.keep_about(data, about)
    return about


def _variables(part: Part, town: Derived, environment: str) -> dict[str, Any]:
    """Give the variables of a step's order; what is too long goes into a private file."""
    private = os.environ.get(CAPTURE, os.devnull)
    asked = part.asked(town, environment) if part.asked else {}
    if part.file:
        write_private(Path(private) / part.file, json.dumps(asked).encode())
    folder = {"folder": private} if part.asked or "export" in part.playbook else {}
    return {**folder, **({} if part.file else asked)}


@contextmanager
def witnessed(data: Path, about: store.About, town: Derived) -> Iterator[None]:
    """Say to the tasks of the runs that they are those of a capture, and with what key."""
    settings: dict[str, Any] = {
        "data": str(data),
        "key": masks_key(about.environment),
        "keep_names": about.names_kept,
        "names": sorted(names(town)),
    }
    # A folder of its own: that of a run has what its check mode has planned, and each step is a run.
    with temporary("piste-capture-") as folder:
        write_private(folder / SETTINGS, json.dumps(settings).encode())
        os.environ[CAPTURE] = str(folder)
        try:
            yield
        finally:
            del os.environ[CAPTURE]


def names(town: Derived) -> set[str]:
    """List the names that the declaration or a vendor gives to objects, but for ports."""
    known: set[str] = set()
    for site in town.sites.values():
        known |= {str(site[key]) for key in ("id", "name", "network_name") if site.get(key)}
        _named(compute("network", site), known)
    for owner in town.owners.values():
        for domain in _DOMAINS:
            _named(compute(domain, owner), known)
    return known | BUILT_IN


def _named(value: Any, known: set[str]) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ("name", "tags") and isinstance(item, (str, list)):
                known |= {item} if isinstance(item, str) else {str(each) for each in item}
            elif key == "path" and isinstance(item, str):
                known |= {*item.split("/")}
            elif key not in _PORTS:
                _named(item, known)
    elif isinstance(value, list):
        for item in value:
            _named(item, known)
