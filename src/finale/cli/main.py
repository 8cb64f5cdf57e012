"""The ``finale`` command: its verbs, and the one place where failures become texts and exit codes.

Exit codes: 0 done; 2 bad input; 3 our own failure or no engine; and only from ``submit --watch|--wait|--log``, ``watch``
and ``wait``: 1 the run ended otherwise than Succeeded, 4 it Succeeded but an exit handler did not. 130 after Ctrl-C,
141 when the reader of our output went away, as for every program in a pipe.

A verb is imported when it is called: `finale --help` names all of them and imports none.
"""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

import click

from finale.cli.options import VerbGroup
from finale.errors import FinaleError

__all__ = ["cli", "main"]

_COMPLETION = "_FINALE_COMPLETE"
"""The variable with which a shell's completion script asks (`finale completion`)."""

_INTERRUPTED = 130
_READER_GONE = 141
_OUR_FAILURE = 3


def _verb(module: str, name: str = "command") -> Callable[[], click.Command]:
    return lambda: cast(click.Command, getattr(importlib.import_module(f"finale.cli.commands.{module}"), name))


_VERBS = {
    "submit": ("Run workflows from files", _verb("submit")),
    "list": ("List runs", _verb("list_runs")),
    "get": ("Show a run and its tree", _verb("get")),
    "logs": ("Print what a run's tasks have written", _verb("logs")),
    "watch": ("Follow a run until it ends", _verb("watch")),
    "wait": ("Wait until runs have ended", _verb("wait")),
    "stop": ("End the work of runs; their exit handlers run", _verb("shutdown", "stop")),
    "terminate": ("End runs at once, without their exit handlers", _verb("shutdown", "terminate")),
    "suspend": ("Start nothing new in runs", _verb("pause", "suspend")),
    "resume": ("Go on with suspended runs, or with their suspend nodes", _verb("pause", "resume")),
    "node": ("Give values to suspend nodes", _verb("node")),
    "delete": ("Remove runs", _verb("delete")),
    "lint": ("Check manifests", _verb("lint")),
    "apply": ("Store definitions and submit workflows, as kubectl apply would", _verb("apply")),
    "template": ("Stored WorkflowTemplates", _verb("templates", "template")),
    "cluster-template": ("Stored ClusterWorkflowTemplates", _verb("templates", "cluster_template")),
    "server": ("Start, stop or look at the engine of the home folder", _verb("server")),
    "version": ("Print versions", _verb("version")),
    "completion": ("Print a shell's completion script", _verb("completion")),
}

cli = VerbGroup(
    "finale",
    lazy=_VERBS,
    help="Run Argo Workflows manifests on this machine, with guaranteed exit handlers.",
    epilog="Help for a verb: finale VERB --help",
)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code."""
    words = list(sys.argv[1:] if args is None else args)
    try:
        code = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain about it once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    return code


def _run(words: list[str]) -> int:
    if _COMPLETION in os.environ:
        cli.main(args=words, prog_name="finale")
    try:
        # Not `cli.main`, which would end with 1 when our reader has gone away.
        with cli.make_context("finale", words) as context:
            result = cli.invoke(context)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except FinaleError as error:
        return _refuse(error, words)
    except BrokenPipeError:
        raise
    except Exception as error:
        return _confess(error, words)


def _refuse(error: FinaleError, words: list[str]) -> int:
    from finale.cli.output import Output  # noqa: PLC0415  (only now needed)

    if _is_verbose(words):
        _print_traceback()
    Output().failure(error)
    return error.exit_code


def _confess(error: Exception, words: list[str]) -> int:
    """An exception that nobody expected: the user gets a sentence, with ``-v`` the traceback too."""
    if _is_verbose(words):
        _print_traceback()
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace is not None else ""
    remedy = "" if _is_verbose(words) else " (finale -v shows where)"
    sys.stderr.write(f"bug: {type(error).__name__}{place}: {error}; please report this{remedy}\n")
    return _OUR_FAILURE


def _print_traceback() -> None:
    import traceback  # noqa: PLC0415  (start-up time: it takes as long to import as click does to parse)

    traceback.print_exc()


def _is_verbose(words: list[str]) -> bool:
    return "-v" in words or "--verbose" in words
