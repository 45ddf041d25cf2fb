"""Named policies of a task: the table, and the site's templates where their folder is given."""

from __future__ import annotations

from pathlib import Path

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.systems.windows.gpo import admx
from piste.systems.windows.gpo.policies import Names
from piste.systems.windows.gpo.policy_table import TABLE

LANGUAGES = ("fr-fr", "en-us")
"""Languages of the shown names: the first that the folder has."""


def names(folder: str | None = None) -> Names:
    """Policies by name; `folder` is a local `PolicyDefinitions`. Raises `InvalidConfig`."""
    if not folder:
        return Names(TABLE)
    try:
        inside = sorted(Path(folder).iterdir())
        definitions = {path.name: path.read_bytes() for path in inside if path.suffix.lower() == ".admx"}
        spoken = {path.name.lower(): path for path in inside if path.is_dir()}
        language = next((spoken[tongue] for tongue in LANGUAGES if tongue in spoken), None)
        texts = sorted(language.iterdir()) if language else []
        resources = {path.name: path.read_bytes() for path in texts if path.suffix.lower() == ".adml"}
        return admx.read(definitions, resources, TABLE)
    except (OSError, ValueError) as error:
        raise InvalidConfig([Fault("admx", f"« {folder} » : {error}")]) from error
