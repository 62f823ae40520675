"""AWS clients, made on first use: a handler that never signs or uploads never pays for the client."""

import os
from functools import cache
from typing import Any

TIMEOUT_SECONDS = 5
ATTEMPTS = 4


@cache
def client(
    service: str,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    timeout_seconds: int = TIMEOUT_SECONDS,
    attempts: int = ATTEMPTS,
) -> Any:
    """A boto3 client; of the function's own region unless another is named. `timeout_seconds`: for each answer."""
    import boto3  # noqa: PLC0415  (150 ms of cold start)  # pyright: ignore[reportMissingTypeStubs]

    # On AWS virtual-hosted, or presigned URLs would name the global host; an endpoint of one's own has one host name.
    one_host = endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return boto3.client(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (no stubs)
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        config=client_config(
            timeout_seconds,
            attempts,
            signature_version="s3v4" if service == "s3" else None,
            s3={"addressing_style": "path" if one_host else "virtual"},
        ),
    )


def client_config(timeout_seconds: int = TIMEOUT_SECONDS, attempts: int = ATTEMPTS, **more: Any) -> Any:
    """Short time-outs and the standard retry mode (jittered backoff), as a botocore Config."""
    from botocore.config import Config  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    return Config(
        connect_timeout=1,
        read_timeout=timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        **more,
    )


@cache
def secret(name: str) -> bytes:
    """The value of a Secrets Manager secret, kept for the life of the process."""
    return client("secretsmanager").get_secret_value(SecretId=name)["SecretString"].encode()
