"""What reindexing finds in the tables, on the real engine."""

from functions.accounts import service as accounts
from functions.discovery import indexing
from functions.discovery.mappings import Kind
from functions.posts import service as posts
from heliograph import counters, ids, transactions
from heliograph.counters import Counter
from local import reindex
from tests.capacity import Meter
from tests.stores.samples import joined, written_post


def scanned(kind: Kind) -> list[str]:
    return [found for segment in range(3) for found in reindex.SCANS[kind](segment, 3)]


def test_every_account_and_post_is_found_once_over_all_segments() -> None:
    # given
    users = {joined() for _ in range(5)}
    written = [written_post(user_id=user_id) for user_id in users]
    # when
    found_users, found_posts = scanned("users"), scanned("posts")
    # then
    assert users <= {*found_users}
    assert {post.post_id for post in written} <= {*found_posts}
    assert len(found_users) == len({*found_users})
    assert len(found_posts) == len({*found_posts})


def test_every_hashtag_is_found_and_no_other_counter() -> None:
    # given
    tag, other = f"tag-{ids.new_id()}", ids.new_id()
    for counter in (Counter("hashtag", tag, "posts"), Counter("post", other, "likes")):
        transactions.commit(lambda transaction, counter=counter: counters.add(transaction, counter, actor="a"))
    # when
    found = scanned("hashtags")
    # then
    assert tag in found
    assert other not in found


def test_documents_are_made_of_what_was_just_written(meter: Meter) -> None:
    # given
    author = joined()
    post = written_post(user_id=author)
    before = len(meter.requests)
    # when
    [write] = indexing.writes([("posts", post.post_id)])
    # then two batches, read consistently: a unit each, not half a one
    assert write.version == post.version + accounts.profiles([author])[author].version
    assert [request.read_units for request in meter.requests[before : before + 2]] == [1, 1]
    assert posts.as_written([post.post_id, ids.new_id()]) == {post.post_id: post}
