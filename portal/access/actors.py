"""Who acts, as rules see it: a key, a function, and what was granted."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission held over a scope such as `territory:aura` or `school:0380001A`; `*` is everywhere."""

    permission: str
    scope: str = "*"


@dataclass(frozen=True, slots=True)
class Actor:
    """`key` goes to the trail; `function` is what decisions are signed with.

    `only`: the permissions to which a personal token is limited; None when nothing limits.
    """

    key: str
    function: str
    grants: frozenset[Grant] = field(default_factory=frozenset)
    only: frozenset[str] | None = None

    def has(self, permission: str, scope: str) -> bool:
        return Grant(permission) in self.grants or Grant(permission, scope) in self.grants

    def scopes(self, permission: str) -> frozenset[str]:
        return frozenset(grant.scope for grant in self.grants if grant.permission == permission)


ANYONE = Actor(key="anonymous", function="Public")


def system(what: str, *permissions: str) -> Actor:
    """A named part of the portal that acts by itself: the command line, an import, the worker."""
    return Actor(f"system:{what}", "Administration du portail", frozenset(Grant(p) for p in permissions))
