"""Live documents, and who may read and write them."""

from typing import Any

from functions.discovery.explore_weights import Explore
from functions.feed.hybrid import Feed
from functions.feed.weights import Ranking
from functions.media.moderation import Thresholds
from heliograph.load import Load
from infrastructure.access import EXPLORE, FEED, LOAD, MODERATION, RANKING
from infrastructure.catalogue import ALL_CONSUMERS, API_FUNCTIONS
from tests.infrastructure.conftest import Templates
from tests.infrastructure.test_functions import as_list, functions, statements

STACK = "heliograph-live"
DOCUMENTS = {"load", "moderation", "feed", "ranking", "explore"}
READ = {"local": "ssm:GetParameter", "aws": "appconfig:GetLatestConfiguration"}
WRITE = {"local": "ssm:PutParameter", "aws": "appconfig:StartDeployment"}


def allowed(templates: Templates, action: str) -> set[str]:
    """The functions that may do something."""
    return {
        name.removeprefix("heliograph-")
        for name, function in functions(templates).items()
        if any(action in as_list(statement["Action"]) for statement in statements(templates, function))
    }


def variables(templates: Templates, function: str) -> dict[str, Any]:
    return functions(templates)[f"heliograph-{function}"].properties["Environment"]["Variables"]


def test_the_document_has_the_name_by_which_it_is_read():
    names = (Load.name, Thresholds.name, Feed.name, Ranking.name, Explore.name)
    assert names == (LOAD, MODERATION, FEED, RANKING, EXPLORE)


def test_a_local_cloud_keeps_documents_in_parameters_and_aws_in_appconfig(local: Templates, aws: Templates):
    # given
    parameters = local.named("AWS::SSM::Parameter", "Name")
    # then
    assert set(parameters) == {f"/heliograph/live/{name}" for name in DOCUMENTS}
    assert [r for r in local if r.type.startswith("AWS::AppConfig::")] == []
    assert aws.of_type("AWS::SSM::Parameter") == []
    profiles = aws.of_type("AWS::AppConfig::ConfigurationProfile")
    assert {profile.properties["Name"] for profile in profiles} == DOCUMENTS
    assert {profile.properties["LocationUri"] for profile in profiles} == {"hosted"}


def test_first_document_holds_the_defaults_of_the_model(local: Templates, aws: Templates):
    versions = aws.of_type("AWS::AppConfig::HostedConfigurationVersion")
    first = [version.properties["Content"] for version in versions]
    first += [parameter.properties["Value"] for parameter in local.of_type("AWS::SSM::Parameter")]
    assert len(first) == 10
    for text in first:
        assert Load.model_validate_json(text) == Load(factor=1.0, pinned=False)
        assert Thresholds.model_validate_json(text) == Thresholds()
        assert Ranking.model_validate_json(text) == Ranking()
        assert Feed.model_validate_json(text) == Feed()
        assert Explore.model_validate_json(text) == Explore()


def test_document_takes_effect_at_once_on_aws(aws: Templates):
    (strategy,) = aws.of_type("AWS::AppConfig::DeploymentStrategy")
    assert strategy.properties["DeploymentDurationInMinutes"] == 0
    assert strategy.properties["FinalBakeTimeInMinutes"] == 0
    assert strategy.properties["GrowthFactor"] == 100


def test_the_apis_read_and_one_function_writes(local: Templates, aws: Templates):
    apis = {spec.full_name for spec in API_FUNCTIONS}
    others = {"media-resize", "media-resize-first", "media-video-moderate", "feed-fanout"}
    for name, templates in (("local", local), ("aws", aws)):
        assert allowed(templates, READ[name]) == {*apis, "kernel-load", *others}
        assert allowed(templates, WRITE[name]) == {"kernel-load"}


def test_every_consumers_queue_is_watched(either: Templates):
    watched = variables(either, "kernel-load")["WATCHED_QUEUES"].split(",")
    assert watched == [f"heliograph-{consumer.queue_name}" for consumer in ALL_CONSUMERS]


def test_local_cloud_allows_many_people_on_one_address(local: Templates, aws: Templates):
    assert {variables(aws, spec.full_name)["PEOPLE_PER_ADDRESS"] for spec in API_FUNCTIONS} == {"1"}
    assert int(variables(local, "accounts-api")["PEOPLE_PER_ADDRESS"]) > 100
