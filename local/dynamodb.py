"""DynamoDB Local: AWS's own engine of DynamoDB, as a program."""

from local.java import built, java


def command(port: int) -> list[str]:
    """What starts it on 127.0.0.1, in memory, one database for all credentials."""
    jars = built("dynamodb")
    # It lives for minutes: one compiler and one collector cost half the processor time of what is usual.
    flags = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    native = f"-Djava.library.path={jars / 'DynamoDBLocal_lib'}"
    return [java(), *flags, native, "-jar", str(jars / "DynamoDBLocal.jar"), *options]
