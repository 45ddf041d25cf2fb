"""Distinguished names and paths: every conversion leads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.systems.windows import dn as dns

BASE = "DC=ad,DC=lebourget,DC=example"
LETTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.text(LETTERS, min_size=1, max_size=12) | st.text(' ,+"\\<>;=#/CN', min_size=1, max_size=8)
STEPS = st.lists(st.tuples(st.sampled_from(["OU", "CN"]), NAMES), max_size=4)


@given(STEPS)
def test_a_distinguished_name_is_read_as_it_was_written(steps: list[tuple[str, str]]) -> None:
    assert dns.split(dns.join(steps)) == steps


@given(STEPS, NAMES)
def test_the_first_step_is_cut_from_what_is_above(steps: list[tuple[str, str]], name: str) -> None:
    above = dns.join(steps)
    assert dns.first(dns.child(name, above)) == (name, above)


@given(STEPS)
def test_a_path_leads_to_its_place_and_back(steps: list[tuple[str, str]]) -> None:
    path = dns.written(steps)
    assert dns.steps(path) == steps
    assert dns.path_of(dns.dn_of(path, BASE), BASE) == path
    assert dns.spelt(path) == path


@given(STEPS, NAMES)
def test_a_parent_contains_its_children(steps: list[tuple[str, str]], name: str) -> None:
    above, below = dns.written(steps), dns.written([*steps, ("OU", name)])
    assert dns.above(below) == above
    assert dns.inside(below, above)
    assert not dns.inside(above, below)
    assert dns.below(dns.dn_of(below, BASE), dns.dn_of(above, BASE))


@pytest.mark.parametrize(
    ("path", "dn"),
    [
        ("/", BASE),
        ("Ville/Ecoles/ecole-jaures", f"OU=ecole-jaures,OU=Ecoles,OU=Ville,{BASE}"),
        ("CN=Users", f"CN=Users,{BASE}"),
        ("\\CN=Users", f"OU=CN\\=Users,{BASE}"),
        ("Ville/Sports\\/Loisirs", f"OU=Sports/Loisirs,OU=Ville,{BASE}"),
        ('Ville/Musique, "danse"', f'OU=Musique\\, \\"danse\\",OU=Ville,{BASE}'),
        ("Ville/ Postes ", f"OU=\\ Postes\\ ,OU=Ville,{BASE}"),
    ],
)
def test_a_path_is_read_from_the_root_down(path: str, dn: str) -> None:
    assert dns.dn_of(path, BASE) == dn
    assert dns.path_of(dn, BASE) == path


@pytest.mark.parametrize(
    ("value", "escaped"),
    [("#a#", "\\#a#"), (" ", "\\ "), ("  a  ", "\\  a \\ "), ("a\x07\x7fé\n", "a\\07\\7Fé\\0A")],
)
def test_what_a_distinguished_name_reserves_is_escaped(value: str, escaped: str) -> None:
    assert dns.escape(value) == escaped


@pytest.mark.parametrize("path", ["", "Ville//Ecoles", "/Ville", "Ville/", "Ville\\"])
def test_a_text_that_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        dns.steps(path)


@pytest.mark.parametrize("text", ["OU=a\\2Cb", "OU = a\\,b", "OU=a\\2cb "])
def test_every_spelling_of_a_name_is_understood(text: str) -> None:
    assert dns.split(f"{text},{BASE}")[0] == ("OU", "a,b")


def test_names_that_the_directory_takes_for_equal_are_one() -> None:
    assert dns.fold("ÉCOLE") == dns.fold("ecole")
    assert dns.folded_path("Ville/École") == dns.folded_path("ville/ecole")
    assert dns.fold("ecole") != dns.fold("ecoles")


@given(st.text(st.sampled_from("ab*()\\\0é"), max_size=8))
def test_no_value_ends_its_place_in_a_filter(value: str) -> None:
    assert not set(dns.literal(value)) & set("*()\0")
