"""Ansible's own work, done once for all the runs of a session: same results, less time.

Each run reads the same inventories and loads the same plugins; each worker of a run is a new process, where Ansible
compiles each template again; a run that waits for its workers looks at them up to ten thousand times a second, and
waits for a system that a test has made silent.
"""

from __future__ import annotations

import json
import marshal
import os
import time
from collections.abc import Hashable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

from ansible import cli
from ansible._internal._templating._jinja_bits import AnsibleEnvironment, _TemplateCompileContext
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.module_utils._internal._datatag import AnsibleTagHelper
from ansible.parsing.dataloader import DataLoader
from ansible.plugins import loader as plugins
from ansible.plugins import strategy
from ansible.plugins.vars import host_group_vars
from ansible.utils.display import Display
from ansible.vars.plugins import get_vars_from_inventory_sources
from jinja2.environment import TemplateExpression

from piste.engine.transport import http
from piste.systems.windows import winrm

_INVENTORIES = ("inventories/town", "inventories/lab")
_PAUSE = 0.004
"""Seconds between two looks at the workers."""


def install(folder: Path) -> None:
    """Prepare this process for the runs that it forks; their templates are kept in a folder."""
    folder.mkdir(exist_ok=True)
    _keep_templates(folder)
    strategy.time = SimpleNamespace(sleep=lambda seconds: time.sleep(max(seconds, _PAUSE)))
    _load_plugins()
    # Runs ask a silent system as many times as ever: what they leave it in between is proven without a clock.
    http._backoff = lambda failures: _PAUSE
    winrm.Session.__init__.__defaults__ = (lambda seconds: time.sleep(_PAUSE),)


def _load_plugins() -> None:
    """Load the plugins that each run loads, and read the inventories.

    A run takes a text that is unchanged as it was parsed here, once: it may change what it took.
    """
    taken: dict[Hashable, Any] = {}
    load, taking = DataLoader.load, False

    def once(self: Any, data: str, file_name: str | None = None, *given: Any, **named: Any) -> Any:
        tags = frozenset(map(type, AnsibleTagHelper.tags(data)))
        key = (str(data), file_name, tags, given, tuple(named.items()))
        if not taking:
            taken[key] = load(self, data, file_name, *given, **named)
            return taken[key]
        return taken.pop(key) if key in taken else load(self, data, file_name, *given, **named)

    DataLoader.load = once
    plugins.init_plugin_loader([])
    cli.init_plugin_loader = plugins.init_plugin_loader = lambda *given: None
    for kind in (plugins.connection_loader, plugins.shell_loader, plugins.become_loader):
        list(kind.all(class_only=True))
    plugins.cache_loader.get("ansible.builtin.memory")
    plugins.filter_loader.get("default")
    plugins.test_loader.get("defined")
    with suppress(AnsibleError):  # A run says it better.
        _read_files(Path.cwd())
    display = Display()
    # Remembered until a run: paths that it may find changed, warnings that it gives itself.
    remembered = host_group_vars.FOUND, host_group_vars.NAK, host_group_vars.CANONICAL_PATHS
    for known in (*remembered, display._warns, display._deprecations, display._errors):
        known.clear()
    if ours := plugins.vars_loader.get("piste_vars"):
        ours.merged.clear()
    taking = True


def _read_files(clone: Path) -> None:
    """Read the inventories of a clone, and its roles."""
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(clone / name) for name in _INVENTORIES])
    declared = [*inventory.groups.values(), *inventory.hosts.values()]
    get_vars_from_inventory_sources(loader, [*inventory._sources, str(clone / "ansible.cfg")], declared, "task")
    for path in clone.glob("roles/*/*/main.yml"):
        loader.load_from_file(str(path), trusted_as_template=True, unsafe=True)


def _keep_templates(folder: Path) -> None:
    """Have templates and expressions compiled once; what does not compile is never kept."""
    compile_, compile_expression = AnsibleEnvironment.compile, AnsibleEnvironment.compile_expression
    awaited: list[Path] = []

    def path(environment: Any, kind: str, source: str) -> Path | None:
        if environment.overlayed:  # it has a syntax of its own
            return None
        context = _TemplateCompileContext.current(optional=True)
        key = json.dumps([kind, bool(context and context.escape_backslashes), source])
        return folder / sha256(key.encode()).hexdigest()

    def of_text(self: Any, source: Any, *given: Any, **named: Any) -> Any:
        kept = path(self, "template", source) if isinstance(source, str) else awaited.pop() if awaited else None
        if kept is None or given or named:
            return compile_(self, source, *given, **named)
        return _read(kept) or _write(kept, compile_(self, source))

    def of_expression(self: Any, source: str, undefined_to_none: bool = True) -> TemplateExpression:
        kept = path(self, "expression", source)
        if kept and (code := _read(kept)):
            template = self.template_class.from_code(self, code, self.make_globals(None), None)
            return TemplateExpression(template, undefined_to_none)
        awaited[:] = [kept] if kept else []
        try:
            return compile_expression(self, source, undefined_to_none)
        finally:
            awaited.clear()

    AnsibleEnvironment.compile, AnsibleEnvironment.compile_expression = of_text, of_expression


def _read(path: Path) -> CodeType | None:
    try:
        code: CodeType = marshal.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return code


def _write(path: Path, code: CodeType) -> CodeType:
    written = path.with_name(f"{path.name}.{os.getpid()}")
    written.write_bytes(marshal.dumps(code))
    written.rename(path)
    return code
