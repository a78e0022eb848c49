"""Why a sign-in does not succeed: the one exception of this floor, and the motives that pages put into words."""

from enum import StrEnum


class Motive(StrEnum):
    """Codes are stable: they stand in the address of the page that explains, and in the log."""

    UNREACHABLE = "unreachable"  # no connection, or an answer that is an error
    SLOW = "slow"  # no answer within the time we give
    UNSAFE = "unsafe"  # its certificate is not the one of its name
    UNREADABLE = "unreadable"  # an answer that is not what the protocol says: HTML, cut XML, a token we do not accept
    DENIED = "denied"  # the provider answers, and says no: ticket used or too old, service not registered
    EXPIRED = "expired"  # ours: no sign-in was begun from this browser, or more than ten minutes ago
    NOBODY = "nobody"  # an answer that names a school, a mail address or nothing where a person is expected
    NOT_FRESH = "not_fresh"  # the password was to be asked again, and nothing proves that it was
    UNSAID = "unsaid"  # the answer does not say what the person is, and this provider also knows pupils
    NOT_FOR_YOU = "not_for_you"  # pupils and parents
    NOT_YOURS = "not_yours"  # who signed in to be linked is not known by the same join key: somebody else, for all we know
    OWN_GRANT = "own_grant"  # one of two accounts to be linked granted a role to the other, and nobody grants to themselves


class SignInRefused(Exception):
    """`motive` is for people; `detail` is for the log and never holds what identifies somebody."""

    def __init__(self, motive: Motive, detail: str = "") -> None:
        super().__init__(f"{motive}: {detail}" if detail else str(motive))
        self.motive = motive
        self.detail = detail
