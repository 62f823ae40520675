"""What can go wrong, in the words of the product. `heliograph.http` turns each into an RFC 9457 problem.

DomainError
  Malformed            400   cannot be read at all (a tampered cursor)
  Unauthenticated      401   no token, or one that does not verify
  Forbidden            403   known, but not allowed
  NotFound             404   does not exist, or is not visible to this viewer (never say which)
  Conflict             409   contradicts what is stored
  TooLarge             413
  UnsupportedType      415
  Invalid              422   well-formed, but breaks a rule; carries the fields
  TooManyRequests      429   carries the seconds to wait
  NotOffered           501   a standard allows it, we do not offer it
  Unavailable          503   a dependency is down
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    field: str
    message: str


class DomainError(Exception):
    """Base of every expected failure. `detail` is shown to the client: no secret, no personal data."""

    status = 500
    title = "Internal error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class Malformed(DomainError):
    status = 400
    title = "Malformed request"


class Unauthenticated(DomainError):
    status = 401
    title = "Sign in first"


class Forbidden(DomainError):
    status = 403
    title = "Not allowed"


class NotFound(DomainError):
    status = 404
    title = "Not found"


class Conflict(DomainError):
    status = 409
    title = "Conflict"


class TooLarge(DomainError):
    status = 413
    title = "Too large"


class UnsupportedType(DomainError):
    status = 415
    title = "Unsupported media type"


class Invalid(DomainError):
    status = 422
    title = "Invalid"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors

    @classmethod
    def field(cls, field: str, message: str) -> "Invalid":
        return cls(FieldError(field, message))


class TooManyRequests(DomainError):
    status = 429
    title = "Too many requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Try again in {retry_after} seconds")
        self.retry_after = retry_after


class NotOffered(DomainError):
    status = 501
    title = "Not offered"


class Unavailable(DomainError):
    status = 503
    title = "Temporarily unavailable"


class ConfigurationError(Exception):
    """The deployment is wrong: a setting is missing or unreadable. Never the client's fault."""
