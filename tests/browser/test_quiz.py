"""Quiz: a round by keys and by hand, the answer, the score, and the same round by its link."""

from __future__ import annotations

import pytest

from browser.helpers import CHECKPOINTS, by_role, expect, tap, visit
from genmodels.ui.api.quiz import QuizEndpoints
from genmodels.ui.store import ModelStore

pytestmark = pytest.mark.browser

QUIZ = "#gm-quiz .gm-quiz"


def test_a_round_is_guessed_by_hand_and_keys_scored_and_followed_by_the_next(browser, server):
    makers = QuizEndpoints(ModelStore(CHECKPOINTS)).quiz(3)["makers"]
    with visit(browser, server, "phone", "#a=quiz&round=3") as page:
        page.wait_for_selector(f"{QUIZ}[data-question='0']")
        tap(by_role(page, "button", "Real"))
        verdict = page.locator(".gm-quiz-verdict")
        expect(verdict).to_contain_text("Right. A person" if makers[0] is None else "Wrong. It was generated")
        expect(page.locator(".gm-quiz-opinions li")).to_have_count(2)
        page.keyboard.press("Enter")  # the button for the next one has the focus
        for number, maker in enumerate(makers[1:], 1):
            expect(page.locator(".gm-quiz-number")).to_have_text(f"Round 4, digit {number + 1} of 10")
            page.keyboard.press("ArrowLeft" if maker is None else "ArrowRight")
            expect(verdict).to_contain_text("Right.")
            if number < 9:
                page.keyboard.press("ArrowRight")
        right = 9 + (makers[0] is None)
        expect(page.locator(".gm-quiz-score")).to_contain_text(f"{right} of 10 right")
        expect(page.locator(".gm-quiz-summary")).to_contain_text(f"This round: {right} of 10.")
        assert page.locator(".gm-quiz-asked li[data-right=true]").count() == right
        tap(by_role(page, "button", "New round"))
        expect(page.locator(".gm-quiz-number")).to_have_text("Round 5, digit 1 of 10")
        page.wait_for_function("location.hash.includes('round=4')")
