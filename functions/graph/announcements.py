"""What changes to the tables of the graph mean to the rest of the platform."""

from collections.abc import Iterator

from functions.graph.store import BlockItem, EdgeItem
from heliograph.events import Blocked, DomainEvent, Followed, PostNotificationsSwitched, Unfollowed
from heliograph.outbox import Change

__all__ = ["BlockItem", "EdgeItem", "block_announced", "edge_announced"]


def edge_announced(change: Change[EdgeItem]) -> Iterator[DomainEvent]:
    """The events that a change to the follows table means; only ties speak, lists repeat them."""
    item = change.new or change.old
    if item is None or not item.edge.startswith("out#"):
        return
    before, after = (image is not None and image.following == "yes" for image in (change.old, change.new))
    if after and not before:
        yield Followed(follower_id=item.follower_id, followee_id=item.followee_id)
    if before and not after:
        yield Unfollowed(follower_id=item.follower_id, followee_id=item.followee_id)
    told_before, told = (image is not None and image.post_notifications for image in (change.old, change.new))
    if told != told_before:
        yield PostNotificationsSwitched(follower_id=item.follower_id, followee_id=item.followee_id)


def block_announced(change: Change[BlockItem]) -> Iterator[DomainEvent]:
    """The events that a change to the blocks table means."""
    if change.new is not None and change.old is None:
        yield Blocked(blocker_id=change.new.blocker_id, blocked_id=change.new.blocked_id)
