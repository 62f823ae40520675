"""People in every role towards a public and a private account, and everything that those two can show or hide."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from local.client import Client, Json, wait_until
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO, Aws
from tests.security.oracle import ROLES, THINGS

Join = Callable[[str], Client]
# Longer than any instance of a function remembers what two people are to each other.
FORGOTTEN_SECONDS = 5
# An empty machine needs a few.
PATIENCE_SECONDS = 120
# Where everything is posted: farther from any land than any other place.
PLACE = {"name": "Point Nemo", "lat": -48.8767, "lon": -123.3933}
# What nobody has ever heard of.
NOTHING = {
    "userId": str(uuid.uuid4()),
    "username": "nobody.at.all",
    "postId": str(uuid.uuid4()),
    "commentId": str(uuid.uuid4()),
    "storyId": str(uuid.uuid4()),
    "mediaId": str(uuid.uuid4()),
    "playlist": "master.m3u8",
    "sessionId": str(uuid.uuid4()),
    "exportId": str(uuid.uuid4()),
}


@dataclass(frozen=True)
class Thing:
    """`names`: what identifies it in paths. `marks`: texts by which it would be recognised in any answer."""

    names: Mapping[str, str]
    marks: tuple[str, ...]


@dataclass
class Community:
    """`word` is in every caption, `hashtag` on every post."""

    owners: dict[str, Client]
    viewers: dict[str, Client]
    witness: Client
    word: str
    witness_names: dict[str, str] = field(default_factory=dict[str, str])
    things: dict[str, Thing] = field(default_factory=dict[str, Thing])
    answers: dict[Any, Any] = field(default_factory=dict[Any, Any])

    @property
    def hashtag(self) -> str:
        return f"tag{self.word}"

    def viewer(self, role: str, thing: str) -> Client:
        return self.owners[owner_of(thing)] if role == "owner" else self.viewers[role]

    def owner(self, thing: str) -> Client:
        return self.owners[owner_of(thing)]

    def names(self, thing: str) -> dict[str, str]:
        near = {"lat": str(PLACE["lat"]), "lon": str(PLACE["lon"])}
        return {"word": self.word, "hashtag": self.hashtag, **near, **self.things[thing].names}

    def ask(
        self,
        who: Client,
        route: str,
        names: Mapping[str, str],
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request of `route`, filled in with `names`."""
        method, path = route.split(" ")
        params = {name: value.format_map(names) for name, value in (query or {}).items()}
        return who.request(method, path.removeprefix("/v1").format_map(names), json=body, params=params)

    def ask_for_nothing(
        self, who: Client, route: str, body: Callable[[Mapping[str, str]], Json] | None
    ) -> httpx.Response:
        """The answer about what never was, asked for once."""
        key = (who.user_id, route)
        if key not in self.answers:
            self.answers[key] = self.ask(who, route, NOTHING, body and body(NOTHING))
        return self.answers[key]

    def whole_list(self, who: Client, route: str, names: Mapping[str, str], query: Mapping[str, str]) -> str:
        """What all pages of a list say, asked for once."""
        key = (who.user_id, route.format_map(names), *query.values())
        if key not in self.answers:
            self.answers[key] = "\n".join(self._pages(who, route, names, query))
        return self.answers[key]

    def _pages(self, who: Client, route: str, names: Mapping[str, str], query: Mapping[str, str]) -> Iterable[str]:
        following: str | None = ""
        while following is not None:
            answer = self.ask(who, route, names, query={**query, **({"cursor": following} if following else {})})
            yield said(answer)
            following = answer.json().get("nextCursor")


def owner_of(thing: str) -> str:
    return thing.partition("-")[0]


def said(answer: httpx.Response) -> str:
    """The body of an answer, but for what only repeats or numbers the request."""
    if "problem" not in answer.headers["Content-Type"]:
        return answer.text
    return str({name: value for name, value in answer.json().items() if name not in ("instance", "requestId")})


def build(join: Join, aws: Aws) -> Community:
    """Relations first, then everything that is shown, then what is put away and taken back."""
    word = f"lantern{uuid.uuid4().hex[:8]}"
    names = {"former-follower": "former", "close-friend": "friend"}
    people = Community(
        owners={"public": join("olga"), "private": join("pavel")},
        viewers={role: join(names.get(role, role)) for role in ROLES if role != "owner"},
        witness=join("wanda"),
        word=word,
    )
    _relate(people)
    _publish(people, aws)
    _part(people)
    time.sleep(FORGOTTEN_SECONDS)
    return people


