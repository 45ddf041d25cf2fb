"""The first audit: unknown before wrong, the worst first, persons left out."""

from __future__ import annotations

from piste.engine.finding import Finding
from piste.papers.dossier.life.paper import Paper
from piste.readings.subject import Subject
from piste.sites.audit import conclude, headline, hidden, sections

SUBJECTS = [
    Subject("certificates", "Certificats", "piste certificates scan", "x", age=1, judge="a:b"),
    Subject("edr", "Défense", "piste read edr", "x", age=1, judge="a:b"),
    Subject("accounts", "Comptes", "piste read accounts", "x", age=1, judge="a:b"),
    Subject("computers", "Postes", "piste read computers", "x", age=1, judge="a:b", personal=True),
    Subject("network", "Réseau", "piste living read", "x", age=1),
]
FOUND = [
    Finding("certificates.b", "wrong", "mineur", gravity="minor"),
    Finding("certificates.a", "wrong", "<b>#grave</b>", "Renouvelez-le.", gravity="critical"),
    Finding("edr.all", "unknown", "jamais lu"),
    Finding("accounts.jean", "wrong", "Jean Martin est administrateur"),
    Finding("computers.pc", "wrong", "le poste de Jean"),
]


def test_what_nobody_read_is_hidden_and_counted_first() -> None:
    made = conclude(SUBJECTS, FOUND).audit
    assert [subject.name for subject in hidden(made)] == ["edr"]
    assert headline(made).text == "1 sujet inconnu sur 4, 4 constats à corriger."
    assert headline(conclude(SUBJECTS, []).audit).text.startswith("4 sujets inconnus sur 4")


def test_the_worst_is_first() -> None:
    assert [said.id for said in conclude(SUBJECTS, FOUND).audit.wrong] == ["certificates.a", "certificates.b"]


def test_no_finding_of_a_person_is_written() -> None:
    made = conclude(SUBJECTS, FOUND)
    printed = repr([*sections(made.audit, Paper(made.audit, "audit", "Ville", "", "Ville"))])
    assert "Jean" not in printed + repr(made)
    assert "#grave" in printed
