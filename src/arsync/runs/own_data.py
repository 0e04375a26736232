"""The last look before a message leaves: nothing in it is anybody else's.

Two looks that know nothing of each other. The first goes by records: whose the invoices, the addressees and
the thread are. The second reads the message back from the bytes that would leave and asks the database whose
each number, name, address and id in it is. What is found stops the book; see docs/safeguards.md for what
counts, and for what does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from email.message import EmailMessage
from functools import lru_cache
from typing import NamedTuple, NoReturn

import msgspec

from arsync.errors import ArsyncError
from arsync.mail import parse_mailbox, split_addresses
from arsync.mail.compose import AUTOMATIC
from arsync.policy.model import Message
from arsync.policy.profiles import PERSONS
from arsync.policy.rules import Policy
from arsync.runs.book import Book
from arsync.runs.letters import message_view
from arsync.runs.links import stray_link
from arsync.store.bearers import (
    Bearer,
    OwnRecords,
    bearers_of_addresses,
    bearers_of_ids,
    bearers_of_names,
    bearers_of_numbers,
    companies,
    own_records,
)
from arsync.store.invoices import invoices_of
from arsync.store.messages import messages
from arsync.writing import LetterView, page, table
from arsync.writing.belonging import (
    Span,
    Whose,
    Words,
    addresses,
    ids,
    readings,
    small,
    spans,
    telling_name,
    telling_number,
)
from arsync.writing.fields import locale_of, values_of
from arsync.writing.opt_out import opt_out_line
from arsync.writing.templates import TemplateFile
from arsync.writing.wire_text import Passage, Wire, read_back


class StrangersData(ArsyncError):
    """A message holds what is not its customer's or its book's. It has not left and stays approved."""


_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_Spans = Sequence[tuple[Span, Passage]]
_Found = dict[str, list[tuple[Span, Passage]]]


class Known(NamedTuple):
    """What a message may say: its customer's and book's texts, and the words of its template."""

    book: Book
    message: Message
    own: OwnRecords
    texts: tuple[str, ...]
    words: Words
    addresses: frozenset[str]
    files: tuple[TemplateFile, ...]
    template: Words

    def whose(self, text: str) -> Whose:
        if text in self.words or text in _FRAME:
            return "own"
        return "template" if text in self.template else "nobody"

    def is_own(self, bearers: Iterable[Bearer]) -> bool:
        return any(it.book == self.book.name and it.customer_id in self.own.members for it in bearers)


def check_own_data(book: Book, message: Message, policy: Policy, composed: EmailMessage, day: date) -> None:
    """Raises StrangersData unless all that ``composed`` holds is the message's own customer's and book's.
    ``policy`` is the one in force for the customer."""
    own = own_records(book.store, book.name, message.customer_id)
    _check_lines(book, message, own)
    _check_addressees(book, message, own, policy)
    view = message_view(book, message, day, opt_out=policy.profile in PERSONS)
    if view.customer_name not in (*own.names, message.customer_id):
        _stop(book, message, "it would greet a customer whose name is not in the customer's record")
    wire = read_back(composed.as_bytes())
    _check_headers(book, message, own, wire)
    known = _known(book, message, own, view)
    _check_links(known, wire)
    _check_addresses(known, wire.passages)
    _check_numbers_and_names(known, wire.passages)


def _stop(book: Book, message: Message, what: str, todo: str = "") -> NoReturn:
    todo = todo or (
        "this must not happen: please report it. To let the others leave meanwhile, "
        f"`arsync hold {book.name} customer:{message.customer_id} --reason paused`"
    )
    raise StrangersData(
        f"the message {message.id} to customer:{message.customer_id} was stopped, and the run with it: "
        f"{what}. It stays approved; {todo}"
    )


def _check_lines(book: Book, message: Message, own: OwnRecords) -> None:
    rows = invoices_of(book.store, book.name, [line.invoice_id for line in message.lines])
    for line in message.lines:
        row = rows.get(line.invoice_id)
        if row is None or row.customer_id not in own.members:
            _stop(book, message, f"the invoice {line.invoice_id} in it is not the customer's")
        if line.number != row.number or message.currency != row.currency:
            _stop(book, message, f"the invoice {line.invoice_id} in it is not as the book has it")


def _check_addressees(book: Book, message: Message, own: OwnRecords, policy: Policy) -> None:
    """To, Cc and Bcc are the customer's, or those that the policy names for it."""
    names = {name.casefold() for name in own.names}
    terms = [
        it
        for who, it in book.policy.customers.items()
        if who == message.customer_id or who.casefold() in names
    ]
    steps = (*policy.every_step, *book.policy.every_step)
    copies = [role for step in steps for role in step.cc if "@" in role]
    told = [*own.addresses, *policy.contacts.values(), *copies, *(it for each in terms for it in each.to)]
    allowed = {address.casefold() for text in told for address in split_addresses(text)[0]}
    for address in (*message.to, *message.cc, *message.bcc):
        if address.casefold() not in allowed:
            _stop(
                book, message, "one of its addressees is neither the customer's nor one that the policy names"
            )