def _relate(people: Community) -> None:
    people.owners["private"].patch("/users/me", {"isPrivate": True})
    friends = {role: people.viewers[role] for role in ("close-friend", "blocked", "blocker")} | {"": people.witness}
    followers = [people.viewers["follower"], people.viewers["former-follower"], *friends.values()]
    for owner in people.owners.values():
        for follower in followers:
            _follow(follower, owner)
        for marked in (*friends.values(), people.viewers["marked"]):
            owner.put(f"/users/{marked.user_id}/close-friend")
        for followed in (people.viewers["admired"], people.witness):
            _follow(owner, followed)
        people.viewers["admired"].put(f"/users/{owner.user_id}/close-friend")
    people.viewers["requested"].put(f"/users/{people.owners['private'].user_id}/follow")


def _follow(follower: Client, followee: Client) -> None:
    if follower.put(f"/users/{followee.user_id}/follow")["state"] == "requested":
        followee.put(f"/follow-requests/{follower.user_id}")


def _publish(people: Community, aws: Aws) -> None:
    me = people.witness.get("/users/me")
    people.witness_names |= {name: me[name] for name in ("userId", "username")}
    people.witness_names["postId"] = _post(people, people.witness, "shown", close_friends=False)
    for name in THINGS:
        people.things[name] = _made(people, name)
    _wait_until_published(people)
    _talk(people)
    _take_back(people, aws)
    _wait_until_known(people)


def _made(people: Community, name: str) -> Thing:
    """The thing, as far as it can be made at once; what is said about others is said later."""
    content, owner = THINGS[name], people.owner(name)
    if content.kind == "post":
        post_id = _post(people, owner, content.state, close_friends=content.close_friends, mark=_mark(people, name))
        return _shown_thing(owner, f"/posts/{post_id}", {"postId": post_id}, _mark(people, name))
    if content.kind == "story":
        media_id = _medium(owner, content.state, "story")
        audience = "closeFriends" if content.close_friends else "followers"
        story = {"mediaId": media_id, "caption": _mark(people, name), "audience": audience}
        story_id = owner.post("/stories", story)["storyId"]
        return _shown_thing(owner, f"/stories/{story_id}", {"storyId": story_id}, _mark(people, name))
    me = owner.get("/users/me")
    names = {"userId": me["userId"], "username": me["username"]}
    if content.kind == "media":
        media_id = _medium(owner, "shown", "post")
        return Thing({**names, "mediaId": media_id}, (media_id,))
    return Thing(names, (me["userId"], me["username"], me["fullName"]) if content.kind == "profile" else ())


def _shown_thing(owner: Client, path: str, names: dict[str, str], mark: str) -> Thing:
    made = owner.get(path)
    media = made["media"] if isinstance(made["media"], list) else [made["media"]]
    author = {name: made["author"][name] for name in ("userId", "username")}
    return Thing({**author, **names}, (*names.values(), mark, *(medium["mediaId"] for medium in media)))


def _mark(people: Community, name: str) -> str:
    """Words that nothing else says."""
    return f"{name} as {people.word} saw it"


def _post(people: Community, author: Client, state: str, *, close_friends: bool, mark: str = "") -> str:
    audience = "closeFriends" if close_friends else "followers"
    media = [_medium(author, state, "post")]
    said = {"caption": f"{mark} #{people.hashtag}", "location": PLACE}
    return author.create_post(media, audience=audience, **said)["postId"]


def _medium(owner: Client, state: str, purpose: str) -> str:
    if state == "processing":
        return owner.request_upload(len(PHOTO), purpose=purpose)["mediaId"]
    return owner.upload(PHOTO, purpose=purpose)


def _wait_until_published(people: Community) -> None:
    paths = [(people.witness, f"/posts/{people.witness_names['postId']}")]
    for name, thing in people.things.items():
        content = THINGS[name]
        if content.kind in ("post", "story") and content.state != "processing":
            plural = "posts" if content.kind == "post" else "stories"
            paths.append((people.owner(name), f"/{plural}/{thing.names[f'{content.kind}Id']}"))
    for owner, path in paths:
        wait_until(
            lambda owner=owner, path=path: owner.get(path)["status"] == "published",
            PATIENCE_SECONDS,
            what=f"{path} published",
        )


