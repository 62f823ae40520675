"""Which labels a post is found under, counted or not, and whom it makes active: what is true by now, whatever came."""

from itertools import permutations

import pytest

from functions.accounts import service as accounts
from functions.discovery import activity, events, store, tagging
from functions.posts import service as posts
from functions.posts.service import Location
from heliograph.events import Place, PostChanged, PostDeleted
from tests.unit.feed.samples import ANNA, POST, post, sample

BERLIN = Location("Berlin", 52.52, 13.405)
LABEL = "@berlin@52.5,13.4"


class Truth:
    """A post and the privacy of its author as they are, the table as rows with their privacy, who was active."""

    def __init__(self) -> None:
        self.posts = [post()]
        self.public = [True]
        self.rows: dict[tuple[str, str], bool] = {}
        self.active: set[tuple[str, str]] = set()

    def published(self, post_id):
        """What each look at the post finds; the last answer stays."""
        assert post_id == POST
        return self._next(self.posts)

    def is_public(self, user_id):
        assert user_id == ANNA
        return self._next(self.public)

    @staticmethod
    def _next(answers):
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def truth(monkeypatch) -> Truth:
    truth = Truth()
    monkeypatch.setattr(posts, "published", truth.published)
    monkeypatch.setattr(accounts, "is_public", truth.is_public)
    monkeypatch.setattr(
        store, "add", lambda label, shown, *, is_private: truth.rows.update({(label, shown.post_id): is_private})
    )
    monkeypatch.setattr(store, "remove", lambda label, post_id: truth.rows.pop((label, post_id), None))
    monkeypatch.setattr(
        activity, "note", lambda shown, carried: truth.active.update((label, shown.user_id) for label in carried)
    )
    return truth


def test_a_published_post_is_found_under_its_hashtags_and_its_place(truth):
    truth.posts = [post(hashtags=("sunset", "sea"), location=BERLIN)]
    tagging.settle(POST, ["sunset"])
    assert truth.rows == {("sunset", POST): False, ("sea", POST): False, (LABEL, POST): False}
    assert truth.active == {("sunset", ANNA), ("sea", ANNA), (LABEL, ANNA)}


def test_a_post_of_a_private_account_is_found_but_neither_counted_nor_active(truth):
    truth.public = [False]
    tagging.settle(POST, [])
    assert truth.rows == {("sunset", POST): True}
    assert truth.active == set()


def test_an_account_that_becomes_private_takes_its_posts_out_of_the_count(truth):
    tagging.settle(POST, [])
    truth.public = [False]
    tagging.settle(POST, [])
    assert truth.rows == {("sunset", POST): True}


def test_an_account_that_becomes_private_while_labels_are_written_is_followed(truth):
    truth.public = [True, False]
    tagging.settle(POST, [])
    assert truth.rows == {("sunset", POST): True}
    assert truth.active == set()


def test_deleted_post_is_in_no_list(truth):
    truth.posts = [None]
    truth.rows = {("sunset", POST): False, (LABEL, POST): False, ("sunset", "another"): False}
    events._settle_labels(
        PostDeleted(
            post_id=POST,
            author_id=ANNA,
            media_ids=[],
            hashtags=["sunset"],
            place=Place(name="BERLIN", lat=52.5, lon=13.4),
            version=7,
            was_published=True,
        )
    )
    assert truth.rows == {("sunset", "another"): False}


def test_an_edited_post_leaves_its_former_hashtags_and_its_former_place(truth):
    truth.posts = [post(hashtags=("dawn", "sea"))]
    truth.rows = {("sunset", POST): False, ("sea", POST): False, (LABEL, POST): False}
    events._settle_labels(
        PostChanged(
            post_id=POST,
            author_id=ANNA,
            hashtags=["dawn", "sea"],
            former_hashtags=["sunset", "sea"],
            former_place=Place(name="Berlin", lat=52.52, lon=13.405),
        )
    )
    assert truth.rows == {("dawn", POST): False, ("sea", POST): False}


@pytest.mark.parametrize("hidden", [{"is_archived": True}, {"audience": "closeFriends"}])
def test_hidden_post_is_in_no_list(truth, hidden):
    truth.posts = [post(**hidden)]
    truth.rows = {("sunset", POST): False}
    tagging.settle(POST, ["sunset"])
    assert (truth.rows, truth.active) == ({}, set())


def test_a_deletion_while_labels_are_written_takes_them_back(truth):
    truth.posts = [post(), None]
    tagging.settle(POST, [])
    assert (truth.rows, truth.active) == ({}, set())


def test_an_edit_while_labels_are_written_is_followed(truth):
    truth.posts = [post(hashtags=("sunset",)), post(hashtags=("dawn",))]
    tagging.settle(POST, [])
    assert truth.rows == {("dawn", POST): False}


def test_repeated_and_reordered_events_give_the_same_tags(truth, context):
    published, changed, deleted = sample("sqs_index_events")["Records"][1:4]
    for order in permutations([published, changed, deleted, published]):
        truth.posts = [post(hashtags=("dawn",))]
        truth.rows = {("sunset", POST): False}
        assert events.settle_labels({"Records": list(order)}, context) == {"batchItemFailures": []}
        assert truth.rows == {("dawn", POST): False}
