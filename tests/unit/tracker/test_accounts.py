from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.unit.tracker.test_settings import settings
from tracker.accounts import Account, ensure, is_reader
from tracker.database import Database
from tracker.settings import TrackerSettings


@dataclass
class Role:
    id: int
    name: str


@dataclass
class User:
    id: int
    password: str
    is_admin: bool
    roles: set[int] = field(default_factory=set)


class Store:
    """MLflow's accounts as far as they are used."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.roles: list[Role] = []
        self.grants: set[tuple[str, ...]] = set()

    def has_user(self, username: str) -> bool:
        return username in self.users

    def get_user(self, username: str) -> User:
        return self.users[username]

    def authenticate_user(self, username: str, password: str) -> bool:
        return self.users[username].password == password

    def create_user(self, username: str, password: str, *, is_admin: bool) -> None:
        self.users[username] = User(len(self.users), password, is_admin)

    def update_user(self, username: str, *, password: str, is_admin: bool) -> None:
        self.users[username].password, self.users[username].is_admin = password, is_admin

    def grant_user_permission(self, *grant: str) -> None:
        self.grants.add(grant)

    def list_roles(self, workspaces: Sequence[str]) -> list[Role]:
        return self.roles

    def create_role(self, name: str, workspace: str, description: str) -> Role:
        self.roles.append(Role(len(self.roles), name))
        return self.roles[-1]

    def list_user_roles(self, user_id: int) -> list[Role]:
        [user] = [each for each in self.users.values() if each.id == user_id]
        return [role for role in self.roles if role.id in user.roles]

    def assign_role_to_user(self, user_id: int, role_id: int) -> None:
        [user] = [each for each in self.users.values() if each.id == user_id]
        assert role_id not in user.roles
        user.roles.add(role_id)

    def unassign_role_from_user(self, user_id: int, role_id: int) -> None:
        [user] = [each for each in self.users.values() if each.id == user_id]
        user.roles.remove(role_id)


def prepare(store: Store, made: TrackerSettings) -> list[str]:
    return [ensure(store, account) for account in made.accounts]


def test_changed_password_takes_effect_at_the_next_start() -> None:
    store = Store()
    assert prepare(store, settings()) == ["created"]
    assert prepare(store, settings()) == ["unchanged"]
    assert prepare(store, settings(MLFLOW_AUTH_ADMIN_PASSWORD="another good one")) == ["rotated"]
    assert store.users["admin"].password == "another good one"


def test_flows_may_write_and_the_service_reads_and_neither_is_administrator() -> None:
    store = Store()
    both = {"TRACKER_FLOWS_PASSWORD": "a word for flows", "TRACKER_SERVICE_PASSWORD": "a word for pages"}
    for _ in range(2):
        prepare(store, settings(**both))
    assert {name: user.is_admin for name, user in store.users.items()} == {
        "admin": True, "wine-flows": False, "wine-service": False,
    }  # fmt: skip
    assert store.grants == {
        ("wine-flows", resource, "*", "MANAGE") for resource in ("experiment", "registered_model")
    }
    assert [name for name in store.users if is_reader(store, name)] == ["wine-service"]


def test_account_that_may_write_from_now_on_is_no_reader_any_more() -> None:
    store = Store()
    ensure(store, Account("shop", "a word for shops", "read"))
    assert is_reader(store, "shop")
    ensure(store, Account("shop", "a word for shops", "write"))
    assert not is_reader(store, "shop")


def test_account_that_was_administrator_is_one_no_more() -> None:
    store = Store()
    store.create_user("wine-flows", "a word for flows", is_admin=True)
    ensure(store, Account("wine-flows", "a word for flows", "write"))
    assert not store.users["wine-flows"].is_admin


def test_no_password_of_an_account_is_shown() -> None:
    assert "shops" not in repr(Account("shop", "a word for shops", "read"))


def test_database_password_leaves_the_address() -> None:
    database = Database.from_uri("postgresql+psycopg2://mlflow:p%40ss@db:5433/mlflow?sslmode=require")
    assert database.uri == "postgresql://mlflow@db:5433/mlflow?sslmode=require"
    assert database.password == "p@ss"
    assert "p@ss" not in repr(database)


def test_socket_address_keeps_its_form() -> None:
    database = Database.from_uri("postgresql:///mlflow?host=/run/postgresql")
    assert database == Database("postgresql:///mlflow?host=/run/postgresql", None)