def _check_headers(book: Book, message: Message, own: OwnRecords, wire: Wire) -> None:
    if wire.strange:
        _stop(book, message, f"it has {wire.strange[0]}")
    [outgoing] = messages(book.store, book.name, ids=[message.id])
    expected = {
        "from": [parse_mailbox(book.sender).address],
        "reply-to": [parse_mailbox(book.reply_to).address] if book.reply_to else [],
        "to": [parse_mailbox(text).address for text in message.to],
        "cc": [parse_mailbox(text).address for text in message.cc],
    }
    for name, wanted in expected.items():
        found = wire.message[name].addresses if name in wire.headers else ()
        if [it.addr_spec.casefold() for it in found] != [address.casefold() for address in wanted]:
            _stop(book, message, f"the addresses in its header {name!r} are not those of the message")
    if wire.headers.get("message-id", "").strip() != outgoing.message_id:
        _stop(book, message, "its Message-ID is another message's")
    thread = f"{wire.headers.get('references', '')} {wire.headers.get('in-reply-to', '')}".split()
    if not set(thread) <= set(own.message_ids.values()):
        _stop(book, message, "it answers a message that was not sent to this customer")


def _known(book: Book, message: Message, own: OwnRecords, view: LetterView) -> Known:
    sender, reply_to = parse_mailbox(book.sender), parse_mailbox(book.reply_to or book.sender)
    mailboxes = [*message.to, *message.cc, *own.addresses, sender.address, reply_to.address]
    values = values_of(view)
    texts = (
        *_flat(values),
        *own.names,
        *mailboxes,
        sender.name,
        reply_to.name,
        book.name,
        message.id,
        *own.message_ids.values(),
        *book.mentions,
    )
    files = _files(book, message, view.language)
    found = {address.casefold() for text in mailboxes for address in split_addresses(text)[0]}
    found.update(address for text in book.mentions for address in addresses(text))
    own_words = Words((*texts, opt_out_line(locale_of(view.language).language), *_HEADINGS))
    template = _words_of(tuple(file.text for file in files))
    return Known(book, message, own, texts, own_words, frozenset(found), files, template)


# A customer may be called Helvetica or Margin.
_FRAME = Words((*page.FRAME, *table.FRAME, AUTOMATIC))
_HEADINGS = [" ".join(words) for words in table.HEADINGS.values()]


def _flat(values: Mapping[str, object]) -> Iterator[str]:
    for value in values.values():
        if isinstance(value, list):
            for item in value:
                yield from map(str, msgspec.structs.astuple(item))
        else:
            yield str(value)


def _files(book: Book, message: Message, language: str) -> tuple[TemplateFile, ...]:
    """The files of the letter, and those that they name."""
    letter = book.templates.letter(message.template, str(locale_of(language)))
    found = [file for file in letter if file is not None]
    for file in found:
        found += [it for it in book.templates.all() if it.name in file.text and it not in found]
    return tuple(found)


@lru_cache(maxsize=64)
def _words_of(texts: tuple[str, ...]) -> Words:
    return Words(texts)


