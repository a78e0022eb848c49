"""A mark that only our own pages hold: what a link of theirs begins, a link of another site does not begin in somebody's name."""

from itsdangerous import BadSignature, TimestampSigner

from portal.settings import Settings

SALT = "begun from a page of the account"


def mark(settings: Settings, session_id: int) -> str:
    """Of this browser's session, for as long as it may last."""
    return _signer(settings).sign(str(session_id)).decode()


def is_marked(settings: Settings, session_id: int, said: str) -> bool:
    try:
        held = _signer(settings).unsign(said, max_age=int(settings.session_longest.total_seconds()))
    except BadSignature:
        return False
    return held.decode() == str(session_id)


def _signer(settings: Settings) -> TimestampSigner:
    return TimestampSigner(settings.secret_key.get_secret_value(), salt=SALT)
