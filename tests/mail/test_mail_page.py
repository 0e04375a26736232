import email
import smtplib
from datetime import UTC, datetime
from email import policy
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
import requests

from arsync.mail import Letter, Mailer, compose, parse_server
from arsync.sandbox import MailCatcher, ServedMail

SCRIPT = "<script>alert('x')</script>"


def send(
    served: ServedMail, subject: str = "Invoice 1042", text: str = "Please pay.", html: str = "<p>Pay</p>"
) -> None:
    message = compose(
        Letter(
            message_id="<m1@acme.example>",
            sender=f"Acme {SCRIPT} <ar@acme.example>",
            to=("Ann <ann@client.example>",),
            subject=subject,
            text=text,
            html=html,
            date=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        )
    )
    with Mailer(parse_server(served.smtp_url)) as mailer:
        mailer.deliver(message, ["ann@client.example"])


def get(served: ServedMail, path: str, **headers: str) -> requests.Response:
    return requests.get(urljoin(served.page_url, path), timeout=60, headers=headers)


class Elements(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_an_empty_catcher_says_so(served: ServedMail) -> None:
    page = get(served, "/")
    assert page.status_code == 200
    assert "No mail yet" in page.text


def test_the_list_shows_the_latest_first_with_links(served: ServedMail) -> None:
    send(served, "one")
    send(served, "two")
    page = Elements(get(served, "/").text)
    assert [link["href"] for link in page.all("a")] == ["/messages/2", "/messages/1"]
    assert page.text.index("two") < page.text.index("one")
    assert "ann@client.example" in page.text


@pytest.mark.parametrize("path", ["/", "/messages/1"])
def test_hostile_text_is_shown_and_does_nothing(served: ServedMail, path: str) -> None:
    send(served, f'"><img src=x onerror=alert(1)>{SCRIPT}', text=f"</pre>{SCRIPT}", html=SCRIPT)
    response = get(served, path)
    page = Elements(response.text)
    assert page.all("script") == page.all("img") == []
    assert f'"><img src=x onerror=alert(1)>{SCRIPT}' in page.text
    assert f"Acme {SCRIPT}" in page.text
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none';")


def test_no_page_loads_anything_from_elsewhere(served: ServedMail) -> None:
    send(served)
    for path in ("/", "/messages/1"):
        page = Elements(get(served, path).text)
        addresses = [attributes.get(name) for _, attributes in page.tags for name in ("href", "src")]
        assert all(address.startswith("/") for address in addresses if address is not None)
    style = get(served, "/page.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_the_html_of_a_message_is_framed_without_rights(served: ServedMail) -> None:
    html = f"<style>p {{color: red}}</style><p>Pay</p>{SCRIPT}"
    send(served, html=html)
    [frame] = Elements(get(served, "/messages/1").text).all("iframe")
    assert (frame["sandbox"], frame["src"]) == (None, "/messages/1/html")  # sandbox with nothing allowed
    inner = get(served, "/messages/1/html")
    assert inner.text.strip() == html
    rules = {rule.strip().partition(" ")[::2] for rule in inner.headers["Content-Security-Policy"].split(";")}
    assert {("sandbox", ""), ("default-src", "'none'")} <= rules
    assert not any(name.startswith("script") for name, _ in rules)


def test_the_text_and_all_headers_are_shown(served: ServedMail) -> None:
    send(served, text="Dear Ann,\n\nplease pay £100.")
    page = Elements(get(served, "/messages/1").text)
    assert "please pay £100." in page.text
    assert "Auto-Submitted" in page.text
    assert "<m1@acme.example>" in page.text


def test_the_raw_message_is_downloaded_as_it_came(catcher: MailCatcher, served: ServedMail) -> None:
    send(served)
    response = get(served, "/messages/1.eml")
    assert response.content == catcher.messages[0].raw
    assert response.headers["Content-Type"] == "message/rfc822"
    assert response.headers["Content-Disposition"] == "attachment; filename=0001.eml"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_mail_as_json(catcher: MailCatcher, served: ServedMail) -> None:
    send(served, "Zahlung fällig")
    [record] = get(served, "/messages.json").json()
    assert record == {
        "id": 1,
        "at": catcher.messages[0].at.isoformat(),
        "mail_from": "ar@acme.example",
        "rcpt_tos": ["ann@client.example"],
        "from": f'"Acme {SCRIPT}" <ar@acme.example>',
        "to": "Ann <ann@client.example>",
        "cc": "",
        "subject": "Zahlung fällig",
        "date": "Mon, 02 Mar 2026 09:30:00 +0000",
        "message_id": "<m1@acme.example>",
        "in_reply_to": "",
        "text": "Please pay.\r\n",
        "html": "<p>Pay</p>\r\n",
        "size": len(catcher.messages[0].raw),
        "raw": "/messages/1.eml",
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no headers at all",
        b"Subject: =?utf-8?b?/w==?=\r\nFrom: <<>>;,@\r\nTo: \xff\xfe\r\nDate: never\r\n\r\n\xff",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nx",
        b"Content-Type: multipart/alternative\r\n\r\nx",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Message-ID: <\r\nContent-Disposition: ;=\r\nContent-Type: ;;;\r\n\r\n",
    ],
)
def test_malformed_mail_is_shown_all_the_same(served: ServedMail, catcher: MailCatcher, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", parse_server(served.smtp_url).port, timeout=60) as client:
        client.sendmail("a@x.example", ["b@y.example"], raw)
    for path in ("/", "/messages/1", "/messages.json"):
        assert get(served, path).status_code == 200
    assert get(served, "/messages/1.eml").content.rstrip() == raw.rstrip()


@pytest.mark.parametrize(
    "path", ["/nothing", "/messages/1", "/messages/1.eml", "/messages/1/html", "/messages/x", f"/{SCRIPT}"]
)
def test_what_is_not_there(served: ServedMail, path: str) -> None:
    response = get(served, path)
    assert response.status_code == 404
    assert Elements(response.text).all("script") == []


def test_another_web_site_cannot_read_the_mail_under_its_own_name(served: ServedMail) -> None:
    send(served, "secret subject")
    response = get(served, "/", Host="evil.example")
    assert response.status_code == 400
    assert "secret" not in response.text


def test_nothing_is_changed_through_the_page(served: ServedMail) -> None:
    assert requests.post(served.page_url, timeout=60).status_code == 405


def test_serving_says_nothing(served: ServedMail, capfd: pytest.CaptureFixture[str]) -> None:
    send(served)
    get(served, "/")
    assert capfd.readouterr() == ("", "")
    parsed = email.message_from_bytes(get(served, "/messages/1.eml").content, policy=policy.default)
    assert parsed["Subject"] == "Invoice 1042"
