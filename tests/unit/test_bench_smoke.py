"""The benchmarks' texts: figures come from measured values, and the published page shows the latest run."""

import json
from pathlib import Path

from bench.marked_page import begin_of
from bench.measurements import IN_PROCESS, PLAIN, Measurements, percentile, variation
from bench.publication import LATEST, PAGE, publish
from bench.table import render

MACHINE = {"cpu_model": "A processor", "cores": 2, "memory_gib": 4, "kernel": "Linux 6", "load_average": 0.1}


def made_up_results() -> dict:
    measurements = Measurements()
    measurements.add("first_result_s", PLAIN, 2.0, 1.0, 3.0)
    measurements.add("first_result_s", "docker", 0.2, 0.1, 0.3)
    measurements.add("first_result_s", "bubblewrap", 0.7, 0.6, 0.8)
    measurements.add("call_us", IN_PROCESS, *[2.0] * 20)
    measurements.add("call_us", "docker", *[100.0] * 19, 900.0)
    measurements.add("flips_busy", "docker", 0.0, 1.0)
    values = json.loads(json.dumps(measurements.values))
    return {"date": "today", "machine": MACHINE, "versions": {"Python": "3.11"}, "measurements": values}


def test_cells_carry_spread_ratio_and_missed_targets():
    text = render(made_up_results())
    assert "| 2 (1–3) " in text
    assert "| 0.2 (0.1–0.3), 0.1 × " in text
    assert "| 0.7 (0.6–0.8), 0.35 × (missed) | ≤ 0.5 " in text
    assert "| 100 / 100, 50 × " in text
    assert "| 1 of 2 (missed) | ≤ 0 " in text


def test_statistics():
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7.0], 0.95) == 7.0
    assert variation([1.0]) == 0.0
    assert variation([9.0, 11.0]) == 2**0.5 / 10


def test_publishing_twice_replaces_the_table_and_keeps_every_value(tmp_path: Path):
    latest, page = tmp_path / "results" / "latest.json", tmp_path / "page.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    results = made_up_results()
    publish(results, latest, page)
    once = page.read_text(encoding="utf-8")
    publish(results, latest, page)
    assert page.read_text(encoding="utf-8") == once
    assert once.count(begin_of("bench", "bench")) == 1 and render(results) in once
    assert json.loads(latest.read_text(encoding="utf-8")) == results


def test_the_published_page_shows_the_latest_full_run():
    text = PAGE.read_text(encoding="utf-8")
    if LATEST.exists():
        assert render(json.loads(LATEST.read_text(encoding="utf-8"))) in text
    else:
        assert "No full run has been published yet." in text
