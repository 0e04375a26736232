"""A port of this machine that nobody listens on, for those who cannot ask for any (port 0)."""

from __future__ import annotations

import socket
import sys
from collections import deque

# Each is bound by a socket that never listens. The system gives a bound port to nobody who asks for any, and
# lets one who names it bind it too and listen, if both allow that it is used again (on Linux; servers do).
_KEPT: deque[socket.socket] = deque()
_MOST = 100


def free_port() -> int:
    """One that nobody else is given until a hundred others were asked for, and that refuses connections
    until somebody listens on it by its number."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    port: int = kept.getsockname()[1]
    _KEPT.append(kept)
    if len(_KEPT) > _MOST or sys.platform != "linux":
        _KEPT.popleft().close()
    return port
