"""Good inputs that are not answers of a service: files, sentences, notes, letters, an SMTP dialogue."""

from __future__ import annotations

FAULTS = (
    b'{"Fault":{"Error":[{"Message":"Stale Object","Detail":"d","code":"5010"}],"type":"ValidationFault"}}',
    b'{"fault":{"error":[{"message":"message=Failed","detail":"expired: AB0x","code":"3200"}]}}',
    b'<?xml version="1.0"?><IntuitResponse xmlns="x"><Fault type="ValidationFault"><Error code="3001">'
    b"<Message>message=ThrottleExceeded; errorCode=003001</Message></Error></Fault></IntuitResponse>",
    b"<html><body><h1>503</h1></body></html>",
    b"",
)
XERO_FAULTS = (
    b'{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred",'
    b'"Elements":[{"ValidationErrors":[{"Message":"Invoice not of valid status"}]}]}',
    b'{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired"}',
    b"<html><body>Bad Request</body></html>",
    b"",
)
NOTES = (
    b"2026-11-23 arsync: first reminder to ap@lumen.example about INV-7 120.00, INV-9 80.00 "
    b"(total 200.00 GBP) [arsync:b2f4b9b9dfe4]",
    b"asked by phone\n2026-11-23 arsync: held as disputed (through 2026-12-01) [arsync:h12]\nwill pay",
)
WORDS = (
    b"3 days before due", b"on the due date", b"1 day after due", b"2 in 7 days", b"09:00-17:00", b"12.30",
    b"2026-12-24 to 2027-01-03", b"2% within 7 days", b"1,234.50", b"-0.01", b"Anna Berg <anna@acme.example>",
    b"a@b.example, c@d.example; 'x' <e@f.example>",
)  # fmt: skip
POLICY = b"""name = "house"
min_gap_days = 5
send_on = ["mon", "tue"]
minimum = { GBP = "25.00" }
hours = "09:00-17:00"
holidays = ["GB-ENG"]
closed = ["2026-12-24 to 2027-01-03"]
caps = ["2 in 7 days"]
profile = "company"
[contacts]
owner = "anna@acme.example"
[[steps]]
name = "first reminder"
when = "1 day after due"
cc = ["owner"]
offer = "2% within 7 days"
at_least = { GBP = "500.00" }
not_for = ["disputed"]
[[steps]]
name = "ring"
when = "20 days after due"
does = "call"
dwell_days = 3
[ladders.gentle]
[[ladders.gentle.steps]]
name = "letter"
when = "40 days after due"
does = "letter"
[[segments]]
name = "large"
ladder = "gentle"
where = { at_least = { GBP = "10000.00" }, currency = "GBP" }
[customers."Norrland Joinery"]
to = ["ap@norrland.example"]
country = "SE"
timezone = "Europe/Stockholm"
[invoices."INV-7"]
ladder = "gentle"
"""
PRACTICE = b"""[practice]
name = "Hartley & Co"
database = "arsync.db"
[mail]
server = "smtp+starttls://mail.example:587"
username = "ar@hartley.example"
password = "env:ARSYNC_SMTP_PASSWORD"
[books.acme]
connector = "quickbooks"
sending = "approve"
from = "Acme Accounts <ar@acme.example>"
reply_to = "ar@acme.example"
timezone = "Europe/London"
notes = "invoice"
language = "en"
golive = "start"
[books.acme.connection]
company = "4620816365"
client_id = "env:ACME_CLIENT_ID"
client_secret = "env:ACME_CLIENT_SECRET"
server = "http://127.0.0.1:8001"
"""
TEMPLATE = b"""Reminder: {{ invoices|length }} invoices of {{ company }}
Dear {{ customer }},

{% for invoice in invoices %}
{{ invoice.number }}: {{ invoice.open }}{% if invoice.due %}, due {{ invoice.due }}{% endif %}

{% endfor %}
{{ invoice_table }}
{% if unapplied %}Less {{ unapplied }}.{% endif %}
{% set sum = 1 %}{% macro line(x) %}{{ x|upper }}{% endmacro %}{{ line(sender) }}
"""
COLUMNS = {
    "number": "Invoice", "customer": "Customer", "email": "Email", "issued": "Issued", "due": "Due",
    "open": "Open", "total": "Total",
}  # fmt: skip
LIST = b"""Invoice,Customer,Email,Issued,Due,Open,Total
1001,Lumen Yoga,ap@lumen.example,2026-10-01,2026-10-31,120.00,120.00
1002,"Tern, Coffee",a@tern.example,2026-10-05,2026-11-04,"1,080.50","1,080.50"
CN-7,Lumen Yoga,,2026-10-09,,-35.00,-35.00
"""
SMTP = (
    b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n250 2.0.0 queued as 4711\r\n250 ok\r\n",
    b"250 ok\r\n550 5.1.1 no such user\r\n250 ok\r\n",
    b"250-first\r\n250 second\r\n250 ok\r\n354 go on\r\n451 4.3.0 later\r\n",
    b"421 4.3.2 closing\r\n",
)
GRANTED = (
    b'{"access_token":"canary-a","expires_in":1800,"token_type":"Bearer","refresh_token":"canary-r",'
    b'"x_refresh_token_expires_in":8726400,"scope":"a b"}',
    b'{"error":"invalid_grant","error_description":"canary-d"}',
)
TOKEN = b"eyJhbGciOiJSUzI1NiJ9.eyJzY29wZSI6WyJhY2NvdW50aW5nLmludm9pY2VzIl19.c2ln"
