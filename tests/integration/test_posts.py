"""Posts over HTTP: who sees them, what editing and archiving do, and counts that stay exact."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from local.client import Client, wait_until
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO


@dataclass
class People:
    cleo: Client
    dan: Client
    eve: Client


@pytest.fixture(scope="module")
def people(join: Callable[[str], Client]) -> People:
    """Dan follows Cleo; Eve follows nobody."""
    people = People(join("cleo"), join("dan"), join("eve"))
    people.dan.put(f"/users/{people.cleo.user_id}/follow")
    return people


def publish(client: Client, **fields: Any) -> str:
    """A published post of one small photo."""
    post_id = client.create_post([client.upload(PHOTO)], **fields)["postId"]
    wait_until(lambda: client.get(f"/posts/{post_id}")["status"] == "published", what="the publication")
    return post_id


def status(client: Client, path: str) -> int:
    return client.request("GET", path).status_code


def grid(client: Client, owner: Client) -> list[str]:
    return [post["postId"] for post in client.items(f"/users/{owner.user_id}/posts", limit=2)]


def test_posts_for_close_friends_are_shown_to_them_only(people: People) -> None:
    post_id = publish(people.cleo, audience="closeFriends")

    assert status(people.dan, f"/posts/{post_id}") == 404
    assert post_id not in grid(people.dan, people.cleo)

    people.cleo.put(f"/users/{people.dan.user_id}/close-friend")

    wait_until(lambda: status(people.dan, f"/posts/{post_id}") == 200, what="the friendship to show")
    assert post_id in grid(people.dan, people.cleo)
    assert status(people.eve, f"/posts/{post_id}") == 404


def test_posts_of_private_account_are_shown_to_followers_only(people: People, join: Callable[[str], Client]) -> None:
    fay = join("fay")
    fay.patch("/users/me", {"isPrivate": True})
    post_id = publish(fay)

    for path in (f"/posts/{post_id}", f"/posts/{post_id}/likes", f"/posts/{post_id}/comments"):
        assert status(people.dan, path) == 404
    assert people.dan.request("PUT", f"/posts/{post_id}/like").status_code == 404
    assert grid(people.dan, fay) == []

    people.dan.put(f"/users/{fay.user_id}/follow")
    fay.put(f"/follow-requests/{people.dan.user_id}")

    wait_until(lambda: status(people.dan, f"/posts/{post_id}") == 200, what="the following to show")
    assert people.dan.put(f"/posts/{post_id}/like") == {"liked": True, "likeCount": 1}
    assert grid(people.dan, fay) == [post_id]


def test_edited_post_changes_hashtags_place_and_alt_text(people: People) -> None:
    post_id = publish(people.cleo, caption="#before", location={"name": "Rome", "lat": 41.9, "lon": 12.5})
    media_id = people.cleo.get(f"/posts/{post_id}")["media"][0]["mediaId"]

    edited = people.cleo.patch(
        f"/posts/{post_id}", {"caption": "#after", "location": None, "altTexts": {media_id: "A red sky"}}
    )

    assert (edited["hashtags"], edited["location"]) == (["after"], None)
    assert people.dan.get(f"/posts/{post_id}")["media"][0]["altText"] == "A red sky"
    assert people.dan.request("PATCH", f"/posts/{post_id}", json={"caption": "mine"}).status_code == 403
    assert people.eve.request("DELETE", f"/posts/{post_id}").status_code == 403


def test_archived_post_is_shown_to_its_author_only_until_restored(people: People) -> None:
    post_id = publish(people.cleo, caption="for a while")
    count = len(grid(people.cleo, people.cleo))

    def posts_counted() -> int:
        return people.eve.get(f"/users/{people.cleo.user_id}")["postCount"]

    wait_until(lambda: posts_counted() == count, what="the count of posts")
    for _ in range(2):
        people.cleo.put(f"/posts/{post_id}/archive")
    assert status(people.dan, f"/posts/{post_id}") == 404
    assert people.cleo.get(f"/posts/{post_id}")["isArchived"] is True
    assert post_id not in grid(people.cleo, people.cleo)
    assert [post["postId"] for post in people.cleo.items("/users/me/archive")] == [post_id]
    wait_until(lambda: posts_counted() == count - 1, what="the count without the archived post")

    for _ in range(2):
        people.cleo.delete(f"/posts/{post_id}/archive")
    assert grid(people.dan, people.cleo)[0] == post_id
    wait_until(lambda: posts_counted() == count, what="the count with the post again")


def test_concurrent_likes_are_counted_exactly(people: People) -> None:
    post_id = publish(people.cleo)
    clients = (people.cleo, people.dan, people.eve)

    def waver(client: Client) -> None:
        for _ in range(3):
            client.put(f"/posts/{post_id}/like")
            client.delete(f"/posts/{post_id}/like")
        client.put(f"/posts/{post_id}/like")

    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(waver, [*clients, *clients]))

    assert people.dan.put(f"/posts/{post_id}/like")["likeCount"] == len(clients)
    wait_until(lambda: people.dan.get(f"/posts/{post_id}")["likeCount"] == len(clients), what="the count on the post")
    assert {person["userId"] for person in people.eve.items(f"/posts/{post_id}/likes", limit=1)} == {
        client.user_id for client in clients
    }


def test_deleted_comment_removes_its_thread(people: People) -> None:
    post_id = publish(people.cleo)
    path = f"/posts/{post_id}/comments"
    first = people.dan.post(path, {"content": "First"})["commentId"]
    reply = people.cleo.post(path, {"content": "Reply", "parentCommentId": first})["commentId"]
    deeper = people.eve.post(path, {"content": "To the reply", "parentCommentId": reply})
    other = people.eve.post(path, {"content": "Other"})["commentId"]
    assert deeper["parentCommentId"] == first
    wait_until(lambda: people.dan.get(f"/posts/{post_id}")["commentCount"] == 4, what="four comments")
    assert people.eve.request("DELETE", f"/comments/{first}").status_code == 403

    # The post's author may delete what others wrote.
    people.cleo.delete(f"/comments/{first}")

    assert people.dan.request("PATCH", f"/comments/{reply}", json={"content": "x"}).status_code == 404
    wait_until(lambda: people.dan.get(f"/posts/{post_id}")["commentCount"] == 1, what="one comment")
    assert [comment["commentId"] for comment in people.dan.items(path)] == [other]
    gone = people.dan.request("POST", path, json={"content": "Too late", "parentCommentId": first})
    assert gone.status_code == 422


def test_block_hides_posts_and_comments_both_ways(people: People, join: Callable[[str], Client]) -> None:
    gus = join("gus")
    post_id = publish(people.cleo)
    gus.post(f"/posts/{post_id}/comments", {"content": "Hello"})

    people.dan.put(f"/users/{gus.user_id}/block")
    wait_until(lambda: list(people.dan.items(f"/posts/{post_id}/comments")) == [], what="the block to show")
    assert len(list(people.eve.items(f"/posts/{post_id}/comments"))) == 1

    people.cleo.put(f"/users/{gus.user_id}/block")
    wait_until(lambda: status(gus, f"/posts/{post_id}") == 404, what="the block to show")
    assert status(gus, f"/users/{people.cleo.user_id}/posts") == 404


def test_deleted_post_removes_likes_comments_and_counts(people: People, aws: Callable[[str], Any]) -> None:
    post_id = publish(people.cleo)
    people.dan.put(f"/posts/{post_id}/like")
    comment = people.dan.post(f"/posts/{post_id}/comments", {"content": "Nice"})["commentId"]
    people.eve.post(f"/posts/{post_id}/comments", {"content": "Yes", "parentCommentId": comment})
    dynamodb = aws("dynamodb")

    def left() -> int:
        likes = dynamodb.query(
            TableName=f"{NAMESPACE}-likes",
            KeyConditionExpression="postId = :post",
            ExpressionAttributeValues={":post": {"S": post_id}},
        )
        comments = dynamodb.scan(
            TableName=f"{NAMESPACE}-comments",
            FilterExpression="postId = :post",
            ExpressionAttributeValues={":post": {"S": post_id}},
        )
        counters = dynamodb.scan(
            TableName=f"{NAMESPACE}-counters",
            FilterExpression="contains(entity, :post)",
            ExpressionAttributeValues={":post": {"S": post_id}},
        )
        return likes["Count"] + comments["Count"] + counters["Count"]

    assert left() >= 3
    people.cleo.delete(f"/posts/{post_id}")

    wait_until(lambda: left() == 0, what="nothing left of the post")
