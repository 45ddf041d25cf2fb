"""Imported tables: their form, their faults by file and line, rows of the laboratory."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from piste.engine import tables
from piste.sobriety.imports import KINDS, BadImport, Imports, Incident, Metered, Pc, read_imports, schemas
from tests.unit.sobriety.small import SCHOOL, town

PCS = "name,site,kind,service,status,sleep_ac_seconds,shutdown_outside_hours,read_on,source\n"
PRINTING = "month,site,queue,service,jobs,duplex_jobs,mono_jobs,duplex_mono_jobs,pages_a4,pages_a3,color_pages,source\n"
METERS = "equipment,site,from,until,kwh,count,source\n"
TICKETS = "ticket,opened_on,site,lever,closed_on,source\n"


def written(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def refusal(folder: Path, environment: str = "production", **files: str | bytes) -> list[str]:
    with pytest.raises(BadImport) as failure:
        read_imports(written(folder, **files), environment, town())
    assert (failure.value.code, failure.value.kind) == ("PISTE-E090", "refused")
    assert all(str(fault) in str(failure.value) for fault in failure.value.faults)
    return [str(fault) for fault in failure.value.faults]


def test_what_is_right_is_read_whatever_its_order_mark_and_line_ends(tmp_path: Path) -> None:
    imported = read_imports(
        written(
            tmp_path,
            pcs=b"\xef\xbb\xbf"
            + (
                "site,name,kind,service,status,source,sleep_ac_seconds,shutdown_outside_hours,read_on,model\r\n"
                'ecole-jaures,pc-jau-001,fixed,"Péda, 1",in_service,GLPI,600,TRUE,2026-11-20,OptiPlex\r\n\r\n'
                "ecole-jaures,pc-jau-002,laptop,École,stock,GLPI,,,,\r\n"
            ).encode(),
            electricity=METERS + "pc,ccas,2025-11-01,2026-10-31,812.5,6,Compteur\n",
            incidents=TICKETS + "4012,2026-11-10,ccas,wifi-hors-heures,,GLPI\n",
        ),
        "production",
        town(),
    )
    assert imported.pcs == [
        Pc("pc-jau-001", SCHOOL, "fixed", "Péda, 1", "in_service", 600, True, "2026-11-20", "GLPI", "OptiPlex", None),
        Pc("pc-jau-002", SCHOOL, "laptop", "École", "stock", None, None, None, "GLPI", None, None),
    ]
    assert imported.electricity == [Metered("pc", "ccas", "2025-11-01", "2026-10-31", 812.5, 6, "Compteur")]
    assert imported.incidents == [Incident("4012", "2026-11-10", "ccas", "wifi-hors-heures", None, "GLPI")]
    assert (imported.printing, imported.why("printing"), imported.why("pcs")) == (
        None,
        "le fichier printing.csv n’a pas été fourni",
        "",
    )


@pytest.mark.parametrize(("text", "kwh"), [("812,5", 812.5), ("1,2340", 1.234), ("812.5", 812.5), ("812", 812.0)])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_number_is_read_as_a_french_spreadsheet_writes_it(
    separator: str, text: str, kwh: float, tmp_path: Path
) -> None:
    lines = f"{METERS}pc,ccas,2025-11-01,2026-10-31,KWH,6,Compteur\n".replace(",", separator).replace("KWH", text)
    imported = read_imports(written(tmp_path, electricity=lines), "production", town())
    assert imported.electricity == [Metered("pc", "ccas", "2025-11-01", "2026-10-31", kwh, 6, "Compteur")]


def test_without_a_folder_everything_is_unknown_and_an_empty_table_is_not() -> None:
    assert read_imports(None, "lab") == Imports(
        missing={kind.name: f"le fichier {kind.name}.csv n’a pas été fourni" for kind in KINDS}
    )


def test_a_table_without_rows_is_a_count_of_none(tmp_path: Path) -> None:
    assert read_imports(written(tmp_path, incidents=TICKETS), "production").incidents == []


def test_every_fault_of_every_file_is_listed_at_once_by_line(tmp_path: Path) -> None:
    faults = refusal(
        tmp_path,
        pcs=PCS
        + "a,ecole-jaures,fixed,École,in_service,dix,oui,2026-11-20,GLPI\n"
        + "b,ecole-jores,tour,École,in_service,600,true,2026-11-31,GLPI\n"
        + "c,ecole-jores,fixed,École,in_service,600,true,,\n"
        + "d,ecole-jaures,fixed\n"
        + "e,ecole-jores,fixed,École,in_service,600,true,,GLPI\n"
        + "e,ecole-jaures,fixed,École,in_service,-1,true,2026-11-20,GLPI\n",
        electricity=METERS + 'pc,ccas,2026-11-01,2025-11-01,"812,5",0,Compteur\n',
        incidents=TICKETS + "1,2026-11-10,ccas,wifi,2026-11-09,GLPI\n",
    )
    assert faults == [
        "pcs.csv:2 sleep_ac_seconds : « dix » trouvé ; il faut un entier, 0 ou plus",
        "pcs.csv:2 shutdown_outside_hours : « oui » trouvé ; il faut true ou false",
        "pcs.csv:3 kind : « tour » trouvé ; il faut l’un de : fixed, laptop, thin_client, mac",
        "pcs.csv:3 read_on : « 2026-11-31 » trouvé ; il faut un jour, comme 2026-11-30",
        "pcs.csv:4 source : rien trouvé ; il faut un texte",
        "pcs.csv:5 : 3 cellules pour 9 colonnes : une virgule dans un texte va entre guillemets",
        "pcs.csv:6 : des réglages sont donnés sans le jour où ils ont été relevés (read_on)",
        "pcs.csv:6 site : le site « ecole-jores » n’est pas déclaré",
        "pcs.csv:7 sleep_ac_seconds : « -1 » trouvé ; il faut un entier, 0 ou plus",
        "electricity.csv:2 kwh : « 812,5 » trouvé ; il faut un nombre, 0 ou plus : 12.5, ou 12,5 si des virgules ne "
        "séparent pas les colonnes",
        "incidents.csv:2 : l’incident se ferme le 2026-11-09, avant de s’ouvrir le 2026-11-10",
        "incidents.csv:2 lever : le levier « wifi » n’est pas déclaré",
    ]


def test_rows_that_contradict_themselves_or_each_other_are_refused(tmp_path: Path) -> None:
    faults = refusal(
        tmp_path,
        printing=PRINTING
        + "2026-10,ccas,,,10,11,5,5,100,0,0,myQ\n"
        + "2026-10,ecole-jaures,imp-jau-01,,10,6,5,6,100,10,121,myQ\n"
        + "2026-10,ecole-jaures,,,10,6,5,5,100,10,120,myQ\n"
        + "2026-10,ccas,,,10,5,5,5,100,0,0,myQ\n",
        electricity=METERS + "pc,ccas,2026-11-01,2025-11-01,812.5,0,Compteur\n",
    )
    assert faults == [
        "printing.csv:2 : plus de travaux en recto verso, ou en noir et blanc, que de travaux (jobs)",
        "printing.csv:3 : duplex_mono_jobs dépasse duplex_jobs ou mono_jobs, dont c’est la part commune",
        "printing.csv:3 : plus de pages en couleur que de pages",
        "printing.csv:4 : 2026-10 est compté pour tout ecole-jaures et pour une partie (ligne 3) : gardez "
        "l’un des deux",
        "printing.csv:5 : mêmes month, site, queue, service qu’à la ligne 2 : gardez l’une des deux",
        "electricity.csv:2 : la période finit le 2025-11-01, avant de commencer le 2026-11-01",
        "electricity.csv:2 : count vaut 0 : un compteur compte au moins un équipement",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "pcs.csv:1 : le fichier est vide : la première ligne donne les colonnes (name,site,kind,"),
        (PCS.replace("source", "origine"), "pcs.csv:1 : la colonne « source » manque (D’où vient la ligne"),
        (PCS.replace("read_on", "name"), "pcs.csv:1 : la colonne « name » est là deux fois"),
        (PCS.encode() + b"a,ccas,fixed,\x81", "pcs.csv:2 : ce n’est pas un texte"),
        (PCS + 'a,"ccas,fixed', "pcs.csv:2 : ce n’est pas du CSV"),
    ],
)
def test_a_file_that_is_not_the_table_says_what_to_do(tmp_path: Path, content: str | bytes, fault: str) -> None:
    assert refusal(tmp_path, pcs=content)[0].startswith(fault)


def test_a_row_of_the_laboratory_is_refused_elsewhere_and_taken_there(tmp_path: Path) -> None:
    row = "a,ccas,fixed,CCAS,in_service,600,true,2026-11-20,laboratoire\n"
    (fault,) = refusal(tmp_path, pcs=PCS + row)
    assert fault.startswith("pcs.csv:2 source : ligne du laboratoire dans l’environnement « production »")
    pcs = read_imports(tmp_path, "lab", town()).pcs
    assert pcs is not None
    assert pcs[0].source == "laboratoire"


def test_the_schema_is_that_of_the_columns(tmp_path: Path) -> None:
    schema = schemas()["pcs"]
    jsonschema.Draft202012Validator.check_schema(schema)
    pcs = next(kind for kind in KINDS if kind.name == "pcs")
    content = (PCS + "a,ccas,fixed,CCAS,in_service,,true,2026-11-20,GLPI\n").encode()
    rows = [dict(row.values) for row in tables.read(content, tables.Form(pcs.columns)).rows]
    jsonschema.validate(rows, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([{**rows[0], "kind": "tour"}], schema)
