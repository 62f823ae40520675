"""Fill a running cloud with the demo community, through the HTTPS API alone. A second run adds nothing."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from local.client import ApiError, Client, Json, wait_until
from local.community import PEOPLE, POSTS, STORY_AUTHOR, STORY_PHOTO, Person, Post
from local.instance import Endpoints
from local.progress import step

DEMO_LOGIN = "mira"
DEMO_PASSWORD = "sunny-ridge-42"

# A busy machine may take long; nothing here is a measurement.
_PATIENCE_SECONDS = 180.0
_PHOTOS = Path(__file__).parent / "demo" / "photos"


def seed(endpoints: Endpoints) -> None:
    """Add whatever of the community is missing; raises ApiError or NotInTimeError when that fails."""
    with _clients(endpoints) as clients:
        with step(f"{len(PEOPLE)} people sign up and sign in"):
            for person in PEOPLE:
                _join(clients[person.username], person)
        with step("they follow one another"):
            _follow_one_another(clients)
        with step(f"they post {len(POSTS)} photos and a story"):
            posts = {post: _create(clients[post.author], post) for post in POSTS}
            _tell_story(clients[STORY_AUTHOR])
            for post, post_id in posts.items():
                _wait_for_publication(clients[post.author], post_id)
        with step("they like and comment"):
            for post, post_id in posts.items():
                _react(clients, post, post_id)
        with step("the photos reach the feed and the search"):
            _wait_for_feed(clients[DEMO_LOGIN])


@contextmanager
def _clients(endpoints: Endpoints) -> Iterator[Mapping[str, Client]]:
    with ExitStack() as stack:
        yield {person.username: stack.enter_context(Client(endpoints.api_url)) for person in PEOPLE}


def _join(client: Client, person: Person) -> None:
    try:
        client.sign_up(person.username, DEMO_PASSWORD, full_name=person.full_name)
    except ApiError as error:
        if error.status != 409:
            raise
    client.sign_in(person.username, DEMO_PASSWORD)
    if client.get("/users/me")["bio"] != person.bio:
        client.patch("/users/me", {"bio": person.bio})


def _follow_one_another(clients: Mapping[str, Client]) -> None:
    for person in PEOPLE:
        for other in clients.keys() - {person.username, *person.strangers}:
            clients[person.username].put(f"/users/{_user_id(clients[other])}/follow")


def _create(client: Client, post: Post) -> str:
    """Post a photo unless its author has done so already; returns the post's id."""
    mine = client.items(f"/users/{_user_id(client)}/posts")
    existing = next((item["postId"] for item in mine if item["caption"] == post.caption), None)
    if existing:
        return existing
    fields: Json = {"caption": post.caption} | ({"location": asdict(post.place)} if post.place else {})
    # The keys make it safe to run this again after it was interrupted between any two requests.
    return client.create_post([_upload(client, post.photo, "post")], key=f"seed-post-{post.photo}", **fields)["postId"]


def _wait_for_publication(client: Client, post_id: str) -> None:
    wait_until(
        lambda: client.get(f"/posts/{post_id}")["status"] == "published",
        seconds=_PATIENCE_SECONDS,
        what=f"the publication of post {post_id}",
    )


def _tell_story(client: Client) -> None:
    if not client.get(f"/users/{_user_id(client)}/stories")["items"]:
        media_id = _upload(client, STORY_PHOTO, "story")
        client.post("/stories", {"mediaId": media_id, "caption": "Right now."}, key="seed-story")


def _upload(client: Client, photo: str, purpose: str) -> str:
    return client.upload((_PHOTOS / photo).read_bytes(), purpose=purpose, key=f"seed-photo-{photo}")


def _react(clients: Mapping[str, Client], post: Post, post_id: str) -> None:
    for username in post.likes:
        clients[username].put(f"/posts/{post_id}/like")
    if not post.comments:
        return
    said = {comment["content"] for comment in clients[post.author].items(f"/posts/{post_id}/comments")}
    for username, words in post.comments:
        if words not in said:
            clients[username].post(f"/posts/{post_id}/comments", {"content": words})


def _wait_for_feed(client: Client) -> None:
    newest = next(post.caption for post in reversed(POSTS) if post.author != DEMO_LOGIN)
    wait_until(
        lambda: newest in {item["caption"] for item in client.items("/feed")}, what="the newest photo in the feed"
    )
    wait_until(lambda: client.get("/search", type="posts", q="mountains")["items"], what="the photos in the search")


def _user_id(client: Client) -> str:
    if client.session is None:
        raise ValueError("sign in first")
    return client.session.user_id
