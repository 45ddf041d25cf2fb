"""What no test may leave in the checkout: records of runs and saved plans go to a folder of the test session."""

from __future__ import annotations

import os
import tempfile

_session = tempfile.TemporaryDirectory(prefix="piste-tests-")
os.environ.setdefault("PISTE_JOURNAL_DIR", f"{_session.name}/journal")
os.environ.setdefault("PISTE_PLANS_DIR", f"{_session.name}/plans")

pytest_plugins = ["tests.support.samba"]
