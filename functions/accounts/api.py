"""HTTP routes of accounts."""

from dataclasses import asdict
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field, HttpUrl, StringConstraints, TypeAdapter, ValidationError

from functions.accounts import deletion, exports, identity, names, service, sessions
from functions.accounts.views import picture_url
from heliograph import cursors, http, idempotency, plaintext, tokens
from heliograph.limits import Limit
from heliograph.tables import Slice

app = http.resolver()

SessionId = Annotated[str, Path(alias="sessionId"), http.AN_ID]

# Per address, which many people may share.
SIGN_UP = Limit("sign-up", burst=20, per_second=20 / 3600)
SIGN_IN = Limit("sign-in", burst=60, per_second=1 / 5)
CODES = Limit("codes", burst=30, per_second=60 / 3600)


def _web_address(value: str) -> str:
    address = names.website(value)
    try:
        TypeAdapter(HttpUrl).validate_python(address)
    except ValidationError:
        raise plaintext.Refused("not a web address") from None
    return address


Username = Annotated[str, *plaintext.field(names.username, pattern=names.USERNAME_PATTERN)]
# An account keeps the name it has when the rules for new ones change.
AnyUsername = Annotated[str, StringConstraints(pattern=names.USERNAME_PATTERN)]
Email = Annotated[str, *plaintext.field(names.email, pattern=names.EMAIL_PATTERN, maxLength=names.EMAIL_MAX)]
FullName = Annotated[str, *plaintext.field(names.full_name, maxLength=names.FULL_NAME_MAX)]
Bio = Annotated[str, *plaintext.field(names.bio, maxLength=names.BIO_MAX)]
Website = Annotated[str, *plaintext.field(_web_address, maxLength=names.WEBSITE_MAX)]
PhoneNumber = Annotated[str, *plaintext.field(names.phone_number, maxLength=names.PHONE_MAX)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128)]
AnyPassword = Annotated[str, StringConstraints(max_length=128)]
Login = Annotated[str, StringConstraints(min_length=1, max_length=names.EMAIL_MAX)]
ExportId = Annotated[str, Path(alias="exportId"), http.AN_ID]
Code = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]


class SignUp(http.Body):
    username: Username
    email: Email
    password: Password
    full_name: FullName = ""


class NewAccount(http.View):
    user_id: str
    username: str


class Confirm(http.Body):
    username: AnyUsername
    code: Code


class SignIn(http.Body):
    login: Login
    password: AnyPassword


class SessionView(http.View):
    access_token: str
    refresh_token: str
    expires_in: int
    user_id: str


class Refresh(http.Body):
    refresh_token: Annotated[str, StringConstraints(max_length=512)]


class SignOut(http.Body):
    refresh_token: Annotated[str | None, Field(max_length=512)] = None
    everywhere: bool = False


class ForgotPassword(http.Body):
    login: Login


class ResetPassword(http.Body):
    login: Login
    code: Code
    new_password: Password


class Jwks(http.View):
    keys: list[dict[str, str]]


class ProfileEdit(http.Body):
    full_name: FullName = ""
    bio: Bio = ""
    website_url: Website | None = None
    phone_number: PhoneNumber | None = None
    profile_picture_media_id: Annotated[str | None, Field(max_length=64)] = None
    is_private: bool = False


class DeviceView(http.View):
    """`name`: the device's own words (its User-Agent). `current`: whether it is the one that asks."""

    session_id: str
    name: str
    created_at: http.Time
    last_used_at: http.Time
    current: bool


class Me(http.View):
    user_id: str
    username: str
    full_name: str
    bio: str
    website_url: str | None
    profile_picture_url: str | None
    is_private: bool
    is_verified: bool
    post_count: int
    follower_count: int
    following_count: int
    created_at: http.Time
    email: str
    phone_number: str | None


class Deletion(http.View):
    deletes_at: http.Time


class NewExport(http.View):
    export_id: str


class Progress(http.View):
    done: int
    total: int


class ExportView(http.View):
    """`progress`: in sections. `url`: good for an hour; ask again for another."""

    export_id: str
    status: exports.Status
    progress: Progress
    created_at: http.Time
    expires_at: http.Time
    byte_size: int | None
    url: str | None


@app.post(
    "/v1/auth/sign-up",
    status_code=201,
    summary="Create an account",
    tags=["accounts"],
    middlewares=[http.limited(SIGN_UP), idempotency.replay],
)
def sign_up(body: SignUp) -> NewAccount:
    user_id = identity.sign_up(body.username, body.email, body.password, body.full_name)
    return NewAccount(user_id=user_id, username=body.username)


