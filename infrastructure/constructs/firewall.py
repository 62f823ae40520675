"""The web application firewall of the API: known bad inputs, and a rate per address."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

# Requests per address in five minutes. Many people share one address behind mobile carriers.
RATE_LIMIT = 10_000
MANAGED_RULES = ("AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesAmazonIpReputationList")


def protect(scope: Construct, stage: apigateway.CfnStage, name: str) -> None:
    """Put a web ACL in front of an API stage."""
    rules = [_managed(priority, rule_set) for priority, rule_set in enumerate(MANAGED_RULES)]
    acl = wafv2.CfnWebACL(
        scope,
        "Firewall",
        scope="REGIONAL",
        name=name,
        default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
        visibility_config=_visibility(name),
        rules=[*rules, _rate(len(rules))],
    )
    association = wafv2.CfnWebACLAssociation(
        scope,
        "FirewallAssociation",
        resource_arn=f"arn:aws:apigateway:{acl.stack.region}::/restapis/{stage.rest_api_id}/stages/{stage.stage_name}",
        web_acl_arn=acl.attr_arn,
    )
    association.add_resource_dependency(stage)


def _managed(priority: int, rule_set: str) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=rule_set,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=rule_set
            )
        ),
        visibility_config=_visibility(rule_set),
    )


def _rate(priority: int) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name="RatePerAddress",
        priority=priority,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(limit=RATE_LIMIT, aggregate_key_type="IP")
        ),
        visibility_config=_visibility("RatePerAddress"),
    )


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
