"""The Hugging Face Space: whether it may be written, and whether it answers."""

from __future__ import annotations

from importlib import import_module

from deployments.doctor.finding import Env, Finding, fail, ok, skip, warn


def check_hub(env: Env) -> list[Finding]:
    if not env.get("HF_SPACE"):
        return [skip("Space", "HF_SPACE is not set: nothing is deployed from here")]
    try:
        push = import_module("deployments.huggingface.push")
    except ModuleNotFoundError:
        return [skip("Space", "huggingface_hub is not installed here: uv sync --group deploy")]
    try:
        space = push.space_from_env(env)
        space.api.auth_check(space.name, repo_type="space")
    except (ValueError, OSError) as error:  # huggingface_hub's errors are OSErrors
        return [
            fail("Space", str(error).splitlines()[0], "Set HF_SPACE, and HF_TOKEN with write access to it.")
        ]
    release = space.release()
    if release is None:
        return [warn("Space", f"{space.url} does not answer with a model", "Its log on the Hub says why.")]
    return [ok("Space", f"{space.url} answers with release {release}")]
