"""How agreements are told: in sentences, in a table, and as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from arsync.cli.saying import clean
from arsync.cli.shapes import count, iso, listed
from arsync.money import plain
from arsync.policy.agreements import Standing, stand
from arsync.policy.model import Instalment
from arsync.store.agreements import Conceded, KeptAgreement


def made_words(it: KeptAgreement) -> list[str]:
    """A new agreement, in sentences."""
    agreement, currency = it.agreement, it.agreement.currency
    then = sum(line.then for line in it.lines)
    about = f"{_amount(then, currency)} of {clean(it.customer_name)} ({_numbers(it)})"
    if agreement.kind != "instalments":
        given_up = _amount(then - agreement.amount, currency)
        return [
            f"{agreement.id}: {_amount(agreement.amount, currency)} up to {agreement.until} would settle "
            f"{about}; {given_up} would be conceded"
        ]
    parts = agreement.instalments
    late = f"{count(agreement.broken_after, 'day')} late"
    lines = [
        f"{agreement.id}: {about} in {count(len(parts), 'instalment')}; one that is {late} breaks the plan"
    ]
    if agreement.grace:
        lines.append(f"  each is asked for {count(agreement.grace, 'day')} after its day")
    return lines + [f"  {part.due_on}  {_amount(part.amount, currency)}" for part in parts]


def settled_words(it: KeptAgreement) -> list[str]:
    """A settlement that came into force."""
    agreement = it.agreement
    enough = f"{_amount(agreement.amount, agreement.currency)} up to {agreement.until}"
    return [
        f"{agreement.id} is agreed: {enough} settles what {clean(it.customer_name)} owes on {_numbers(it)}; "
        "until then it is not chased"
    ]


def row(it: KeptAgreement, today: date) -> list[object]:
    """A line of the table."""
    agreement, currency = it.agreement, it.agreement.currency
    standing = stand(agreement, it.owed, today)
    then = sum(line.then for line in it.lines)
    amounts = [plain(amount, currency) for amount in (then, standing.paid, standing.left)]
    head = [agreement.id, agreement.kind, it.state, it.customer_name, _numbers(it)]
    return [*head, *amounts, currency, _next_words(it, standing)]


def _next_words(it: KeptAgreement, standing: Standing) -> str:
    agreement, currency = it.agreement, it.agreement.currency
    if it.state == "kept":
        if it.conceded:
            return f"{plain(it.conceded, currency)} conceded"
        return "nothing conceded" if standing.left else "paid in full"
    if it.state in ("broken", "ended"):
        lapsed = it.state == "broken" and agreement.kind != "instalments"
        return f"{'run out' if lapsed else it.state} on {it.ended_on}"
    if agreement.kind != "instalments":
        amount = plain(agreement.amount, currency)
        wait = "; waits for its approval" if it.state == "proposed" else ""
        return f"{amount} up to {agreement.until}{wait}"
    missing = _missing(it, standing)
    if missing is None:
        return "paid in full"
    place = f"{(standing.at or 0) + 1} of {len(agreement.instalments)}"
    return f"{plain(missing.amount, currency)} on {missing.due_on} ({place})"


def agreement_shape(it: KeptAgreement, today: date) -> dict[str, Any]:
    """The JSON of one agreement; docs/json.md tells what the keys mean."""
    agreement, currency = it.agreement, it.agreement.currency
    standing = stand(agreement, it.owed, today)
    missing = _missing(it, standing)
    return {
        "id": agreement.id,
        "kind": agreement.kind,
        "state": it.state,
        "customer": {"id": agreement.customer_id, "name": it.customer_name},
        "currency": currency,
        "agreed_on": iso(agreement.agreed_on),
        "amount": plain(agreement.amount, currency) if agreement.kind != "instalments" else None,
        "until": iso(agreement.until),
        "grace": agreement.grace,
        "broken_after": agreement.broken_after,
        "paid": plain(standing.paid, currency),
        "left": plain(standing.left, currency),
        "invoices": [
            {
                "id": line.invoice_id,
                "number": line.number,
                "then": plain(line.then, currency),
                "open": plain(line.now, currency),
            }
            for line in it.lines
        ],
        "instalments": [_instalment_shape(part, currency) for part in agreement.instalments],
        "next": _instalment_shape(missing, currency) if missing and it.state == "agreed" else None,
        "conceded": plain(it.conceded, currency),
        "ended_on": iso(it.ended_on),
        "owner": agreement.owner,
        "approved_by": it.approved_by,
        "note": agreement.note,
    }


def conceded_shape(it: Conceded, names: dict[str, str]) -> dict[str, Any]:
    return {
        "customer": {"id": it.customer_id, "name": names[it.customer_id]},
        "currency": it.currency,
        "kind": it.kind,
        "times": it.times,
        "amount": plain(it.amount, it.currency),
    }


def _instalment_shape(part: Instalment, currency: str) -> dict[str, Any]:
    return {"due": iso(part.due_on), "amount": plain(part.amount, currency)}


def _missing(it: KeptAgreement, standing: Standing) -> Instalment | None:
    """What is missing of the first instalment that is not covered."""
    if standing.at is None:
        return None
    parts = it.agreement.instalments
    covered = standing.paid - sum(part.amount for part in parts[: standing.at])
    return Instalment(parts[standing.at].due_on, parts[standing.at].amount - covered)


def _numbers(it: KeptAgreement) -> str:
    return listed(clean(line.number) for line in it.lines)


def _amount(units: int, currency: str) -> str:
    return f"{plain(units, currency)} {currency}"
