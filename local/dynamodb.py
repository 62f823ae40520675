"""DynamoDB Local: AWS's own engine of DynamoDB, as a program."""

from local.java import built, java


def command(port: int) -> list[str]:
    """What starts it on 127.0.0.1, in memory, one database for all credentials."""
    jars = built("dynamodb")
    return [
        java(), "-Xmx512m", f"-Djava.library.path={jars / 'DynamoDBLocal_lib'}",
        "-jar", str(jars / "DynamoDBLocal.jar"), "-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port),
    ]  # fmt: skip
