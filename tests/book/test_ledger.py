"""Every labeled equation has a test, and every marked test has an equation."""

from tools import ledger


def test_equations_and_their_tests_match():
    problems = ledger.problems()
    assert not problems, "\n".join(problems)


def test_the_ledger_is_not_empty():
    assert len(ledger.equations()) >= 10
    assert {v.label for v in ledger.verifications()} == set(ledger.equations())
