"""Who is mentioned where, on the real engine."""

from datetime import timedelta

from functions.posts import mentions
from functions.posts.model import Mention
from functions.stories import service as stories
from functions.stories import store as stories_store
from heliograph import clock, config, ids, transactions
from tests.stores import engine
from tests.stores.samples import new_story

LATER = clock.now().replace(microsecond=0) + timedelta(hours=24)


def _people(count: int) -> list[Mention]:
    return [Mention(ids.new_id(), f"name-{number}") for number in range(count)]


def test_content_is_found_by_whom_it_mentions() -> None:
    # given
    [ben] = _people(1)
    posts = [ids.new_id() for _ in range(3)]
    story = ids.new_id()

    def build(transaction: transactions.TransactWrite) -> None:
        for post_id in posts:
            mentions.put(transaction, f"post#{post_id}", [ben])
        mentions.put(transaction, f"story#{story}", [ben], expires_at=LATER)

    transactions.commit(build)
    # then
    assert mentions.first(ben.user_id, "post", 2) == posts[:2]
    assert mentions.first(ben.user_id, "story", 2) == [story]
    # and what is dropped is not found, nor missed
    for _ in range(2):
        mentions.drop(ben.user_id, f"post#{posts[0]}")
    assert mentions.first(ben.user_id, "post", 5) == posts[1:]
    # and a story's mention expires with it
    key = {"userId": {"S": ben.user_id}, "contentId": {"S": f"story#{story}"}}
    stored = engine.client().get_item(TableName=config.named("mentions"), Key=key)["Item"]
    assert stored["expiresAt"] == {"N": str(clock.epoch(LATER))}


def test_other_words_mention_others() -> None:
    # given
    stays, leaves, comes = _people(3)
    content = f"post#{ids.new_id()}"
    transactions.commit(lambda transaction: mentions.put(transaction, content, [stays, leaves]))
    # when
    transactions.commit(
        lambda transaction: mentions.replace(transaction, content, before=[stays, leaves], after=[stays, comes])
    )

    def mentioned() -> list[bool]:
        return [bool(mentions.first(one.user_id, "post", 1)) for one in (stays, leaves, comes)]

    # then
    assert mentioned() == [True, False, True]
    # and when the content goes, so do they
    transactions.commit(lambda transaction: mentions.delete(transaction, content, [stays, comes]))
    assert mentioned() == [False, False, False]


def test_deleted_story_mentions_nobody() -> None:
    # given
    [ben] = _people(1)
    story = new_story(mentioned_users=(ben,))

    def write(transaction: transactions.TransactWrite) -> None:
        stories_store.put(transaction, story)
        mentions.put(transaction, f"story#{story.story_id}", [ben], expires_at=story.expires_at)

    transactions.commit(write)
    assert mentions.first(ben.user_id, "story", 5) == [story.story_id]
    # when
    stories.remove(story)
    # then
    assert mentions.first(ben.user_id, "story", 5) == []
    assert stories_store.story(story.story_id) is None
