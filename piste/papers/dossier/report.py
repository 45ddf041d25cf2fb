"""The *PV de recette* of a site (CCTP 3.6.7): tests, evidence, reserves, signatures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.decision import decided, failing
from piste.papers.dossier.requirements import named
from piste.papers.dossier.subject import Subject
from piste.papers.dossier.verification_record import Test, TestVerdict, Verification

COUNTED: Mapping[TestVerdict, str] = {
    "conform": "conforme(s)",
    "wrong": "non conforme(s)",
    "unknown": "inconnu(s)",
    "untested": "non essayé(s)",
    "kept": "gardé(s) tel(s) que trouvé(s)",
}
_MARKS: Mapping[TestVerdict, Mark] = {
    "conform": "good", "wrong": "bad", "unknown": "doubt", "untested": "doubt", "kept": "doubt",
}  # fmt: skip
_GRAVEST: Sequence[TestVerdict] = ("wrong", "unknown", "kept", "untested", "conform")
_HEADLINES: Mapping[TestVerdict, str] = {
    "wrong": "Non conforme", "unknown": "Verdict inconnu", "untested": "Incomplet", "kept": "Gardé tel que trouvé",
}  # fmt: skip
_SIGNS: Mapping[TestVerdict, str] = {"conform": "✓", "wrong": "✗", "unknown": "?", "untested": "–", "kept": "="}


def verdict_cell(verdict: TestVerdict) -> Cell:
    """Write a verdict as a sign and a word; its colour adds nothing."""
    return Cell(f"{_SIGNS[verdict]} {notation.VERDICT[verdict]}", _MARKS[verdict])


class Tested(Protocol):
    """A record of tests."""

    @property
    def tests(self) -> Sequence[Test]: ...


def headline(record: Tested) -> Cell:
    """Give the verdict of a record of tests."""
    return verdict_of(record.tests)


def verdict_of(tests: Sequence[Test]) -> Cell:
    """Give the verdict of tests together: the gravest of them, and how many have each."""
    if not tests:
        return Cell("Verdict inconnu : aucun test n’a été fait.", "doubt")
    total, counts = len(tests), Counter(test.verdict for test in tests)
    gravest = next(verdict for verdict in _GRAVEST if counts[verdict])
    if gravest == "conform":
        return Cell(f"Conforme : {agreed(total, 'test(s) conforme(s)')} sur {total}.", "good")
    each = ", ".join(agreed(counts[verdict], COUNTED[verdict]) for verdict in _GRAVEST if counts[verdict])
    return Cell(f"{_HEADLINES[gravest]} : {each}, sur {agreed(total, 'test(s)')}.", _MARKS[gravest])


def report(subject: Subject) -> Verification:
    """Give the data of the PV: the verification itself, which the subject must have."""
    assert subject.verification is not None
    return subject.verification


def report_sections(record: Verification, subject: Subject) -> Iterator[Section]:
    """Print the PV."""
    yield Section("object", "Objet", [_object(record, subject)])
    yield Section("summary", "Synthèse", [*verdicts_blocks(record.tests), requirements_table(record.tests)])
    yield Section("tests", "Tests", list(tests_tables(record.tests)))
    yield Section("evidence", "Preuves", [evidence_table(record.tests)])
    yield decided(
        ["Recette prononcée sans réserve", "Recette prononcée avec réserves", "Recette refusée"],
        ["Pour la Ville", "Pour le titulaire", "Pour le tiers, s’il y en a un"],
        failing(record.reserves, record.tests, f"piste verify {record.site} : ce test conforme"),
    )


def _object(record: Verification, subject: Subject) -> Facts:
    site = subject.site
    return Facts(
        "Ce qui est reçu",
        [
            Fact("id", "Numéro du PV", required(f"PV-{record.site}-{record.id}")),
            Fact("site", "Site", required(f"{site['name']} (CCTP {site['cctp']})")),
            Fact("started", "Début", required(notation.moment(record.started))),
            Fact("ended", "Fin", required(notation.moment(record.ended))),
            Fact("operator", "Opérateur", required(notation.signatory(record.operator))),
            Fact("environment", "Environnement", required(notation.environment(record.environment))),
            Fact("commit", "Déclaration", required(_commit(record))),
            Fact("run", "Exécution", optional(record.run)),
            Fact("versions", "Outils", optional(", ".join(" ".join(tool) for tool in record.versions.items()))),
        ],
    )


def _commit(record: Verification) -> str:
    head = record.commit[:12] or "hors dépôt"
    return head if record.clean or not record.commit else f"{head}, avec des modifications non validées"


def verdicts_blocks(tests: Sequence[Test]) -> Iterator[Block]:
    """Count the tests of each verdict; there is at least one test."""
    total, counts = len(tests), Counter(test.verdict for test in tests)
    yield Table.of(
        "summary",
        "Verdicts",
        [verdict for verdict in COUNTED if counts[verdict] or verdict == "conform"],
        str,
        (Column("verdict", "Verdict", 2), verdict_cell),
        (Column("count", "Tests"), lambda verdict: Cell(f"{counts[verdict]} sur {total}")),
        (Column("share", "Part"), lambda verdict: Cell(notation.measure(100 * counts[verdict] / total, "%", 1))),
    )
    conform = agreed(counts["conform"], "test(s) conforme(s)")
    others = "ce qui est inconnu, non essayé ou gardé tel que trouvé"
    yield Text(f"{conform} sur {total} ; {others} n’est jamais compté comme conforme.")


def requirements_table(tests: Sequence[Test]) -> Table:
    """Give the gravest verdict of each requirement, and the tests that have it."""
    cited = sorted({requirement for test in tests for requirement in test.requirements})
    by_requirement = {name: [test for test in tests if name in test.requirements] for name in cited}

    def gravest(name: str) -> TestVerdict:
        return next(verdict for verdict in _GRAVEST if verdict in {test.verdict for test in by_requirement[name]})

    def because(name: str) -> Cell:
        titles = [test.title for test in by_requirement[name] if test.verdict == gravest(name) != "conform"]
        return Cell(", ".join(titles) or "–")

    return Table.of(
        "requirements",
        "Par exigence",
        cited,
        str,
        (Column("requirement", "Exigence", 4), named),
        (Column("tests", "Tests"), lambda name: Cell(str(len(by_requirement[name])))),
        (Column("verdict", "Verdict"), lambda name: verdict_cell(gravest(name))),
        (Column("why", "À cause de", 4), because),
        empty="Aucun test ne cite d’exigence.",
    )


def tests_tables(tests: Sequence[Test]) -> Iterator[Table]:
    """List every test, in a table a domain."""
    for domain in dict.fromkeys(test.domain for test in tests):
        yield Table.of(
            f"domain[{domain}]",
            domain,
            [test for test in tests if test.domain == domain],
            lambda test: test.id,
            (Column("title", "Test", 3), lambda test: test.title),
            (Column("requirements", "Exigence"), lambda test: optional(", ".join(test.requirements))),
            (Column("expected", "Attendu", 3), lambda test: test.expected),
            (Column("observed", "Observé", 3), _observed),
            (Column("verdict", "Verdict"), lambda test: verdict_cell(test.verdict)),
        )


def _observed(test: Test) -> str:
    """Write what was seen, why not, and when the system was read."""
    beside = [test.reason, f"relevé le {notation.moment(test.read_at)}" if test.read_at else ""]
    said = " ; ".join(part for part in beside if part)
    return f"{test.observed} ({said})" if said and test.observed else test.observed or said


def evidence_table(tests: Sequence[Test]) -> Table:
    """List the files that tests name, with their digests."""
    return Table.of(
        "evidence",
        "Fichiers joints",
        [(test, proof) for test in tests for proof in test.evidence],
        lambda joined: f"{joined[0].id}/{joined[1].file}",
        (
            Column("file", "Fichier, et ce qu’il prouve", 1),
            lambda joined: Cell(f"{joined[1].file} ({joined[0].title})"),
        ),
        (Column("sha256", "SHA-256", code=True), lambda joined: Cell(joined[1].sha256)),
        empty="Aucun fichier n’est joint.",
    )
