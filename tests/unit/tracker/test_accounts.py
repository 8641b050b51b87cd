from __future__ import annotations

from tests.unit.tracker.test_settings import settings
from tracker.accounts import ensure_admin
from tracker.database import Database


class Store:
    def __init__(self, **users: str) -> None:
        self.users = users

    def init_db(self, db_uri: str) -> None: ...

    def has_user(self, username: str) -> bool:
        return username in self.users

    def authenticate_user(self, username: str, password: str) -> bool:
        return self.users[username] == password

    def create_user(self, username: str, password: str, *, is_admin: bool) -> None:
        assert is_admin
        self.users[username] = password

    def update_user(self, username: str, *, password: str, is_admin: bool) -> None:
        assert is_admin
        self.users[username] = password


def test_changed_password_takes_effect_at_the_next_start() -> None:
    store = Store()
    assert ensure_admin(store, settings()) == "created"
    assert ensure_admin(store, settings()) == "unchanged"
    assert ensure_admin(store, settings(MLFLOW_AUTH_ADMIN_PASSWORD="another good one")) == "rotated"
    assert store.users == {"admin": "another good one"}


def test_database_password_leaves_the_address() -> None:
    database = Database.from_uri("postgresql+psycopg2://mlflow:p%40ss@db:5433/mlflow?sslmode=require")
    assert database.uri == "postgresql://mlflow@db:5433/mlflow?sslmode=require"
    assert database.password == "p@ss"
    assert "p@ss" not in repr(database)


def test_socket_address_keeps_its_form() -> None:
    database = Database.from_uri("postgresql:///mlflow?host=/run/postgresql")
    assert database == Database("postgresql:///mlflow?host=/run/postgresql", None)
