"""The administrator's account: its password is what the settings say, also after they change."""

from __future__ import annotations

from typing import Protocol

from tracker.settings import TrackerSettings


class UserStore(Protocol):
    def init_db(self, db_uri: str) -> None: ...
    def has_user(self, username: str) -> bool: ...
    def authenticate_user(self, username: str, password: str) -> bool: ...
    def create_user(self, username: str, password: str, *, is_admin: bool) -> object: ...
    def update_user(self, username: str, *, password: str, is_admin: bool) -> object: ...


def ensure_admin(store: UserStore, settings: TrackerSettings) -> str:
    """Create the administrator, or give the account the password of the settings; say what was done.

    MLflow itself reads the password only on its first start, so that a rotated secret would leave the
    old one in force.
    """
    name, password = settings.admin_username, settings.admin_password
    if not store.has_user(name):
        store.create_user(name, password, is_admin=True)
        return "created"
    if store.authenticate_user(name, password):
        return "unchanged"
    store.update_user(name, password=password, is_admin=True)
    return "rotated"
