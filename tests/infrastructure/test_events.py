"""Who consumes what, and that nothing is lost on the way."""

from typing import Any

from infrastructure.catalogue import ALL_CONSUMERS, PUBLISHERS, SCHEDULES
from infrastructure.tables import TABLES
from tests.infrastructure.conftest import Resource, Templates

# The contract between the capabilities, written a second time on purpose: a change must be meant.
SUBSCRIPTIONS = {
    "accounts-materialise": {("CounterChanged", "user")},
    "accounts-codes": {("SignedUp", ""), ("ResetAsked", "")},
    "graph-open-requests": {("UserChanged", "")},
    "accounts-start-job": {("ExportAsked", ""), ("DeletionAsked", "")},
    "posts-materialise": {("CounterChanged", "post"), ("CounterChanged", "comment")},
    "posts-publish": {("MediaReady", ""), ("MediaRejected", "")},
    "posts-forget": {("PostDeleted", ""), ("CommentDeleted", "")},
    "stories-publish": {("MediaReady", ""), ("MediaRejected", "")},
    "stories-materialise": {("CounterChanged", "story")},
    "stories-forget": {("StoryDeleted", "")},
    "media-erase": {("PostDeleted", ""), ("StoryDeleted", ""), ("ProfilePictureReplaced", ""), ("MediaForgotten", "")},
    "media-render": {("MediaEdited", "")},
    "feed-fanout": {("PostPublished", ""), ("PostChanged", ""), ("PostDeleted", "")},
    "feed-ties": {("Followed", ""), ("Unfollowed", ""), ("PostNotificationsSwitched", "")},
    "feed-attention": {("PostLiked", ""), ("CommentAdded", ""), ("PostsViewed", ""), ("ProfilesVisited", "")},
    "discovery-index": {
        ("UserChanged", ""),
        ("UserDeleted", ""),
        ("AuthorChanged", ""),
        ("PostPublished", ""),
        ("PostChanged", ""),
        ("PostDeleted", ""),
        ("PopularityChanged", ""),
        ("CounterChanged", "hashtag"),
        ("CounterChanged", "place"),
    },
    "discovery-authors": {("AuthorChanged", "")},
    "discovery-labels": {("PostPublished", ""), ("PostChanged", ""), ("PostDeleted", "")},
    "discovery-tastes": {("PostLiked", ""), ("CommentAdded", ""), ("PostsViewed", "")},
    "discovery-usernames": {("UserChanged", ""), ("UserDeleted", "")},
}


def referenced(value: Any) -> str:
    return value["Fn::GetAtt"][0]


def mappings(templates: Templates, function: Resource) -> list[dict[str, Any]]:
    return [
        mapping.properties
        for mapping in templates.of_type("AWS::Lambda::EventSourceMapping")
        if mapping.stack == function.stack and referenced(mapping.properties["FunctionName"]) == function.logical_id
    ]


def test_each_consumer_receives_its_events_and_no_others(either: Templates):
    queues = {(q.stack, q.logical_id): q.properties["QueueName"] for q in either.of_type("AWS::SQS::Queue")}
    received: dict[str, set[tuple[str, str]]] = {}
    rules = either.of_type("AWS::Events::Rule")
    # Uploads of videos come from S3, over the default bus: see test_video.py.
    for rule in (rule for rule in rules if "EventBusName" in rule.properties):
        pattern = rule.properties["EventPattern"]
        (target,) = rule.properties["Targets"]
        queue = queues[rule.stack, referenced(target["Arn"])].removeprefix("heliograph-")
        kinds = pattern.get("detail", {}).get("data", {}).get("kind", [""])
        received.setdefault(queue, set()).update((name, kind) for name in pattern["detail-type"] for kind in kinds)
        assert pattern["source"] == ["heliograph"]
        assert rule.properties["EventBusName"] == "heliograph"
    # and what GuardDuty has scanned comes from AWS's own bus (test_media.py)
    assert received == SUBSCRIPTIONS


