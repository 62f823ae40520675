"""Argon2id, with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, two passes, one lane).

Which passwords are good follows NIST SP 800-63B: long ones, taken as they are, but none that an attacker tries first.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from heliograph.plaintext import Refused

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
SERVICE = "heliograph"
# Shorter parts of a name or an address occur in passwords by chance.
TELLING_LETTERS = 3
# Fewer different characters beside those parts are soon tried.
DIFFERENT = 4


def check(password: str, about: Iterable[str]) -> None:
    """Whether a password is hard to guess. `about`: what is known of its owner, as username and e-mail address.

    Raises Refused.
    """
    plain = password.casefold()
    if plain in _common():
        raise Refused("too common: it is among the first that are tried")
    words = {SERVICE, *(word for text in about for word in re.split(r"[^a-z0-9]+", text.casefold()))}
    rest = plain
    for word in sorted((word for word in words if len(word) >= TELLING_LETTERS), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(set(rest)) < DIFFERENT:
        raise Refused("too easily guessed: little is left of it without names and repeated characters")


def hashed(password: str) -> str:
    """The encoded hash to store: parameters, salt and digest."""
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. An unknown account (None) costs the same time as a wrong password."""
    from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415

    # Made beforehand in any case: the first to ask for an unknown account would wait for it.
    nobodys = _nobodys_hash()
    try:
        _hasher().verify(stored or nobodys, password)
    except VerifyMismatchError:
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


@cache
def _common() -> frozenset[str]:
    """The 30,000 most common passwords, of which 11,000 have eight characters or more."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  (2 MB: only where a password is set)

    return frozenset(FREQUENCY_LISTS["passwords"])


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415  (loads native code: only where passwords are handled)

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys_hash() -> str:
    return hashed("nobody has this password")
