"""cdk-nag: a finding is either fixed or acknowledged, on the resource it concerns, with the reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    if not reason:
        raise ValueError(f"{construct.node.path}: {rule} is acknowledged without a reason")
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
