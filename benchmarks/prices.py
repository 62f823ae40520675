"""AWS list prices, us-east-1, in dollars, without free tiers, commitments and discounts.

Compared on 2026-11-23 with public copies of the pages named here; the pages of AWS are authoritative. Tiers are
(units per month up to which a price holds, dollars per unit).
"""

import math

Tiers = tuple[tuple[float, float], ...]

MILLION = 1e6
GB = 1e9
TB, PB = 1e12, 1e15

# https://aws.amazon.com/dynamodb/pricing/on-demand/ (reading a stream by Lambda is free)
WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
TABLE_GB_MONTH = 0.25

# https://aws.amazon.com/lambda/pricing/ (arm64)
INVOCATION = 0.20 / MILLION
GB_SECOND: Tiers = ((7.5e9, 0.0000133334), (18.75e9, 0.0000120001), (math.inf, 0.0000106667))

# https://aws.amazon.com/sqs/pricing/ (standard queues; a request carries up to 64 KB or ten messages)
QUEUE_REQUEST: Tiers = ((100e9, 0.40 / MILLION), (200e9, 0.30 / MILLION), (math.inf, 0.24 / MILLION))

# https://aws.amazon.com/eventbridge/pricing/ (custom events of up to 64 KB; delivery in the same account is free)
EVENT = 1.00 / MILLION

# https://aws.amazon.com/api-gateway/pricing/ (REST)
API_REQUEST: Tiers = (
    (333e6, 3.50 / MILLION), (1e9, 2.80 / MILLION), (20e9, 2.38 / MILLION), (math.inf, 1.51 / MILLION),
)  # fmt: skip

# https://aws.amazon.com/s3/pricing/ (Standard)
OBJECT_PUT = 0.005 / 1000
OBJECT_GB_MONTH: Tiers = ((50 * TB / GB, 0.023), (500 * TB / GB, 0.022), (math.inf, 0.021))

# https://aws.amazon.com/cloudfront/pricing/ (North America and Europe)
CDN_REQUEST = 0.01 / 10_000
CDN_GB: Tiers = (
    (10e3, 0.085), (50e3, 0.080), (150e3, 0.060), (500e3, 0.040), (1.024e6, 0.030), (5.024e6, 0.025), (math.inf, 0.020),
)  # fmt: skip


def tiered(units: float, tiers: Tiers) -> float:
    """Dollars of so many units in one month."""
    dollars, below = 0.0, 0.0
    for limit, price in tiers:
        dollars += max(0.0, min(units, limit) - below) * price
        below = limit
    return dollars


def first(tiers: Tiers) -> float:
    """The price of the first unit: what a small platform pays, and a large one never exceeds."""
    return tiers[0][1]
