"""The texts of a bag, in French: presentation, meaning of columns, plan of reversibility."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.bag.kinds import Kind
from piste.bag.table import Table

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
    return "\n".join(_read_me(manifest, town)) + "\n"


def _read_me(manifest: Mapping[str, Any], town: str) -> Iterator[str]:
    unknown = [f"{kind['domain']}/{kind['kind']}" for kind in manifest["kinds"] if kind["state"] == "unknown"]
    yield f"# Le sac de réversibilité : {town}"
    yield ""
    commit = manifest["commit"] or "inconnu"
    yield f"Environnement « {manifest['environment']} », lu le {manifest['read_at']}, dépôt {commit}."
    if unknown:
        yield f"\n**Incomplet** : n’ont pas pu être lus {', '.join(unknown)}. Voir `lacunes-connues.md`."
    yield """
## Vérifier
Dans le dossier qui contient `data/`, sans aucun de nos outils :

    sha256sum --quiet -c tagmanifest-sha256.txt && sha256sum --quiet -c manifest-sha256.txt
    find data -type f | wc -l     # le nombre après le point de Payload-Oxum, dans bag-info.txt

Ces empreintes disent que le sac est entier, non de qui il vient. S’il est signé (`tagmanifest-sha256.sig`), avec la clé
publique que la Ville remet à part :

    openssl pkeyutl -verify -rawin -pubin -inkey ancre.pub -in tagmanifest-sha256.txt -sigfile tagmanifest-sha256.sig

## Ce qu’il y a
| dossier | contenu |
|---|---|
| `lacunes-connues.md` | ce qui manque, est partiel, ou ne revient pas à l’identique : à lire d’abord |
| `systems/` | chaque système, en YAML, par noms |
| `nexus/` | la configuration de chaque Nexus, en texte, sans ses secrets |
| `dhcp/` | chaque serveur DHCP, tel que Windows l’exporte, sans baux ; sur un serveur neuf : `Import-DhcpServer` |
| `zabbix/` | la supervision entière, que Zabbix importe lui-même, et le programme qui fait le reste |
| `gpo_backups/` | les stratégies de groupe, telles que la console de Windows les importe |
| `inventories/`, `maps/`, `quality/` | inventaires, cartes L2 et L3, flux, complétude, concordance : CSV et JSON |
| `maps/*.svg` | les mêmes cartes en dessin, de la Ville (`town-`) et de chaque site : tout navigateur les ouvre |
| `inventories/assets`, `contracts`, `licences` | le parc, les contrats, les licences |
| `inventories/accounts`, `groups` | les comptes, les habilitations |
| `dictionnaire.md`, `schemas/` | ce que dit chaque colonne ; un JSON Schema pour tout |
| `repository/` | le dépôt (`git clone piste.bundle`), les listes de paquets figées |
| `journal/` | les exécutions, par mois, scellées |
| `documents/<site>/` | fiche, plans, procédures, procès-verbal et ses preuves, en PDF/A, en HTML et en JSON |
| `documents/<tiers>/` | le plan d’interface convenu avec lui |
| `documents/commune/` | le plan de réversibilité, le catalogue des applications |
| `portail/` | la ville en pages : `index.html` s’ouvre dans un navigateur, sans rien installer |
| `documents/joints/` | les documents que l’export n’a pas faits |
| `documents/vie/` | réceptions, effacements, lots de clients légers et leur index, liste datée de ce qui est éteint |
| `documents/sobriete/` | ce que dit le dernier relevé de la sobriété : diagnostic, leviers, plan, chiffres, kits, PV |
| `reversibility/` | le plan de réversibilité, en YAML |
| `manifest.json` | les nombres par genre, les versions, le dépôt |

## Un serveur DHCP neuf
`systems/addressing/` se rejoue par Piste (`playbooks/replay_addressing.yml`). Sans Piste, sur un serveur Windows vide,
où le rôle DHCP est installé :

    Import-DhcpServer -File .\\NOM.xml -BackupPath C:\\dhcp-avant

Ce fichier a en plus ce que Piste ne conduit pas : définitions d’options, stratégies, filtres, superétendues, IPv6. La
relation entre deux serveurs se refait (`Add-DhcpServerv4Failover`), et chaque serveur s’autorise dans l’annuaire.

## Un Zabbix neuf
Sur un Zabbix 7.0 vide, avec un jeton d’API d’un compte *Super admin*, sans aucun de nos outils :

    ZABBIX_TOKEN=… python3 zabbix/import.py https://zabbix.example [autorite.pem]

Il importe `configuration.yaml` (hôtes, modèles, cartes, médias), puis fait ce que Zabbix n’exporte pas (`calls.json` :
tableaux de bord, services, niveaux de service, comptes, actions, maintenances). Relancé, il finit. Sans Python :

    jq -Rs '{jsonrpc:"2.0",id:1,method:"configuration.import",params:{format:"yaml",source:.,rules:{
      host_groups:{createMissing:true},template_groups:{createMissing:true},hosts:{createMissing:true},
      templates:{createMissing:true},templateLinkage:{createMissing:true},items:{createMissing:true},
      triggers:{createMissing:true},graphs:{createMissing:true},discoveryRules:{createMissing:true},
      valueMaps:{createMissing:true},maps:{createMissing:true},mediaTypes:{createMissing:true}}}}' \\
      zabbix/configuration.yaml | curl --fail -H 'Content-Type: application/json-rpc' \\
      -H "Authorization: Bearer $ZABBIX_TOKEN" -d @- https://zabbix.example/api_jsonrpc.php

Les macros secrètes et les mots de passe, que rien n’exporte, se remettent à la main ; les mesures passées n’y sont pas.

Aucun secret n’est ici : `{secret: chemin}` désigne le coffre, remis à part. Rejouer : `docs/reversibilite.md` du dépôt.
"""
    yield "## Combien"
    yield "| domaine | genre | état | nombre |\n|---|---|---|---|"
    states = {"exported": "exporté", "unknown": "inconnu"}
    for kind in manifest["kinds"]:
        yield f"| {kind['domain']} | {kind['kind']} | {states[kind['state']]} | {kind['count']} |"


def dictionary(folders: Mapping[str, Sequence[Table]], kinds: Sequence[Kind]) -> str:
    """Write the dictionary: every table and column, every kind and its file, every format."""
    lines = ["# Dictionnaire des données", ""]
    for folder, tables in folders.items():
        for table in tables:
            lines += [
                f"## {folder}/{table.name}",
                "",
                f"{table.doc}.",
                "",
                "| colonne | type | sens |",
                "|---|---|---|",
            ]
            lines += [f"| `{column.name}` | {column.type} | {column.doc} |" for column in table.columns] + [""]
    lines += ["## systems", "", "| fichier | genre | module |", "|---|---|---|"]
    for kind in kinds:
        file = f"{kind.domain}/<site>.yml" if kind.per_site else f"{kind.domain}/{kind.name}.yml"
        lines.append(f"| `{file}` | {kind.title} (`{kind.name}`) | `{kind.module}` |")
    lines += [
        "",
        "Les attributs de chaque genre sont dans son schéma, et dans la documentation de son module (`library/`).",
    ]
    lines += ["", "## Formats", "", "| nom | format |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{end}` | {what} |" for end, what in FORMATS.items())]) + "\n"
