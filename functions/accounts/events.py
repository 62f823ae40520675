"""Streams, queues and workflows of accounts."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from functions.accounts import erasure, exports, identity, packing, service
from heliograph import clock, config, workflows
from heliograph.consumers import consumer
from heliograph.counters import Counter
from heliograph.events import CounterChanged, DeletionAsked, DomainEvent, ExportAsked, ResetAsked, SignedUp
from heliograph.outbox import publisher

publish_users = publisher(service.UserItem, service.announced)
publish_exports = publisher(exports.ExportItem, exports.announced)


def _materialise(event: DomainEvent) -> None:
    if isinstance(event, CounterChanged):
        service.materialise(Counter(event.kind, event.id, event.name))


def _send_codes(event: DomainEvent) -> None:
    match event:
        case SignedUp():
            identity.send_confirmation_code(event.user_id)
        case ResetAsked():
            identity.send_reset_code(event)
        case _:
            pass


materialise = consumer(_materialise)
send_codes = consumer(_send_codes)


# --- Exports and erasures: started by an event, carried out by state machines ----------------------------------------


class WorkflowSettings(config.Settings):
    export_machine: str
    erasure_machine: str


def _start_job(event: DomainEvent) -> None:
    machines = config.read(WorkflowSettings)
    match event:
        case ExportAsked():
            workflows.start(
                machines.export_machine, event.export_id, {"jobId": event.export_id, "userId": event.user_id}
            )
        case DeletionAsked():
            given = {
                "jobId": event.deletion_id,
                "userId": event.user_id,
                "deletesAt": clock.iso(event.deletes_at),
            }
            workflows.start(machines.erasure_machine, event.deletion_id, given)
        case _:
            pass


start_job = consumer(_start_job)


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="forbid")

    job_id: str
    user_id: str


class _Erased(BaseModel):
    """How many items a section has erased."""

    done: int


class _Report(_Job):
    pages: dict[str, _Erased]


class _Packing(_Job):
    sections: list[str]


def _begin_erasure(job: _Job) -> dict[str, erasure.Verdict]:
    return {"verdict": erasure.begin(job.job_id, job.user_id)}


def _report_erasure(job: _Report) -> None:
    erasure.report(job.job_id, {section: page.done for section, page in job.pages.items()})


def _pack_export(job: _Packing) -> None:
    packing.pack(job.user_id, job.job_id, job.sections)


def _fail_export(job: _Job) -> None:
    exports.fail(job.user_id, job.job_id)


begin_erasure = workflows.step(_Job, _begin_erasure)
report_erasure = workflows.step(_Report, _report_erasure)
pack_export = workflows.step(_Packing, _pack_export)
fail_export = workflows.step(_Job, _fail_export)
