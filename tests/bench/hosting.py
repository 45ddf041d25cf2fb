"""The hosting on the simulated Prism Central: our modules beside the vendor's own SDK.

The terms are equal. Ours is a whole `ansible-playbook`. Theirs reads and compares nothing: the least that a module over
the SDK costs, in a single process, and in a process per machine as such modules run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.declared import declared_town
from lab.instance import Lab
from piste.systems.nutanix.intent import prism_intent
from tests.bench.measure import Measure, RunFailed, played, timed
from tests.support.sdk import sdk

PLAYBOOK = Path(__file__).parent / "playbooks/hosting_ours.yml"
KINDS = ("categories", "subnets", "images", "vms", "affinity_policies")
MACHINES = 20


def hosting_measures() -> Iterator[tuple[str, Measure]]:
    """Measure both sides, each marked `ours` or `peer`. Raises RunFailed."""
    commune = declared_town().commune
    assert commune is not None
    wanted = prism_intent(commune)
    with Lab(tls=True, inventory=[], others=["prism"]) as lab:
        lab.systems["prism"].behaviour.set(rate_limit=None, task_seconds=0.0)
        whole = {kind: wanted[kind] for kind in KINDS}
        yield "ours", _ours("la grappe entière, depuis rien", lab, whole, changed=len(KINDS))
        yield "ours", _ours("la même, rien à faire", lab, whole)
        some = [machine for machine in wanted["vms"] if not machine["name"].startswith("hdv-ctx")][:MACHINES]
        yield "ours", _ours(f"{MACHINES} machines en une tâche, rien à faire", lab, {"vms": some})
        yield "ours", _ours(f"{MACHINES} machines en {MACHINES} tâches, rien à faire", lab, {"one_by_one": some})
        names = [machine["name"] for machine in some]
        yield "peer", _theirs("les lectures de la grappe entière", lab, [("reads",)])
        yield "peer", _theirs(f"{MACHINES} machines relues, un processus", lab, [("no_ops", *names)])
        each = [("no_ops", name) for name in names]
        yield "peer", _theirs(f"{MACHINES} machines relues, un processus chacune", lab, each)


def _ours(label: str, lab: Lab, config: dict[str, Any], changed: int = 0) -> Measure:
    where = {name: lab.info["prism"][name] for name in ("username", "password")}
    variables = {
        "piste_model": 1,
        "piste_environment_bench": True,
        "cluster": "ntnx-hdv",
        "prism": {"base_url": lab.info["prism"]["url"], "ca_file": lab.info["ca_file"], "rate": 0, **where},
        **config,
    }
    lab.calls.clear()
    run = played(label, PLAYBOOK, inventory=["localhost,"], variables=variables)
    if run.changed != changed:
        raise RunFailed(f"{label} : {run.changed} tâches ont changé quelque chose, {changed} attendues")
    counted = lab.calls.of("prism")
    return Measure(label, run.seconds, run.cpu, counted["reads"], counted["writes"], run.tasks, run.changed)


def _theirs(label: str, lab: Lab, questions: list[tuple[str, ...]]) -> Measure:
    lab.calls.clear()
    with timed() as spent:
        for function, *arguments in questions:
            if not sdk(lab.info, function, *arguments):
                raise RunFailed(f"{label} : rien n’a été lu")
    counted = lab.calls.of("prism")
    reads, writes = counted["reads"], counted["writes"]
    return Measure(label, spent.seconds, spent.cpu, reads, writes, {}, 0, processes=len(questions))
