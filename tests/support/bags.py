"""A small bag that is whole: a school, the tables, the schemas, a repository of one file."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.text import as_declaration
from piste.exports.bag import make
from piste.exports.bag.contents import read
from piste.exports.bag.documents import Documents
from piste.exports.bag.kinds import KINDS
from piste.town.model import Town
from tests.support.sobriety import LEVER
from tests.support.town import declared_town

SITE = "ecole-jaures"


def small() -> Town:
    town = declared_town()
    levers = {LEVER: town.sobriety.levers[LEVER]}
    return replace(town, sites={SITE: town.sites[SITE]}, sobriety=replace(town.sobriety, levers=levers))


def exported(folder: Path, **changed: Any) -> Path:
    """Write an export of a town of a single school, a little of each kind, as the playbooks do."""
    files: dict[str, Any] = {
        "network/ecole-jaures": {
            "network": "VLB ecole-jaures",
            **{kind.name: [] for kind in KINDS if kind.per_site},
            "networks": [{"name": "VLB ecole-jaures", "product_types": ["switch", "wireless"]}],
            "devices": [{"serial": "QZZZ-0005-0001", "name": "sw-jau-01"}, {"serial": "QZZZ-0099-0001", "name": "x"}],
            "switch_ports": [{"serial": "QZZZ-0005-0001", "port_id": "1", "name": "={{ hostile }}", "vlan": 150}],
            "ssids": [{"name": "VLB-Agents", "psk": {"secret": "meraki/ssid/VLB-Agents/psk"}}],
        },
        "network/places": {
            "places": [
                {
                    "kind": "network",
                    "key": "VLB ecole-jaures",
                    "devices": ["QZZZ-0005-0001", "QZZZ-0099-0001"],
                    "models": {"QZZZ-0005-0001": "MS220-24", "QZZZ-0099-0001": "MR"},
                }
            ]
        },
        **{f"{kind.domain}/{kind.name}": {kind.name: []} for kind in KINDS if not kind.per_site},
        "printing/print_queues": {"print_queues": [{"name": "imp-jau-01", "duplexing": "one_sided"}]},
        "firewall/policies": {
            "policies": [
                {
                    "name": "VLB",
                    "type": "fw_policy",
                    "scope": "whole",
                    "ipv4_access": [{"section": "Ville"}, {"id": "dns", "name": "dns", "action": ["allow"]}],
                }
            ]
        },
        **changed,
    }
    for name, content in files.items():
        if content is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            file = folder / f"{name}.yml"
            file.write_text(as_declaration(content), encoding="utf-8")
            # The age of an export is that of its files, whose times stay real in a session of another day.
            os.utime(file, (time.time(),) * 2)
    return folder


def repository(folder: Path, **files: str) -> str:
    """A repository of these files and of the lists of packages; its commit."""
    for name, text in {"requirements/demo.txt": "piste\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git = ("git", "-C", str(folder), "-c", "user.name=essai", "-c", "user.email=essai@example.org")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "Essai", "--no-gpg-sign")):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def small_repository(folder: Path, **files: str) -> Iterator[None]:
    """Make bags of a small repository: the history of ours takes a second to open, and grows."""
    head = repository(folder, **files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "ROOT", folder)
        patch.setattr(make, "commit", lambda: (head, True))
        yield


@contextmanager
def without_documents() -> Iterator[None]:
    """Make bags that have no documents: to typeset them takes three seconds of CPU."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "put", lambda *given: Documents(made=0, unverified=(), joined=0, reading=""))
        yield


def tiny(folder: Path, **files: str) -> Path:
    """The bag, with `files` in its repository."""
    bag = folder / "sac"
    readings = read(exported(bag / "data/systems"), [SITE], {})
    with pytest.MonkeyPatch.context() as patch, small_repository(folder / "depot", **files), without_documents():
        patch.setenv("PISTE_JOURNAL_DIR", str(folder / "journal"))
        make.assemble(bag, readings, small(), make.Wish("lab"))
    return bag
