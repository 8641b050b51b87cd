"""Clients as they come: Java's HttpClient, curl, requests, and nginx that passes an upgrade on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests

from tests.pace import patience
from tests.ports import free_port
from tests.programs import program, require
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.nginx import nginx as nginx_with
from tests.serving_kit.services import Process, service

pytestmark = pytest.mark.integration

BODY = json.dumps(WINE)
JAVA = """
import java.net.URI;
import java.net.http.*;

public class Price {
  public static void main(String[] arguments) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (int time = 0; time < 2; time++) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0]))
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(arguments[1])).build();
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      System.out.println(response.statusCode() + " " + response.body());
    }
  }
}
"""
NGINX = """
worker_processes 1; daemon off; error_log stderr; pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_buffer_size 8m; proxy_buffering off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{target};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    state = tmp_path_factory.mktemp("clients") / "state"
    keep_in_cache(state)
    with service(state, {"TRUSTED_PROXIES": "127.0.0.1", "LOG_LEVEL": "WARNING"}) as started:
        yield started


@pytest.fixture
def nginx(running: Process, tmp_path: Path) -> Iterator[str]:
    """The address of nginx before the service."""
    require("nginx")
    port = free_port()
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(NGINX.format(folder=tmp_path, port=port, target=running.port))
    address = f"http://127.0.0.1:{port}"
    with nginx_with(configuration, lambda: httpx.get(f"{address}/health/live", timeout=patience(2))):
        yield address


def java(address: str, folder: Path) -> list[str]:
    """What Java's HttpClient, which offers h2c with every request, gets for two requests."""
    require("default-jdk-headless")
    source = folder / "Price.java"
    source.write_text(JAVA)
    done = subprocess.run(
        [str(program("java")), str(source), f"{address}/predict", BODY],
        capture_output=True, text=True, check=False, timeout=patience(120),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def curl(*arguments: str) -> str:
    require("curl")
    done = subprocess.run(
        [str(program("curl")), "-sS", "--max-time", "20", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_javas_client_as_it_comes(running: Process, tmp_path: Path) -> None:
    assert [line[:4] for line in java(running.address, tmp_path)] == ["200 ", "200 "]


def test_javas_client_behind_nginx(nginx: str, tmp_path: Path) -> None:
    assert [line[:4] for line in java(nginx, tmp_path)] == ["200 ", "200 "]


@pytest.mark.parametrize("body", [BODY, json.dumps({"wines": [WINE] * 400})], ids=["a wine", "a batch"])
def test_curl_that_offers_http_2(body: str, running: Process, nginx: str, tmp_path: Path) -> None:
    path = "/predict/batch" if "wines" in body else "/predict"
    file = tmp_path / "body.json"
    file.write_text(body)
    for address in (running.address, nginx):
        said = curl(
            "--http2", "-H", "Content-Type: application/json", "--data", f"@{file}", f"{address}{path}"
        )
        assert "prediction" in said


def test_curl_without_a_type_is_told_which_one(running: Process) -> None:
    said = json.loads(curl("-d", BODY, f"{running.address}/predict"))
    assert said["status"] == 415
    assert "Content-Type: application/json" in said["detail"]


def test_requests_says_true_its_own_way(running: Process) -> None:
    with requests.Session() as session:
        answer = session.post(
            f"{running.address}/predict", params={"explain": True}, json=WINE, timeout=patience(20)
        )
        assert "explanation" in answer.json()
        batch = session.post(
            f"{running.address}/predict/batch",
            params={"explain": True},
            json=[WINE, WINE],
            timeout=patience(20),
        )
        assert all("explanation" in item for item in batch.json()["predictions"])
        many = session.post(
            f"{running.address}/predict/batch",
            params={"explain": True},
            json=[WINE] * 101,
            timeout=patience(20),
        )
        assert (many.status_code, "100" in many.json()["detail"]) == (413, True)
        generated = session.post(
            f"{running.address}/predict",
            data=iter([BODY[:40].encode(), BODY[40:].encode()]),
            headers={"Content-Type": "application/json"},
            timeout=patience(20),
        )
        assert generated.status_code == 200, "a body in chunks"


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/health", "/health/live", "/metrics", "/openapi.json", "/categories"]
)
def test_head_is_get_without_a_body(path: str, running: Process) -> None:
    with httpx.Client(base_url=running.address, timeout=patience(20)) as client:
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        assert client.get("/health/live").json() == {"status": "OK"}, "on the same connection"
        assert client.head("/predict").status_code == 405
        assert "HEAD" in client.post("/health").headers["allow"]


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/categories"])
def test_what_the_client_has_is_not_sent_again(path: str, running: Process) -> None:
    with httpx.Client(base_url=running.address, timeout=patience(20)) as client:
        first = client.get(path)
        tag = first.headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_a_page_of_another_site_may_not_write(running: Process) -> None:
    evil = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    for path in ("/predict", "/predict/batch", "/feedback", "/webhooks/mlflow"):
        assert (
            httpx.post(
                f"{running.address}{path}", content=BODY, headers=evil, timeout=patience(20)
            ).status_code
            == 403
        )
    assert httpx.get(f"{running.address}/health", headers=evil, timeout=patience(20)).status_code == 200


def test_the_log_tells_clients_apart_however_proxies_write_them(tmp_path: Path) -> None:
    state = tmp_path / "state"
    keep_in_cache(state)
    settings = {"TRUSTED_PROXIES": "127.0.0.0/8,10.0.0.0/8", "LOG_REQUESTS": "true"}
    ways = [
        [("X-Forwarded-For", "203.0.113.9")],
        [("X-Forwarded-For", "6.6.6.6, 203.0.113.9")],
        [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "203.0.113.9, 10.0.0.7")],
        [("X-Forwarded-For", "::ffff:203.0.113.9")],
        [("X-Forwarded-For", "203.0.113.9:51234")],
        [("X-Forwarded-For", '"[::ffff:203.0.113.9]:51234"')],
    ]
    with (
        service(state, settings) as running,
        httpx.Client(base_url=running.address, timeout=patience(20)) as client,
    ):
        for headers in ways:
            client.post("/predict", json=WINE, headers=headers)
        lines = [json.loads(line) for line in running.log.read_text().splitlines()]
        clients = [line["client"] for line in lines if line.get("path") == "/predict"]
    assert len(clients) == len(ways)
    assert len(set(clients)) == 1
