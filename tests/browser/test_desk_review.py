"""The review queue, walked: from the front page to the evidence, dismissed, acted on and taken back."""

from dataclasses import replace

from playwright.sync_api import expect

from grader.judging.result import ReviewFlag
from tests.browser.conftest import Visit
from tests.browser.looks import objections
from tests.cast import reference
from tests.factories import make_mnist
from tests.people import World
from tests.submissions.archives.packing import as_zip, honest_tree
from tests.web.handed_in import hand_in

USES = "g2c/nn/loss.py, line 4 uses torch.nn.functional.cross_entropy."
ODD = "Training on MNIST took 0.08 × the computing time of the reference."


def test_what_is_flagged_is_looked_at_and_settled_once_for_all_attempts(visit: Visit, world: World, database):
    tree = honest_tree()
    tree["g2c/nn/loss.py"] = b"import torch\n\n\nloss = torch.nn.functional.cross_entropy\n"
    flags = (ReviewFlag("off-limits-api", "g2c/nn/loss.py", 4, USES), ReviewFlag("odd-timing", "", 0, ODD))
    result = replace(reference(), review=flags, mnist=make_mnist(cpu_s=0.7, ratio=0.08))
    hand_in(database, world, result, result, content=as_zip(tree))
    hand_in(database, world, replace(reference(), review=flags[:1]), person=world.ben)

    page = visit(world.tara)
    page.get_by_role("link", name="Deep learning").first.click()
    page.get_by_role("link", name="2 flagged hand-ins to review").click()
    expect(page.get_by_role("heading", name="Review", level=1)).to_be_visible()
    assert objections(page) == []
    page.get_by_label("Kind").select_option(label="Odd times and accuracies")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name="Ben Okri")).to_have_count(0)
    page.get_by_role("link", name="Ada Byron").click()

    expect(page.locator(".line.meant")).to_contain_text("loss = torch.nn.functional.cross_entropy")
    expect(page.get_by_role("table", name="The MNIST run in figures")).to_contain_text("0.7 s")
    assert objections(page) == []
    timing = page.get_by_role("region", name="Odd timing")
    timing.get_by_role("button", name="I have acted on it").click()
    expect(page.get_by_text("Say what you did")).to_be_visible()
    timing.get_by_label("Note for staff").fill("Spoke with Ada: a loop over the first batch only.")
    timing.get_by_role("button", name="I have acted on it").click()
    page.get_by_role("region", name="Uses what is off limits").get_by_role("button", name="Dismiss").click()
    expect(
        page.get_by_text("Ada Byron’s work in Module 03 — A first neural network is settled.")
    ).to_be_visible()

    page.get_by_label("State").select_option(label="settled")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("attempts 1 (counts), 2")).to_be_visible()
    expect(page.get_by_text("acted on by Tara Rao")).to_be_visible()
    page.get_by_role("link", name="Ada Byron").click()
    timing.get_by_role("button", name="Take it back").click()
    expect(timing.get_by_role("button", name="Dismiss")).to_be_visible()
    page.get_by_role("link", name="What it means").first.click()
    expect(page.get_by_role("heading", name="What each flag means")).to_be_visible()
