"""A file that somebody sends is read whole or refused whole, and what an import would do is known before it writes."""

from datetime import date
from pathlib import Path

import pytest

from catalogue.titles import titles_file, words_file
from catalogue.titles.importing import DATA, FILES, KINDS, recognise
from catalogue.titles.installers_file import same_version, sha256
from catalogue.titles.nomenclatures_file import day_or_answer
from catalogue.titles.sources import newest, origins
from portal.errors import Refused
from portal.imports import Column, plan_import, read_table, report
from portal.imports.cells import Parse, address, day, decimal, one_of, several, slug, whole
from portal.imports.reading import MEGA
from portal.territories.loading import DATA as SCHOOL_DATA
from portal.territories.offers_file import programme_of, written_names
from portal.territories.schools_file import kind_of, uai
from portal.territories.uai import expected_letter, is_possible

COLUMNS = (Column("slug", 20, required=True, parse=slug), Column("name", 12), Column("switch", 20, opens_with="-"))


def faults(content: bytes | str) -> list[str]:
    """What a person is told about a file, with the spaces of a keyboard."""
    raw = content.encode() if isinstance(content, str) else content
    told = read_table(raw, COLUMNS, key=("slug",)).faults.sentences()
    return [sentence.replace("\u00a0", " ").replace("\u202f", " ") for sentence in told]


def test_a_good_file_gives_its_values_and_the_line_an_editor_shows() -> None:
    table = read_table(b'slug,name,switch\n\na,"Two\twords",\nb,Deux  mots,-S\n'.replace(b"\t", b" "), COLUMNS)
    assert not table.faults
    assert [(row.line, row["name"], row["switch"]) for row in table.rows] == [(3, "Two words", ""), (4, "Deux mots", "-S")]


def test_a_byte_order_mark_and_another_order_of_columns_are_accepted() -> None:
    table = read_table("\ufeffname,switch,slug\nÉté,,a\n".encode(), COLUMNS)
    assert [row.values for row in table.rows] == [{"name": "Été", "switch": "", "slug": "a"}]


def test_wrong_columns_are_named() -> None:
    assert faults("slug,nom,switch\na,b,c\n") == [
        "Ligne 1 : il manque name. Ajoutez ces colonnes.",
        "Ligne 1 : nom : colonnes inconnues. Retirez-les.",
    ]
    assert faults("slug,name,name,switch\n") == ["Ligne 1 : name : colonnes en double. Gardez-en une."]
    assert "points-virgules" in faults("slug;name;switch\n")[0]
    assert faults("") == ["Le fichier est vide. La première ligne doit nommer les colonnes."]


def test_another_encoding_is_told_with_its_line() -> None:
    assert faults("slug,name,switch\na,b,\nb,Été,\n".encode("latin-1")) == [
        "Ligne 3 : le fichier n’est pas en UTF-8. Enregistrez-le en « CSV UTF-8 », puis renvoyez-le."
    ]
    assert faults("slug,name,switch\n".encode("utf-16"))[0].startswith("Ligne 1 : le fichier n’est pas en UTF-8.")


def test_ten_thousand_broken_lines_give_fifty_sentences_and_a_count() -> None:
    told = faults("slug,name,switch\n" + "a,b\n" * 10_000)
    assert len(told) == 51
    assert told[0] == "Ligne 2 : 2 cellules, il en faut 3. Vérifiez les virgules et les guillemets."
    assert told[49].startswith("Ligne 51 :")
    assert told[50] == "… et 9950 autres lignes."


def test_one_line_more_than_shown_is_counted_in_the_singular() -> None:
    assert faults("slug,name,switch\n" + "a,b\n" * 51)[-1] == "… et 1 autre ligne."


