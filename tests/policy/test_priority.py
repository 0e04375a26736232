"""The order of the morning's list: money at risk, weighed by age."""

from __future__ import annotations

from fractions import Fraction

from arsync.policy.priority import Item, in_order, worth_of


def item(what: str, worth: int, days: int = 0) -> Item:
    return Item(book="acme", kind="call", what=what, command="", worth=Fraction(worth), days=days)


def names(*items: Item) -> list[str]:
    return [it.what for it in in_order(items)]


def test_the_most_money_comes_first() -> None:
    assert names(item("small", 10), item("large", 1000), item("none", 0)) == ["large", "small", "none"]


def test_of_the_same_money_the_older_comes_first() -> None:
    assert names(item("young", 100, 1), item("old", 100, 40)) == ["old", "young"]


def test_thirty_days_weigh_as_much_as_the_same_money_again() -> None:
    """100 for 30 days weighs 200: before 199 of today, behind 201 of today."""
    assert names(item("a", 199), item("old", 100, 30), item("b", 201)) == ["b", "old", "a"]


def test_money_is_compared_by_the_rates_of_the_book() -> None:
    """10.00 EUR at 0.80 GBP and 5,000 JPY at 1/200 GBP are 8 and 25 GBP; a currency without a rate counts
    by its figure."""
    rates = {"EUR": Fraction(4, 5), "JPY": Fraction(1, 200)}
    assert worth_of({"EUR": 10_00}, rates) == 8
    assert worth_of({"JPY": 5000}, rates) == 25
    assert worth_of({"EUR": 10_00, "GBP": 3_00}, rates) == 11
