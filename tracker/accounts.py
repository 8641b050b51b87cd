"""Accounts of the tracker: their passwords are what the settings say, also after they change.

admin   everything, users included; known to the tracker alone
write   runs, experiments and models, nothing about users: what the flows need
read    which version an alias names, and the files of models: what the service needs (`tracker.access`)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, Literal, Protocol, cast

Kind = Literal["admin", "write", "read"]
READERS: Final = "wine-readers"
"""The role of accounts that only read models."""
WORKSPACE: Final = "default"
WRITABLE: Final = ("experiment", "registered_model")


class UserStore(Protocol):
    def has_user(self, username: str) -> bool: ...
    def get_user(self, username: str) -> Any: ...  # noqa: ANN401 - MLflow's own record
    def authenticate_user(self, username: str, password: str) -> bool: ...
    def create_user(self, username: str, password: str, *, is_admin: bool) -> object: ...
    def update_user(self, username: str, *, password: str, is_admin: bool) -> object: ...
    def grant_user_permission(
        self, username: str, resource_type: str, resource_pattern: str, permission: str
    ) -> None: ...
    def list_roles(self, workspaces: Sequence[str]) -> Sequence[Any]: ...
    def create_role(self, name: str, workspace: str, description: str) -> Any: ...  # noqa: ANN401
    def list_user_roles(self, user_id: int) -> Sequence[Any]: ...
    def assign_role_to_user(self, user_id: int, role_id: int) -> object: ...
    def unassign_role_from_user(self, user_id: int, role_id: int) -> object: ...


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    password: str = field(repr=False)
    kind: Kind


def open_store(backend_store_uri: str) -> UserStore:
    """The tracker's accounts, their tables made or migrated. MLflow takes seconds to import."""
    store = import_module("mlflow.server.auth.sqlalchemy_store").SqlAlchemyStore()
    store.init_db(backend_store_uri)
    return cast("UserStore", store)


def ensure(store: UserStore, account: Account) -> str:
    """Create the account or give it this password and these rights; say what was done.

    MLflow itself reads the administrator's password only on its first start, so that a rotated secret
    would leave the old one in force.
    """
    done = _password(store, account)
    if account.kind == "write":
        for resource in WRITABLE:
            store.grant_user_permission(account.name, resource, "*", "MANAGE")
    _set_reader(store, account.name, reader=account.kind == "read")
    return done


def _password(store: UserStore, account: Account) -> str:
    admin = account.kind == "admin"
    if not store.has_user(account.name):
        store.create_user(account.name, account.password, is_admin=admin)
        return "created"
    known = store.authenticate_user(account.name, account.password)
    if known and bool(store.get_user(account.name).is_admin) == admin:
        return "unchanged"
    store.update_user(account.name, password=account.password, is_admin=admin)
    return "rotated"


def is_reader(store: UserStore, name: str) -> bool:
    """Whether the account may only read models."""
    return any(role.name == READERS for role in store.list_user_roles(store.get_user(name).id))


def _set_reader(store: UserStore, name: str, *, reader: bool) -> None:
    if is_reader(store, name) == reader:
        return
    user, role = store.get_user(name).id, _readers(store)
    if reader:
        store.assign_role_to_user(user, role)
    else:
        store.unassign_role_from_user(user, role)


def _readers(store: UserStore) -> int:
    for role in store.list_roles([WORKSPACE]):
        if role.name == READERS:
            return int(role.id)
    return int(store.create_role(READERS, WORKSPACE, "Accounts that only read models").id)