def test_a_doubled_key_is_told_with_both_lines() -> None:
    assert faults("slug,name,switch\na,,\nb,,\na,,\n") == [
        "Ligne 4, colonne slug : « a » est déjà à la ligne 2. Gardez une seule des deux."
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-x", "@SUM(A1)", '"\tx"', " =1", "＝1"])  # noqa: RUF001
def test_a_cell_that_a_spreadsheet_would_run_is_refused(cell: str) -> None:
    assert "commence comme une formule de tableur" in faults(f"slug,name,switch\na,{cell},\n")[0]


@pytest.mark.parametrize("cell", ["-12", "+33", "-1.5", "3,5"])
def test_a_plain_number_is_not_a_formula(cell: str) -> None:
    assert faults(f'slug,name,switch\na,"{cell}",\n') == []


def test_an_option_may_begin_with_a_hyphen_but_not_with_an_equals_sign() -> None:
    assert faults("slug,name,switch\na,,--silent\n") == []
    assert "formule" in faults("slug,name,switch\na,,=silent\n")[0]


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\u202e", "\x85"])
def test_what_no_page_can_show_is_refused(hidden: str) -> None:
    assert "caractère invisible" in faults(f"slug,name,switch\na,x{hidden}y,\n")[0]


def test_a_line_break_inside_a_cell_is_refused_at_the_line_where_the_row_begins() -> None:
    assert faults('slug,name,switch\na,"x\ny",\nb,,,\n')[0].startswith("Ligne 2, colonne name : ")


def test_an_unclosed_quotation_mark_is_told_where_it_opens() -> None:
    told = faults('slug,name,switch\na,,\nb,"x,\nc,,\n')
    assert told == [
        "Ligne 3 : les guillemets ne se referment pas, ou la cellule est trop longue. Corrigez cette ligne, puis renvoyez le fichier."
    ]
    assert faults("slug,name,switch\na," + "x" * 200_000 + ",\n")[0].startswith("Ligne 2 : ")


def test_too_long_and_empty_cells_are_told_with_their_column() -> None:
    assert faults("slug,name,switch\n,1234567890123,\n") == [
        "Ligne 2, colonne slug : la cellule est vide. Remplissez-la.",
        "Ligne 2, colonne name : 13 caractères, il en faut au plus 12. Raccourcissez la valeur.",
    ]


def test_two_hundred_megabytes_are_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200 * MEGA)
    table = read_table(path, COLUMNS)
    assert table.faults.sentences() == ["Le fichier dépasse 50\u00a0Mo. Coupez-le en plusieurs fichiers."]
    assert table.rows == []


def test_what_is_sent_without_a_size_is_measured_as_it_comes(tmp_path: Path) -> None:
    assert read_table(b"slug,name,switch\n", COLUMNS, limit=10).faults
    path = tmp_path / "small.csv"
    path.write_bytes(b"slug,name,switch\n")
    assert read_table(path, COLUMNS, limit=10).faults
    assert not read_table(path, COLUMNS, limit=17).faults


@pytest.mark.parametrize(
    ("parse", "cell"),
    [
        (slug, "Été"), (slug, "a--b"), (slug, "a/b"), (address, "javascript:alert(1)"), (address, "www.exemple.fr"), (day, "01/09/2026"),
        (day, "2026-02-30"), (whole, "12a"), (whole, "²"), (decimal, "nan"), (one_of("a", "b"), "c"), (several(one_of("a")), "a|c"),
        (sha256, "abc"), (sha256, "g" * 64), (day_or_answer, "peut-être"), (words_file.degree, "4"),
    ],
)  # fmt: skip
def test_a_value_that_its_column_does_not_expect_is_refused(parse: Parse, cell: str) -> None:
    with pytest.raises(Refused):
        parse(cell)


def test_values_are_read_as_what_they_are() -> None:
    assert several()("a| b |a|") == ["a", "b"]
    assert day("2026-09-01") == date(2026, 9, 1)
    assert (day(""), whole(""), decimal("")) == (None, None, None)
    assert (whole("12"), decimal("-3.5")) == (12, -3.5)
    assert [day_or_answer(cell) for cell in ("True", "False", "", "2026-09-01")] == [True, False, None, date(2026, 9, 1)]
    assert address("https://exemple.fr/a?b=c") == "https://exemple.fr/a?b=c"


def test_a_plan_tells_apart_new_different_edited_and_missing() -> None:
    stored = {"a": {"name": "A", "size": 1}, "b": {"name": "B", "size": 1}, "c": {"name": "C", "size": 1}}
    rows = {"a": {"name": "A", "size": 1}, "b": {"name": "Bé", "size": 2}, "d": {"name": "D", "size": 1}}
    plan = plan_import(stored, rows, edited={"b": {"name"}}, absent={"gone": True})
    assert plan.created == {"d": {"name": "D", "size": 1}}
    assert plan.changed == {"b": {"size": (1, 2)}}
    assert plan.kept == {"b": {"name": ("B", "Bé")}}
    assert plan.unchanged == ("a",)
    assert plan.missing == {"c": {"gone": (None, True)}}


