"""What captions and comments refer to: hashtags, and accounts that are mentioned."""

from collections.abc import Sequence

from functions.accounts import service as accounts
from functions.graph import service as graph
from functions.posts import text
from functions.posts.model import Mention
from functions.posts.text import Caption


def read_caption(caption: str) -> Caption:
    """What a caption refers to. Raises Invalid for too many hashtags or mentions."""
    return text.read(caption)


def mentioned(author_id: str, usernames: Sequence[str]) -> tuple[Mention, ...]:
    """The accounts that the author mentions. Names that nobody has are only text, and so are those of people who have
    blocked the author, or whom the author has blocked.
    """
    found = accounts.by_usernames(usernames)
    profiles = accounts.profiles(found.values())
    author = graph.viewer(author_id, profiles)
    return tuple(
        Mention(found[name], name)
        for name in usernames
        if name in found and found[name] in profiles and graph.may_view(author, profiles[found[name]], "everyone")
    )


def without_mention(
    caption: str, mentioned_users: tuple[Mention, ...], user_id: str
) -> tuple[str, tuple[Mention, ...]]:
    """A text and the accounts it mentions, without one of these. Pure."""
    for mention in mentioned_users:
        if mention.user_id == user_id:
            caption = text.without_mention(caption, mention.username)
    return caption, tuple(mention for mention in mentioned_users if mention.user_id != user_id)
