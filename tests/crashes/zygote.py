"""A process that has everything imported and forks a child for each command line.

It reads one JSON object a line from standard input (``id``, ``line``, ``cwd``, ``env``, ``out``, ``trap``,
``hurried``, ``plain``, ``bytes``; or ``id`` and ``signal``) and tells on standard output, one JSON object a
line, what became of each child:
``{"id", "pid"}``, ``{"id", "stopped"}``, ``{"id", "status"}`` (negative: the signal that ended it). It has
one thread, so that a fork is whole. When its input ends it ends its children and itself.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import json
import os
import pkgutil
import resource
import select
import signal
import struct
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from traps import Trap

_PACKAGES = ("arsync", "arsync_quickbooks", "arsync_xero", "arsync_csv")
_LIBRARIES = (
    "sqlite_utils",
    "babel.dates",
    "babel.numbers",
    "filelock",
    "tzlocal",
    "email.mime.text",
    "idna",
)


def main() -> None:
    _preload()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: dict[int, str] = {}
    _tell({"ready": True})
    rest = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            _drain(woken)
            _reap(children)
        if 0 in ready:
            told = os.read(0, 65536)
            if not told:
                break
            *lines, rest = (rest + told).split(b"\n")
            for line in lines:
                job = json.loads(line)
                if "signal" in job:
                    _signal(children, job)
                    continue
                pid = _fork(job)
                children[pid] = job["id"]
                _tell({"id": job["id"], "pid": pid})
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _preload() -> None:
    for name in _PACKAGES:
        package = import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if (
                "__main__" not in found.name
                and "simulator" not in found.name
                and ".testing" not in found.name
            ):
                import_module(found.name)
    for name in _LIBRARIES:
        import_module(name)
    # eight calls a second are the vendor's limit, which the simulator does not keep here either
    import_module("arsync_quickbooks.client").CALLS_PER_SECOND = 100  # type: ignore[attr-defined]
    # nor may a machine that stands still for a while keep a mail server's greeting from coming in time
    import_module("arsync.mail.server").MailServer.__init__.__kwdefaults__["connect_timeout"] = 60.0
    gc.collect()
    gc.freeze()


def _drain(pipe: int) -> None:
    while True:
        try:
            if not os.read(pipe, 4096):
                return
        except BlockingIOError:
            return


def _signal(children: dict[int, str], job: dict[str, Any]) -> None:
    """To a child that was not reaped yet: nobody else can have its number."""
    for pid, id_ in children.items():
        if id_ == job["id"]:
            os.kill(pid, job["signal"])


def _reap(children: dict[int, str]) -> None:
    while children:
        pid, how = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if not pid:
            return
        if os.WIFSTOPPED(how):
            _tell({"id": children[pid], "stopped": True})
        else:
            _tell({"id": children.pop(pid), "status": os.waitstatus_to_exitcode(how)})


def _tell(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _fork(job: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        status = _child(job)
    except BaseException:  # noqa: BLE001 the child must not go on as a zygote
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _child(job: dict[str, Any]) -> int:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = job["out"]
    for number, path in ((0, os.devnull), (1, f"{out}.out"), (2, f"{out}.err")):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    faulthandler.dump_traceback_later(150)  # where one hangs that does not come to its end
    os.chdir(job["cwd"])
    os.environ.update(job["env"])
    # What a frozen process holds is not waited for as long as in life, and longer what one holds that goes on
    # when the machine lets it.
    seconds = 1 if job.get("hurried") else 120
    import_module("arsync.store.opening").WAIT_SECONDS = seconds  # type: ignore[attr-defined]
    import_module("arsync.store.tokens").WAIT_SECONDS = seconds  # type: ignore[attr-defined]
    import_module("arsync.connector.limits").LOCK_SECONDS = float(seconds)  # type: ignore[attr-defined]
    if job.get("bytes") is not None:  # a write beyond it fails, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["bytes"], job["bytes"]))
    if job.get("plain") and os.getuid() == 0:
        _give_up_rights()
    from arsync.cli import Invocation, cli, told

    def command() -> Any:
        obj = Invocation(Path(job["cwd"]), lambda address: None)
        return cli.main(job["line"], prog_name="arsync", standalone_mode=False, obj=obj)

    trap = Trap(job["trap"], f"{out}.trap") if job["trap"] else None
    if trap is None:
        return told(command)
    trap.arm()
    try:
        return told(command)
    finally:
        trap.end()


def _give_up_rights() -> None:
    """The modes of files say something to root too from now on: it has no capabilities any more (capset(2),
    by the third version of its header)."""
    header = struct.pack("=Ii", 0x20080522, 0)
    if ctypes.CDLL(None, use_errno=True).capset(header, bytes(24)):
        raise OSError(ctypes.get_errno(), "the rights of root cannot be given up")


if __name__ == "__main__":
    main()
