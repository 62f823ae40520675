"""Time, ids, settings, retries, media URLs."""

import gc
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from heliograph import clock, config, consumers, ids, media_urls, resilience
from heliograph.errors import ConfigurationError


def test_times_are_written_in_utc_with_milliseconds() -> None:
    berlin = timezone(timedelta(hours=1))
    moment = datetime(2026, 11, 22, 15, 0, 0, 123_000, tzinfo=berlin)
    assert clock.iso(moment) == "2026-11-22T14:00:00.123Z"
    assert clock.parse(clock.iso(moment)) == moment
    assert clock.now().microsecond % 1000 == 0
    assert clock.now().tzinfo == UTC


def test_ids_are_uuid7_and_sort_by_creation() -> None:
    made = [ids.new_id() for _ in range(200)]
    assert made == sorted(made)
    assert len(set(made)) == 200
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made[0])


class Needy(config.Settings):
    needed_here: str
    switched_on: bool = True


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ConfigurationError, match="NEEDED_HERE"):
        config.read(Needy)


def test_settings_are_typed_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDED_HERE", "value")
    monkeypatch.setenv("SWITCHED_ON", "false")
    first = config.read(Needy)
    monkeypatch.setenv("NEEDED_HERE", "changed")
    assert (first.needed_here, first.switched_on) == ("value", False)
    assert config.read(Needy) is first


def test_a_retry_gives_up_with_the_last_error_after_its_attempts() -> None:
    tries: list[int] = []

    def attempt() -> None:
        tries.append(1)
        raise KeyError(len(tries))

    with pytest.raises(KeyError, match="3"):
        resilience.retry(attempt, on=KeyError, attempts=3, base_seconds=0)
    assert len(tries) == 3


def test_a_retry_does_not_repeat_other_errors() -> None:
    tries: list[int] = []

    def attempt() -> None:
        tries.append(1)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  (the type is the point)
        resilience.retry(attempt, on=KeyError)
    assert len(tries) == 1


def test_a_media_url_is_stable_for_half_an_hour_and_ends_within_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    def at(minute: int) -> str:
        monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 22, 14, tzinfo=UTC) + timedelta(minutes=minute))
        return media_urls.url("m/1/1/w640.webp")

    assert at(0) == at(29) != at(30) == at(59)
    assert at(0).startswith("https://media.heliograph.example/m/1/1/w640.webp?e=1795359600&t=")
    three_oclock = clock.epoch(datetime(2026, 11, 22, 15, tzinfo=UTC))
    assert three_oclock == 1795359600


def test_the_token_is_bound_to_path_and_expiry() -> None:
    tokens = {
        media_urls.token(b"secret", "/m/1", 100),
        media_urls.token(b"secret", "/m/2", 100),
        media_urls.token(b"secret", "/m/1", 101),
        media_urls.token(b"other", "/m/1", 100),
    }
    assert len(tokens) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in tokens)


def test_the_collector_runs_again_once_a_handler_is_there() -> None:
    gc.disable()
    consumers.consumer(lambda _event: None)
    assert gc.isenabled()
