"""A correction by hand keeps its source and its reason, is remembered, outlives imports, and is refused with a sentence."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from catalogue.titles.access import RULES, May
from catalogue.titles.editing import EDITABLE, correct_alternative, edit
from catalogue.titles.importing import KINDS
from catalogue.titles.models import Alternative, Confidence, Fact, Installer, LicenceType, Title
from portal.access import ANYONE, Actor, Grant, Policy, system
from portal.db import Database
from portal.errors import DomainError, NotAllowed, Refused, Unknown
from portal.imports import load
from portal.text import french
from portal.trail.models import Event
from portal.trail.revision import Revision

POLICY = Policy(RULES)
EDITOR = system("command-line", May.EDIT)
LOADED, AT = datetime(2026, 9, 2, 10, tzinfo=UTC), datetime(2026, 11, 16, 10, tzinfo=UTC)
COLUMNS = [column.name for column in KINDS["titles"].columns]


def file(tmp_path: Path, **values: str) -> Path:
    """Two titles, as sources give them."""
    row = {"licence_type": "libre", "category": "Outils", "confidence": "high", "source": "winget-2026", "latest_version": "6.0"}
    rows = [row | {"slug": "geogebra", "name": "GeoGebra"} | values, row | {"slug": "xcas", "name": "Xcas"}]
    path = tmp_path / "titles.csv"
    lines = [",".join(COLUMNS), *(",".join(one.get(name, "") for name in COLUMNS) for one in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def titles(database: Database, tmp_path: Path) -> Database:
    take(database, file(tmp_path))
    return database


def take(database: Database, path: Path) -> None:
    database.write(lambda session: load(session, KINDS["titles"], path, actor=system("import"), at=LOADED))


def correct(database: Database, field: str, value: str, slug: str = "geogebra", actor: Actor = EDITOR, **said: Any) -> None:
    words = {"source": "site de l’éditeur", "reason": "Faute relevée"} | said
    database.write(lambda session: edit(session, POLICY, actor, slug, field=field, value=value, at=AT, **words))


def corrected_alternative(database: Database, slug: str, other: str, *, shown: bool, reason: str, actor: Actor = EDITOR) -> None:
    database.write(lambda session: correct_alternative(session, POLICY, actor, slug, other, shown=shown, reason=reason, at=AT))


def stored(session: Session, slug: str = "geogebra") -> Title:
    return session.exec(select(Title).where(Title.slug == slug)).one()


def written(database: Database) -> tuple[Any, ...]:
    with database.read() as session:
        titles = [title.model_dump() for title in session.exec(select(Title).order_by(col(Title.id)))]
        facts = [fact.model_dump() for fact in session.exec(select(Fact))]
        corrections = [one.model_dump() for one in session.exec(select(Alternative))]
        events = [event.id for event in session.exec(select(Event))]
        return titles, facts, corrections, events, session.exec(select(Revision.number)).one()


def test_a_correction_is_stored_with_its_source_and_remembered(titles: Database) -> None:
    revision = written(titles)[-1]
    correct(titles, "publisher", "  IGI\x00  Linz ")
    with titles.read() as session:
        title, fact = stored(session), session.exec(select(Fact)).one()
        assert (title.publisher, title.changed_at.replace(tzinfo=UTC)) == ("IGI Linz", AT)
        assert (fact.title_id, fact.field, fact.source, fact.reason) == (
            title.id,
            "publisher",
            "site de l’éditeur",
            "Faute relevée",
        )
        assert (fact.confidence, fact.by) == (Confidence.HIGH, EDITOR.function)
        event = session.exec(select(Event).where(Event.move == "edited")).one()
        assert (event.subject_kind, event.subject_id, event.actor) == ("title", title.id, "system:command-line")
        assert (event.reason, event.details) == ("Faute relevée", {"changes": {"publisher": ["", "IGI Linz"]}})
        assert session.exec(select(Revision.number)).one() == revision + 1


def test_a_field_corrected_twice_has_one_source_and_two_events(titles: Database) -> None:
    correct(titles, "name", "GeoGebra 6")
    correct(titles, "name", "GeoGebra Classique", source="lettre de l’éditeur")
    with titles.read() as session:
        assert session.exec(select(Fact.source)).all() == ["lettre de l’éditeur"]
        moves = session.exec(select(Event.details).where(Event.move == "edited").order_by(col(Event.id))).all()
        assert [found["changes"]["name"] for found in moves] == [["GeoGebra", "GeoGebra 6"], ["GeoGebra 6", "GeoGebra Classique"]]


def test_a_new_name_is_sorted_by_its_new_key(titles: Database) -> None:
    correct(titles, "name", "Œuvre & Cie")
    with titles.read() as session:
        assert stored(session).sort_key == "oeuvre cie"


def test_a_name_whose_key_is_longer_than_itself_is_stored(titles: Database) -> None:
    correct(titles, "name", "œ" * 120)
    with titles.read() as session:
        assert len(stored(session).sort_key) == 120


def test_a_type_of_licence_stays_one_of_the_four(titles: Database) -> None:
    correct(titles, "licence_type", "gratuit")
    with titles.read() as session:
        assert stored(session).licence_type is LicenceType.GRATIS


def test_the_same_value_changes_nothing(titles: Database) -> None:
    before = written(titles)
    correct(titles, "name", " GeoGebra ")
    assert written(titles) == before


@pytest.mark.parametrize("field", sorted(EDITABLE))
def test_each_field_holds_its_longest_value(titles: Database, field: str) -> None:
    longest = {"licence_type": "proprietaire", "homepage": "https://" + "a" * (EDITABLE["homepage"] - 8)}
    correct(titles, field, longest.get(field, "é" * EDITABLE[field]), source="s" * 200, reason="r" * 1000)


def test_imports_keep_what_a_person_corrected(titles: Database, tmp_path: Path) -> None:
    correct(titles, "name", "GeoGebra Classique")
    take(titles, file(tmp_path, name="Géogebra", publisher="Autre"))
    with titles.read() as session:
        assert (stored(session).name, stored(session).publisher) == ("GeoGebra Classique", "Autre")


def test_an_old_hash_is_not_current_once_a_newer_version_is_said(titles: Database) -> None:
    def bring(session: Session) -> None:
        for slug in ("geogebra", "xcas"):
            title_id = stored(session, slug).key
            session.add(
                Installer(
                    title_id=title_id, version_label="6.0", architecture="x64", type="msi", sha256="a" * 64, snapshot="2026-08-01",
                    current=True,
                )
            )  # fmt: skip

    titles.write(bring)
    correct(titles, "latest_version", "6.0.0")
    assert currents(titles) == {"geogebra": True, "xcas": True}
    correct(titles, "latest_version", "7.0")
    assert currents(titles) == {"geogebra": False, "xcas": True}


def currents(database: Database) -> dict[str, bool]:
    with database.read() as session:
        query = select(Title.slug, Installer.current).join(Installer, col(Installer.title_id) == Title.id)
        return dict(session.exec(query).all())


@pytest.mark.parametrize(
    ("field", "value", "said", "sentence"),
    [
        ("usage", "3", {}, "Le champ « usage » ne se corrige pas ici."),
        ("slug", "x", {}, "Le champ « slug » ne se corrige pas ici."),
        ("name", "é" * 121, {}, "La valeur dépasse 120 caractères. Raccourcissez-la."),
        ("purpose", "é" * 141, {}, "La valeur dépasse 140 caractères. Raccourcissez-la."),
        ("name", "  \x00 ", {}, "Un titre a un nom. Écrivez-le."),
        (
            "licence_type", "payant", {},
            "Type de licence inconnu. Choisissez parmi : libre, gratuit, proprietaire, inconnu.",
        ),
        ("homepage", "javascript:alert(1)", {}, "L’adresse d’un site commence par https://. Corrigez-la."),
        ("name", "X", {"reason": " \t"}, "Il manque la raison de la correction. Écrivez-la en une phrase."),
        ("name", "X", {"reason": "r" * 1001}, "La raison dépasse 1000 caractères. Raccourcissez-la."),
        ("name", "X", {"source": "\x00"}, "Il manque la source de la correction. Écrivez d’où vient la valeur."),
        ("name", "X", {"source": "s" * 201}, "La source dépasse 200 caractères. Raccourcissez-la."),
    ],
)  # fmt: skip
def test_each_fault_is_said_and_nothing_is_written(
    titles: Database, field: str, value: str, said: dict[str, Any], sentence: str
) -> None:
    before = written(titles)
    with pytest.raises(Refused) as refusal:
        correct(titles, field, value, **said)
    assert refusal.value.reasons == (french(sentence),)
    assert written(titles) == before


def test_all_faults_are_said_at_once(titles: Database) -> None:
    with pytest.raises(Refused) as refusal:
        correct(titles, "homepage", "ftp://" + "a" * 400, source="", reason="")
    assert len(refusal.value.reasons) == 4


def test_a_title_that_does_not_exist_is_named(titles: Database) -> None:
    with pytest.raises(Unknown) as refusal:
        correct(titles, "name", "X", slug="nulle-part")
    assert str(refusal.value) == french("Aucun titre ne s’appelle « nulle-part » dans le catalogue. Vérifiez son adresse.")


@pytest.mark.parametrize(
    "actor",
    [ANYONE, system("import"), Actor("person:1", "Région", frozenset({Grant(May.EDIT, "territory:aura")}))],
    ids=["anyone", "other", "of one territory"],
)
def test_only_who_holds_it_everywhere_edits(titles: Database, actor: Actor) -> None:
    before = written(titles)
    with pytest.raises(NotAllowed):
        correct(titles, "name", "X", actor=actor)
    with pytest.raises(NotAllowed):
        corrected_alternative(titles, "geogebra", "xcas", shown=True, reason="Proche", actor=actor)
    assert written(titles) == before


def test_an_alternative_is_added_then_removed_with_its_reasons(titles: Database) -> None:
    corrected_alternative(titles, "geogebra", "xcas", shown=True, reason=" Calcul formel ")
    corrected_alternative(titles, "geogebra", "xcas", shown=False, reason="Trop différent")
    with titles.read() as session:
        (known,) = session.exec(select(Alternative)).all()
        assert (known.shown, known.reason) == (False, "Trop différent")
        events = session.exec(select(Event).where(col(Event.move).startswith("alternative")).order_by(col(Event.id))).all()
        assert [(one.move, one.reason, one.details) for one in events] == [
            ("alternative-added", "Calcul formel", {"other": "xcas"}),
            ("alternative-removed", "Trop différent", {"other": "xcas"}),
        ]


@pytest.mark.parametrize(
    ("other", "reason", "sentence"),
    [
        ("xcas", "  ", "Il manque la raison de la correction. Écrivez-la en une phrase."),
        ("xcas", "r" * 301, "La raison dépasse 300 caractères. Raccourcissez-la."),
        ("geogebra", "Proche", "Un titre n’est pas l’équivalent de lui-même. Indiquez un autre titre."),
        ("nulle-part", "Proche", "Aucun titre ne s’appelle « nulle-part » dans le catalogue. Vérifiez son adresse."),
    ],
)
def test_a_wrong_alternative_is_refused(titles: Database, other: str, reason: str, sentence: str) -> None:
    before = written(titles)
    with pytest.raises(DomainError) as refusal:
        corrected_alternative(titles, "geogebra", other, shown=True, reason=reason)
    assert str(refusal.value) == french(sentence)
    assert written(titles) == before
