import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.mail import Mailbox, check_address, parse_mailbox, split_addresses


def test_commas_and_semicolons_separate() -> None:
    assert split_addresses("a@x.example, b@y.example; c@z.example") == (
        ("a@x.example", "b@y.example", "c@z.example"),
        (),
    )


def test_empty_parts_and_white_space_do_not_count() -> None:
    assert split_addresses(" ;, a@x.example ,,\r\n") == (("a@x.example",), ())
    assert split_addresses("") == ((), ())


def test_names_are_dropped_even_with_separators_in_quotes() -> None:
    text = 'Ann Ode <ann@x.example>; "Ode, Ben; Ltd" <ben@x.example>'
    assert split_addresses(text) == (("ann@x.example", "ben@x.example"), ())


def test_the_same_address_is_taken_once_and_the_order_stays() -> None:
    assert split_addresses("B@x.example, a@x.example, b@X.example") == (("B@x.example", "a@x.example"), ())


def test_what_is_bad_is_told_beside_what_is_good() -> None:
    assert split_addresses("see Tom, a@x.example, phone 12") == (("a@x.example",), ("see Tom", "phone 12"))


def test_what_is_bad_is_fit_for_a_terminal() -> None:
    assert split_addresses("\x1b[2Ja\u202e@x") == ((), ("[2Ja@x",))


@pytest.mark.parametrize(
    "address",
    [
        "a@x.example",
        "first.last+invoices@mail.x-y.example",
        "o'brien!#$%&*/?=^_`{|}~-@x.example",
        "a" * 64 + "@x.example",
        "a@" + "b" * 63 + ".example",
    ],
)
def test_addresses_that_can_be_written_to(address: str) -> None:
    assert check_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "a@",
        "@x.example",
        "a",
        "a@b@x.example",
        "a@localhost",
        "a@x.example.",
        "a@.example",
        "a@x..example",
        "a@-x.example",
        "a@x-.example",
        "a@x_y.example",
        "a@10.0.0.1",
        "a@[10.0.0.1]",
        ".a@x.example",
        "a.@x.example",
        "a..b@x.example",
        "a b@x.example",
        '"a b"@x.example',
        "jörg@x.example",
        "a\r\nRCPT TO:<b@x.example>@x.example",
        "a\x00@x.example",
        "a@x.example\n",
        "=?utf-8?q?a?=@x.example",
        "a" * 65 + "@x.example",
        "a@" + "b" * 64 + ".example",
        "a@" + ".".join(["b" * 60] * 5),
        "a@faß.example",
        "a@x\uff20y.example",
    ],
)
def test_text_that_is_no_address(text: str) -> None:
    with pytest.raises(ValueError):
        check_address(text)


def test_an_international_domain_becomes_ascii() -> None:
    # bücher: the example of RFC 3492's users; "xn--bcher-kva" is its registered form
    assert check_address("info@bücher.example") == "info@xn--bcher-kva.example"


def test_a_mailbox_with_a_name() -> None:
    assert parse_mailbox("Acme Accounts <ar@acme.example>") == Mailbox("Acme Accounts", "ar@acme.example")
    assert parse_mailbox("Acme, Ltd. <ar@acme.example>") == Mailbox("Acme, Ltd.", "ar@acme.example")
    assert parse_mailbox('"The \\"Acme\\", Ltd" <ar@acme.example>') == Mailbox(
        'The "Acme", Ltd', "ar@acme.example"
    )
    assert parse_mailbox(" ar@acme.example ") == Mailbox("", "ar@acme.example")
    assert parse_mailbox("<ar@acme.example>") == Mailbox("", "ar@acme.example")


@given(st.text(alphabet=st.sampled_from('a.@<>",; \\\r\n\tß=?-é1'), max_size=60))
def test_whatever_is_typed_good_addresses_are_plain_ascii_and_nothing_is_repeated(text: str) -> None:
    good, bad = split_addresses(text)
    assert len({address.lower() for address in good}) == len(good)
    for address in good:
        assert check_address(address) == address
        assert address.isascii()
        assert not set(address) & set(' ,;<>"\\\r\n\t')
    for part in bad:
        assert part.isprintable()
