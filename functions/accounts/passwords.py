"""Argon2id, with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, two passes, one lane)."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1


def hashed(password: str) -> str:
    """The encoded hash to store: parameters, salt and digest."""
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. An unknown account (None) costs the same time as a wrong password."""
    from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415

    try:
        _hasher().verify(stored or _nobodys_hash(), password)
    except VerifyMismatchError:
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415  (loads native code: only where passwords are handled)

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys_hash() -> str:
    return hashed("nobody has this password")
