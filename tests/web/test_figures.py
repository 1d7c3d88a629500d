"""Metrics are written in Prometheus's text format."""

from prometheus_client.parser import text_string_to_metric_families

from clientela_server.web.figures import Figures


def told(figures: Figures) -> dict[tuple[str, ...], float]:
    """Read the figures by Prometheus' own parser: by name and labels."""
    families = text_string_to_metric_families(figures.written(head=7).decode())
    samples = (sample for family in families for sample in family.samples)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for sample in samples
    }


def test_calls_are_counted_by_status_and_by_how_long_they_took() -> None:
    figures = Figures()
    for code, seconds in (("OK", 0.001), ("OK", 0.0011), ("NOT_FOUND", 0.2), ("OK", 60.0)):
        figures.call("CustomerService.GetCustomer", code, seconds)

    found = told(figures)

    rpc = "CustomerService.GetCustomer"
    assert found["clientela_calls_total", "OK", rpc] == 3
    assert found["clientela_calls_total", "NOT_FOUND", rpc] == 1
    buckets = {key[1]: value for key, value in found.items() if key[0] == "clientela_call_seconds_bucket"}
    assert (buckets["0.001"], buckets["0.0025"], buckets["0.25"], buckets["30"]) == (1, 2, 3, 3)
    assert buckets["+Inf"] == found["clientela_call_seconds_count", rpc] == 4
    assert round(found["clientela_call_seconds_sum", rpc], 4) == 60.2021


def test_commits_the_head_and_the_lag_are_reported() -> None:
    figures = Figures()
    figures.commit(3)
    figures.commit(1)
    figures.feed_lag(12)

    found = told(figures)

    assert found[("clientela_commit_writes_count",)] == 2
    assert found[("clientela_commit_writes_sum",)] == 4
    assert (found[("clientela_revision",)], found[("clientela_feed_lag_revisions",)]) == (7, 12)
