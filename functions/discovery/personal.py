"""What discovery knows of one person, for state machines: see `heliograph.personal`.

The index and the hashtags forget with the account and the posts themselves. A username is exported with the profile.
"""

from typing import Any

from functions.discovery import usernames
from heliograph import personal
from heliograph.tables import Slice


def _erase_username(user_id: str, _after: Any) -> Slice[str]:
    usernames.keep(user_id, None)
    return Slice([user_id], None)


EXPORTS: dict[str, personal.Section] = {}
ERASURES: dict[str, personal.Section] = {"usernames": _erase_username}

handler = personal.handler(EXPORTS, ERASURES)
