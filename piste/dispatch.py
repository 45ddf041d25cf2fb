"""Between Ansible and our modules: the only place that knows both.

A module process costs about 180 ms of CPU and an action plugin 12, so each module runs in Ansible's worker:
``action_plugins/x.py`` holds three lines and this dispatcher does the rest. ``library/x.py`` runs the same function
in a process of its own, for whoever calls it from elsewhere.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import AnsibleModule
from ansible.plugins.action import ActionBase

from piste.bag.scan import MODULES as BAG
from piste.converge.errors import InvalidConfig, Misused, PisteError
from piste.converge.module import Module
from piste.converge.progress import TASK
from piste.forcepoint.administrators import MODULES as FORCEPOINT_ADMINISTRATORS
from piste.forcepoint.checks import MODULES as FORCEPOINT_CHECKS
from piste.forcepoint.orphans import MODULES as FORCEPOINT_ORPHANS
from piste.kinds import CONVERGING
from piste.meraki.administrators import MODULES as MERAKI_ADMINISTRATORS
from piste.meraki.checks import MODULES as CHECKS
from piste.meraki.energy import MODULES as MERAKI_ENERGY
from piste.meraki.orphans import MODULES as ORPHANS
from piste.nutanix.administrators import MODULES as PRISM_ADMINISTRATORS
from piste.nutanix.capacity import MODULES as PRISM_CAPACITY
from piste.nutanix.checks import MODULES as PRISM_CHECKS
from piste.nutanix.clusters import MODULES as PRISM_CLUSTERS
from piste.nutanix.orphans import MODULES as PRISM_ORPHANS
from piste.nutanix.power_hours import MODULES as PRISM_POWER_HOURS
from piste.radius.probe import MODULES as RADIUS
from piste.runs.conditions import check_environment, check_moment
from piste.site import MODULES as SITE
from piste.transport.shared import run_folder
from piste.windows.administrators import MODULES as AD_ADMINISTRATORS
from piste.windows.checks import MODULES as WINDOWS_CHECKS
from piste.windows.local_administrators import MODULES as LOCAL_ADMINISTRATORS
from piste.windows.name_tests import MODULES as NAMES
from piste.windows.nps.checks import MODULES as NPS_CHECKS
from piste.windows.nps.orphans import MODULES as NPS_ORPHANS
from piste.windows.orphans import MODULES as WINDOWS_ORPHANS
from piste.windows.print_orphans import MODULES as PRINT_ORPHANS
from piste.windows.winrm_checks import MODULES as WINRM_CHECKS

MODULES: Mapping[str, Module] = {
    **CONVERGING,
    **ORPHANS,
    **CHECKS,
    **FORCEPOINT_ORPHANS,
    **FORCEPOINT_CHECKS,
    **FORCEPOINT_ADMINISTRATORS,
    **PRISM_ADMINISTRATORS,
    **AD_ADMINISTRATORS,
    **LOCAL_ADMINISTRATORS,
    **MERAKI_ADMINISTRATORS,
    **MERAKI_ENERGY,
    **SITE,
    **BAG,
    **RADIUS,
    **PRISM_CAPACITY,
    **PRISM_CLUSTERS,
    **PRISM_ORPHANS,
    **PRISM_POWER_HOURS,
    **PRISM_CHECKS,
    **NAMES,
    **WINDOWS_ORPHANS,
    **WINDOWS_CHECKS,
    **WINRM_CHECKS,
    **PRINT_ORPHANS,
    **NPS_CHECKS,
    **NPS_ORPHANS,
}

MASK = "********"


def action(name: str) -> type[ActionBase]:
    """The action plugin of a module. Called at import in the parent process, which makes the run's folder."""
    run_folder()
    return type("ActionModule", (_Action,), {"module": MODULES[name], "__module__": __name__})


