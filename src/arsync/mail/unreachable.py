"""In words for people, why no connection to a mail server comes about or why it falls silent.

What the server itself answers stands in no word here: how it is asked differs from protocol to protocol.
"""

from __future__ import annotations

import socket
import ssl

# What the network and the encryption do. Caught before a protocol's own errors, some of which are OSErrors.
FAULTS = (ssl.SSLError, TimeoutError, socket.gaierror)


def why(fault: OSError, *, missing: str, seconds: float) -> str:
    """The reason behind one of `FAULTS`. ``missing`` is what did not come within so many ``seconds``."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({fault.verify_message})"
    if isinstance(fault, ssl.SSLError):
        return f"no encrypted connection came about ({fault.reason or fault})"
    if isinstance(fault, TimeoutError):
        return f"no {missing} within {seconds:g} seconds"
    return f"its name is not known ({fault.strerror})"