def test_a_plan_with_only_kept_fields_has_nothing_to_write() -> None:
    plan = plan_import({"a": {"name": "A"}}, {"a": {"name": "Z"}}, edited={"a": {"name"}})
    assert not plan
    assert plan.unchanged == ("a",)
    assert plan.kept


def test_a_file_that_does_not_speak_for_what_it_leaves_out_misses_nothing() -> None:
    assert not plan_import({"a": {"name": "A"}}, {})


def test_what_is_already_marked_missing_is_not_missing_again() -> None:
    assert not plan_import({"a": {"gone": True}}, {}, absent={"gone": True})


def test_the_report_says_in_french_what_would_happen() -> None:
    stored = {"a": {"name": "A", "list": ["x"]}, "b": {"name": "B"}, "c": {"name": "C"}}
    rows = {"a": {"name": "", "list": []}, "b": {"name": "Z"}, **{f"n{i}": {"name": "N"} for i in range(1500)}}
    text = (
        report(plan_import(stored, rows, edited={"b": {"name"}}, absent={"gone": True}))
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )
    lines = text.split("\n")
    assert lines[0] == "À créer : 1 500 ; à modifier : 1 ; inchangés : 1 ; absents du fichier : 1."
    assert "  ~ a — name : « A » → (vide) ; list : « x » → (vide)" in lines
    assert "  = b — name : « B » → « Z »" in lines
    assert "  - c" in lines
    assert "  … et 1 480 de plus" in lines


def test_every_kind_recognises_the_file_that_comes_with_the_portal() -> None:
    assert {kind: recognise(path).kind for kind, path in FILES.items()} == {kind: kind for kind in FILES}
    assert recognise(SCHOOL_DATA / "schools.csv").kind == "schools"
    assert recognise(SCHOOL_DATA / "bts_par_lycee.csv").kind == "bts"
    assert set(FILES) < set(KINDS)


def test_a_file_with_one_column_missing_is_recognised_so_that_the_column_can_be_named() -> None:
    content = (DATA / "titles.csv").read_bytes().replace(b",licence_raw,", b",", 1)
    assert recognise(content) is titles_file.TITLES


def test_a_file_of_no_kind_is_refused_with_the_kinds() -> None:
    with pytest.raises(Refused, match="titles"):
        recognise(b"a,b,c\n1,2,3\n")
    with pytest.raises(Refused, match="UTF-8"):
        recognise("été\n".encode("latin-1"))


def test_the_letter_of_a_uai_checks_its_digits() -> None:
    assert expected_letter("0010001") == "W"
    assert is_possible("0010001W")
    assert not any(is_possible(code) for code in ("0010001A", "0010001w", "001001W", "0010001I", "", "0010001W\n"))


def test_an_impossible_uai_is_refused_with_the_letter_it_should_have() -> None:
    assert uai("0010001w") == "0010001W"
    with pytest.raises(Refused, match="la lettre serait W"):
        uai("0010001A")
    with pytest.raises(Refused, match="sept chiffres et une lettre"):
        uai("12")


def test_the_law_shares_schools_by_two_kinds() -> None:
    assert [kind_of(name) for name in ("lycée professionnel", "section professionnelle (SEP)", "collège spécialisé", "CETAD")] == [
        "lycée", "lycée", "collège", "autre",
    ]  # fmt: skip


def test_a_bts_gets_its_accents_back_and_an_unknown_one_keeps_the_words_of_its_source() -> None:
    assert programme_of("Services informatiques aux organisations - Entierement en distanciel") == (
        "bts:sio", "BTS Services informatiques aux organisations (SIO)",
    )  # fmt: skip
    assert programme_of("Metiers du futur") == ("bts:metiers-du-futur", "BTS Metiers du futur")


def test_one_code_has_one_name() -> None:
    names: dict[str, set[str]] = {}
    for code, name in written_names().values():
        names.setdefault(code, set()).add(name)
    assert [code for code, found in names.items() if len(found) > 1] == []


def test_the_date_of_a_row_is_that_of_its_newest_source() -> None:
    assert newest(["winget-2024-04", "winget-index-2026-08", "debian-12"]) == date(2026, 8, 22)
    assert newest(["hand-compiled-unverified"]) is None
    assert [origin.licence for origin in origins("sill-2022|unheard-of|debian-12")] == ["Licence Ouverte 2.0", "faits seuls"]


def test_padded_version_numbers_are_the_same_version() -> None:
    assert same_version("3.2.4.0", "3.2.4")
    assert not same_version("5.26.8.0", "4.26.8.0")
    assert not same_version("10", "1")
