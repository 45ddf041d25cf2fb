"""The texts of a bag, in French: presentation, meaning of columns, plan of reversibility."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from piste.engine.templates import fill
from piste.exports.bag.kinds import Kind
from piste.exports.bag.table import Table

_TEMPLATES = Path(__file__).with_name("templates")

FORMATS: Mapping[str, str] = {
    ".yml": "YAML 1.2 (déclaration des systèmes)",
    ".yaml": "YAML 1.2 (export de Zabbix)",
    ".py": "programme Python, texte UTF-8",
    ".json": "JSON (RFC 8259)",
    ".jsonl": "JSON, un document par ligne",
    ".csv": "CSV (RFC 4180), UTF-8, virgule, une ligne de titres ; une apostrophe précède ce qu’un tableur calculerait",
    ".md": "texte, Markdown (CommonMark)",
    ".txt": "texte, UTF-8",
    ".xml": "XML 1.0",
    ".migtable": "XML 1.0 (table de migration de la console de Windows)",
    ".cmt": "texte, UTF-16 (commentaire d’une stratégie)",
    ".cmtx": "XML 1.0 (commentaires de réglages)",
    ".aas": "script d’annonce (MS-GPSI)",
    ".inf": "texte, UTF-16 (modèle de sécurité, MS-GPSB)",
    ".ini": "texte (MS-GPOL)",
    ".pol": "Registry.pol (MS-GPREG)",
    ".sig": "signature, OpenSSL",
    ".pem": "clé publique, PEM (RFC 7468)",
    ".bundle": "git bundle (gitformat-bundle)",
    ".whl": "paquet Python (PEP 427)",
    ".gz": "paquet Python source (tar, gzip)",
    ".pdf": "PDF/A",
    ".html": "HTML 5",
    ".svg": "SVG 1.1",
    ".css": "CSS (W3C)",
    ".js": "ECMAScript (ECMA-262)",
}
"""The formats of a bag by the end of the name: each is open, with a public description."""


def read_me(manifest: Mapping[str, Any], town: str) -> str:
    """Write the presentation of a bag, with what could not be read and the numbers by kind."""
    unknown = [f"{kind['domain']}/{kind['kind']}" for kind in manifest["kinds"] if kind["state"] == "unknown"]
    states = {"exported": "exporté", "unknown": "inconnu"}
    return fill(_TEMPLATES / "lisez-moi.md.j2", manifest=manifest, town=town, unknown=unknown, states=states)


def dictionary(folders: Mapping[str, Sequence[Table]], kinds: Sequence[Kind]) -> str:
    """Write the dictionary: every table and column, every kind and its file, every format."""
    return fill(_TEMPLATES / "dictionnaire.md.j2", folders=folders, kinds=kinds, formats=FORMATS)
