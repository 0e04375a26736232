"""Taking in the whole of an answer, or saying in a word why it did not come.

An answer that sends the request elsewhere is none: a book's requests, with its tokens, go where its
settings say. No text made here holds an address with its query, a body or a token.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from arsync.errors import ArsyncError, TryLater

# Bytes of a body in a file that its answer still shows; all of what a service says of a fault.
BEGINNING = 65536
# No answer of a service is as long, unpacked, in memory and in a file: a page of a thousand rows has some MB.
LONGEST_BODY, LONGEST_FILE = 256 * 1024 * 1024, 2048 * 1024 * 1024


def receive(answer: requests.Response, into: IO[bytes] | None) -> None:
    """Read the body of an answer that is just beginning, into the file or into ``answer.content``; of a body
    in a file that has the first ``BEGINNING`` bytes. Raises TryLater for an answer that is none."""
    with answer:
        target = str(answer.url)
        if answer.is_redirect:
            raise TryLater(
                f"{host_of(target)} sends the request elsewhere (answer {answer.status_code}), where it does "
                "not belong: see what stands between this machine and the service, then try again"
            )
        if into is None:
            answer._content = b"".join(_blocks(answer, target, LONGEST_BODY))
        else:
            _pour(answer, into, _blocks(answer, target, LONGEST_FILE))


def unreached(target: str, error: requests.RequestException) -> str:
    """What a network fault comes to, in words. Raises TryLater for a certificate: another attempt would
    meet it too."""
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(error)):
        raise TryLater(
            f"{host_of(target)} showed a certificate that is not good for it, so nothing was sent to it: see "
            "whether this machine's date is right and what stands between it and the service"
        ) from None
    return f"{host_of(target)} cannot be reached ({_fault(error)})"


def host_of(url: str) -> str:
    return urlsplit(url).netloc


def _blocks(answer: requests.Response, target: str, longest: int) -> Iterator[bytes]:
    """A body as it comes, unpacked."""
    size = 0
    for block in answer.iter_content(BEGINNING):
        size += len(block)
        if size > longest:
            raise TryLater(
                f"{host_of(target)} gave an answer of more than {longest // (1024 * 1024):,} MB, which no "
                "answer of the service has; try again later"
            )
        yield block


def _pour(answer: requests.Response, into: IO[bytes], blocks: Iterator[bytes]) -> None:
    """Write a body into a file as it comes; the answer keeps its beginning."""
    try:
        into.seek(0)
        into.truncate()
        for block in blocks:
            into.write(block)
        into.seek(0)
        answer._content = into.read(BEGINNING)  # requests has no public way to keep a part
    except requests.RequestException:
        raise
    except OSError as error:
        problem = error.strerror or "of an unknown fault"
        raise ArsyncError(f"the answer cannot be held in a temporary file: {problem}") from None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was made of; requests and urllib3 wrap one in the other."""
    todo: list[Any] = [error]
    while todo:
        each = todo.pop()
        if isinstance(each, BaseException):
            yield each
            todo += [*each.args, getattr(each, "reason", None)]


def _fault(error: requests.RequestException) -> str:
    """A word for a network fault; the library's own text may hold the address with its query."""
    if isinstance(error, requests.Timeout) or any(isinstance(e, ReadTimeoutError) for e in error.args):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "its answer was cut off"
    return "no connection"
