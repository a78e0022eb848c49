"""Providers declared by an operator, and the demonstration's own, whose addresses change with the port."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, select

from portal.signin.models import Protocol, Provider

DEMONSTRATION, COLLEGES, WINDOW = "demonstration", "demonstration-colleges", "demonstration-guichet"
LABELS: Mapping[str, str] = MappingProxyType(
    {
        DEMONSTRATION: "ENT de démonstration",
        COLLEGES: "ENT des collèges (démonstration)",
        WINDOW: "Guichet de l’État (démonstration)",
    }
)
# One server plays the three.
PATHS: Mapping[str, str] = MappingProxyType({DEMONSTRATION: "/cas", COLLEGES: "/colleges/cas", WINDOW: "/guichet/cas"})


def declare(session: Session, wanted: Provider) -> bool:
    """Create or correct the provider of that slug; whether it is new. One that was closed stays so."""
    held = session.exec(select(Provider).where(Provider.slug == wanted.slug)).one_or_none()
    if held is None:
        session.add(wanted)
        return True
    for name, value in wanted.model_dump(exclude={"id", "version", "slug", "enabled"}).items():
        setattr(held, name, value)
    return False


def declare_demonstration(session: Session, base_url: str) -> None:
    """The CAS server that `make demo` starts beside the portal."""
    declare(session, _played(DEMONSTRATION, base_url, serves=["*"], gives_join_key=True))


def declare_other_demonstrations(session: Session, base_url: str) -> None:
    """The other providers of that server. `base_url`: of the first.

    The State's window serves no school: it is a door of its own, and not one more at the side of each school's ENT.
    """
    server = base_url.removesuffix(PATHS[DEMONSTRATION])
    declare(session, _played(COLLEGES, f"{server}{PATHS[COLLEGES]}", serves=["territory:isere"], gives_join_key=True))
    declare(session, _played(WINDOW, f"{server}{PATHS[WINDOW]}", adults_only=True, names_heads=True))


def _played(slug: str, base_url: str, **traits: Any) -> Provider:
    return Provider(
        slug=slug,
        label=LABELS[slug],
        protocol=Protocol.CAS,
        base_url=base_url,
        is_demonstration=True,
        proves_fresh=True,
        **traits,
    )