def _check_links(known: Known, wire: Wire) -> None:
    for place, address in wire.links:
        if stray_link(address, [file.text for file in known.files], known.texts):
            _found(known, address, place, "a link", "that neither its template nor its data gives", ())


def _check_addresses(known: Known, passages: Iterable[Passage]) -> None:
    places = {address: passage.place for passage in passages for address in addresses(passage.text)}
    strange = {it: place for it, place in places.items() if not _has_address(known, it)}
    known_to = bearers_of_addresses(known.book.store, [each for it in strange for each in readings(it)])
    for address, place in strange.items():
        read = readings(address)
        bearers = [bearer for each in read for bearer in known_to.get(small(each), ())]
        neighbours = known.book.neighbours
        bearers += [Bearer(each, neighbours[each], "") for each in read if each in neighbours]
        typed = any(each in file.text.casefold() for each in read for file in known.files)
        if known.is_own(bearers) or (typed and not bearers):
            continue
        _found(known, address, place, "an e-mail address", "of somebody else", bearers)


def _has_address(known: Known, address: str) -> bool:
    """It is one of the message's own, or stands in what its customer is called."""
    read = readings(address)
    return not known.addresses.isdisjoint(read) or any(
        each in text.casefold() for each in read for text in known.texts
    )


def _check_numbers_and_names(known: Known, passages: Sequence[Passage]) -> None:
    found: _Found = {}
    odd: dict[str, str] = {}
    for passage in passages:
        for span in spans(passage.text):
            found.setdefault(span.key, []).append((span, passage))
        odd |= dict.fromkeys(ids(passage.text), passage.place)
    store = known.book.store
    for key, bearers in bearers_of_numbers(store, filter(_DIGIT.search, found)).items():
        _check_number(known, found[key], bearers)
    names = bearers_of_names(store, filter(_LETTER.search, found))
    for company in companies(store):
        if company.book != known.book.name and (key := small(company.known)) in found:
            names.setdefault(key, []).append(company)
    for key, bearers in names.items():
        _check_name(known, found[key], bearers)
    for id_, bearers in bearers_of_ids(store, odd).items():
        if known.whose(id_) != "own" and not known.is_own(bearers):
            _found(known, id_, odd[id_], "the id of a record", "of another customer", bearers)


def _check_number(known: Known, found: _Spans, bearers: list[Bearer]) -> None:
    if known.is_own(bearers):
        return
    for span, passage in found:
        if telling_number(span, known.whose(span.text), prose=passage.prose):
            what = "the number of an invoice or credit note"
            _found(known, span.text, passage.place, what, "of another customer", bearers)


def _check_name(known: Known, found: _Spans, bearers: list[Bearer]) -> None:
    if known.is_own(bearers):
        return
    for span, passage in found:
        whose = known.whose(span.text)
        if any(telling_name(span.text, it.known, whose, of_book=not it.customer_id) for it in bearers):
            _found(known, span.text, passage.place, "the name", "of another customer", bearers)


def _found(known: Known, text: str, place: str, what: str, whose: str, bearers: Sequence[Bearer]) -> NoReturn:
    """Stop, naming the place and the kind of what was found, and the record that it is from, not itself."""
    book = known.book
    if bearers:
        bearer = min(bearers, key=lambda it: (it.book != book.name, it.book, it.customer_id))
        kind = f"customer:{bearer.customer_id}" if bearer.customer_id else "the company"
        whose = f"of {kind}" + ("" if bearer.book == book.name else f" of the book {bearer.book}")
    where = _line_of(known.files, text)
    problem = f"{place} has {what} {whose} ({text[:1]}…, {len(text)} characters)"
    if where is None:
        _stop(book, known.message, problem)
    todo = (
        f"it stands in {where}: take it out there or, if everybody may read it, add it to may_mention under "
        "[practice]; then send again"
    )
    _stop(book, known.message, problem, todo)


def _line_of(files: Iterable[TemplateFile], text: str) -> str | None:
    """Where a template has these words, or this link."""
    for file in files:
        for number, line in enumerate(file.text.splitlines(), 1):
            if text in line or text in Words([line]):
                return f"{file.shown}:{number}"
    return None