def test_scheduled_functions_are_started_by_their_own_rule_only(either: Templates):
    functions = either.named("AWS::Lambda::Function", "FunctionName")
    for schedule in SCHEDULES:
        function = functions[f"heliograph-{schedule.function.full_name}"]
        (rule,) = [
            rule
            for rule in either.of_type("AWS::Events::Rule")
            if rule.properties.get("ScheduleExpression") == f"rate({schedule.every})"
            and [referenced(target["Arn"]) for target in rule.properties["Targets"]] == [function.logical_id]
        ]
        (permission,) = [
            permission.properties
            for permission in either.of_type("AWS::Lambda::Permission")
            if permission.stack == function.stack
            and referenced(permission.properties["FunctionName"]) == function.logical_id
        ]
        assert permission["Principal"] == "events.amazonaws.com"
        assert referenced(permission["SourceArn"]) == rule.logical_id


def test_each_consumer_drains_its_queue_and_reports_single_failures(either: Templates, aws: Templates):
    functions = either.named("AWS::Lambda::Function", "FunctionName")
    queues = either.named("AWS::SQS::Queue", "QueueName")
    for consumer in ALL_CONSUMERS:
        function = functions[f"heliograph-{consumer.function.full_name}"]
        (mapping,) = mappings(either, function)
        assert referenced(mapping["EventSourceArn"]) == queues[f"heliograph-{consumer.queue_name}"].logical_id
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        most = consumer.concurrency if either is aws else 2
        limit = {"MaximumConcurrency": most} if most else None
        assert mapping.get("ScalingConfig") == limit


def test_each_queue_has_a_dead_letter_queue(either: Templates):
    queues = either.named("AWS::SQS::Queue", "QueueName")
    for consumer in ALL_CONSUMERS:
        redrive = queues[f"heliograph-{consumer.queue_name}"].properties["RedrivePolicy"]
        assert referenced(redrive["deadLetterTargetArn"]) == queues[f"heliograph-{consumer.queue_name}-dlq"].logical_id
        assert redrive["maxReceiveCount"] >= 3


def test_a_message_stays_invisible_while_it_is_worked_on(either: Templates, aws: Templates):
    functions = either.named("AWS::Lambda::Function", "FunctionName")
    queues = either.named("AWS::SQS::Queue", "QueueName")
    factor = 6 if either is aws else 1
    for consumer in ALL_CONSUMERS:
        timeout = functions[f"heliograph-{consumer.function.full_name}"].properties["Timeout"]
        visibility = queues[f"heliograph-{consumer.queue_name}"].properties["VisibilityTimeout"]
        assert visibility >= factor * timeout


def test_only_the_rule_or_the_bucket_may_send_to_a_subscribed_queue(aws: Templates):
    for policy in aws.of_type("AWS::SQS::QueuePolicy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert set(statement["Condition"]["ArnEquals"]) == {"aws:SourceArn"}


def test_each_streamed_table_has_one_publisher_that_loses_nothing(either: Templates):
    functions = either.named("AWS::Lambda::Function", "FunctionName")
    assert {p.table for p in PUBLISHERS} == {spec.name for spec in TABLES if spec.stream}
    for publisher in PUBLISHERS:
        function = functions[f"heliograph-{publisher.function.full_name}"]
        (mapping,) = mappings(either, function)
        assert publisher.table.title().replace("-", "") in str(mapping["EventSourceArn"])
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        assert mapping["BisectBatchOnFunctionError"] is True
        assert 0 < mapping["MaximumRetryAttempts"] <= 10
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "Destination" in mapping["DestinationConfig"]["OnFailure"]


def test_every_dead_letter_queue_has_an_alarm_on_aws(aws: Templates):
    alarmed = {
        dimension["Value"]
        for alarm in aws.of_type("AWS::CloudWatch::Alarm")
        if alarm.properties["MetricName"] == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm.properties["Dimensions"]
    }
    dead_letters = {name for name in aws.named("AWS::SQS::Queue", "QueueName") if name.endswith("-dlq")}
    assert alarmed == dead_letters


def test_every_alarm_notifies_the_one_topic(aws: Templates):
    (topic,) = aws.of_type("AWS::SNS::Topic")
    assert topic.properties["TopicName"] == "heliograph-alarms"
    for alarm in aws.of_type("AWS::CloudWatch::Alarm"):
        (action,) = alarm.properties["AlarmActions"]
        assert str(action).count("heliograph-alarms") == 1