@app.post(
    "/v1/auth/confirm",
    status_code=204,
    summary="Confirm the e-mail address",
    tags=["accounts"],
    middlewares=[http.limited(CODES)],
)
def confirm(body: Confirm) -> None:
    identity.confirm(body.username, body.code)


@app.post("/v1/auth/sign-in", summary="Start a session", tags=["accounts"], middlewares=[http.limited(SIGN_IN)])
def sign_in(body: SignIn) -> SessionView:
    device = app.current_event.headers.get("User-Agent") or ""
    return SessionView.model_validate(identity.sign_in(body.login, body.password, device))


@app.post("/v1/auth/refresh", summary="Exchange a refresh token for the next pair", tags=["accounts"])
def refresh(body: Refresh) -> SessionView:
    return SessionView.model_validate(sessions.refresh(body.refresh_token))


@app.post("/v1/auth/sign-out", status_code=204, summary="End one session or all", tags=["accounts"])
def sign_out(body: SignOut, caller: http.SignedIn) -> None:
    identity.sign_out(caller.user_id, caller.session_id, body.refresh_token, everywhere=body.everywhere)


@app.post(
    "/v1/auth/forgot-password",
    status_code=204,
    summary="Ask for a reset code",
    tags=["accounts"],
    middlewares=[http.limited(CODES)],
)
def forgot_password(body: ForgotPassword) -> None:
    identity.forgot_password(body.login)


@app.post(
    "/v1/auth/reset-password",
    status_code=204,
    summary="Set a new password with a code",
    tags=["accounts"],
    middlewares=[http.limited(CODES)],
)
def reset_password(body: ResetPassword) -> None:
    identity.reset_password(body.login, body.code, body.new_password)


@app.get("/v1/.well-known/jwks.json", summary="Public keys of access tokens (RFC 7517)", tags=["accounts"])
def jwks() -> Response[Jwks]:
    keys = Jwks(keys=[key.jwk for key in tokens.signing_keys()])
    return Response(200, content_type="application/json", body=keys, headers={"Cache-Control": "public, max-age=3600"})


@app.get("/v1/users/me", summary="My account", tags=["accounts"], middlewares=[http.conditional])
def read_me(caller: http.SignedIn) -> Me:
    return _me(service.me(caller.user_id))


@app.patch("/v1/users/me", summary="Edit my profile", tags=["accounts"])
def edit_me(body: ProfileEdit, caller: http.SignedIn) -> Me:
    return _me(service.edit(caller.user_id, body.model_dump(include=body.model_fields_set)))


@app.get("/v1/users/me/devices", summary="Where I am signed in", tags=["accounts"])
def list_devices(caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None) -> http.Page[DeviceView]:
    position = cursors.open_("devices", caller.user_id, cursor)
    found = sessions.devices(caller.user_id, position, limit)
    views = [DeviceView(**asdict(device), current=device.session_id == caller.session_id) for device in found.items]
    return http.page("devices", caller.user_id, Slice(views, found.next))


@app.delete("/v1/users/me/devices/<sessionId>", status_code=204, summary="Sign out a device", tags=["accounts"])
def end_device(session_id: SessionId, caller: http.SignedIn) -> None:
    sessions.end(caller.user_id, session_id)


@app.delete("/v1/users/me", status_code=202, summary="Delete my account; signing in takes it back", tags=["accounts"])
def delete_me(caller: http.SignedIn) -> Deletion:
    return Deletion(deletes_at=deletion.ask(caller.user_id))


@app.post(
    "/v1/users/me/export",
    status_code=202,
    summary="Ask for all my data",
    tags=["accounts"],
    middlewares=[idempotency.replay],
)
def ask_export(caller: http.SignedIn) -> NewExport:
    return NewExport(export_id=exports.ask(caller.user_id))


@app.get("/v1/users/me/export/<exportId>", summary="How far my export is, and its file", tags=["accounts"])
def read_export(export_id: ExportId, caller: http.SignedIn) -> ExportView:
    export = exports.read(caller.user_id, export_id)
    return ExportView(
        export_id=export.export_id,
        status=export.status,
        progress=Progress(done=export.sections_done, total=export.sections_total),
        created_at=export.created_at,
        expires_at=export.expires_at,
        byte_size=export.byte_size,
        url=export.url,
    )


def _me(account: service.Account) -> Me:
    shown = {field: getattr(account.profile, field) for field in Me.model_fields if hasattr(account.profile, field)}
    return Me(
        **{**shown, "profile_picture_url": picture_url(account.profile)},
        email=account.email,
        phone_number=account.phone_number,
    )


handler = http.handler(app)
