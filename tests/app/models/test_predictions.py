from app.models.predictions import forecast_model, hit_rate_chart, runs_model
from tools import sample_values as sample


def test_the_model_stands_first_and_then_the_best_rule():
    chart = hit_rate_chart(sample.HIT_RATES)
    assert chart.series[0].labels == ("this model", "Markov-3", "IPAM", "most recent", "most frequent")


def test_the_chart_shows_one_and_five_side_by_side_in_percent():
    first, five = hit_rate_chart(sample.HIT_RATES).series
    assert (first.y[0], five.y[0]) == (66.8, 89.2)


def test_a_forecast_says_what_how_likely_how_rewarding_and_why():
    model = forecast_model()
    model.replace(sample.FORECASTS)
    assert [model.index(0, column).data() for column in range(4)] == [
        "Run git commit",
        "41 %",
        "+0.62",
        "after pytest in atlas you commit 7 times in 10",
    ]


def test_a_negative_reward_has_a_true_minus():
    model = forecast_model()
    model.replace(sample.FORECASTS)
    assert model.index(4, 2).data() == "\u22120.06"


def test_a_training_run_says_what_it_learned_from_and_how_well_it_did():
    model = runs_model()
    model.replace(sample.RUNS)
    reported = [model.index(0, column).data() for column in range(model.columnCount())]
    assert reported == ["3, in use", "20 Nov 07:05", "18,204 decisions", "67 %", "89 %", "1.18", "96 s"]