class _Action(ActionBase):  # type: ignore[misc]
    module: Module
    _supports_check_mode = True
    _supports_diff = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        hidden: list[str] = []
        try:
            self._check_task()
            super().run(tmp, task_vars)
            check_environment(task_vars or {})
            if self._writes():
                check_moment(task_vars or {})
            self._apply_environment()
            os.environ[TASK] = json.dumps(self._named(task_vars or {}))
            hidden = secret_values(self.module.argument_spec, plain(self._task.args))
            _, params = self.validate_argument_spec(argument_spec=self.module.surface_spec)
            result = self.module.run(plain(params), bool(self._task.check_mode))
            if not self._task.diff:
                result.pop("diff", None)
        except PisteError as error:
            result = error.to_json()
        except AnsibleActionFail as error:
            result = {"failed": True, "msg": str(error), "code": InvalidConfig.code, "kind": InvalidConfig.kind}
        except (Exception, SystemExit) as error:
            result = {"failed": True, "msg": f"{type(error).__name__} : {error}", "code": "PISTE-E099", "kind": "error"}
            if not isinstance(error, SystemExit):
                result["exception"] = _trace(error)
        masked: dict[str, Any] = mask(result, hidden)
        return masked

    def _writes(self) -> bool:
        reading = self._task.check_mode or self._task.args.get("state") == "gathered"
        return (self.module.resource is not None or self.module.held) and not reading

    def _named(self, variables: Mapping[str, Any]) -> dict[str, str]:
        host = str(variables.get("inventory_hostname", ""))
        return {"host": host, "task": str(self._task.get_name()), "module": self.module.name}

    def _check_task(self) -> None:
        for wrong, why in ((self._task.async_val, "async"), (self._task.become, "become")):
            if wrong:
                raise Misused(
                    f"« {why} » n'a pas de sens ici : la tâche parle au système depuis ce poste",
                    where=self.module.name,
                    todo=f"Retirez « {why} » de la tâche ou du jeu.",
                )

    def _apply_environment(self) -> None:
        """The worker is a process of this task alone: its environment may be the task's."""
        for block in self._task.environment or []:
            for key, value in (self._templar.template(block) or {}).items():
                os.environ[str(key)] = str(value)


def plain(value: Any) -> Any:
    """The same data in Python's own types: Ansible's carry tags that JSON and YAML writers do not know."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else value


def secret_values(spec: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """Every text under an option that is marked ``no_log``, longest first."""
    found: set[str] = set()
    for name, entry in spec.items():
        value = params.get(name)
        if value is None:
            continue
        if entry.get("no_log"):
            found |= _texts(value)
        elif entry.get("options") and isinstance(value, Mapping):
            found |= set(secret_values(entry["options"], value))
    return sorted((text for text in found if text), key=len, reverse=True)


def _texts(value: Any) -> set[str]:
    if value is None:
        return set()
    if isinstance(value, Mapping):
        return set().union(*(_texts(inner) for inner in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(_texts(inner) for inner in value)) if value else set()
    return {str(value)}


def mask(value: Any, hidden: list[str]) -> Any:
    """``value`` with every hidden text replaced, wherever it stands, keys included."""
    if not hidden:
        return value
    if isinstance(value, str):
        for text in hidden:
            value = value.replace(text, MASK)
        return value
    if isinstance(value, Mapping):
        return {mask(key, hidden): mask(inner, hidden) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(inner, hidden) for inner in value]
    return value


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def main(name: str) -> None:
    """Run a module in a process of its own, as Ansible runs any module."""
    module = MODULES[name]
    ansible = AnsibleModule(argument_spec=module.surface_spec, supports_check_mode=True)
    run_folder()
    try:
        result = module.run(plain(ansible.params), bool(ansible.check_mode))
    except PisteError as error:
        ansible.fail_json(**error.to_json())
    except Exception as error:
        what = f"{type(error).__name__} : {error}"
        ansible.fail_json(msg=what, code="PISTE-E099", kind="error", exception=_trace(error))
    for warning in result.pop("warnings", ()):
        ansible.warn(warning)
    ansible.exit_json(**result)
