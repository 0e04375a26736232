"""The names of customer types, by which a company sorts its customers: a row tells the id alone."""

from __future__ import annotations

from collections.abc import Mapping

from arsync.errors import Refused
from arsync_quickbooks import mapping, query, replies
from arsync_quickbooks.client import Client
from arsync_quickbooks.decode import Rows


class CustomerTypes:
    """Those of one company, for one pull or one reading before sending."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: Mapping[str, str] | None = None

    def of(self, rows: Rows) -> Mapping[str, str]:
        """The names by ids: one call, and none while no customer is of a type. Empty where the company does
        not let them be read: what is owed does not hang on groups."""
        if self._names is None and mapping.tells_type(rows):
            try:
                answer = self._client.rows(query.select("CustomerType", query.WITH_INACTIVE))
                self._names = replies.customer_types(answer.content)
            except Refused:
                self._names = {}
        return self._names or {}
