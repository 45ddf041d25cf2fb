"""Files and forms: broken in the smallest way, the exact faults, paths, files and lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic_core import PydanticCustomError

from piste.town.model import InvalidDeclaration, values
from piste.town.model.variables import HINTS
from piste.town.model.wording import fields_at
from tests.unit.model.broken_town import (
    ALL,
    CTM,
    FIRST_SWITCH,
    HDV,
    HOSTS,
    JAURES,
    PLAN_JAURES,
    Case,
    Copy,
    check,
    host,
    jaures_segment,
    jaures_switch,
)

WINDOWS = ALL + "change_windows.yml"
SUNDAY = '{days: [sunday], start: "08:00", end: "12:00"}'

FORMS = [
    Case(
        "a change window that closes when it opens",
        [(WINDOWS, SUNDAY, '{days: [sunday], start: "08:00", end: "08:00"}')],
        [("M007", "change_windows.windows[2]", WINDOWS, "[sunday]")],
        ["La fenêtre s’ouvre et se ferme à 08:00"],
    ),
    Case(
        "an administrator who is anybody",
        [(ALL + "administration.yml", "smc: [piste,", 'smc: ["**",')],
        [("M007", "administrators.smc[1]", ALL + "administration.yml", '"**"')],
        ["« ** » ne désigne pas de compte"],
    ),
    Case(
        "a change window on no day",
        [(WINDOWS, SUNDAY, '{days: [], start: "08:00", end: "12:00"}')],
        [("M007", "change_windows.windows[2].days", WINDOWS, "days: []")],
        ["La liste est trop courte : 1 au moins"],
    ),
    Case(
        "a change window at no hour",
        [(WINDOWS, SUNDAY, '{days: [sunday], start: "8h", end: "12:00"}')],
        [("M007", "change_windows.windows[2].start", WINDOWS, "8h")],
    ),
    Case(
        "a change window while the public is there, told once for all the sites of a category",
        [("group_vars/sport.yml", 'start: "22:30", end: "02:00"', 'start: "22:00", end: "02:00"')],
        [("M070", "change_windows.windows[1]", "group_vars/sport.yml", "02:00")],
        ["empiète sur l’ouverture de : houyoux, stade-salengro, piscine"],
        whole=True,
    ),
    Case(
        "a change window of Sunday night that lasts until the schools open on Monday",
        [(WINDOWS, SUNDAY, '{days: [sunday], start: "23:30", end: "07:30"}')],
        [("M070", "change_windows.windows[2]", WINDOWS, "[sunday]")],
        ["empiète sur l’ouverture de : ecole-auriol"],
        whole=True,
    ),
    Case(
        "a freeze that ends before it starts",
        [
            (
                ALL + "freezes.yml",
                "freezes: []",
                'freezes:\n  - {from: "2027-01-04T07:00", until: "2026-12-19T00:00", why: Congés}',
            )
        ],
        [("M007", "freezes[1]", ALL + "freezes.yml", 5)],
        ["gel finit le 2026-12-19T00:00, avant de commencer le 2027-01-04T07:00"],
    ),
    Case(
        "a freeze with a day that is not one",
        [(ALL + "freezes.yml", "freezes: []", 'freezes:\n  - {from: demain, until: "2026-12-19T00:00", why: Congés}')],
        [("M007", "freezes[1].from", ALL + "freezes.yml", 5)],
        ["« demain » n’est pas une date et une heure, par exemple 2026-12-19T00:00"],
    ),
    Case(
        "a file that is not YAML",
        [(JAURES, "  name: École Jean Jaurès", "  name: [École Jean Jaurès")],
        [
            ("M001", "sites[ecole-jaures]", JAURES, "name: [École"),
        ],
        ["une liste « [ » n’est pas fermée"],
    ),
    Case(
        "a key twice in a file",
        [(JAURES, "  lifecycle: open\n", "  lifecycle: open\n  lifecycle: planned\n")],
        [("M002", "sites[ecole-jaures].site.lifecycle", JAURES, "lifecycle: planned")],
        ["« lifecycle » est déjà déclaré à la ligne 5"],
    ),
    Case(
        "a variable in two files of the town",
        [(ALL + "town.yml", "piste_model: 1", "piste_model: 1\ncommon_segments: []")],
        [("M002", "common_segments", ALL + "town.yml", "common_segments")],
    ),
    Case(
        "a journal kept for less than a year",
        [(ALL + "journal.yml", "retention_months: 12", "retention_months: 11")],
        [("M007", "journal.retention_months", ALL + "journal.yml", "retention_months")],
        ["« 11 » est trop petit : 12 au moins"],
    ),
    Case(
        "a Jinja expression",
        [(JAURES, "name: École Jean Jaurès", 'name: "{{ nom }}"')],
        [("M003", "sites[ecole-jaures].site.name", JAURES, "{{ nom")],
    ),
    Case(
        "an anchor",
        [(JAURES, "  name: École Jean Jaurès", "  name: &nom École Jean Jaurès\n  remark: *nom")],
        [("M003", "sites[ecole-jaures].site.remark", JAURES, "remark")],
        ["« remark » reprend une ancre"],
    ),
    Case(
        "a secret in clear",
        [
            (
                CTM,
                "VLB-Metier: {status: to_confirm}",
                "VLB-Metier: {psk: Tramway-93-Bourget, status: to_confirm}",
            )
        ],
        [("M004", "sites[ctm].ssids[VLB-Metier].psk", CTM, "VLB-Metier")],
    ),
    Case(
        "an unknown key",
        [(JAURES, FIRST_SWITCH, FIRST_SWITCH.replace("model", "modele"))],
        [
            ("M006", "sites[ecole-jaures].switches[QZZZ-0005-0001].model", JAURES, "modele"),
            ("M005", "sites[ecole-jaures].switches[QZZZ-0005-0001].modele", JAURES, "modele"),
        ],
        ["Vouliez-vous dire « model » ?"],
    ),
    Case(
        "an unknown variable",
        [(JAURES, "access_points:", "acces_points:")],
        [("M005", "sites[ecole-jaures].acces_points", JAURES, "acces_points")],
        ["Vouliez-vous dire « access_points » ?"],
    ),
    Case(
        "a missing key",
        [(JAURES, "  lifecycle: open\n", "")],
        [("M006", "sites[ecole-jaures].site.lifecycle", JAURES, "site:")],
    ),
    Case(
        "a missing variable of a category",
        [
            (
                "group_vars/police.yml",
                "category_ssids: {names: [VLB-Police, VLB-Invites], status: to_confirm}\n",
                "",
            )
        ],
        [
            ("M006", "categories[police].category_ssids", "group_vars/police.yml", 1),
        ],
    ),
    Case(
        "an unquoted off",
        [(HDV, "{state: pilot, status", "{state: off, status")],
        [("M007", "sites[hotel-de-ville].dot1x.state", HDV, "dot1x: {")],
        ["entre guillemets"],
    ),
    Case(
        "a word outside its list",
        [(JAURES, "lifecycle: open", "lifecycle: opened")],
        [("M007", "sites[ecole-jaures].site.lifecycle", JAURES, "lifecycle")],
        ["Vouliez-vous dire « open » ?"],
    ),
    Case(
        "an unknown status",
        [(JAURES, PLAN_JAURES, PLAN_JAURES.replace("to_confirm", "to_confirmed"))],
        [("M007", "sites[ecole-jaures].site.plan.status", JAURES, "number")],
        ["Vouliez-vous dire « to_confirm » ?"],
    ),
    Case(
        "a slot past the last",
        [(ALL + "ssids.yml", "slot: 7", "slot: 15")],
        [("M007", "ssid_catalogue[VLB-Public].slot", ALL + "ssids.yml", "slot: 15")],
        ["« 15 » est trop grand : 14 au plus"],
    ),
    Case(
        "a port range that is not one",
        [jaures_switch('ports: {"8-": poste}')],
        [("M007", "sites[ecole-jaures].switches[QZZZ-0005-0001].ports", JAURES, "QZZZ-0005-0001")],
    ),
    Case(
        "a subnet with host bits",
        [jaures_segment("invites: {subnet: 10.93.44.7/24}")],
        [("M007", "sites[ecole-jaures].segments[invites].subnet", JAURES, "invites")],
        ["écrivez 10.93.44.0/24"],
    ),
    Case(
        "a catalogue in a site",
        [(JAURES, "switches:\n", "common_segments: [utilisateurs]\nswitches:\n")],
        [("M008", "sites[ecole-jaures].common_segments", JAURES, "common_segments")],
        ["pour toute la ville"],
    ),
    Case(
        "a variable in the inventory",
        [(HOSTS, "            ecole-jaures:\n", "            ecole-jaures:\n              dot1x: pilot\n")],
        [("M008", "all.children.sites.children.ecole.hosts.ecole-jaures.dot1x", HOSTS, "dot1x")],
    ),
    Case(
        "no data model",
        [(ALL + "town.yml", "piste_model: 1\n", "")],
        [("M009", "piste_model", "group_vars/all", 1)],
        ["lien symbolique"],
    ),
]


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_a_secret_in_clear_is_never_printed(copy: Copy) -> None:
    copy.edit(CTM, "VLB-Metier: {status: to_confirm}", "VLB-Metier: {psk: Tramway-93-Bourget}")
    faults = copy.load().faults
    assert [fault.rule for fault in faults] == ["PISTE-M004"]
    assert "Tramway" not in repr(faults)


def test_a_private_key_is_refused_under_any_name(copy: Copy) -> None:
    copy.edit(JAURES, "  lifecycle: open\n", "  lifecycle: open\n  remark: '-----BEGIN RSA PRIVATE'\n")
    faults = copy.load().faults
    assert [(fault.rule, fault.path) for fault in faults] == [("PISTE-M004", "sites[ecole-jaures].site.remark")]


def test_a_secret_by_reference_is_accepted(copy: Copy) -> None:
    reference = "VLB-Metier: {psk: {secret: meraki/ssid/ctm/psk}}"
    copy.edit(CTM, "VLB-Metier: {status: to_confirm}", reference)
    town = copy.load()
    assert town.faults == []
    assert "meraki/ssid/ctm/psk" in town.secret_paths()


def test_a_text_that_gives_ansible_other_signs_is_a_fault(copy: Copy) -> None:
    copy.edit(JAURES, "name: École Jean Jaurès", "name: \"#jinja2:variable_start_string:'[['\\n[[ 7 * 7 ]]\"")
    assert "PISTE-M003" in {fault.rule for fault in copy.load().faults}


def test_unsafe_text_of_an_export_is_read_as_it_is(copy: Copy) -> None:
    copy.edit(JAURES, "name: École Jean Jaurès", 'name: !unsafe "{{ 7 * 7 }}"')
    town = copy.load()
    assert town.faults == []
    assert town.sites["ecole-jaures"]["name"] == "{{ 7 * 7 }}"


def test_an_unreadable_inventory_is_one_fault(copy: Copy) -> None:
    copy.edit(HOSTS, "all:\n", "all: [\n")
    assert [(fault.rule, fault.file) for fault in copy.load().faults] == [("PISTE-M001", HOSTS)]


def test_an_inventory_without_hosts_is_a_fault(copy: Copy) -> None:
    (copy.root / HOSTS).write_text("all: {}\n", encoding="utf-8")
    assert [(fault.rule, fault.file) for fault in copy.load().faults] == [("PISTE-M001", HOSTS)]


def test_an_unreadable_catalogue_is_one_fault(copy: Copy) -> None:
    copy.edit(ALL + "ssids.yml", "ssid_catalogue:\n", "ssid_catalogue: [\n")
    assert [(fault.rule, fault.file) for fault in copy.load().faults] == [("PISTE-M001", ALL + "ssids.yml")]


def test_a_lost_link_is_one_fault(copy: Copy) -> None:
    link = copy.root / "inventories" / "town" / "group_vars"
    link.unlink()
    link.write_text("../../group_vars", encoding="utf-8")
    assert [fault.rule for fault in copy.load().faults] == ["PISTE-M009"]


def test_faults_of_many_files_are_reported_at_once(copy: Copy) -> None:
    copy.edit(JAURES, "code: jau", "code: JAU")
    copy.edit(HDV, "hdv-log1: {host: 24,", "hdv-log1: {host: 14,")
    copy.edit(ALL + "ssids.yml", "slot: 7", "slot: 6")
    assert {fault.rule for fault in copy.load().faults} == {"PISTE-M007", "PISTE-M017", "PISTE-M055"}


def test_require_raises_all_the_errors_and_no_warning(whole: Copy) -> None:
    whole.edit(host("ccas"), "dot1x: true, ", "")
    assert whole.load().require().errors == []
    whole.edit(JAURES, "code: jau", "code: aur")
    with pytest.raises(InvalidDeclaration) as caught:
        whole.load().require()
    assert [fault.rule for fault in caught.value.faults] == ["PISTE-M023"]


def test_a_site_replaces_the_town_value_whole(whole: Copy) -> None:
    whole.edit(JAURES, "switches:\n", "network_settings: {mtu: 1500}\nswitches:\n")
    town = whole.load()
    assert town.faults == []
    assert town.sites["ecole-jaures"]["settings"]["mtu"] == 1500
    assert town.sites["ecole-jaures"]["settings"]["snmp"] is None
    assert town.sites["ecole-mermoz"]["settings"]["mtu"] == 9578


def test_the_digest_follows_values_and_not_comments(copy: Copy) -> None:
    before = copy.load().digest
    copy.edit(JAURES, "---\n", "---\n# Une remarque.\n")
    assert copy.load().digest == before
    copy.edit(JAURES, "code: jau", "code: jrs")
    assert copy.load().digest != before


def test_a_key_is_compared_with_the_keys_that_people_write() -> None:
    assert {"from", "to", "until"} <= set(fields_at(HINTS["flows"], ("un-flux", "fron")))
    assert "apart" in fields_at(HINTS["hosting"], ("apar",))


@pytest.mark.parametrize(
    ("accepts", "text"),
    [
        (values.day, "2026-W01-1"),
        (values.day, "٢٠٢٦-11-24"),
        (values.moment, "2026-12-19 00:00"),
        (values.time, "0٣:00"),
    ],
)
def test_a_day_and_an_hour_have_a_single_spelling(accepts: Callable[[str], str], text: str) -> None:
    with pytest.raises(PydanticCustomError):
        accepts(text)
