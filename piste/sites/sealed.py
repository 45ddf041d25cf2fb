"""Reports that are kept in a folder of their own: `result.json` sealed, then signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.untrusted import read_plain
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Table
from piste.runs.records.chain import Damaged, encode, seal, unseal
from piste.town.model.forms import Record
from piste.town.model.wording import first_fault
from piste.trials.restore.results import RESULT
from piste.trials.restore.signatures import PARTIES, Signature


class UnreadableReport(PisteError):
    """A kept report differs from what was written."""

    code = "PISTE-E171"


def read[R: Record](place: Path, form: type[R]) -> R | None:
    """Read the report of a folder; None where there is none. Raises `UnreadableReport`."""
    path = place / RESULT
    try:
        return form.model_validate_json(encode(unseal(read_plain(path))))
    except FileNotFoundError:
        return None
    except (OSError, Damaged, ValidationError) as error:
        raise UnreadableReport(
            "ce rapport n’est plus ce qui a été scellé", where=str(path), why=first_fault(error, form),
            todo="Reprenez ce dossier d’une sauvegarde, ou retirez-le et refaites le rapport s’il n’est pas signé.",
        ) from error  # fmt: skip


def keep[R: Record](place: Path, report: R) -> R:
    """Seal a report into its folder, in place of the former; give it as it reads again."""
    sealed = seal(report.model_dump(mode="json", exclude={"hash"}))
    write_private(private_folder(place) / RESULT, encode(sealed))
    return type(report).model_validate_json(encode(sealed))


def received(signatures: Sequence[Signature]) -> Iterator[Table]:
    """Print the signatures of a report, where it has any."""
    if signatures:
        yield Table.of(
            "signed", "Signatures reçues", signatures, lambda made: made.party,
            (Column("party", "Partie", 2), lambda made: Cell(PARTIES[made.party])),
            (Column("role", "Fonction", 2), lambda made: Cell(made.role)),
            (Column("signed_on", "Le", 1.4), lambda made: Cell(notation.day(made.signed_on))),
            (Column("sha256", "Empreinte de ce qui est signé", 5, code=True), lambda made: Cell(made.sha256)),
        )  # fmt: skip
