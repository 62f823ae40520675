"""Use cases of identity: sign up, confirm, sign in, sign out, reset a password."""

from functions.accounts import codes, deletion, passwords, sessions, store
from functions.accounts.names import folded
from heliograph import admission, clock, config, ids, limits, outbox, plaintext, sealed
from heliograph.errors import Conflict, Forbidden, Invalid, Unauthenticated
from heliograph.events import ResetAsked
from heliograph.limits import Limit

# For each login that is tried, whether or not somebody has it: so the answers say nothing, and come as fast.
SIGN_IN = Limit("sign-in-login", burst=10, per_second=1 / 60)
FORGOT_PASSWORD = Limit("forgot-password-login", burst=5, per_second=5 / 3600)
TAKEN = {"username": "This username is taken", "email": "This e-mail address is already in use"}
# Whoever does not exist is looked up all the same, so that their absence takes as long as a presence.
NOBODY = "nobody"


class IdentitySettings(config.Settings):
    require_confirmation: bool = True


def sign_up(username: str, email: str, password: str, full_name: str) -> str:
    """Create the account; its confirmation code follows by mail. The new user's id.

    Raises Conflict for a taken name, Invalid for a password that is easily guessed.
    """
    _refuse_weak("password", password, username, email)
    user_id = ids.new_id()
    user = store.NewUser(
        user_id=user_id,
        username=folded(username),
        email=sealed.seal(user_id, folded(email)),
        email_identity=identity_of(email),
        password_hash=passwords.hashed(password),
        full_name=full_name,
        created_at=clock.now(),
    )
    try:
        store.create_user(user)
    except store.NameTaken as taken:
        raise Conflict(TAKEN[taken.field]) from None
    return user_id


def confirm(username: str, code: str) -> None:
    """Mark the account's e-mail address as confirmed. Raises Invalid for a wrong, old or used code."""
    user_id = store.owner_of(identity_of(username))
    if user_id is None:
        raise codes.wrong()
    codes.redeem(user_id, "confirm", code)
    store.change_user(user_id, [store.UserItem.is_confirmed.set(True)])


def sign_in(login: str, password: str, device: str) -> sessions.Session:
    """A new session; it takes back the account's deletion.

    Raises Unauthenticated alike, and in like time, for an unknown login and a wrong password. Raises TooManyRequests
    before the password is hashed, which is the expensive part.
    """
    _spend(SIGN_IN, login)
    user = store.user(store.owner_of(identity_of(login)) or NOBODY, consistent=True)
    if not passwords.matches(user and user.password_hash, password) or user is None:
        raise Unauthenticated("The login or the password is wrong")
    if config.read(IdentitySettings).require_confirmation and not user.is_confirmed:
        raise Forbidden("Confirm your e-mail address first")
    if user.deletion_id:
        deletion.cancel(user.user_id)
    actions = [store.UserItem.last_active.set(clock.now())]
    if passwords.outdated(user.password_hash):
        actions.append(store.UserItem.password_hash.set(passwords.hashed(password)))
    store.change_user(user.user_id, actions)
    return sessions.start(user.user_id, user.username, device)


def sign_out(user_id: str, session_id: str, refresh_token: str | None, *, everywhere: bool) -> None:
    """End this device's session, the one named by a refresh token of the same account, or all."""
    if everywhere:
        sessions.end_all(user_id)
        return
    owner_id, family_id = sessions.family_of(refresh_token) if refresh_token else (user_id, session_id)
    if owner_id != user_id:
        raise Forbidden("This refresh token belongs to another account")
    sessions.end(user_id, family_id)


def forgot_password(login: str) -> None:
    """A reset code follows by mail if the account exists; nothing here depends on whether it does.

    Raises TooManyRequests.
    """
    _spend(FORGOT_PASSWORD, login)
    request_id = ids.new_id()
    asked = ResetAsked(identity=identity_of(login), request_id=request_id, asked_at=clock.now())
    outbox.publish(asked, event_id=request_id)


def send_reset_code(asked: ResetAsked) -> None:
    user_id = store.owner_of(asked.identity)
    if user_id is not None:
        codes.send(user_id, "reset", asked.request_id, asked.asked_at)


def send_confirmation_code(user_id: str) -> None:
    """Mail the code that confirms a new account's address. The account itself is the request."""
    user = store.user(user_id, consistent=True)
    if user is not None and not user.is_confirmed:
        codes.send(user_id, "confirm", user_id, user.created_at)


def reset_password(login: str, code: str, new_password: str) -> None:
    """Set a new password and end every session.

    Raises Invalid for a wrong, old or used code, and for a password that is easily guessed (which spends no code).
    """
    _refuse_weak("newPassword", new_password, login)
    user_id = store.owner_of(identity_of(login))
    if user_id is None:
        raise codes.wrong()
    codes.redeem(user_id, "reset", code)
    hashed = passwords.hashed(new_password)
    # Whoever read the code in the mailbox has also shown that the address is theirs.
    store.change_user(user_id, [store.UserItem.password_hash.set(hashed), store.UserItem.is_confirmed.set(True)])
    sessions.end_all(user_id)


def identity_of(login: str) -> str:
    """The reservation that a username or an e-mail address has if it is anybody's; addresses are known by hash only."""
    name = folded(login)
    return f"email#{sealed.keyed_hash('email', name)}" if "@" in name else f"username#{name}"


def _spend(limit: Limit, login: str) -> None:
    limits.spend(limit, admission.veiled(folded(login)))


def _refuse_weak(field: str, password: str, *about: str) -> None:
    try:
        passwords.check(password, about)
    except plaintext.Refused as refused:
        raise Invalid.field(field, str(refused)) from None
