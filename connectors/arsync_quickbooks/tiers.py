"""What Intuit's plans for apps give, as published. Pure.

Source: blogs.intuit.com of 8 January 2026 and the page on limits and throttles
(developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles). Reads, queries and reports that
succeed in production count ("CorePlus"), over all companies of an app's workspace; writes do not ("Core").
Past the Builder plan's figure they are refused until the next month. The figures of the plans that cost
money are not confirmed; whoever has one sets ``calls_per_month``.
"""

from __future__ import annotations

BUILDER = "builder"
BUILDER_READS_A_MONTH = 500_000
