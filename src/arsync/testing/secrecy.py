"""Laws of secrecy: tokens are saved before they are used, and nothing is told to those who read logs."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from arsync.connector import Note, NoteReader, NoteSink, Receipt, Receivables, ReminderSettings
from arsync.errors import ArsyncError
from arsync.testing.faults import FAULTS
from arsync.testing.laws import Laws, needs


class SecrecyLaws(Laws):
    def test_no_secret_and_no_name_is_told(self) -> None:
        """Not in a log, a repr or an error, and not on the terminal, whatever a service quotes."""
        desk = self.desk
        self.scene.shop()
        with _overheard() as heard:
            source = desk.source()
            told = [repr(source), repr(source.check())]
            pages = list(source.pull(None))
            list(source.pull(pages[-1].cursor))
            source.refresh(list(self.scene.debts), list(self.scene.names))
            if isinstance(source, Receivables):
                source.aged_receivables(self.scene.today())
            if isinstance(source, ReminderSettings):
                source.reminders()
            told += self._errors()
        told.append(heard())
        quiet = {*desk.secrets(), *self.scene.names.values(), *self.scene.emails.values()}
        for text in told:
            assert not [secret for secret in quiet if secret in text], "a text tells what it must not"

    def _errors(self) -> list[str]:
        """The texts of all that is raised, where the service quotes secrets and names in its answers."""
        desk = self.desk
        if "http" not in desk.world.abilities:
            return []
        names = " ".join([*self.scene.names.values(), *self.scene.emails.values()])
        desk.wire.told = lambda: " ".join([*desk.secrets(), names])
        told: list[str] = []
        for fault in FAULTS:
            if "{told}" in fault.body and fault.act == "answer" and not fault.headers:
                for act in self._acts():
                    desk.wire.strike(fault)
                    told += _raised(act)
        return told

    def _acts(self) -> list[Callable[[], object]]:
        """What a connector is asked for."""
        source = self.desk.source()
        ids = list(self.scene.debts), list(self.scene.names)
        acts = [source.check, lambda: list(source.pull(None)), lambda: source.refresh(*ids)]
        if isinstance(source, NoteSink):
            acts.append(lambda: _disappointed(source.write([self._note()])))
        if isinstance(source, Receivables):
            acts.append(lambda: source.aged_receivables(self.scene.today()))
        if isinstance(source, ReminderSettings):
            acts.append(source.reminders)
        if isinstance(source, NoteReader):
            acts += [lambda: list(source.marks(*ids)), lambda: source.settled(self.scene.today())]
        return acts

    def _note(self) -> Note:
        mark = "[arsync:quiet]"
        return Note(
            target="invoice",
            target_id=next(iter(self.scene.debts)),
            mark=mark,
            text=f"First reminder sent {mark}",
            key="00000000-0000-4000-8000-000000000001",
        )

    @needs("http", "oauth")
    def test_a_rotated_token_is_saved_before_it_is_used(self) -> None:
        """Each request bears the token that is in the store by then, through several renewals."""
        desk, wire = self.desk, self.desk.wire
        self.scene.shop()
        for _ in range(2):
            wire.heal()
            desk.expire()
            source = desk.source()
            source.check()
            desk.expire()
            list(source.pull(None))
            renewals = [each for each in wire.exchanges if each.request.path in wire.token_paths]
            assert len(renewals) == 2, "a token whose time has come is renewed once, and only then"
            for each in wire.exchanges:
                if each.request.path not in wire.token_paths:
                    bearer = each.request.headers.get("Authorization", "")
                    assert bearer == f"Bearer {each.stored}", "a token was used that nobody had saved"


def _disappointed(receipts: Sequence[Receipt]) -> None:
    """What a receipt says is told like an error."""
    for receipt in receipts:
        if receipt.error:
            raise ArsyncError(receipt.error)


def _raised(act: Callable[[], object]) -> list[str]:
    """All that an error's reader may come to see: the error and its causes."""
    try:
        act()
    except ArsyncError as error:
        texts: list[str] = []
        seen: BaseException | None = error
        while seen is not None:
            texts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        return texts
    return []


@contextmanager
def _overheard() -> Iterator[Callable[[], str]]:
    """All that is logged, at any level, or printed meanwhile."""
    stream, root = io.StringIO(), logging.getLogger()
    ear, level = logging.StreamHandler(stream), root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            yield stream.getvalue
    finally:
        root.setLevel(level)
        root.removeHandler(ear)
