"""The Hub's front: TLS, a page that shows the Space in a frame, and a proxy before the Space, by nginx.

https://huggingface.co/spaces/team/wine    the page with the frame, sandboxed as the Hub's is
https://team-wine.hf.space                 the proxy, which adds X-Forwarded-For
https://elsewhere.example                  a page of somebody else with the same frame
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import trustme

from tests.pace import patience
from tests.ports import free_port
from tests.programs import require
from tests.serving_kit.nginx import nginx

HUB, SPACE, ELSEWHERE = "huggingface.co", "team-wine.hf.space", "elsewhere.example"
VISITOR = "X-Test-Visitor"
"""Whoever sends this header comes from the address in it, as the proxy sees it."""

FRAME = f"""<!doctype html><title>Spaces</title>
<iframe src="https://{SPACE}/" width="1200" height="800" allow="clipboard-write"
 sandbox="allow-downloads allow-forms allow-modals allow-pointer-lock allow-popups
 allow-popups-to-escape-sandbox allow-same-origin allow-scripts"></iframe>"""
NGINX = """
worker_processes 1; daemon off; error_log stderr; pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off; default_type text/html;
  ssl_certificate {folder}/front.crt; ssl_certificate_key {folder}/front.key;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl; server_name {hub} {elsewhere};
    location / {{ return 200 '{frame}'; }}
  }}
  server {{
    listen 127.0.0.1:{port} ssl; server_name {space};
    location / {{
      proxy_pass {target};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $http_x_test_visitor, 10.0.3.4";
    }}
  }}
}}
"""


@contextmanager
def front(target: str, folder: Path) -> Iterator[int]:
    """The port at which the three names are served; `target` is where the Space answers."""
    require("nginx")
    port = free_port()
    certificate = trustme.CA().issue_cert(HUB, SPACE, ELSEWHERE)
    certificate.cert_chain_pems[0].write_to_path(folder / "front.crt")
    certificate.private_key_pem.write_to_path(folder / "front.key")
    configuration = folder / "nginx.conf"
    names = {"hub": HUB, "elsewhere": ELSEWHERE, "space": SPACE}
    configuration.write_text(NGINX.format(folder=folder, port=port, target=target, frame=FRAME, **names))
    url, headers = f"https://127.0.0.1:{port}/health/live", {"Host": SPACE}
    with nginx(configuration, lambda: httpx.get(url, headers=headers, verify=False, timeout=patience(2))):  # noqa: S501
        yield port
