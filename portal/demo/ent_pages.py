"""The pages of the demonstration's providers. `Markup.format` escapes all that is not markup itself."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from portal.demo.faces import Face
from portal.demo.people_file import Group, Person
from portal.territories.loading import DATA
from portal.text import NBSP, clean, french

STYLE = Path(__file__).with_name("ent.css").read_text(encoding="utf-8")
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#1f4d77"/>'
    '<g fill="#f6f4ef"><circle cx="16" cy="12" r="5"/><path d="M6 26c0-6 4-9 10-9s10 3 10 9z"/></g></svg>'
)
FICTITIOUS = (
    "Ces personnes sont fictives, désignées par leur rôle ; leurs établissements existent, ce qui s’y passe ici est inventé."
)

LAYOUT = Markup("""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>{heading}</h1>{inside}</main></body></html>""")
HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')
PERSON = Markup(
    '<li><button name="username" value="{person.login}"><span><strong>{person.name}</strong>{nbsp}– {purpose}</span>'
    '<small>{place} · identifiant <span translate="no">{person.login}</span></small></button></li>'
)
GROUP = Markup("<section><h2>{title}</h2><ul>{people}</ul></section>")
LOGIN = Markup("""{intro}{alert}
<form method="post" action="{action}">{hidden}{groups}</form>
<form method="post" action="{action}" class="typed">{hidden}<label for="username">{label}</label>
<input id="username" name="username" value="{typed}" required autocomplete="username" autocapitalize="none" spellcheck="false"{state}>
<button>{send}</button></form>""")
PARAGRAPH = Markup("<p>{}</p>")
ALERT = Markup('<p class="alert" id="alert" role="alert">{}</p>')
NOTE = Markup('<p class="note">{}</p>')
LINK = Markup('<p><a href="{}">{}</a></p>')


class Asked(NamedTuple):
    """Where the person is going, whether a cookie is not enough there, and the name that the address came under."""

    service: str = ""
    renew: bool = False
    name: str = "service"


def school_names(groups: Iterable[Group], path: Path = DATA / "schools.csv") -> dict[str, str]:
    """As the directory of schools names those of the demonstration."""
    wanted = {school for group in groups for person in group.people for school in person.schools}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["uai"]: french(f"{row['name']} ({row['city']})") for row in csv.DictReader(file) if row["uai"] in wanted}


def login(face: Face, schools: dict[str, str], asked: Asked, *, known: Person | None = None, unknown: str | None = None) -> str:
    """`known`: who the browser says is here; `unknown`: a login that was typed, and that nobody has."""
    alert = Markup()
    if unknown is not None:
        alert = ALERT.format(
            french("Personne n’a cet identifiant ici. Choisissez dans la liste, ou corrigez ce qui est écrit en bas.")
        )
    elif known is not None:
        again = f"Le portail demande de prouver de nouveau qui vous êtes. Choisissez la même personne : {known.name}."
        alert = NOTE.format(french(again))
    hidden = HIDDEN.format(asked.name, asked.service) if asked.service else Markup()
    hidden += HIDDEN.format("renew", "true") if asked.renew else Markup()
    inside = LOGIN.format(
        action=f"{face.path}/login",
        intro=PARAGRAPH.format(french(f"{face.intro} {FICTITIOUS}")),
        alert=alert,
        hidden=hidden,
        groups=Markup().join(_group(group, schools) for group in face.groups),
        label=french("Ou écrivez un identifiant"),
        typed=clean(unknown or ""),
        state=Markup(' aria-invalid="true" aria-describedby="alert"') if unknown is not None else "",
        send=french("Se connecter"),
    )
    return _page(face, inside, face.name, f"Identifiant inconnu – {face.name}" if unknown is not None else face.name)


def signed_in(face: Face, person: Person, portal: str) -> str:
    inside = PARAGRAPH.format(french(f"Vous êtes connecté·e : {person.name}."))
    inside += LINK.format(f"{portal}/", french("Aller au portail"))
    inside += LINK.format(f"{face.path}/logout", french(f"Se déconnecter {face.of_it}, pour être quelqu’un d’autre"))
    return _page(face, inside, face.name)


def signed_out(face: Face, portal: str) -> str:
    inside = PARAGRAPH.format(french(f"Vous êtes déconnecté·e {face.of_it}, et du portail."))
    return _page(face, inside + LINK.format(f"{portal}/", french("Revenir au portail")), "Déconnexion")


def refused(face: Face, portal: str) -> str:
    sentence = f"{face.this} ne mène qu’au portail de la démonstration. Revenez au portail, puis choisissez « Se connecter »."
    inside = PARAGRAPH.format(french(sentence)) + LINK.format(f"{portal}/", french("Revenir au portail"))
    return _page(face, inside, "Adresse refusée")


def unreadable(face: Face, portal: str) -> str:
    inside = PARAGRAPH.format(french("Cette page n’existe pas, ou la demande est incomplète. Revenez au portail."))
    return _page(face, inside + LINK.format(f"{portal}/", french("Revenir au portail")), "Demande incomprise")


def _group(group: Group, schools: dict[str, str]) -> Markup:
    people = (
        PERSON.format(person=person, nbsp=NBSP, purpose=french(person.purpose), place=_place(person, schools))
        for person in group.people
    )
    return GROUP.format(title=french(group.title), people=Markup().join(people))


def _place(person: Person, schools: dict[str, str]) -> str:
    return ", ".join(schools[school] for school in person.schools) or "Sans établissement"


def _page(face: Face, inside: Markup, heading: str, title: str = "") -> str:
    return LAYOUT.format(title=title or f"{heading} – {face.name}", heading=heading, inside=inside)
