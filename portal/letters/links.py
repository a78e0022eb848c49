"""The link by which a letter lets its reader choose how often the next ones come, without signing in."""

from itsdangerous import BadSignature, URLSafeSerializer

from portal.settings import Settings

SALT = "how often letters come"


def sign(settings: Settings, account: int) -> str:
    """Without an end: a letter is kept for years, and its link opens nothing else and shows nothing of anybody."""
    return str(_signer(settings).dumps(account))


def account_signed(settings: Settings, said: str) -> int | None:
    try:
        held = _signer(settings).loads(said)
    except BadSignature:
        return None
    return held if isinstance(held, int) else None


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key.get_secret_value(), salt=SALT)
