"""Three towns converged by a worker of ansible-runner, then by two.

Each town is on a lab of its own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from lab.declared import declared_inventory, write_secrets
from lab.instance import Lab
from piste.town.model import load
from tests.bench.measure import RECAP, Measure, RunFailed, timed
from tests.support.checkouts import checkout
from tests.support.towns import generated_town
from tests.support.workers import Fleet

TOWNS, SITES = 3, 12
WORKERS = (1, 2)


def worker_measures() -> Iterator[Measure]:
    """Converge the networks of the towns, made from nothing. Raises RunFailed."""
    for workers in WORKERS:
        with tempfile.TemporaryDirectory(prefix="piste-bench-") as folder, ExitStack() as labs:
            fleets = [_fleet(Path(folder) / str(seed), seed, labs) for seed in range(TOWNS)]
            with timed() as spent, ThreadPoolExecutor(workers) as pool:
                said = list(pool.map(_converge, fleets))
        hosts = [host for text in said for host in RECAP.findall(text)]
        calls = [fleet.lab.calls.counts()["meraki"] for fleet in fleets]
        yield Measure(
            f"{TOWNS} villes, {workers} ouvrier(s)",
            spent.seconds,
            spent.cpu,
            sum(count["reads"] for count in calls),
            sum(count["writes"] for count in calls),
            {f"{number} {host}": int(ok) for number, (host, ok, *_) in enumerate(hosts)},
            sum(int(changed) for _, _, changed, *_ in hosts),
            processes=TOWNS,
        )


def _fleet(folder: Path, seed: int, labs: ExitStack) -> Fleet:
    """Make a town of a seed in a clone, and its lab."""
    project = checkout(folder / "sent/project")
    for declared in ("group_vars", "inventories/town"):
        shutil.rmtree(project / declared)
    town = load(generated_town(project, seed, SITES).inventory).require()
    lab = labs.enter_context(
        Lab("empty", tls=True, folder=folder / "lab", inventory=declared_inventory(town), others=())
    )
    lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
    write_secrets(lab.folder, town.secret_paths())
    return Fleet(lab, folder)


def _converge(fleet: Fleet) -> str:
    """Have a worker converge a town; give what the run says."""
    said, artifacts = fleet.process("1", fleet.start("worker", fleet.transmit("1", "sites")).end())
    if (artifacts / "rc").read_text("utf-8") != "0":
        raise RunFailed(said[-3000:])
    return said
