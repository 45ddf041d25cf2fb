"""The findings in a bag: all that the last readings say, but those of persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import SITE, Column, Row, Table
from piste.town.model import Town


def _rows(contents: Contents, town: Town) -> Iterator[Row]:
    yield from map(asdict, contents.findings)


FINDINGS = Table(
    "findings",
    "Les constats d’après les dernières lectures, le pire d’abord ; une lecture trop ancienne est un constat inconnu",
    (
        Column("id", "Identifiant : sujet, puis chose"),
        Column("state", "Verdict : ok, wrong, unknown"),
        Column("gravity", "Gravité : critical, major, minor"),
        SITE,
        Column("since", "Depuis quand ; vide : pas encore noté"),
        Column("what", "Ce qui a été vu"),
        Column("todo", "Quoi faire ; vide où tout va bien"),
        Column("who", "Qui agit"),
        Column("by", "Jour après lequel il est trop tard"),
        Column("evidence", "Où et quand cela a été vu"),
        Column("put_off", "Qui le reporte, jusqu’à quand, pourquoi ; il reste ce qu’il est"),
    ),
    _rows,
)
