"""The *PV de recette* of a site (CCTP 3.6.7): every test with its evidence, the reserves, and where to sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from piste.dossier import french
from piste.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Row,
    Section,
    Signatures,
    Steps,
    Table,
    Text,
    optional,
    required,
)
from piste.dossier.subject import Subject
from piste.dossier.tests import Test, Verdict, Verification
from piste.words import agreed

COUNTED: Mapping[Verdict, str] = {
    "conform": "conforme(s)",
    "wrong": "non conforme(s)",
    "unknown": "inconnu(s)",
    "untested": "non testé(s)",
}
_MARKS: Mapping[Verdict, Mark] = {"conform": "good", "wrong": "bad", "unknown": "doubt", "untested": "doubt"}
_SIGNS: Mapping[Verdict, str] = {"conform": "✓", "wrong": "✗", "unknown": "?", "untested": "–"}


def verdict_cell(verdict: Verdict) -> Cell:
    """The verdict in a word behind a sign; its colour adds nothing."""
    return Cell(f"{_SIGNS[verdict]} {french.VERDICT[verdict]}", _MARKS[verdict])


def report(subject: Subject) -> Verification:
    """The data of the PV: the verification itself. The caller has one."""
    assert subject.verification is not None
    return subject.verification


def report_sections(record: Verification, subject: Subject) -> Iterator[Section]:
    """The PV as it prints."""
    yield Section("object", "Objet", [_object(record, subject)])
    yield Section("summary", "Synthèse", list(verdicts_blocks(record.tests)))
    yield Section("tests", "Tests", list(tests_tables(record.tests)))
    yield Section("evidence", "Preuves", [evidence_table(record.tests)])
    yield Section("reserves", "Réserves", [reserves(record.reserves, record.tests)])
    yield Section(
        "decision",
        "Décision et signatures",
        [
            Steps(
                ["Recette prononcée sans réserve", "Recette prononcée avec réserves", "Recette refusée"],
                ordered=False,
            ),
            Signatures(["Pour la Ville", "Pour le titulaire", "Pour le tiers, s'il y en a un"]),
        ],
    )


def _object(record: Verification, subject: Subject) -> Facts:
    site = subject.site
    return Facts(
        "Ce qui est reçu",
        [
            Fact("id", "Numéro du PV", required(f"PV-{record.site}-{record.id}")),
            Fact("site", "Site", required(f"{site['name']} (CCTP {site['cctp']})")),
            Fact("started", "Début", required(french.moment(record.started))),
            Fact("ended", "Fin", required(french.moment(record.ended))),
            Fact("operator", "Opérateur", required(record.operator)),
            Fact("environment", "Environnement", required(french.environment(record.environment))),
            Fact("commit", "Déclaration", required(_commit(record))),
            Fact("run", "Exécution", optional(record.run)),
            Fact("versions", "Outils", optional(", ".join(f"{name} {one}" for name, one in record.versions.items()))),
        ],
    )


def _commit(record: Verification) -> str:
    head = record.commit[:12] or "hors dépôt"
    return head if record.clean or not record.commit else f"{head}, avec des modifications non validées"


def verdicts_blocks(tests: Sequence[Test]) -> Iterator[Block]:
    """How many tests have each verdict; there is one at least."""
    total, counts = len(tests), Counter(test.verdict for test in tests)
    columns = [Column("verdict", "Verdict", 2), Column("count", "Tests"), Column("share", "Part")]
    rows = [
        Row(
            verdict,
            [
                verdict_cell(verdict),
                Cell(f"{count} sur {total}"),
                Cell(french.measure(100 * count / total, "%", 1)),
            ],
        )
        for verdict in COUNTED
        if (count := counts[verdict]) or verdict == "conform"
    ]
    yield Table("summary", "Verdicts", columns, rows)
    conform = agreed(counts["conform"], "test(s) conforme(s)")
    yield Text(f"{conform} sur {total} ; ce qui est inconnu ou non testé n'est jamais compté comme conforme.")


def tests_tables(tests: Sequence[Test]) -> Iterator[Table]:
    """Every test, a table a domain."""
    for domain in dict.fromkeys(test.domain for test in tests):
        yield _tests(domain, [one for one in tests if one.domain == domain])


def _tests(domain: str, tests: list[Test]) -> Table:
    columns = [
        Column("title", "Test", 3),
        Column("requirements", "Exigence"),
        Column("expected", "Attendu", 3),
        Column("observed", "Observé", 3),
        Column("verdict", "Verdict"),
    ]
    rows = [
        Row(
            test.id,
            [
                required(test.title),
                optional(", ".join(test.requirements)),
                required(test.expected),
                required(
                    f"{test.observed} ({test.reason})"
                    if test.reason and test.observed
                    else test.observed or test.reason
                ),
                verdict_cell(test.verdict),
            ],
        )
        for test in tests
    ]
    return Table(f"domain[{domain}]", domain, columns, rows)


def evidence_table(tests: Sequence[Test]) -> Table:
    """The files that tests name, and their digests."""
    columns = [Column("file", "Fichier, et ce qu'il prouve", 1), Column("sha256", "SHA-256", code=True)]
    rows = [
        Row(f"{test.id}/{proof.file}", [Cell(f"{proof.file} ({test.title})"), Cell(proof.sha256)])
        for test in tests
        for proof in test.evidence
    ]
    return Table("evidence", "Fichiers joints", columns, rows, "Aucun fichier n'est joint.")


def reserves(told: Sequence[str], tests: Sequence[Test]) -> Block:
    """The reserves of people, then every test that does not conform."""
    wrong = [f"{test.title} : {french.VERDICT[test.verdict]}" for test in tests if test.verdict != "conform"]
    every = [*told, *wrong]
    return Steps(every) if every else Text("Aucune réserve à ce jour.")
