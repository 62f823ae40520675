"""`python -m local [--port N] <command>`: what the Makefile calls."""

import argparse
import contextlib
import fcntl
import os
import shlex
import signal
import sys
import time
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path

from local import aws, operate, redrive, seed
from local.client import ApiError, NotInTimeError
from local.cloud import Cloud
from local.clouds import EMULATORS, ENGINES, Lane
from local.deploy import deploy, source_hash
from local.errors import CloudError
from local.instance import DEFAULT_PORT, STATE, Endpoints, Instance
from local.progress import note
from local.temporary import sweep


def main() -> None:
    """Run one command; its failures that a person can act on are printed without a traceback."""
    arguments = _parser().parse_args()
    cloud = Cloud.on(Instance.on(_port(arguments)))
    # So that a polite kill unwinds as Ctrl-C does, and Ctrl-C does so even in a script's background job.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        _run(arguments, cloud)
    except (CloudError, ApiError, NotInTimeError) as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
    except BrokenPipeError:
        # The reader (`make logs ... | head`) has seen enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", type=int, help=f"of the cloud that is meant, {DEFAULT_PORT} if left out")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("down", "deploy", "seed", "status", "mail", "redrive"):
        commands.add_parser(name)
    starting = commands.add_parser("up")
    starting.add_argument("--cloud", choices=["", *EMULATORS], default="")
    starting.add_argument("--search", choices=["", *ENGINES], default="")
    commands.add_parser("logs").add_argument("function")
    commands.add_parser("counters").add_argument("--repair", action="store_true")
    commands.add_parser("reindex").add_argument("--compare", action="store_true")
    invoke = commands.add_parser("invoke")
    invoke.add_argument("function")
    invoke.add_argument("event", type=Path)
    return parser


def _run(arguments: argparse.Namespace, cloud: Cloud) -> None:
    if arguments.command == "status":
        operate.status(cloud)
        return
    if arguments.command in ("up", "down"):
        with _alone(cloud.instance):
            up(_wanted(cloud, arguments)) if arguments.command == "up" else down(cloud)
        return
    _require_running(cloud)
    if arguments.command == "deploy":
        with _alone(cloud.instance):
            deploy(cloud)
    else:
        _work_with(cloud, arguments)


def _work_with(cloud: Cloud, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "seed":
            seed.seed(Endpoints.read(cloud.instance.endpoints_file))
        case "logs":
            operate.logs(cloud, arguments.function)
        case "mail":
            operate.mails(cloud)
        case "redrive":
            redrive.redrive(partial(aws.client, instance=cloud.instance))
        case "counters":
            operate.counters(cloud, repair=arguments.repair)
        case "reindex":
            operate.reindex(cloud, compare=arguments.compare)
        case _:
            operate.invoke(cloud, arguments.function, arguments.event)


def _wanted(cloud: Cloud, arguments: argparse.Namespace) -> Cloud:
    """The cloud that `up` asks for; raises CloudError if another one runs in its place."""
    if not (arguments.cloud or arguments.search):
        return cloud
    lane = Lane.of(arguments.cloud, arguments.search)
    if cloud.running() and lane != cloud.lane:
        raise CloudError(
            f"port {cloud.instance.port} runs {cloud.lane.title}, not {lane.title}: `make down` first, or choose "
            "another port with `make up PORT=...`"
        )
    if lane != cloud.lane:
        cloud.clean()
    return Cloud(cloud.instance, lane)


def up(cloud: Cloud) -> None:
    """Bring the cloud up to date with the checkout from whatever state it is in, seed it, and say how to use it."""
    started = time.monotonic()
    deployment = cloud.instance.deployment()
    if not (cloud.running() and deployment and deployment.finished):
        _start_afresh(cloud)
    elif deployment.source != source_hash():
        deploy(cloud)
    else:
        note("already up, and the code is unchanged")
    endpoints = Endpoints.read(cloud.instance.endpoints_file)
    if not cloud.instance.seeded():
        seed.seed(endpoints)
        cloud.instance.record_seed()
    print(f"Ready in {time.monotonic() - started:.0f} s.\n")
    _greet(endpoints)


def down(cloud: Cloud) -> None:
    """Stop the cloud, and what killed test runs have left; everything in it is gone. Say which others still run."""
    was_running = cloud.instance.port in _running_ports()
    cloud.stop()
    sweep()
    note(f"the local cloud on port {cloud.instance.port} {'is stopped' if was_running else 'was not running'}")
    for port in _running_ports():
        note(f"another one of this checkout still runs on port {port}: `make down PORT={port}` stops it")


def _port(arguments: argparse.Namespace) -> int:
    running = _running_ports() if arguments.command == "down" else []
    return port_meant(arguments.port, running)


def port_meant(asked: int | None, running: Sequence[int]) -> int:
    """Without a port, the default one is meant; or that of the only cloud that runs, if there is no doubt."""
    if asked is not None:
        return asked
    return running[0] if len(running) == 1 else DEFAULT_PORT


def _running_ports() -> list[int]:
    """The ports of the clouds of this checkout; those of test runs, which have an owner, are not among them."""
    ports = sorted(int(path.parent.name) for path in STATE.glob("*/lane.json") if path.parent.name.isdigit())
    clouds = [Cloud.on(Instance.on(port)) for port in ports]
    return [cloud.instance.port for cloud in clouds if any(program.running() for program in cloud.programs)]


def _start_afresh(cloud: Cloud) -> None:
    """The emulators keep nothing on disk, so a cloud that is not whole is started from nothing."""
    cloud.clean()
    try:
        cloud.start()
        deploy(cloud)
    except BaseException:
        cloud.stop()
        raise


@contextlib.contextmanager
def _alone(instance: Instance) -> Generator[None]:
    """No two commands may change one cloud at once."""
    instance.directory.mkdir(parents=True, exist_ok=True)
    with (instance.directory / "command.lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)  # noqa: FBT003 - the standard library's own signature
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CloudError(f"another command is changing the local cloud on port {instance.port}") from None
        yield


def _require_running(cloud: Cloud) -> None:
    if not cloud.running():
        raise CloudError(f"the local cloud on port {cloud.instance.port} is not running: `make up` starts it")


def _greet(endpoints: Endpoints) -> None:
    login = seed.DEMO_LOGIN
    url = endpoints.api_url
    body = f'{{"login": "{login}", "password": "{seed.DEMO_PASSWORD}"}}'
    token = """python3 -c 'import json, sys; print(json.load(sys.stdin)["accessToken"])'"""
    bearer = '-H "Authorization: Bearer $TOKEN"'
    pretty = "python3 -m json.tool"
    print(f"  API         {url}")
    print(f"  demo login  {login}   password {seed.DEMO_PASSWORD}\n")
    print("  Try: sign in, read her feed, search, explore.\n")
    print(f"TOKEN=$(curl -s {url}/auth/sign-in -H 'Content-Type: application/json' -d {shlex.quote(body)} | {token})")
    print(f"curl -s '{url}/feed?limit=3' {bearer} | {pretty}")
    print(f"curl -s '{url}/search?type=posts&q=mountain' {bearer} | {pretty}")
    print(f"curl -s '{url}/explore?limit=3' {bearer} | {pretty}")
