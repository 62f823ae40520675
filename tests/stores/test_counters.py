"""Counters that grow with heat, fold when they are cold, and are repaired, on the real engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.discovery import store as hashtags
from functions.graph import service as graph
from functions.posts import conversation
from functions.posts import store as posts
from functions.posts.store import LikeItem
from functions.stories import store as stories
from functions.stories.store import ViewItem
from heliograph import clock, config, counters, counters_folding, counters_repair, ids, transactions
from heliograph.counters import Counter, CounterShard, Total
from heliograph.counters_repair import Busy, Finding
from heliograph.transactions import Contention
from local import counters as command
from tests import capacity
from tests.stores.conflicts import answering
from tests.stores.samples import joined, new_story, written_post

NOON = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
# The engine itself deletes what has expired, and goes by its own clock.
FAR = datetime(2100, 1, 1, tzinfo=UTC)
CONFLICT = ("TransactionCanceledException", "TransactionConflict")


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    _at(monkeypatch, NOON)


@pytest.fixture
def region() -> str:
    return config.read(config.Deployment).aws_region


def _at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def _likes() -> Counter:
    return Counter("post", ids.new_id(), "likes")


def _added(counter: Counter, actor: str, *, refused: int = 0, reason: str = "TransactionConflict") -> None:
    with answering("TransactWriteItems", CONFLICT[0], reason, times=refused):
        transactions.commit(lambda transaction: counters.add(transaction, counter, actor=actor))


def _removed(counter: Counter, actor: str) -> None:
    transactions.commit(lambda transaction: counters.remove(transaction, counter, actor=actor))


def _shards(counter: Counter) -> dict[str, tuple[int, int]]:
    return {shard.shard: shard.sums for shard in counters.shards(counter)}


# --- Growing --------------------------------------------------------------------------------------------------------


def test_a_cold_counter_has_one_shard(region: str) -> None:
    # given
    counter = _likes()
    # when
    for number in range(8):
        _added(counter, f"actor-{number}")
    # then
    assert _shards(counter) == {region: (8, 0)}


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_busy_counter_is_counted_in_another_shard(region: str, reason: str) -> None:
    # given
    counter = _likes()
    _added(counter, "ada")
    # when
    _added(counter, "ben", refused=1, reason=reason)
    # then it is in one of two shards of the hour
    [hot] = _shards(counter).keys() - {region}
    assert hot in {f"{region}#2026-11-22T12#00", f"{region}#2026-11-22T12#01"}
    assert counters.total(counter) == Total(2, 2)
    # and who comes next through this process need not be refused first
    _added(counter, "ben")
    assert _shards(counter) == {region: (1, 0), hot: (2, 0)}


def test_busier_counter_gets_more_shards(region: str) -> None:
    # given one who is refused again and again
    counter = _likes()
    with answering("TransactWriteItems", *CONFLICT, times=100), pytest.raises(Contention):
        _added(counter, "ada")
    # when a crowd comes, of whom some find their shards free
    with capacity.unmetered():
        for number in range(300):
            _added(counter, f"actor-{number}")
        for number in range(300):
            _removed(counter, f"actor-{number}")
    # then nothing is lost, and the own shard, which was busy, is left alone
    assert counters.total(counter) == Total(0, 600)
    assert 1 < len(_shards(counter)) <= 2**counters.LEVELS
    assert region not in _shards(counter)


def test_crowd_uses_every_shard_when_all_are_busy() -> None:
    # given everything below the last level busy
    counter = _likes()
    period = counters.period(NOON)
    for number in range(2 ** (counters.LEVELS - 1)):
        CounterShard(counter.key, f"{period}#{number:02}").give_way()
    CounterShard(counter.key, config.read(config.Deployment).aws_region).give_way()
    # when
    with capacity.unmetered():
        for number in range(400):
            _added(counter, f"actor-{number}")
    # then
    assert counters.total(counter) == Total(400, 400)
    assert len(_shards(counter)) == 2**counters.LEVELS


def test_only_the_shard_that_was_busy_gives_way(region: str) -> None:
    # given a transaction of a like and its count, in which the like was busy
    counter = _likes()

    def build(transaction: Any) -> None:
        posts.put_like(transaction, LikeItem(counter.id, "ada", author_id="author", created_at=clock.now()))
        counters.add(transaction, counter, actor="ada")

    # when
    with answering("TransactWriteItems", *CONFLICT, "None", times=1):
        transactions.commit(build)
    # then
    assert _shards(counter) == {region: (1, 0)}


def test_heat_is_forgotten(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    counter = _likes()
    _added(counter, "ada", refused=1)
    # when
    _at(monkeypatch, NOON + timedelta(seconds=counters.HEAT_SECONDS + 1))
    _added(counter, "ada")
    # then
    assert _shards(counter)[region] == (1, 0)


def test_a_limited_counter_stays_in_one_shard(region: str) -> None:
    # given
    counter = _likes()

    def build(transaction: Any) -> None:
        counters.add(transaction, counter, actor="ada", limit=2)

    # when it is found busy
    with answering("TransactWriteItems", *CONFLICT, times=2):
        transactions.commit(build)
    transactions.commit(build)
    # then its limit is exact
    assert _shards(counter) == {region: (2, 0)}
    with pytest.raises(counters.Full):
        transactions.commit(build)


# --- Folding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def hot(region: str) -> Counter:
    """Three likes in the own shard, and 20 likes and 5 withdrawals in those of this hour; two in another region."""
    counter = _likes()
    for number in range(3):
        _added(counter, f"early-{number}")
    CounterShard(counter.key, region).give_way()
    for number in range(20):
        _added(counter, f"actor-{number}")
    for number in range(5):
        _removed(counter, f"actor-{number}")
    CounterShard(counter.key, "eu-west-1", added=1).save()
    CounterShard(counter.key, "eu-west-1#2026-11-22T12#00", added=1, period="eu-west-1#2026-11-22T12").save()
    return counter


FOREIGN = {"eu-west-1": (1, 0), "eu-west-1#2026-11-22T12#00": (1, 0)}


def test_a_cold_counter_folds_in_two_steps(hot: Counter, region: str) -> None:
    # given
    before, many = counters.total(hot), len(_shards(hot))
    assert before == Total(20, 30)
    # when
    counters_folding.fold(hot, counters.period(NOON))
    # then the own shard contains the hot ones, which are still there and do not count
    assert _shards(hot)[region] == (23, 5)
    assert (counters.total(hot), len(_shards(hot))) == (before, many)
    # when
    counters_folding.fold(hot, counters.period(NOON))
    # then they are gone, and what belongs to another region is as it was
    assert counters.total(hot) == before
    assert _shards(hot) == {region: (23, 5), **FOREIGN}
    # and again
    counters_folding.fold(hot, counters.period(NOON))
    assert counters.total(hot) == before


def test_two_runs_at_once_fold_once(hot: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a run that was stopped after it had read
    before, read = counters.total(hot), counters.shards(hot)
    counters_folding.fold(hot, counters.period(NOON))
    # when it goes on
    with monkeypatch.context() as patch:
        patch.setattr(counters, "shards", lambda _: read)
        counters_folding.fold(hot, counters.period(NOON))
    # then
    assert counters.total(hot) == before


def test_a_deleted_shard_that_comes_back_does_not_count(hot: Counter, region: str) -> None:
    # given
    before = counters.total(hot)
    ghosts = [shard for shard in counters.shards(hot) if shard.shard.startswith(f"{region}#")]
    for _ in range(2):
        counters_folding.fold(hot, counters.period(NOON))
    # when a late replica brings back what was deleted
    for shard in ghosts:
        shard.save()
    # then
    assert counters.total(hot) == before
    # and the next run clears it away
    counters_folding.fold(hot, counters.period(NOON))
    assert _shards(hot).keys() == {region, *FOREIGN}


def test_a_counter_that_is_hot_again_grows_again(hot: Counter, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    for _ in range(2):
        counters_folding.fold(hot, counters.period(NOON))
    # when
    _at(monkeypatch, NOON + timedelta(hours=3))
    _added(hot, "ada", refused=1)
    # then
    assert counters.total(hot) == Total(21, 31)
    assert any(shard.startswith(f"{region}#2026-11-22T15#") for shard in _shards(hot))


class _Lambda:
    """A context with time for a number of counters."""

    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "fold", 512, "arn", "1"

    def __init__(self, counters: int = 1_000_000) -> None:
        self._left = counters

    def get_remaining_time_in_millis(self) -> int:
        self._left -= 1
        return 60_000 if self._left >= 0 else 0


def test_runs_fold_what_nobody_writes_to_any_more(hot: Counter, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    before = counters.total(hot)

    def run(now: datetime) -> int:
        _at(monkeypatch, now)
        counters_folding.handler({}, _Lambda())
        return len(_shards(hot))

    many = len(_shards(hot))
    # then the hour, and one of grace, must be over
    assert [run(NOON), run(NOON + timedelta(hours=1, minutes=29)), run(NOON + timedelta(hours=2))] == [many] * 3
    # and one run takes in, and the next deletes
    assert run(NOON + timedelta(hours=3)) == len(FOREIGN) + 1
    assert counters.total(hot) == before
    # and then the index has forgotten it
    assert hot not in [counter for counter, _ in counters_folding.cold(clock.now())]


def test_a_run_ends_in_time_and_the_next_goes_on(hot: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    _at(monkeypatch, NOON + timedelta(hours=2))
    many = len(_shards(hot))
    # when there is no time
    for _ in range(3):
        counters_folding.handler({}, _Lambda(counters=0))
    # then nothing is begun
    assert len(_shards(hot)) == many
    # and a day later it is not forgotten
    _at(monkeypatch, NOON + timedelta(hours=40))
    for _ in range(2):
        counters_folding.handler({}, _Lambda())
    assert len(_shards(hot)) == len(FOREIGN) + 1


# --- Repairing ------------------------------------------------------------------------------------------------------


def _liked(times: int) -> Counter:
    post = written_post(user_id=joined())
    for _ in range(times):
        conversation.like(joined(), post.post_id)
    return Counter("post", post.post_id, "likes")


@pytest.mark.parametrize(("added", "removed", "drift"), [(2, 0, 2), (0, 2, -2)])
def test_a_drift_is_found_and_corrected_in_the_own_region(region: str, added: int, removed: int, drift: int) -> None:
    # given a counter that somebody has meddled with
    counter = _liked(3)
    shard = CounterShard(counter.key, region)
    shard.update([CounterShard.added.add(added), CounterShard.removed.add(removed)])
    # when
    drifting, busy = command.look([counter])
    # then
    assert (busy, [finding.drift for finding in drifting]) == ([], [drift])
    assert command.confirmed(drifting) == (drifting, [])
    # and a look changes nothing
    assert counters.total(counter).value == 3 + drift
    # when
    assert counters_repair.correct(drifting[0])
    # then
    assert counters.total(counter).value == 3
    assert command.look([counter]) == ([], [])
    assert _shards(counter).keys() == {region}


def test_two_repairs_at_once_correct_once(region: str) -> None:
    # given
    counter = _liked(1)
    CounterShard(counter.key, region).update([CounterShard.added.add(5)])
    found = [finding for _ in range(2) if (finding := counters_repair.examine(counter, lambda: 1))]
    # when
    done = [counters_repair.correct(finding) for finding in found]
    # then
    assert done == [True, False]
    assert counters.total(counter).value == 1


def test_a_correction_stays_right_when_traffic_comes_in_between(region: str) -> None:
    # given
    counter = _liked(1)
    CounterShard(counter.key, region).update([CounterShard.removed.add(1)])
    finding = Finding(counter, drift=-1, operations=2, corrections=0)
    assert counters_repair.examine(counter, lambda: 1) == finding
    # when
    conversation.like(joined(), counter.id)
    counters_repair.correct(finding)
    # then
    assert counters.total(counter).value == len(posts.likers(counter.id, None, 10).items) == 2


def test_what_moves_while_it_is_counted_is_not_judged() -> None:
    # given somebody who likes whenever the likes are counted
    counter = _liked(1)

    def size() -> int:
        conversation.like(joined(), counter.id)
        return len(posts.likers(counter.id, None, 50).items)

    # then
    with pytest.raises(Busy):
        counters_repair.examine(counter, size)


def test_what_moves_between_two_looks_is_not_corrected(region: str) -> None:
    # given
    counter = _liked(1)
    CounterShard(counter.key, region).update([CounterShard.added.add(1)])
    drifting, _ = command.look([counter])
    # when
    conversation.like(joined(), counter.id)
    # then
    assert command.confirmed(drifting) == ([], [counter])


def _command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(command, "PAUSE_SECONDS", 0)
    monkeypatch.setattr("sys.argv", ["counters", *arguments])
    with pytest.raises(SystemExit) as end:
        command.main()
    return int(end.value.code or 0)


def test_the_command_reports_repairs_and_finds_nothing_any_more(
    region: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given one counter that drifts, and one that does not
    drifting, right = _liked(2), _liked(1)
    CounterShard(drifting.key, region).update([CounterShard.added.add(3)])
    keys = drifting.key, right.key
    # when it is to look alone
    assert _command(monkeypatch, *keys) == 1
    # then
    assert capsys.readouterr().out == f"{drifting.key}: +3\n1 counters differ from their sets, 0 corrected\n"
    # and when it is to repair
    assert _command(monkeypatch, "--repair", *keys) == 0
    assert capsys.readouterr().out == f"{drifting.key}: +3, corrected\n1 counters differ from their sets, 1 corrected\n"
    assert _command(monkeypatch, *keys) == 0
    assert counters.total(drifting).value == 2
    # and every counter that has a shard is known to it
    assert {drifting, right} <= {*command.known()}


def test_every_kind_of_counter_is_compared_with_its_set() -> None:
    # given somebody with a follower, a published post with a hashtag, a comment with a reply, and a story that was seen
    author, fan = joined(), joined()
    post = written_post(user_id=author)
    graph.follow(fan, author)
    top = conversation.add(fan, post.post_id, "First", None).comment.comment_id
    conversation.add(author, post.post_id, "Second", top)
    hashtags.add(tag := f"tag{ids.new_id()}", post, is_private=False)
    hashtags.add(place := f"@{tag}@1.0,2.0", post, is_private=False)
    # and another of a private account, which is not counted
    hashtags.add(tag, written_post(), is_private=True)
    story = new_story(user_id=author, expires_at=FAR)
    view = ViewItem(story.story_id, fan, created_at=clock.now(), expires_at=story.expires_at)

    def viewed(transaction: Any) -> None:
        stories.put(transaction, story)
        stories.put_view(transaction, view)
        counters.add(transaction, Counter("story", story.story_id, "views"), actor=fan)

    transactions.commit(viewed)
    counted = {
        Counter("post", post.post_id, "comments"): 2,
        Counter("user", author, "followers"): 1,
        Counter("user", fan, "following"): 1,
        Counter("hashtag", tag, "posts"): 1,
        Counter("place", place[1:], "posts"): 1,
        Counter("story", story.story_id, "views"): 1,
    }
    # then they are right
    assert command.look(counted) == ([], [])
    # and a missing one is seen in each
    for counter in counted:
        _removed(counter, "meddler")
    drifting, _ = command.look(counted)
    assert {finding.counter: finding.drift for finding in drifting} == dict.fromkeys(counted, -1)


def test_the_views_of_an_expired_story_are_not_compared() -> None:
    # given views, of which a part has expired
    story = new_story(expires_at=clock.now() - timedelta(seconds=1))
    transactions.commit(lambda transaction: stories.put(transaction, story))
    counter = Counter("story", story.story_id, "views")
    _added(counter, "ada")
    # then
    assert command.look([counter]) == ([], [])


def test_more_than_a_page_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(command, "PAGE", 2)
    counter = _liked(5)
    # then
    assert command.look([counter]) == ([], [])
