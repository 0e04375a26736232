"""Commands that show: demo and sandbox. Both need the extra `arsync[sandbox]`."""

from __future__ import annotations

import os
import shlex
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from arsync.cli.saying import say, tell
from arsync.errors import FixSettings
from arsync.opening import clock_from


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("arsync-demo"))
@click.option("--serve", is_flag=True, help="Keep serving afterwards, to try commands and read the mail.")
@click.pass_context
def demo(ctx: click.Context, folder: Path, serve: bool) -> None:
    """Watch two companies, one on QuickBooks Online and one on Xero, being synced over HTTP, aged,
    chased by a policy, mailed over SMTP and noted back: everything on this machine, in DIR."""
    host_of, show = _sandbox_rooms()
    folder = folder.absolute()
    clock, replaced = clock_from(os.environ)
    if replaced:
        say(replaced)
    show.prepare(folder)
    with host_of(clock=clock, mail_folder=folder / "mail") as host:
        show.write_demo(host, folder)
        tell("A QuickBooks company and a Xero company run on this machine for the moment.")
        tell(f"The practice is in {folder}.")
        status = show.demonstrate(host, _typed(folder, show.grant_access), tell)
        tell()
        tell("== Where to look")
        tell(f"   the practice   {folder / 'arsync.toml'} and the policy it names")
        tell(f"   the mail       {folder / 'mail'}: {len(host.catcher.messages)} messages as .eml files")
        tell(f"   the book       {folder / 'arsync.db'} (SQLite; the views 'aging' and 'outbox' read well)")
        if serve:
            tell(f"   the mail page  {host.mail.page_url}")
            tell()
            where = shlex.quote(str(folder))
            tell(f"Serving until you stop it (Ctrl-C). In another window: export ARSYNC_PRACTICE={where}")
            _wait()
        else:
            tell("   `arsync demo --serve` keeps the companies and a page for the mail running to play with.")
    ctx.exit(status)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65532),
    default=8001,
    show_default=True,
    help="The first of four ports in a row; 0 takes free ones.",
)
@click.option("--mail-folder", type=click.Path(path_type=Path), help="Also keep each message there as .eml.")
def sandbox(port: int, mail_folder: Path | None) -> None:
    """Serve the simulated QuickBooks and Xero and a mail catcher until stopped.

    Prints an arsync.toml for them on standard output. Nothing leaves this machine.
    """
    host_of, _ = _sandbox_rooms()
    from arsync.sandbox.host import practice_text

    clock, replaced = clock_from(os.environ)
    if replaced:
        say(replaced)
    with host_of(clock=clock, port=port, mail_folder=mail_folder) as host:
        for served in host.sandboxes.values():
            tell(f"# {served.title}: {served.url}  (what can be changed there: {served.url}/_sandbox)")
        tell(f"# mail server: {host.mail.smtp_url}  read the mail: {host.mail.page_url}")
        for served in host.sandboxes.values():
            tell(f"# the file secrets/{served.book} holds one line: {served.client_secret}")
        tell()
        click.echo(practice_text(host))
        sys.stdout.flush()
        say("serving until stopped (Ctrl-C)")
        _wait()


def _typed(folder: Path, browser: Callable[[str], None]) -> Callable[[list[str]], int]:
    """A command line as if it were typed in the practice's folder, with a browser that consents."""
    from arsync.cli import Invocation, cli

    def command(line: list[str]) -> int:
        typed = Invocation(folder, browser)
        code = cli.main(line, prog_name="arsync", standalone_mode=False, obj=typed)
        return code if isinstance(code, int) else 0

    return command


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("stopped")


def _sandbox_rooms() -> tuple[Any, Any]:
    try:
        from arsync.sandbox import demo as show
        from arsync.sandbox.host import SandboxHost
    except ModuleNotFoundError as error:
        raise FixSettings(
            f'the sandbox needs the package {error.name}: pip install "arsync[sandbox]"'
        ) from None
    return SandboxHost, show
