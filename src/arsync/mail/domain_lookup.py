"""TXT records from the name service. Loading this module loads dnspython."""

from __future__ import annotations

import ipaddress

import dns.exception
import dns.resolver

from arsync.mail.sender_domain import CannotLookUp

# For one name, over all servers and repeats.
SECONDS = 5.0


class Lookup:
    """Asks the system's name servers, or one that was named. Answers are kept, one command long; once no
    server could be reached nothing more is asked."""

    def __init__(self, nameserver: str | None = None) -> None:
        """``nameserver`` is ADDRESS or ADDRESS:PORT. Raises ValueError where it is not."""
        self._kept: dict[str, tuple[str, ...]] = {}
        self._gone: str | None = None
        self._resolver: dns.resolver.Resolver | None = None
        if nameserver is not None:
            address, port = _place(nameserver)
            self._resolver = dns.resolver.Resolver(configure=False)
            self._resolver.nameservers, self._resolver.port = [address], port

    def __call__(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name, each as one text; () where it has none. Raises CannotLookUp."""
        if self._gone is not None:
            raise CannotLookUp(self._gone)
        if name not in self._kept:
            self._kept[name] = self._asked(name)
        return self._kept[name]

    def _asked(self, name: str) -> tuple[str, ...]:
        try:
            self._resolver = self._resolver or dns.resolver.Resolver()
            answer = self._resolver.resolve(f"{name}.", "TXT", lifetime=SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.resolver.NoResolverConfiguration:
            self._gone = "this machine has no name server"
        except dns.resolver.NoNameservers as error:
            if any(tried[4] is not None for tried in error.kwargs["errors"]):  # it answered, though not this
                raise CannotLookUp(f"the name server cannot tell of {name}") from None
            self._gone = "no name server answered"
        except (dns.resolver.LifetimeTimeout, OSError):
            self._gone = "no name server answered"
        except dns.exception.DNSException:
            raise CannotLookUp(f"{name} is no name that can be asked for") from None
        else:
            return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer)
        raise CannotLookUp(self._gone)


def _place(text: str) -> tuple[str, int]:
    address, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    host = ipaddress.ip_address(address.strip("[]"))
    if colon and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"{port!r} is not a port")
    return str(host), int(port) if colon else 53
