"""The whole town: a first run and a second, beside as many tasks that do nothing."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from lab.declared import declared_town, write_secrets
from lab.instance import Lab
from piste.systems.meraki.dashboard import RATE
from tests.bench.measure import ROOT, Measure, measured
from tests.support.playbooks import NETWORK_ALONE

SITE = ROOT / "playbooks/site.yml"


def town_measures() -> Iterator[Measure]:
    """First and second run without the API's limit, empty tasks, then both runs under the limit.

    There are as many empty tasks. The limit of claims (10 in five minutes) is lifted throughout: it is a delay of the
    vendor's, once in a town's life.
    """
    with tempfile.TemporaryDirectory(prefix="piste-bench-") as name, Lab(tls=True, folder=Path(name)) as lab:
        write_secrets(lab.folder, declared_town().secret_paths())
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        free = {"PISTE_LAB_DIR": name, "PISTE_RATE": "0", **NETWORK_ALONE}
        yield measured("premier passage, sans limite d’appels", SITE, lab, environment=free)
        second = measured("second passage, sans limite d’appels", SITE, lab, environment=free)
        yield second
        empty = Path(name) / "empty.yml"
        empty.write_text(yaml.safe_dump(empty_plays(second.tasks)), encoding="utf-8")
        yield measured("autant de tâches vides", empty, lab, environment=free)

        lab.meraki.behaviour.set(rate_limit=RATE)
        lab.reset("empty")
        limited = {"PISTE_LAB_DIR": name, **NETWORK_ALONE}
        yield measured("premier passage, 10 appels par seconde", SITE, lab, environment=limited)
        yield measured("second passage, 10 appels par seconde", SITE, lab, environment=limited)


def empty_plays(tasks: Mapping[str, int]) -> list[dict[str, object]]:
    """Plays in which each host runs as many `debug` as it ran tasks."""
    groups: dict[int, list[str]] = defaultdict(list)
    for host, count in tasks.items():
        groups[count].append(host)
    return [
        {
            "hosts": hosts,
            "connection": "local",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.debug": {"msg": str(number)}} for number in range(count)],
        }
        for count, hosts in groups.items()
    ]
