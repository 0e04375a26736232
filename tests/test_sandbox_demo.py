"""The demonstration's own consent."""

from __future__ import annotations

import socket

from arsync.sandbox.demo import grant_access


def test_the_browser_opens_an_address_again_whose_connection_ended_unanswered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        grant_access(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        for _ in range(2):
            connection, _ = listener.accept()
            connection.close()
