from __future__ import annotations

from pathlib import Path

from flows.gate.suite import read_report

REPORT = """<testsuites><testsuite>
<testcase name="test_it_loads_quickly">
  <properties><property name="figures" value="0.12 s"/></properties>
</testcase>
<testcase name="test_spelling[upper case]">
  <failure message="AssertionError: moves by 0.2&#10;assert 'failed' == 'passed'">trace</failure>
</testcase>
<testcase name="test_directions[grand cru]">
  <skipped message="the data do not know Chambertin">where</skipped>
</testcase>
</testsuite></testsuites>"""


def test_results_carry_their_figures_and_reasons(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(REPORT)
    loads, spelling, directions = read_report(path)
    assert (loads.name, loads.outcome, loads.figures) == ("it loads quickly", "passed", "0.12 s")
    assert (spelling.name, spelling.outcome, spelling.figures) == (
        "spelling: upper case",
        "failed",
        "moves by 0.2",
    )
    assert (directions.outcome, directions.figures) == ("skipped", "the data do not know Chambertin")
