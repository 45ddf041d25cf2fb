"""The passage between Ansible and the modules: same results both ways, secrets never shown."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.runs.dispatch import MASK, MODULES
from piste.runs.modules import READ as READ_BY
from piste.runs.modules import READS
from piste.systems.meraki.intent import meraki_intent
from tests.support import forkclient
from tests.support.module_options import (
    ALONE,
    DASHBOARD,
    IN_DOMAIN,
    IN_NETWORK,
    IN_THE_DOMAIN,
    IN_THE_SMC,
    INTENT,
    READ,
    RESULTS,
    SMC,
    VARIABLES,
)
from tests.support.playbooks import REPOSITORY, Console, Played, console
from tests.support.town import dot1x, school


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("dispatch"), "brownfield", directory=True) as opened:
        yield opened


def without_policy(item: dict[str, Any]) -> dict[str, Any]:
    """Drop the access policy: in check mode, a process alone knows no plan of other tasks."""
    return {name: value for name, value in item.items() if name not in ("access_policy", "access_policy_type")}


def both_ways() -> dict[str, tuple[str, dict[str, Any]]]:
    """List tasks that plan, export and fail, by name: module and options."""
    return {
        name: (READ_BY, {"subject": module, **options}) if module in READS else (module, options)
        for name, (module, options) in of_each().items()
    }


def of_each() -> dict[str, tuple[str, dict[str, Any]]]:
    """List the tasks by the name of what they run, a module or a subject."""
    parts = {
        "meraki_switch_ports": "switch_ports",  # first, before a name is planned for its switches
        "meraki_devices": "devices",
        "meraki_network_settings": "settings",
        "meraki_access_policies": "access_policies",
        "meraki_ssids": "ssids",
    }
    inventory = str(REPOSITORY / "inventories/town")
    tasks: dict[str, tuple[str, dict[str, Any]]] = {
        "réseau": ("meraki_networks", {**DASHBOARD, "config": INTENT["networks"]}),
        "réseaux exportés": ("meraki_networks", {**DASHBOARD, "state": "gathered"}),
        "secrets": ("piste_secrets", {"inventory": inventory, "secrets": DASHBOARD["secrets"]}),
        "site": ("piste_site", {"site": "ecole-mermoz", "inventory": inventory}),
        "site inconnu": ("piste_site", {"site": "ecole-inconnue", "inventory": inventory}),
        "réseau inconnu": ("meraki_ssids", {**DASHBOARD, "network": "VLB nulle-part", "state": "gathered"}),
        "faux": ("meraki_ssids", {**IN_NETWORK, "config": [{"nom": "x"}]}),
    }
    # In check mode a separate process knows nothing of the other tasks' plans: new objects need nothing new.
    for module, item in IN_THE_DOMAIN.items():
        tasks[module] = (module, {**IN_DOMAIN, "config": [item]})
        tasks[f"{module} exporté"] = (module, {**IN_DOMAIN, "state": "gathered"})
    for module, item in IN_THE_SMC.items():
        tasks[module] = (module, {**SMC, "config": [item]})
        tasks[f"{module} exporté"] = (module, {**SMC, "state": "gathered"})
    tasks |= {f"lecture par {module}": (module, options) for module, options in READ.items()}
    for module, part in parts.items():
        config = [without_policy(item) for item in INTENT[part]]
        tasks[module] = (module, {**IN_NETWORK, "config": config})
        tasks[f"{module} exporté"] = (module, {**IN_NETWORK, "state": "gathered"})
    return tasks


# The calls differ: tasks of one run share their reads.
BESIDE = {"calls", "failed", "invocation", "exception", "warnings", "_ansible_no_log", "ansible_facts_cacheable"}


def comparable(result: dict[str, Any]) -> str:
    """Return what both ways must agree upon, in the words of one of them."""
    kept = {name: value for name, value in result.items() if name not in BESIDE}
    # What a task foresees depends on what the tasks before it have planned.
    foreseen = kept.pop("refused", ())
    if "withheld" in kept:
        kept["withheld"] = [line for line in kept["withheld"] if line not in foreseen]
    text = json.dumps({"changed": False, **kept}, sort_keys=True, ensure_ascii=False)
    moments = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\"]*")
    return moments.sub("MOMENT", text).replace("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", MASK)


OTHERS = "where the options of an example do not read here: others in READ of tests/support/module_options.py"
SILENT = ("microsoft_machines", "microsoft_tenant", "zabbix_administrators")
"""Readings that need an answer, of systems that are not there."""
WRONG = ("site inconnu", "réseau inconnu", "faux", *(f"lecture par {subject}" for subject in SILENT))
"""Tasks that fail, both ways."""
KEPT = {*WRONG, "réseau", "meraki_network_settings"}
"""Tasks that `make test` compares, beside one in eight; `make stories` compares each."""
STARTED = ("meraki_networks", "ad_groups", "smc_elements", "prism_categories", "win_print_queues", "piste_site")
"""Modules run in a new process; others run in a fork, which differs only by earlier imports."""


def in_a_process(terminal: Console, module: str, options: dict[str, Any]) -> dict[str, Any]:
    described = terminal.lab.info
    values = {
        "{{ piste_secrets }}": terminal.secrets,
        "{{ piste_meraki }}": {
            "base_url": described["meraki"]["url"],
            "api_key": described["meraki"]["api_key"],
            "organization": "Ville du Bourget",
            "ca_file": described["ca_file"],
            "rate": 0,
        },
        "{{ piste_ad }}": {
            "controller": described["ad"]["host"],
            "address": described["ad"]["address"],
            "username": described["ad"]["bind_dn"],
            "password": described["ad"]["password"],
            "ca_file": described["ca_file"],
        },
        "{{ piste_smc }}": {
            "url": described["smc"]["url"],
            "api_key": described["smc"]["api_key"],
            "api_version": "7.4",
            "ca_file": described["ca_file"],
        },
        "{{ piste_prism }}": {
            "base_url": described["prism"]["url"],
            "username": described["prism"]["username"],
            "password": described["prism"]["password"],
            "ca_file": described["ca_file"],
            "rate": 0,
        },
        "{{ piste_glpi }}": {
            **{name: described["glpi"][name] for name in ("client_id", "client_secret", "username", "password")},
            **{name: described["glpi"][name] for name in ("user_token", "app_token")},
            "base_url": described["glpi"]["url"],
            "ca_file": described["ca_file"],
            "rate": 0,
        },
        "{{ piste_winrm }}": {
            "username": described["winrm"]["username"],
            "password": described["winrm"]["password"],
            "urls": described["winrm"]["hosts"],
            "ca_file": described["ca_file"],
        },
    }
    assert values.keys() == VARIABLES
    given = {name: values.get(str(value), value) for name, value in options.items()}
    path = terminal.folder / f"{module}.json"
    path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**given, "_ansible_check_mode": True}}), encoding="utf-8")
    file = f"library/{module}.py"
    if module in STARTED:
        command = [sys.executable, file, str(path)]
    else:
        command = [sys.executable, "-c", f"import runpy; runpy.run_path('{file}', run_name='__main__')", str(path)]
    forked = module not in STARTED and forkclient.OF_A_MODULE
    _, out, err = terminal.run(command, {}, together=False, forked=forked, timeout=60)
    result: dict[str, Any] = json.loads(out or err)
    return result


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.story)], ids=["some", "each"])
def test_a_module_gives_the_same_in_the_worker_and_in_a_process_of_its_own(terminal: Console, step: int) -> None:
    every = both_ways()
    run = {options.get("subject", module) for module, options in every.values()}
    assert run == {*MODULES, *READS} - ALONE - {READ_BY}
    tasks = {name: every[name] for rank, name in enumerate(every) if rank % step == 0 or name in KEPT}
    listed = [{"name": name, module: options} for name, (module, options) in tasks.items()]
    played = terminal.tasks(listed, "--check", "--diff")
    assert terminal.lab.calls.writes() == []
    assert played.saved["meraki_network_settings"]["operations"] or played.saved["réseau"]["operations"]
    for name, (module, options) in tasks.items():
        there, here = played.saved[name], in_a_process(terminal, module, options)
        assert bool(there["failed"]) == bool(here.get("failed")) == (name in WRONG), (name, there.get("msg"), OTHERS)
        assert comparable(there) == comparable(here), name
        if module == READ_BY and name not in WRONG:
            unnamed = here.keys() - RESULTS[options["subject"]] - BESIDE - {"changed"}
            assert unnamed == set(), f"RETURN of library/{READ_BY}.py, for C({options['subject']})"
    assert played.saved["faux"]["code"] == "PISTE-E001"


@pytest.fixture(scope="module")
def refusals(terminal: Console) -> Played:
    gathered = {**DASHBOARD, "state": "gathered"}
    terminal.lab.faults.add("status", status=200, body="[1]", path="/accessPolicies$", times=None)
    locks = {"PISTE_LOCK_DIR": "{{ '" + str(terminal.folder / "autres-verrous") + "' }}"}
    played = terminal.tasks(
        [
            {"name": "async", "meraki_networks": gathered, "async": 5, "poll": 1},
            {"name": "become", "meraki_networks": gathered, "become": True},
            {"name": "option", "meraki_networks": {**gathered, "inconnue": 1}},
            {"name": "état", "meraki_networks": {**gathered, "state": "gathred"}},
            {"name": "illisible", "meraki_access_policies": {**IN_NETWORK, "state": "gathered"}},
            {"name": "exception", "meraki_networks": DASHBOARD, "environment": {"PISTE_LOCK_WAIT": "dix"}},
            {"name": "environment", "meraki_networks": DASHBOARD, "environment": locks},
            {"name": "après", "meraki_networks": gathered},
        ]
    )
    terminal.lab.faults.clear()
    return played


def test_async_and_become_are_refused(refusals: Played) -> None:
    for word in ("async", "become"):
        assert refusals.saved[word]["failed"] is True
        assert refusals.saved[word]["kind"] == "refused"
        assert refusals.saved[word]["msg"] == (
            f"PISTE-E030 meraki_networks : « {word} » n’a pas de sens ici : la tâche parle au système depuis ce poste. "
            f"Retirez « {word} » de la tâche ou du jeu."
        )


def test_a_wrong_option_is_refused(refusals: Played) -> None:
    assert refusals.saved["option"]["kind"] == refusals.saved["état"]["kind"] == "refused"
    assert "inconnue" in refusals.saved["option"]["msg"]
    assert "gathred" in refusals.saved["état"]["msg"]


def test_an_exception_in_a_module_is_a_failed_task_and_the_next_task_runs(refusals: Played) -> None:
    assert refusals.saved["exception"]["failed"] is True
    assert refusals.saved["exception"]["code"] == "PISTE-E099"
    assert refusals.saved["exception"]["kind"] == "error"
    assert refusals.saved["illisible"]["code"] == "PISTE-E014"
    assert refusals.saved["illisible"]["kind"] == "unknown"
    assert refusals.saved["après"]["failed"] is False


def test_the_environment_of_a_task_is_applied_and_ends_with_it(refusals: Played, terminal: Console) -> None:
    assert refusals.saved["environment"]["failed"] is False
    assert list((terminal.folder / "autres-verrous").iterdir()) != []


def shown_secrets(terminal: Console, played: Played) -> list[str]:
    hidden = {**terminal.secrets, "clé d’API": terminal.lab.info["meraki"]["api_key"]}
    everything = played.said + json.dumps(played.saved, ensure_ascii=False)
    return [path for path, value in hidden.items() if value in everything]


def test_no_secret_is_shown_in_a_result_a_diff_or_an_error_however_talkative_ansible_is(terminal: Console) -> None:
    intent = meraki_intent(dot1x(school()))
    radius = terminal.secrets["radius/ecole-jaures"]
    networks = {**DASHBOARD, "config": [{**intent["networks"][0], "formerly": ["ECOLE JAURES ne pas toucher"]}]}
    policies = {**DASHBOARD, "network": intent["name"], "config": intent["access_policies"]}
    ssids = {**DASHBOARD, "network": intent["name"], "config": meraki_intent(school())["ssids"]}
    in_clear = {**DASHBOARD, "network": intent["name"], "config": [{"name": "x", "psk": radius}]}
    terminal.lab.faults.add("batch_fail", nth=1, body=f"Error occurred with {{'secret': '{radius}'}}")
    played = terminal.tasks(
        [
            {"name": "réseau", "meraki_networks": networks},
            {"name": "échec", "meraki_access_policies": policies},
            {"name": "réussite", "meraki_access_policies": policies},
            {"name": "clef", "meraki_ssids": ssids},
            {"name": "en clair", "meraki_ssids": in_clear},
        ],
        "--diff",
        "-vvv",
    )
    assert [played.saved[name]["failed"] for name in ("échec", "réussite", "clef", "en clair")] == [
        True,
        False,
        False,
        True,
    ]
    assert f"Error occurred with {{'secret': '{MASK}'}}" in played.saved["échec"]["msg"]
    assert "+- host: 10.93.2.13" in played.said
    assert shown_secrets(terminal, played) == []


def refused(terminal: Console, *inventories: str) -> str:
    arguments = [argument for inventory in inventories for argument in ("-i", inventory)]
    played = terminal.play("playbooks/site.yml", *arguments, "-l", "ecole-jaures", "--check")
    assert played.code != 0
    assert terminal.lab.calls.of("meraki")["reads"] == 0
    return " ".join(played.said.split())


def test_no_environment_or_two_are_refused(terminal: Console) -> None:
    town, lab, production = (str(REPOSITORY / "inventories" / name) for name in ("town", "lab", "production"))
    assert "un environnement et un seul est attendu, trouvé : aucun" in refused(terminal, town)
    assert "un environnement et un seul est attendu, trouvé : lab, production" in refused(
        terminal, town, lab, production
    )


def test_a_checkout_that_lost_its_links_is_refused(terminal: Console, tmp_path: Path) -> None:
    town = tmp_path / "town"
    shutil.copytree(REPOSITORY / "inventories/town", town, ignore=shutil.ignore_patterns("group_vars"))
    said = refused(terminal, str(town), str(REPOSITORY / "inventories/lab"))
    assert "la déclaration commune (group_vars) n’est pas là" in said
