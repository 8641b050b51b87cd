from flows.gate.decision import GateDecision
from flows.gate.report import decision_markdown
from flows.gate.suite import TestResult


def test_every_test_of_the_gate_stands_there_with_its_outcome_and_figures() -> None:
    tests = (
        TestResult("it loads quickly", "passed", "0.31 s (at most 5 s)"),
        TestResult("every price is a price", "failed", "one is $-3.00"),
        TestResult("the older wine costs more", "skipped", ""),
    )
    text = decision_markdown(
        GateDecision("7", tests, None, None, "There is no production version yet.", ("bad",))
    )
    assert "# Version 7: not promoted" in text
    assert "- **passed** it loads quickly: 0.31 s (at most 5 s)\n" in text
    assert "- **failed** every price is a price: one is $-3.00\n" in text
    assert text.endswith("- **skipped** the older wine costs more\n")
