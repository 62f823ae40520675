import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from local.client import wait_until
from local.instance import ROOT
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


STARTING = """
import os, sys
from pathlib import Path
from local.processes import Program

program = Program("sleeper", Path(sys.argv[1]))
with program.ending_with_us():
    program.start(["/bin/sh", "-c", "exec sleep 60"], {"PATH": os.environ["PATH"]})
    print("started", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, None])
def test_program_ends_with_process_that_started_it(program: Program, ending: signal.Signals | None) -> None:
    # given a process that has started a program
    command = [sys.executable, "-c", STARTING, program.directory]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == b"started\n"
        assert program.running()
        # when it is killed, or comes to its end
        if ending:
            process.send_signal(ending)
        process.stdin.close()
    # then the program and its folder are gone
    wait_until(lambda: not program.running() and not program.directory.exists(), seconds=10)


def test_a_port_that_is_taken_or_spoken_for_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a choice of three, of which one is taken and one spoken for
    with socket.create_server(("127.0.0.1", free_port())) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(processes, "_PORTS", (taken, taken + 3))
        # Then the third is given
        assert {free_port(besides=taken + 1) for _ in range(20)} == {taken + 2}
