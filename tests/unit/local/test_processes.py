import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from local.client import wait_until
from local.processes import Program, free_port


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program("sleeper", tmp_path / "state")
    yield program
    program.stop()


def start(program: Program) -> int:
    program.start(["/bin/sh", "-c", "echo awake; exec sleep 60"], {"PATH": os.environ["PATH"]})
    pid = program.pid()
    assert pid is not None
    return pid


def test_a_program_that_was_never_started_is_neither_running_nor_crashed(program: Program):
    assert not program.running()
    assert not program.crashed()
    assert program.pid() is None


def test_a_started_program_is_known_to_every_other_command(program: Program):
    pid = start(program)

    seen_by_another_command = Program("sleeper", program.directory)

    assert seen_by_another_command.running()
    assert seen_by_another_command.pid() == pid
    wait_until(lambda: program.log.read_text() == "awake\n", seconds=10)


def test_a_stopped_program_is_gone_and_did_not_crash(program: Program):
    start(program)

    program.stop()

    assert not program.running()
    assert not program.crashed()


def test_a_killed_program_has_crashed_and_can_be_started_again(program: Program):
    pid = start(program)

    os.kill(pid, signal.SIGKILL)
    wait_until(program.crashed, seconds=10)

    assert not program.running()
    assert start(program) != pid


def test_a_process_id_that_went_to_another_program_is_left_alone(program: Program, tmp_path: Path):
    # given: our program crashed, and the system gave its process id to somebody else's program
    bystander = Program("bystander", tmp_path / "elsewhere")
    bystander_pid = start(bystander)
    program.directory.mkdir()
    (program.directory / "sleeper.pid").write_text(str(bystander_pid))

    program.stop()

    assert bystander.running()
    bystander.stop()


def test_a_port_that_is_taken_or_spoken_for_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a choice of three, of which one is taken and one spoken for
    with socket.create_server(("127.0.0.1", free_port())) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(processes, "_PORTS", (taken, taken + 3))
        # Then the third is given
        assert {free_port(besides=taken + 1) for _ in range(20)} == {taken + 2}
