"""Answers of EconomicsService as a shop with three channels would get them, for what is made of answers."""

from clientela_client.messages import (
    GetCohortsResponse,
    GetRfmResponse,
    GetUnitEconomicsResponse,
    PredictLifetimeValueResponse,
    from_dict,
)

EUR = "EUR"
MODEL = {
    "customer_count": "2357",
    "as_of": {"year": 1998, "month": 6, "day": 30},
    "time_unit": "TIME_UNIT_WEEK",
    "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.43},
    "gamma_gamma": {
        "p": 6.25, "q": 3.74, "v": 15.45, "log_likelihood": -4055.9, "customer_count": "946",
        "correlation": 0.11,
    },
    "back_test": {
        "fitted_until": {"year": 1997, "month": 9, "day": 30},
        "day_count": 273,
        "predicted_purchase_days": 1650.2,
        "actual_purchase_days": "1788",
        "predicted_amount": {"currency_code": EUR, "units": "61200"},
        "actual_amount": {"currency_code": EUR, "units": "65840", "nanos": 500_000_000},
        "relative_error": -0.0705,
        "limits_held": 0.82,
        "open_limits_held": 0.79,
        "top_limits_held": 0.76,
        "brought_nothing": 0.71,
        "limits_level": 0.84,
        "asked_day_count": 365,
    },
}  # fmt: skip


def money(amount: float, currency: str = EUR) -> dict[str, object]:
    nanos = round(amount * 1_000_000_000)
    return {"currency_code": currency, "units": str(nanos // 1_000_000_000), "nanos": nanos % 1_000_000_000}


def channel(name: str, spend: float, won: int, realized: float, predicted: float | None) -> dict[str, object]:
    """Make a channel, its ratios and its verdict worked out of what it costs and brings."""
    made: dict[str, object] = {"channel": f"ACQUISITION_CHANNEL_{name}", "spend": money(spend)}
    made |= {"acquired_count": str(won), "explanation": f"What {name.lower()} costs, and what it brings."}
    if won:
        made["ltv_realized"] = money(realized)
    if won and predicted is not None:
        made["ltv_predicted"] = money(predicted)
    if won and name != "UNSPECIFIED":
        cac = spend / won
        made["cac"] = money(cac)
        best = realized if predicted is None else predicted
        made["verdict"] = "VERDICT_PROFITABLE" if realized >= cac else (
            "VERDICT_PAYS_LATER" if best >= cac else "VERDICT_UNPROFITABLE"
        )  # fmt: skip
        if cac:
            made["ratio"] = realized / cac
            made["ratio_predicted"] = best / cac
    return made


def economics(*, predicted: bool = True) -> GetUnitEconomicsResponse:
    """Make an answer with a channel of each verdict."""

    def later(amount: float) -> float | None:
        return amount if predicted else None

    channels = [
        channel("UNSPECIFIED", 0, 120, 31.5, later(38.25)),
        channel("ADVERTISING", 12_280, 200, 24.1, later(47.8)),
        channel("MARKETING", 900, 60, 41.333333333, later(52)),
        channel("REFERRAL", 1_500, 50, 27.5, later(33.1)),
        channel("OTHER", 250, 0, 0, None),
    ]
    total = channel("UNSPECIFIED", 14_930, 430, 29.2, later(44)) | {"cac": money(34.720930233)}
    total |= {"ratio": 0.841, "verdict": "VERDICT_PAYS_LATER", "explanation": "All channels together."}
    answer = {
        "start": {"year": 1997, "month": 1, "day": 1},
        "end": {"year": 1998, "month": 6, "day": 30},
        "currency_code": EUR,
        "gross_margin": 0.4,
        "channels": channels,
        "total": total,
        "retention": {
            "spend": money(800),
            "retained_count": "310",
            "cost": money(2.580645161),
            "acquisition_ratio": 13.45,
        },
    }
    answer |= {"model": MODEL} if predicted else {"no_prediction": "There are too few clients who came back."}
    return from_dict(GetUnitEconomicsResponse, answer)


def rfm() -> GetRfmResponse:
    """Make scores where whoever bought often also bought lately."""
    cells = [
        {
            "recency": r,
            "frequency": f,
            "monetary": m,
            "customer_count": str(r * f + m),
            "amount": money(r * f * 10.5),
        }
        for r in range(5, 0, -1)
        for f in range(5, 0, -1)
        for m in (5, 1)
        if (r, f) not in {(1, 5), (2, 5)}
    ]
    return from_dict(
        GetRfmResponse,
        {
            "currency_code": EUR,
            "as_of": {"year": 1998, "month": 6, "day": 30},
            "scoring": "RFM_SCORING_QUINTILE",
            "customer_count": "2357",
            "cutpoints": {
                "recency_days": [142, 402.2, 484.6, 515],
                "frequencies": [1, 1, 2, 4],
                "amounts": [{"value": value} for value in ("14.37", "29.32", "56.29", "130.9")],
            },
            "cells": cells,
        },
    )


def cohorts() -> GetCohortsResponse:
    """Make three months of new clients, and three later ones without."""
    months = [{"year": 1997, "month": month, "day": 1} for month in range(1, 7)]
    active = [[784, 178, 202, 140, 150, 139], [822, 211, 170, 159, 160], [751, 217, 164, 153]]
    bought_first, came_back = [784, 822, 751, 0, 0, 0], [0, 178, 413, 474, 463, 139]
    return from_dict(
        GetCohortsResponse,
        {
            "currency_code": EUR,
            "as_of": {"year": 1997, "month": 6, "day": 30},
            "months": [
                {
                    "month": month,
                    "purchase_count": str(900 - 100 * place),
                    "amount": money(30_000.5 - 4_000 * place),
                    "active_customer_count": str(new + back),
                    "new_customer_count": str(new),
                    "returning_customer_count": str(back),
                }
                for place, (month, new, back) in enumerate(zip(months, bought_first, came_back, strict=True))
            ],
            "cohorts": [
                {
                    "month": month,
                    "customer_count": str(counts[0]),
                    "active_customer_counts": [*map(str, counts)],
                }
                for month, counts in zip(months, active, strict=False)
            ],
            "customer_count": "2357",
            "purchase_count": "3900",
            "amount": money(120_003),
            "repeat_customer_count": "1178",
        },
    )


def predictions(*, tried: bool = True) -> PredictLifetimeValueResponse:
    """Make what is predicted of a client who comes often, and of one who came once."""
    often = {
        "customer": "customers/blue-door", "value": money(1234.5), "purchase_days": 12.3, "p_alive": 0.9821,
        "mean_spend": money(104.2),
        "history": {
            "repeat_purchase_days": "52", "recency_days": "530", "age_days": "545",
            "mean_repeat_spend": money(110.02),
        },
    }  # fmt: skip
    once = {
        "customer": "customers/passer-by", "value": money(7.25), "purchase_days": 0.2, "p_alive": 1.0,
        "mean_spend": money(36.25), "history": {"age_days": "530", "mean_repeat_spend": money(0)},
    }  # fmt: skip
    if tried:
        often |= {"value_low": money(800), "value_high": money(1700.25)}
        once |= {"value_low": money(0), "value_high": money(21)}
    model = {key: value for key, value in MODEL.items() if tried or key != "back_test"}
    return from_dict(
        PredictLifetimeValueResponse,
        {
            "predictions": [often, once], "model": model, "customer_count": "2357",
            "total_value": money(54_321.1),
            "total_value_low": money(41_000), "total_value_high": money(72_000.5),
            "total_purchase_days": 1501.7, "total_p_alive": 1130.4,
        },
    )  # fmt: skip
