"""Saved posts on the real engine, and what it costs to know which posts of a page are saved."""

from functools import partial

import pytest

from functions.accounts import service as accounts
from functions.posts import personal as posts_personal
from functions.posts import saves, saving, service
from functions.posts.personal import SavedPost
from functions.posts.saves import SaveItem
from heliograph import ids, tables
from heliograph.errors import NotFound
from tests.capacity import Meter
from tests.stores.samples import flat, joined, pages, written_post

PAGE = 20


def _saved(user_id: str, post_ids: list[str]) -> None:
    with SaveItem.batch_write() as batch:
        for post_id in post_ids:
            batch.save(SaveItem(user_id, post_id, save_id=ids.new_id()))


def _fresh(count: int) -> list[str]:
    return [ids.new_id() for _ in range(count)]


# --- The table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_saved_posts_are_paged_in_the_order_of_saving(limit: int) -> None:
    # given posts that are saved in another order than they were made in, one of them twice
    user_id, posts = joined(), _fresh(4)
    for place in (2, 0, 3, 1, 2):
        saves.put(user_id, posts[place])
    # then
    newest_first = [posts[1], posts[3], posts[0], posts[2]]
    assert flat(pages(partial(saves.saved_by, user_id, limit=limit))) == newest_first
    assert [post_id for post_id, _ in flat(pages(partial(saves.times, user_id, limit=limit)))] == newest_first
    # and what is not saved any more is not missed
    for _ in range(2):
        saves.delete(user_id, posts[3])
    assert saves.saved_by(user_id, None, 10).items == [posts[1], posts[0], posts[2]]
    assert saves.saved(user_id, posts) == {posts[0], posts[1], posts[2]}


def test_a_page_of_posts_is_looked_up_for_half_a_unit(meter: Meter) -> None:
    # given somebody who has saved 3 of a page of posts, a few around them, and who is not alone
    user_id, posts, others = ids.new_id(), _fresh(PAGE), _fresh(5)
    _saved(user_id, [*posts[:3], *others])
    _saved(ids.new_id(), posts)
    meter.requests.clear()
    # when
    found = saves.saved(user_id, posts)
    # then
    assert found == set(posts[:3])
    assert [request.operation for request in meter.requests] == ["Query"]
    assert meter.read_units == 0.5


def test_somebody_who_saves_everything_costs_a_bounded_read(meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a page whose posts lie years apart, with more saved ones between them than one query reads
    monkeypatch.setattr(tables, "SPAN", 10)
    first, between, last = _fresh(2), _fresh(30), _fresh(2)
    user_id = ids.new_id()
    _saved(user_id, [*first, *between, last[0]])
    meter.requests.clear()
    # when
    found = saves.saved(user_id, [*last, *first])
    # then
    assert found == {*first, last[0]}
    assert [request.operation for request in meter.requests] == ["Query", "BatchGetItem"]
    # and nothing is asked about nothing
    meter.requests.clear()
    assert saves.saved(user_id, []) == set()
    assert meter.requests == []


def test_deleted_post_is_removed_from_all_saves() -> None:
    # given more than one batch of 25
    post_id, other = _fresh(2)
    fans = _fresh(30)
    for fan in fans:
        saves.put(fan, post_id)
    saves.put(fans[0], other)
    # when, twice
    for _ in range(2):
        saves.forget(post_id)
    # then
    assert [saves.saved(fan, [post_id, other]) for fan in fans] == [{other}] + [set()] * 29


# --- The use cases --------------------------------------------------------------------------------------------------


def test_a_saved_post_says_so_and_is_left_out_when_it_can_no_longer_be_seen() -> None:
    # given
    me, author = joined(), joined()
    kept, hidden = (written_post(user_id=author).post_id for _ in range(2))
    # when
    for post_id in (kept, hidden, kept):
        saving.save(me, post_id)
    # then
    assert [item.saved for item in service.hydrate(me, [kept, hidden])] == [True, True]
    assert [item.saved for item in service.hydrate(author, [kept])] == [False]
    assert service.read(me, kept).saved
    # and when one of them is put away
    service.archive(author, hidden, archived=True)
    page = saving.saved_by(me)(None, 10)
    assert page.items == [hidden, kept]
    assert [item.post.post_id for item in service.visible(service.hydrate(me, page.items))] == [kept]
    # and what cannot be seen cannot be saved
    with pytest.raises(NotFound):
        saving.save(me, hidden)
    saving.unsave(me, kept)
    assert not service.read(me, kept).saved


def test_a_post_deleted_while_it_is_saved_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a post that is gone when the save is written
    me, author = joined(), joined()
    post_id = written_post(user_id=author).post_id
    see_open = service.see_open

    def seen_last(user_id: str, post_id: str) -> service.SeenPost:
        seen = see_open(user_id, post_id)
        service.delete(author, post_id)
        return seen

    monkeypatch.setattr(service, "see_open", seen_last)
    # then
    with pytest.raises(NotFound):
        saving.save(me, post_id)
    assert saves.saved_by(me, None, 10).items == []


def test_what_a_person_keeps_is_exported_and_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    # given somebody who keeps three posts, one of which is gone by now
    monkeypatch.setattr(posts_personal, "ERASED", 2)
    me, author = joined(), joined()
    posts = [written_post(user_id=author).post_id for _ in range(3)]
    for post_id in posts:
        saving.save(me, post_id)
    service.delete(author, posts[0])
    # then
    exported = flat(pages(partial(posts_personal.EXPORTS["saved"], me)))
    name = accounts.profile(author).username
    assert [(one.post_id, one.author) for one in exported] == [(posts[2], name), (posts[1], name), (posts[0], None)]
    assert all(isinstance(one, SavedPost) and one.saved_at for one in exported)
    # and
    pages(partial(posts_personal.ERASURES["saved"], me))
    assert saves.saved_by(me, None, 10).items == []
