"""The providers that the demonstration's server plays: the ENT of everybody, that of collèges, and the State's window."""

from dataclasses import dataclass, field
from functools import cached_property

from portal.demo.ent_answers import Says, by_an_ent, by_the_window
from portal.demo.ent_tickets import Registry
from portal.demo.people_file import FOLDER, Group, Person, read_groups
from portal.signin.loading import COLLEGES, DEMONSTRATION, LABELS, PATHS, WINDOW


@dataclass(frozen=True)
class Face:
    """A server of its own to browsers and portals: no cookie or ticket of one opens another. `this`, `of_it`: what a sentence calls it."""

    slug: str
    this: str
    of_it: str
    intro: str
    groups: tuple[Group, ...]
    says: Says = by_an_ent
    registry: Registry = field(default_factory=Registry)

    @property
    def name(self) -> str:
        return LABELS[self.slug]

    @property
    def path(self) -> str:
        return PATHS[self.slug]

    @cached_property
    def people(self) -> dict[str, Person]:
        """By login: of one face, since somebody may have the same elsewhere."""
        return {person.login: person for group in self.groups for person in group.people}


def faces(registry: Registry) -> tuple[Face, ...]:
    """`registry`: of the first."""
    return (
        Face(
            DEMONSTRATION,
            this="Cet ENT",
            of_it="de l’ENT",
            intro="Un vrai ENT demande un mot de passe. Celui-ci sert à essayer Logithèque : choisissez qui vous êtes.",
            groups=read_groups(),
            registry=registry,
        ),
        Face(
            COLLEGES,
            this="Cet ENT",
            of_it="de l’ENT des collèges",
            intro=(
                "Un vrai ENT demande un mot de passe. Celui-ci est un second ENT, pour essayer d’y avoir un second compte : "
                "choisissez qui vous êtes."
            ),
            groups=read_groups(FOLDER / "colleges.toml"),
        ),
        Face(
            WINDOW,
            this="Ce guichet",
            of_it="du guichet de l’État",
            intro=(
                "Le vrai guichet demande un mot de passe. Celui-ci sert à essayer Logithèque, et dit au portail de quels "
                "établissements chacun·e est chef·fe : choisissez qui vous êtes."
            ),
            groups=read_groups(FOLDER / "guichet.toml"),
            says=by_the_window,
        ),
    )
