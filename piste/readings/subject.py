"""A subject of the table of readings: the columns of its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from piste.readings.former import Former


def named(place: str) -> Any:
    """Import what a place names: `package.module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


@dataclass(frozen=True)
class Subject:
    """A line of the table.

    `label` is French, fourteen signs at most where the subject has findings: a line of `piste status`. `form` is the
    place of the form of a thing. `again` is the command that reads anew, `anew` that which replaces what is kept and
    does not read, where it is another; `who` is the role that acts. `judge` is the place of a function (town,
    environment) that yields findings, `figures` that of a function (town, environment) that yields figures of the
    tender, those of `figure_ids`, `former` that of a function (environment) that gives the files of earlier versions,
    `joined` that of a function that joins a kept reading and that of another machine, where the newer is not enough: it
    gives a value, None where the kept stays. What another subject's judge judges too is `judged_with` it; what nobody
    judges is a finding where it is unknown.

    `kept` says what is kept: the last reading of each thing, in the store; files of its own, whole and for long,
    which `kept_in` reads, the place of a function (environment) that gives what was tried by thing; the chain of
    the journal, or the declaration, which its judge reads. `stands` is the place of a function (town, thing) that
    tells whether a kept thing is still of the town, or is asked still, where what is gone stays kept. A reading is
    believed for `age` hours, unless the town says otherwise (`freshness.yml`); what does not grow old (None) has an
    end of its own, or is over. Findings `of_sites` judge sites: none is better than unknown where the whole subject
    is. `personal` readings are those of persons: their findings leave in no bag, and those of the store are
    forgotten after `keep_days`, the place of a function (town) that gives the declared days; `shortened` is the
    place of a function (value, moment) that leaves out what is older within a value. What is `local` leaves for no
    other machine. What may not be `put_off` is the access of guests and third parties. `imported` is the place of a
    function (town, path) that reads a table which a person gives: the values by thing, and the faults of the table.
    """

    name: str
    label: str
    again: str
    who: str
    age: int | None = field(kw_only=True)
    judge: str = ""
    judged_with: str = ""
    figures: str = ""
    figure_ids: tuple[str, ...] = ()
    anew: str = ""
    form: str = ""
    stands: str = ""
    former: str = ""
    joined: str = ""
    kept: Literal["last", "sealed", "chain", "declared"] = "last"
    kept_in: str = ""
    of_sites: bool = False
    personal: bool = False
    local: bool = False
    imported: str = ""
    keep_days: str = ""
    shortened: str = ""
    put_off: bool = True

    @property
    def dated(self) -> bool:
        """Tell whether what is kept has moments of its own, outside the journal and the declaration."""
        return self.kept in ("last", "sealed")

    def parsed(self, content: bytes) -> Any:
        """Parse the reading of a thing. Raises ValueError where it has not the form of the subject."""
        return self._adapter.validate_json(content, strict=True, extra="forbid")

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        from pydantic import TypeAdapter

        return TypeAdapter(named(self.form))

    def formers(self, environment: str) -> Mapping[Path, Former]:
        """Give the files in which earlier versions kept this subject."""
        formers: Mapping[Path, Former] = named(self.former)(environment) if self.former else {}
        return formers
