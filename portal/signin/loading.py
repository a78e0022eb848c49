"""Providers declared by an operator, and the demonstration's own, whose address changes with the port."""

from sqlmodel import Session, select

from portal.signin.models import Protocol, Provider

DEMONSTRATION = "demonstration"


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
    declare(
        session,
        Provider(
            slug=DEMONSTRATION,
            label="ENT de démonstration",
            protocol=Protocol.CAS,
            base_url=base_url,
            serves=["*"],
            is_demonstration=True,
            gives_join_key=True,
            proves_fresh=True,
        ),
    )