def _talk(people: Community) -> None:
    for owner in people.owners:
        for kind in ("", "close-friends-", "archived-", "deleted-"):
            post = people.things[f"{owner}-{kind}post"]
            _say(people, people.witness, f"{owner}-{kind}comment", {**post.names})
    _save(people)
    path = f"/posts/{people.witness_names['postId']}"
    question = people.witness.post(f"{path}/comments", {"content": "What do you think?"})["commentId"]
    people.witness_names["commentId"] = question
    for owner, client in people.owners.items():
        client.put(f"{path}/like")
        names = {**people.things[f"{owner}-profile"].names, "postId": people.witness_names["postId"]}
        _say(people, client, f"{owner}-remark", names)
        _say(people, client, f"{owner}-reply", names, parentCommentId=question)


def _save(people: Community) -> None:
    """Everybody keeps whatever they can see while it is there."""
    for name, content in THINGS.items():
        if content.kind == "post":
            for who in (people.owner(name), *people.viewers.values()):
                who.request("PUT", f"/posts/{people.things[name].names['postId']}/save")


def _say(people: Community, author: Client, name: str, names: dict[str, str], **fields: str) -> None:
    words = {"content": _mark(people, name), **fields}
    comment_id = author.post(f"/posts/{names['postId']}/comments", words)["commentId"]
    people.things[name] = Thing({**names, "commentId": comment_id}, (comment_id, words["content"]))


def _take_back(people: Community, aws: Aws) -> None:
    for name, content in THINGS.items():
        names, owner = people.things[name].names, people.owner(name)
        match content.kind, content.state:
            case "post", "archived":
                owner.put(f"/posts/{names['postId']}/archive")
            case "post", "deleted":
                owner.delete(f"/posts/{names['postId']}")
            case "story", "deleted":
                owner.delete(f"/stories/{names['storyId']}")
            case "story", "expired":
                _let_a_day_pass(aws, names["storyId"])


def _let_a_day_pass(aws: Aws, story_id: str) -> None:
    """The item stays, as it does on AWS for up to two days; only the time that it names is over."""
    aws("dynamodb").update_item(
        TableName=f"{NAMESPACE}-stories",
        Key={"storyId": {"S": story_id}},
        UpdateExpression="SET expiresAt = :past",
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 60)}},
    )


def _wait_until_known(people: Community) -> None:
    """What comes late is there, so that what is missing is missing for good."""
    friend = people.viewers["close-friend"]
    expected = {
        people.things[f"{owner}-{kind}post"].names["postId"]
        for owner in people.owners
        for kind in ("", "close-friends-")
    }
    wait_until(lambda: expected <= _post_ids(friend, "/feed"), PATIENCE_SECONDS, what="the feed")
    tagged = {people.things[f"{owner}-post"].names["postId"] for owner in people.owners}
    wait_until(
        lambda: tagged <= _post_ids(friend, f"/hashtags/{people.hashtag}/posts"), PATIENCE_SECONDS, what="the hashtag"
    )
    found = {people.things["public-post"].names["postId"]}
    wait_until(
        lambda: found <= _post_ids(friend, "/search", type="posts", q=people.word),
        PATIENCE_SECONDS,
        what="the search for posts",
    )
    wait_until(
        lambda: found <= _post_ids(friend, "/explore/nearby", lat=str(PLACE["lat"]), lon=str(PLACE["lon"])),
        PATIENCE_SECONDS,
        what="the posts nearby",
    )
    for owner in people.owners.values():
        username = owner.get("/users/me")["username"]
        wait_until(
            lambda name=username: list(friend.items("/search", q=name)), PATIENCE_SECONDS, what="the search for people"
        )


def _post_ids(client: Client, path: str, **query: str) -> set[str]:
    return {post["postId"] for post in client.items(path, **query)}


def _part(people: Community) -> None:
    """Who followed no longer does; blocks come last, so that whatever a block must take away has been given."""
    for owner in people.owners.values():
        owner.delete(f"/followers/{people.viewers['former-follower'].user_id}")
        owner.put(f"/users/{people.viewers['blocked'].user_id}/block")
        people.viewers["blocker"].put(f"/users/{owner.user_id}/block")
