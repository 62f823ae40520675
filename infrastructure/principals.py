"""Who may act, as policies name them.

The casts are for the type checker alone: the generated Python of CDK names some parameters differently in the classes
than in the interfaces they implement.
"""

from typing import cast

from aws_cdk import aws_iam as iam


def service(name: str) -> iam.IPrincipal:
    return cast("iam.IPrincipal", iam.ServicePrincipal(f"{name}.amazonaws.com"))


def anybody() -> iam.IPrincipal:
    return cast("iam.IPrincipal", iam.AnyPrincipal())


def this_account() -> iam.IPrincipal:
    """The account's roles and users, each as far as its own policies allow."""
    return cast("iam.IPrincipal", iam.AccountRootPrincipal())
