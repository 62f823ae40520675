"""What a person is told when a command cannot do what was asked."""


class CloudError(Exception):
    """The local cloud cannot do what was asked; the message says what to do."""
