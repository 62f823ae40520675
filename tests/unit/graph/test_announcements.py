"""What a change in the graph's tables says to the others."""

import pytest

from functions.graph import announcements
from functions.graph.store import BlockItem, EdgeItem
from heliograph.events import Blocked, Followed, PostNotificationsSwitched, Unfollowed
from heliograph.outbox import Change, change_of
from tests.unit.samples import sample


def edge(following: str, edge: str = "out#a") -> EdgeItem:
    return EdgeItem(edge, "b", follower_id="a", followee_id="b", following=following)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, edge("yes"), [Followed(follower_id="a", followee_id="b")]),
        (None, edge("requested"), []),
        (edge("requested"), edge("yes"), [Followed(follower_id="a", followee_id="b")]),
        (edge("yes"), edge("yes"), []),
        (edge("yes"), edge("no"), [Unfollowed(follower_id="a", followee_id="b")]),
        (edge("yes"), None, [Unfollowed(follower_id="a", followee_id="b")]),
        (edge("requested"), None, []),
        (None, edge("yes", "in#b#3"), []),
        (None, edge("requested", "request#b"), []),
    ],
)
def test_follow_events_are_published(old: EdgeItem | None, new: EdgeItem | None, said: list[object]) -> None:
    assert list(announcements.edge_announced(Change(old, new))) == said


def test_notification_setting_change_is_published() -> None:
    quiet, told, gone = edge("yes"), edge("yes"), edge("no")
    told.post_notifications = True
    switched = PostNotificationsSwitched(follower_id="a", followee_id="b")
    assert list(announcements.edge_announced(Change(quiet, told))) == [switched]
    assert list(announcements.edge_announced(Change(told, told))) == []
    assert list(announcements.edge_announced(Change(told, quiet))) == [switched]
    assert list(announcements.edge_announced(Change(told, gone))) == [
        Unfollowed(follower_id="a", followee_id="b"),
        switched,
    ]


def test_block_is_published_once() -> None:
    block = BlockItem("a", "b")
    assert list(announcements.block_announced(Change(None, block))) == [Blocked(blocker_id="a", blocked_id="b")]
    assert list(announcements.block_announced(Change(block, block))) == []
    assert list(announcements.block_announced(Change(block, None))) == []


def test_a_real_stream_record_is_understood() -> None:
    records = sample("dynamodb_follows")["Records"]
    said = [event for record in records for event in announcements.edge_announced(change_of(EdgeItem, record))]
    assert [type(event) for event in said] == [Followed]


def test_a_real_record_of_a_block_is_understood() -> None:
    (record,) = sample("dynamodb_blocks")["Records"]
    (said,) = announcements.block_announced(change_of(BlockItem, record))
    assert type(said) is Blocked
