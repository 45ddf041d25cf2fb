"""The rules of a firewall policy: our module beside the vendor's own Python library.

Both do the same work. Ours is a whole `ansible-playbook`; theirs a process that does nothing else. The server cannot
re-rank a list at once (7.4.1), so that each move costs.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.instance import Lab
from lab.smc.system import Smc
from tests.bench.measure import ROOT, Measure, RunFailed, played, timed
from tests.support.meraki_client import small_inventory

PLAYBOOK = Path(__file__).parent / "playbooks/firewall_ours.yml"
VERSION, SERVER = "7.4", "7.4.1"
SIZES = (100, 500, 2000)
HOSTS, MOVES = 50, 5
TEMPLATE = "fw_template_policy/Firewall Inspection Template"

type Rules = list[dict[str, str]]


def firewall_measures(sizes: tuple[int, ...] = SIZES) -> Iterator[tuple[str, Measure]]:
    """Measure both sides, each marked `ours` or `peer`."""
    for size in sizes:
        for side, name in (("ours", "Piste"), ("peer", "Forcepoint")):
            with Lab(tls=True, inventory=small_inventory(), others=["smc"]) as lab:
                bench = Bench(lab, name)
                run = bench.ours if side == "ours" else bench.peer
                wanted = rules(size)
                yield side, run(f"{size} règles, tout à faire", wanted, changed=True)
                yield side, run(f"{size} règles, rien à faire", wanted, changed=False)
                yield side, run(f"{size} règles, {MOVES} à déplacer", moved(wanted), changed=True)


def rules(size: int) -> Rules:
    """Rules that all differ, by the ends of their flow."""
    return [
        {"name": f"regle-{number:04}", "source": f"h{number % HOSTS}", "to": f"h{(number * 7 + 1) % HOSTS}"}
        for number in range(size)
    ]


def moved(wanted: Rules) -> Rules:
    draw, listed = random.Random(93), list(wanted)
    for rule in draw.sample(wanted, MOVES):
        listed.remove(rule)
        listed.insert(draw.randrange(len(listed)), rule)
    return listed


class Bench:
    """A server that is empty but for the hosts that the rules name."""

    def __init__(self, lab: Lab, policy: str) -> None:
        self.lab, self.policy = lab, policy
        smc = lab.systems["smc"]
        assert isinstance(smc, Smc)
        self.simulator = smc.simulator
        self.simulator.behaviour.set(smc_version=SERVER)
        for number in range(HOSTS):
            self.simulator.edit("POST", "/elements/host", {"name": f"h{number}", "address": f"10.93.2.{number + 1}"})

    def ours(self, label: str, wanted: Rules, changed: bool) -> Measure:
        listed = [
            {
                "id": rule["name"],
                "name": rule["name"],
                "sources": [f"host/{rule['source']}"],
                "destinations": [f"host/{rule['to']}"],
                "services": ["tcp_service/HTTPS"],
                "action": ["allow"],
            }
            for rule in wanted
        ]
        whole = {"type": "fw_policy", "name": self.policy, "scope": "whole", "template": TEMPLATE}
        variables = self.variables([{**whole, "ipv4_access": listed}])
        self.lab.calls.clear()
        run = played(label, PLAYBOOK, inventory=["localhost,"], variables=variables)
        self.expect(label, wanted, bool(run.changed) == changed)
        return self.counted(label, run.seconds, run.cpu)

    def variables(self, policies: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "piste_model": 1,
            "piste_environment_bench": True,
            "smc": {**self.connection(), "url": self.info["url"], "ca_file": self.lab.info["ca_file"]},
            "policies": policies,
        }

    def peer(self, label: str, wanted: Rules, changed: bool) -> Measure:
        orders = {**self.connection(), "url": self.info["http_url"], "policy": self.policy, "rules": wanted}
        self.lab.calls.clear()
        with tempfile.NamedTemporaryFile("w", suffix=".json") as given:
            json.dump(orders, given)
            given.flush()
            with timed() as spent:
                done = subprocess.run(
                    [sys.executable, "-m", "tests.bench.firewall_peer", given.name],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    check=False,
                )
        if done.returncode:
            raise RunFailed(f"{label} : code {done.returncode}\n{done.stderr[-3000:]}")
        self.expect(label, wanted, bool(int(done.stdout.split()[-1])) == changed)
        return self.counted(label, spent.seconds, spent.cpu)

    @property
    def info(self) -> dict[str, Any]:
        info: dict[str, Any] = self.lab.info["smc"]
        return info

    def connection(self) -> dict[str, str]:
        return {"api_version": VERSION, "api_key": str(self.info["api_key"])}

    def counted(self, label: str, seconds: float, cpu: float) -> Measure:
        calls = self.lab.calls.counts()["smc"]
        return Measure(label, seconds, cpu, calls["reads"], calls["writes"], {}, 0)

    def expect(self, label: str, wanted: Rules, said: bool) -> None:
        """Check the result: figures count only if the work was done. Raises RunFailed."""
        policy = self.simulator.world.named("fw_policy", self.policy)
        rows = [] if policy is None else self.simulator.world.children(policy, "fw_ipv4_access_rule")
        if not said or [row["data"]["name"] for row in rows] != [rule["name"] for rule in wanted]:
            raise RunFailed(f"{label} : le résultat n’est pas celui demandé ({len(rows)} règles)")
