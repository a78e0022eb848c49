"""Values that open something: drawn at random, given once, stored as digests."""

import hashlib
import os
import secrets

from portal.signin.models import Provider


def drawn() -> str:
    """43 characters, 256 bits: what ProConnect asks of a state, and more than anybody guesses."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """No salt: what is hashed is already random."""
    return hashlib.sha256(value.encode()).hexdigest()


def client_secret(provider: Provider) -> str:
    """From the environment, where an operator puts it; empty when it is not there, which `flask doctor` says."""
    return os.environ.get(provider.secret_env, "") if provider.secret_env else ""
