# SPDX-License-Identifier: EUPL-1.2
"""Leave a record of every run in the journal; see piste.runs.records.recorder."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: piste_record
type: notification
short_description: Leave a record of every run in the journal
description:
  - Writes who ran what, when, on which declaration, and each operation with its content before and after.
  - The record is sealed by hash to the one before. The folder is C(PISTE_JOURNAL_DIR), else C(.piste/journal).
  - Without a record, the modules of Piste write nothing unless C(piste_without_journal) says who decides so and why.
    What only reads goes on; the run then ends with code 1.
author: Ville du Bourget
requirements:
  - enabled in ansible.cfg
"""

import atexit
import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

# Loaded before any other plugin of ours, in the process that forks the workers: they all take the code of this clone,
# whichever clone the environment was made for. In the collection, the code is the installed package's.
if (_clone := Path(__file__).resolve().parents[1]).joinpath("piste").is_dir():
    sys.path.insert(0, str(_clone))

# What Ansible has loaded by now stays to the end: no collection has to go through it; what it makes is seldom garbage.
gc.freeze()
gc.set_threshold(50_000, 20, 100)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "piste_record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        from piste.runs.modules import loaded, named
        from piste.runs.plans.gate import of_run
        from piste.runs.records.recorder import Options, Recorder

        self._named, self._loaded, self._gate = named, loaded, of_run()
        given = context.CLIARGS
        self._options = Options(
            extra_vars=tuple(given.get("extra_vars") or ()),
            module_args=given.get("module_args") or None,
            limit=given.get("subset") or None,
            tags=tuple(given.get("tags") or ()),
            check=bool(given.get("check")),
            gated=self._gate is not None,
        )
        self.recorder = Recorder(replace(self._options, check=self._options.check or self._options.gated))
        playbooks = given.get("args")
        self._left = len(playbooks) if isinstance(playbooks, (list, tuple)) else 1
        # Where Ansible stops by an error of its own or by the keyboard, it announces no statistics.
        atexit.register(lambda: self._safely(self.recorder.close, interrupted=True))

    def v2_playbook_on_start(self, playbook: Any) -> None:
        from piste.runs.plans.gate import verify

        if self._gate:
            verify(playbook.get_plays())

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        manager = task.get_variable_manager()
        module = self._named(task.action, task.args)
        self._loaded(module)
        self._safely(
            self.recorder.task_starts,
            module,
            lambda: manager.get_vars(host=host, include_hostvars=False),
        )

    def v2_runner_on_ok(self, result: Any) -> None:
        self._ended(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._ended(result, "failed")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._ended(result, "unreachable")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._ended(result, "skipped")

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._safely(self.recorder.close)
        self._left -= 1
        if self._gate:
            self._go_on(self._gate)
        if self.recorder.lost and not self.recorder.waived and self._left <= 0:
            # Ansible makes a warning of any other exception of a callback, and a timer reads the exit code.
            raise SystemExit(1)

    def _go_on(self, gate: Path) -> None:
        """Wait for the command; begin the record of the application, if it comes."""
        from piste.engine.transport.shared import renew
        from piste.runs.plans.gate import passes
        from piste.runs.records.recorder import Recorder

        renew()
        # The command may have decided before the record of the verification was closed.
        if not passes(gate) or (self.recorder.lost and not self.recorder.waived):
            raise SystemExit(1)
        self._gate, self.recorder = None, Recorder(self._options)

    def _ended(self, result: Any, status: str) -> None:
        task = result.task
        self._safely(
            self.recorder.task_ended,
            result.host.get_name(),
            result.task_name,
            self._named(task.action, task.args),
            status,
            bool(task.check_mode),
            lambda: result.result,
        )

    def _safely(self, step: Callable[..., None], *given: Any, **named: Any) -> None:
        if self.recorder.lost:
            return
        try:
            step(*given, **named)
        except Exception as error:
            self._display.warning(self.recorder.lose(error))
