"""Up to ten towns: each loaded from an inventory of its own, their rules in one policy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.instance import Lab
from tests.bench.firewall import HOSTS, TEMPLATE, Bench
from tests.bench.measure import ROOT, RunFailed, played, timed
from tests.support.meraki_client import small_inventory

TOWNS = (1, 2, 4, 8, 10)
SITES, RULES = 21, 17
"""Sections of a town, and rules of each."""
PLAYBOOKS = Path(__file__).parent / "playbooks"
LOADING = """import sys
from pathlib import Path
from piste.town.model.town import load
kept = [load(Path(folder)).require() for folder in sys.argv[1:]]
(peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak)
"""


@dataclass(frozen=True, slots=True)
class Size:
    """The cost of a number of towns.

    CPU seconds, MB where memory is measured, requests where there are any.
    """

    towns: int
    cpu: float
    memory: float | None = None
    reads: int | None = None

    @property
    def label(self) -> str:
        return f"{self.towns} villes"


def loaded() -> Iterator[Size]:
    """Load, validate and derive so many towns in a process; first none: Python's own cost."""
    with tempfile.TemporaryDirectory(prefix="piste-bench-") as name:
        folders = [_copy(Path(name) / str(number)) for number in range(max(TOWNS))]
        for towns in (0, *TOWNS):
            yield Size(towns, *_alone([sys.executable, "-c", LOADING, *map(str, folders[:towns])]))


def _copy(folder: Path) -> Path:
    shutil.copytree(ROOT / "group_vars", folder / "group_vars")
    shutil.copytree(ROOT / "inventories/town", folder / "inventories/town", symlinks=True)
    return folder / "inventories/town"


def _alone(command: Sequence[str]) -> tuple[float, float]:
    """CPU seconds and MB of a process. Raises RunFailed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with timed() as spent:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunFailed(done.stderr[-3000:])
    return spent.cpu, int(done.stdout) / 1024


def sections() -> Iterator[Size]:
    """Measure the sites of a town with nothing to do, in a policy with the rules of many towns."""
    with Lab(tls=True, inventory=small_inventory(), others=["smc"]) as lab:
        bench = Bench(lab, "Villes")
        for towns in (0, *TOWNS):
            section = [rule for town in range(max(towns, 1)) for site in range(SITES) for rule in _section(town, site)]
            listed = {"type": "fw_policy", "name": "Villes", "template": TEMPLATE, "ipv4_access": section}
            variables = bench.variables([{**listed, "scope": "whole"}])
            played(f"{towns} villes", PLAYBOOKS / "firewall_ours.yml", inventory=["localhost,"], variables=variables)
            mine = [
                {"type": "fw_policy", "name": "Villes", "scope": f"section:{_name(0, site)}", "ipv4_access": rules[1:]}
                for site in range(SITES if towns else 0)
                if (rules := _section(0, site))
            ]
            lab.calls.clear()
            run = played(
                f"sites d’une ville parmi {towns}",
                PLAYBOOKS / "firewall_sections.yml",
                inventory=["localhost,"],
                variables={**variables, "sections": mine},
            )
            if run.changed:
                raise RunFailed(f"{towns} villes : il restait à faire\n{run.said[-2000:]}")
            yield Size(towns, run.cpu, reads=lab.calls.counts()["smc"]["reads"])


def _name(town: int, site: int) -> str:
    return f"Ville {town:02} site {site:02}"


def _section(town: int, site: int) -> list[dict[str, Any]]:
    """The header of a section, then its rules."""
    name = _name(town, site)
    return [
        {"section": name},
        *(
            {
                "id": f"v{town:02}-{site:02}-{number:02}",
                "name": f"{name} {number:02}",
                "sources": [f"host/h{number}"],
                "destinations": [f"host/h{(site + number) % HOSTS}"],
                "services": ["tcp_service/HTTPS"],
                "action": ["allow"],
            }
            for number in range(RULES)
        ),
    ]


def slope(sizes: Sequence[Size], of: str = "cpu") -> float:
    """Cost of the last town over that of the first, without the cost of none: 1 is linear."""
    none, first, *_, last = (getattr(size, of) for size in sizes)
    return float((last - none) / (sizes[-1].towns * (first - none)))
