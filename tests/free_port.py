"""A port of this machine that nobody listens on, for those who cannot ask for any (port 0)."""

from __future__ import annotations

import socket
import sys
from collections import deque

_KEPT = 200
_held: deque[socket.socket] = deque()


def free_port() -> int:
    """One that was free a moment ago, and on Linux is given to nobody who asks for any port, until 200 more
    were asked for here.

    It stays bound there without listening: a call to it is refused, and a server that names it gets it all
    the same where it may use an address again (SO_REUSEADDR), as those of the standard library do.
    """
    hold = socket.socket()
    hold.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    hold.bind(("127.0.0.1", 0))
    port: int = hold.getsockname()[1]
    _held.append(hold)
    if sys.platform != "linux" or len(_held) > _KEPT:
        _held.popleft().close()
    return port
