"""The documentation and the code agree: what is there is described, what is described is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.docs import facts

ENDPOINT = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[a-z0-9/_{}.-]*)[?`]")
MAKE = re.compile(r"(?:`|\$ )make ((?:[a-z-]+))")
DEPLOYMENT = re.compile(r"(?:`|deployment run '?)([a-z_]+/wine-[a-z]+)\b(?!/)")
PATH = re.compile(
    r"`((?:configuration|pricing|flows|serving|tracker|deployments|benchmarks|tests|docs)/[\w./-]+)`"
)
WRITTEN_BY_A_PROGRAM = {"benchmarks/requests.md"}
WALK = re.compile(r"^\d+\. \[([^\]]+)\]", flags=re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return facts.pages()


@pytest.fixture(scope="module")
def everything(pages: dict[str, str]) -> str:
    return "\n".join(pages.values())


def missing(names: set[str], text: str) -> list[str]:
    return sorted(name for name in names if f"`{name}`" not in text)


def test_every_make_target_is_in_the_readme_or_beside_it(everything: str) -> None:
    described = set(MAKE.findall(everything))
    assert facts.make_targets() - described == set()


def test_every_make_target_in_the_documentation_exists(everything: str) -> None:
    assert set(MAKE.findall(everything)) - facts.make_targets() == set()


def test_every_deployment_is_in_the_readme(pages: dict[str, str]) -> None:
    assert missing(facts.deployments(), pages["README.md"]) == []


def test_every_deployment_in_the_documentation_exists(everything: str) -> None:
    assert set(DEPLOYMENT.findall(everything)) - facts.deployments() == set()


def test_every_endpoint_is_in_the_documentation(everything: str) -> None:
    described = {f"{method} {path}" for method, path in ENDPOINT.findall(everything)}
    assert sorted(facts.endpoints() - described) == []


def test_every_endpoint_in_the_documentation_of_the_service_exists(pages: dict[str, str]) -> None:
    ours = pages["README.md"] + pages["docs/api.md"]
    described = {f"{method} {path}" for method, path in ENDPOINT.findall(ours)}
    assert sorted(described - facts.endpoints()) == []


def test_every_setting_of_the_local_stack_is_in_the_readme(pages: dict[str, str]) -> None:
    assert missing(facts.stack_variables(), pages["README.md"]) == []


def test_every_setting_of_flows_and_service_is_in_the_reference(pages: dict[str, str]) -> None:
    assert missing(facts.flow_variables() | facts.serving_variables(), pages["docs/settings.md"]) == []


def test_every_setting_in_the_readme_is_read_by_something(pages: dict[str, str]) -> None:
    rows = re.findall(r"^\| (`[A-Z_]+`.*?) \|", pages["README.md"], flags=re.MULTILINE)
    described = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    read = facts.stack_variables() | facts.flow_variables() | facts.serving_variables() | {"PYTHON"}
    assert described
    assert sorted(described - read) == []


def test_every_link_between_pages_leads_somewhere(pages: dict[str, str]) -> None:
    broken = [
        f"{page}: {target}"
        for page, text in pages.items()
        for target in LINK.findall(text)
        if "://" not in target and not (facts.PROJECT / Path(page).parent / target).exists()
    ]
    assert broken == []


def test_every_path_that_a_page_names_exists(pages: dict[str, str]) -> None:
    named = {(page, path) for page, text in pages.items() for path in PATH.findall(text)}
    gone = {each for each in named if not (facts.PROJECT / each[1]).exists()}
    assert {each for each in gone if each[1] not in WRITTEN_BY_A_PROGRAM} == set()


@pytest.mark.parametrize("walk", ["Walk one", "Walk two"])
def test_a_walk_through_the_code_lists_files_that_exist_and_none_twice(
    walk: str, pages: dict[str, str]
) -> None:
    section = pages["docs/architecture.md"].partition(f"## {walk}")[2].partition("\n## ")[0]
    files = WALK.findall(section)
    assert len(files) > 10
    assert len(files) == len(set(files))
    assert [file for file in files if not (facts.PROJECT / file).exists()] == []


def test_the_flows_page_describes_every_deployment(pages: dict[str, str]) -> None:
    assert missing(facts.deployments(), pages["docs/flows.md"]) == []


def test_every_decision_has_a_number_of_its_own() -> None:
    paths = list(_decisions())
    numbers = [path.name[:4] for path in paths]
    assert all(number.isdecimal() for number in numbers)
    assert sorted(numbers) == sorted(set(numbers))
    assert all(path.read_text("utf-8").startswith(f"# {path.name[:4]} ") for path in paths)


def test_the_index_of_decisions_names_each_with_its_title() -> None:
    index = (facts.PROJECT / "docs" / "decisions" / "README.md").read_text("utf-8")
    for path in _decisions():
        number, title = path.read_text("utf-8").partition("\n")[0].removeprefix("# ").split(" ", 1)
        assert f"- {number} [{title}]({path.name})" in index


def _decisions() -> Iterator[Path]:
    return (path for path in (facts.PROJECT / "docs" / "decisions").glob("*.md") if path.name != "README.md")
