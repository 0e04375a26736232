"""The commands: parse, call one use case, print. Results on standard output, all else on standard error."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

from arsync import __version__, logs
from arsync.errors import FixSettings

# A command's module is imported when it is called, so that help and errors come at once.
COMMANDS = {
    "demo": ("show", "Watch two companies being synced, aged, chased and noted, all on this machine."),
    "sandbox": ("show", "Serve the simulated QuickBooks and Xero and a mail catcher until stopped."),
    "init": ("setup", "Write a commented arsync.toml, a standard policy and a templates folder."),
    "connect": ("setup", "Ask for access to a book's company (OAuth 2 consent)."),
    "disconnect": ("setup", "Withdraw the access to a book's company, and forget its tokens."),
    "check": ("checking", "Examine settings, access, mail and clock; say what to do about each."),
    "status": ("watching", "Tell whether every book is alive: its last runs, doubts, tokens and budgets."),
    "sync": ("looking", "Pull what changed into the local books."),
    "aging": ("owing", "Show the aged receivables, today or on any other day."),
    "statement": ("owing", "Show what one customer owes, today or on a past day."),
    "reconcile": ("owing", "Compare the books with the accounting system's own figures."),
    "plan": ("looking", "Show what a run would do now, and why; changes nothing."),
    "explain": ("looking", "Tell the story of an invoice or a customer."),
    "calendar": ("ahead", "Show what will be sent to whom if nobody pays."),
    "replay": ("ahead", "Run another policy over the book's history and show the difference."),
    "worklist": ("morning", "List what waits for a person, the most money and the oldest first."),
    "rejects": ("inside", "List what could not be understood, and why."),
    "export": ("inside", "Write a book as CSV files and a workbook."),
    "approve": ("deciding", "Release planned messages."),
    "hold": ("deciding", "Stop chasing an invoice or a customer, for a reason."),
    "release": ("deciding", "Take a hold back."),
    "resolve": ("deciding", "Settle a message that is in doubt or failed."),
    "done": ("deciding", "Close a task; its steps are taken."),
    "golive": ("starting", "Decide where old debts join the ladder, and let a new book send."),
    "agree": ("agreeing", "Agree on instalments or a settlement."),
    "agreements": ("agreeing", "List agreements, and what was conceded."),
    "call": ("talking", "Show what to say in a call, or log one with its outcome."),
    "complaint": ("talking", "Log a complaint; its customer is held until it is settled."),
    "opt-out": ("talking", "Record that a customer wants no messages, calls or letters."),
    "policy": ("policies", "Show the policy in force, or what differs from the house policy."),
    "lint": ("linting", "Find mistakes in policies."),
    "send": ("working", "Deliver what is approved."),
    "note": ("working", "Write the notes still owed into the accounting system."),
    "run": ("working", "Sync, plan, send what is approved or automatic, and note."),
    "backup": ("keeping", "Copy the database while everything goes on."),
    "restore": ("keeping", "Bring a backup back; what may have left since is in doubt."),
    "rebuild": ("rebuilding", "Restore what was sent from the marks in the accounting system."),
}


# What these say on standard error is about customers, so that a log for programs leaves it out.
ABOUT_CUSTOMERS = frozenset(
    ("explain", "statement", "approve", "hold", "release", "resolve", "done", "agree", "agreements",
     "call", "complaint", "opt-out", "policy", "calendar")
)  # fmt: skip


class Commands(click.Group):
    """The group: knows its commands by name and loads them late."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"arsync.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {name!r}.{hint} Commands: {', '.join(COMMANDS)}.")
        logs.command_is(name, about_customers=name in ABOUT_CUSTOMERS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


class Invocation(NamedTuple):
    """What a command line is carried out with: the practice's folder, and how an address is opened."""

    practice: Path | None
    browser: Callable[[str], Any]


def open_address(address: str) -> None:
    """Open an address in the person's browser, and wait for nothing: a browser in the terminal stays until
    it is left, and what it opens may be answered by this very command."""
    threading.Thread(target=click.launch, args=(address,), daemon=True).start()


def _log_lines(_: click.Context, __: click.Parameter, form: Any) -> None:
    logs.begin(form)


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--practice",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The practice's folder; else $ARSYNC_PRACTICE, else the working folder.",
)
@click.option(
    "--log",
    type=click.Choice(["json", "text"]),
    envvar="ARSYNC_LOG",
    is_eager=True,
    expose_value=False,
    callback=_log_lines,
    show_envvar=True,
    help="Write log lines to standard error, without any customer's data.",
)
@click.version_option(__version__, prog_name="arsync")
@click.pass_context
def cli(ctx: click.Context, practice: Path | None) -> None:
    """Keeps receivables in step with QuickBooks Online and Xero and chases what is overdue: politely,
    provably, and never twice.

    Every command takes book names, or none for all books. Exit status: 0 all done, 1 something needs
    a person, 2 the command line or the configuration is wrong.
    """
    _check_working_folder()
    opened = ctx.obj if isinstance(ctx.obj, Invocation) else Invocation(None, open_address)
    ctx.obj = Invocation(practice or opened.practice, opened.browser)


def _check_working_folder() -> None:
    """Relative paths start there. Raises FixSettings where it was deleted meanwhile."""
    try:
        Path.cwd()
    except OSError as error:
        raise FixSettings(
            f"the working folder is not there any more ({error.strerror}); go to a folder that is, with "
            "cd FOLDER, and run it again"
        ) from None


def main() -> None:
    """The console script."""
    _open_streams()
    sys.exit(told(lambda: cli.main(prog_name="arsync", standalone_mode=False)))


def _open_streams() -> None:
    """What a scheduler left closed of standard input, output and error reads and writes nothing."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def told(command: Callable[[], Any]) -> int:
    """Carry out a command line and give its exit status, with whatever went wrong said in a sentence.

    No traceback reaches a user; ``ARSYNC_DEBUG=1`` shows it to an author.
    """
    logs.begin(None)
    try:
        code = command()
    except click.exceptions.Abort:
        if not logs.spoken("stopped", error=True):
            click.echo("stopped", err=True)
        return 130
    except click.ClickException as error:
        if not logs.spoken(error.format_message(), error=True):
            error.show()
        return error.exit_code
    except BrokenPipeError:  # the reader of the output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001
        from arsync.cli.saying import explained

        return explained(error)
    return code if isinstance(code, int) else 0
