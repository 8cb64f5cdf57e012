"""Verbs: click commands that take Argo's global flags before and after their name, in the way `argo` takes flags.

`argo` reads its flags as Go programs do: ``--watch=false``, ``-n=argo``. What a manifest author has in a script must go
on working, so such words are rewritten before click sees them. Global flags are collected from every level; the verb
gets a `Session` made of them and returns its exit code (None: 0).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from finale.cli.session import Session
from finale.problems import did_you_mean

__all__ = ["Verb", "VerbGroup", "flag", "option", "verb"]

_GIVEN = "finale.given"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")
"""What Go's ``strconv.ParseBool`` takes."""

_KUBERNETES = (
    *("--as", "--as-group", "--as-uid", "--certificate-authority", "--client-certificate", "--client-key", "--cluster"),
    *("--context", "--disable-compression", "--insecure-skip-tls-verify", "--kubeconfig", "--password", "--proxy-url"),
    *("--tls-server-name", "--user", "--username"),
)
"""Flags with which `argo` reaches a Kubernetes cluster (argo-cli.csv)."""

option = click.option


def flag(*names: str, help: str, **more: Any) -> Callable[[Any], Any]:
    """A yes-or-no option."""
    return click.option(*names, is_flag=True, help=help, **more)


class _Shared(click.Option):
    """A flag that every verb takes; its value goes to the session instead of the verb."""


def _shared(*, hidden: bool) -> list[_Shared]:
    """The flags that every verb takes; shown in the help of `finale` itself."""

    def shared(*names: str, **more: Any) -> _Shared:
        return _Shared(names, default=None, hidden=more.pop("hidden", hidden), **more)

    return [
        shared("-n", "--namespace", hidden=False, help="Namespace; without it FINALE_NAMESPACE or default."),
        shared("--home", metavar="FOLDER", help="Folder of journal, logs and sockets; without it FINALE_HOME."),
        shared("--executor", type=click.Choice(["auto", "process", "container"]), help="What runs containers."),
        shared("--sandbox", type=click.Choice(["auto", "on", "off"]), help="Isolation of tasks that are processes."),
        shared(
            "--bind", multiple=True, metavar="PATH[:ro]", help="A path of this machine that tasks may write (ro: read)."
        ),
        shared(
            "-s",
            "--argo-server",
            "--server",
            "server",
            metavar="ADDRESS",
            envvar="ARGO_SERVER",
            help="Use this Argo Server.",
        ),
        shared("--token", envvar="ARGO_TOKEN", help="Token for the Argo Server; without it ARGO_TOKEN."),
        shared(
            "-e", "--secure/--no-secure", envvar="ARGO_SECURE", help="The Argo Server uses TLS (it does by default)."
        ),
        shared(
            "-k",
            "--insecure-skip-verify",
            is_flag=True,
            envvar="ARGO_INSECURE_SKIP_VERIFY",
            help="Trust any certificate.",
        ),
        shared("-H", "--header", multiple=True, metavar="'NAME: VALUE'", help="A further header for the Argo Server."),
        shared("--argo-base-href", envvar="ARGO_BASE_HREF", help="Path below which the Argo Server's API is."),
        shared(
            "--request-timeout", metavar="DURATION", help="Longest wait for an answer, as in 30s; 0 waits for ever."
        ),
        shared("-v", "--verbose", is_flag=True, help="Name each request, and show where a failure of ours came from."),
        shared("--no-color", is_flag=True, help="No colours; NO_COLOR in the environment does the same."),
        shared("--no-utf8", is_flag=True, help="Words and ASCII instead of symbols."),
        shared("--argo-http1", is_flag=True, hidden=True),
        shared("--instanceid", hidden=True),
        shared("--loglevel", hidden=True),
        shared("--log-format", hidden=True),
        shared("--gloglevel", type=int, hidden=True),
    ]


class _WithShared(click.Command):
    """Takes the shared flags off a command's own parameters and collects them in the context."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            rest = super().parse_args(ctx, list(_as_click_takes(args, self.params)))
        except click.NoSuchOption as error:
            if error.option_name in _KUBERNETES:
                reason = "it tells argo how to reach a Kubernetes cluster, and Finale needs none"
                raise click.UsageError(f"No such option {error.option_name}: {reason}.", ctx) from error
            raise
        given = ctx.meta.setdefault(_GIVEN, {})
        for parameter in self.params:
            if isinstance(parameter, _Shared):
                value = ctx.params.pop(parameter.name or "", None)
                if value not in (None, False, ()) or (value is False and parameter.name == "secure"):
                    given[parameter.name] = value
        return rest


class Verb(_WithShared):
    """One verb."""

    def __init__(self, *args: Any, **more: Any) -> None:
        more.setdefault("context_settings", _CONTEXT)
        more.setdefault("epilog", "Options that every verb takes: finale --help")
        super().__init__(*args, **more)
        own = {name for parameter in self.params for name in parameter.opts}
        self.params += [each for each in _shared(hidden=True) if not own.intersection(each.opts)]

    def invoke(self, ctx: click.Context) -> Any:
        ctx.obj = Session(**ctx.meta[_GIVEN])
        return super().invoke(ctx)


class VerbGroup(_WithShared, click.Group):
    """Verbs by name. `lazy` maps a name to its one-line help and a function that imports the verb."""

    command_class = Verb

    def __init__(
        self, *args: Any, lazy: dict[str, tuple[str, Callable[[], click.Command]]] | None = None, **more: Any
    ) -> None:
        more.setdefault("context_settings", _CONTEXT)
        more.setdefault("subcommand_metavar", "VERB ...")
        super().__init__(*args, **more)
        self._lazy = lazy or {}
        self.params += _shared(hidden=not self._lazy)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._lazy.get(cmd_name)
        return entry[1]() if entry else super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            hint = did_you_mean(name, known) or f"There are: {', '.join(known)}."
            raise click.UsageError(f'unknown command "{name}" for "{ctx.command_path}". {hint}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, without importing any of them."""
        if not self._lazy:
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (text, _) in self._lazy.items()])


def verb(*args: Any, **more: Any) -> Callable[[Callable[..., Any]], Verb]:
    """Decorator: a function that takes a `Session` first and then its own parameters becomes a `Verb`."""

    def decorate(function: Callable[..., Any]) -> Verb:
        made = click.command(*args, cls=Verb, **more)(click.pass_obj(function))
        assert isinstance(made, Verb)
        return made

    return decorate


def _as_click_takes(args: Sequence[str], parameters: Sequence[click.Parameter]) -> Iterator[str]:
    by_name = {
        name: each
        for each in parameters
        if isinstance(each, click.Option)
        for name in (*each.opts, *each.secondary_opts)
    }
    words = iter(args)
    for word in words:
        if word == "--":
            yield word
            yield from words
            return
        name, separator, value = word.partition("=")
        parameter = by_name.get(name) if separator and word.startswith("-") else None
        if parameter is None:
            yield word
        elif not parameter.is_flag:
            yield from (word,) if name.startswith("--") else (name, value)
        elif value in _TRUE:
            yield name
        elif value not in _FALSE:
            raise click.UsageError(f'{name} takes no value, or true or false; found "{value}".')
        elif parameter.secondary_opts:
            yield parameter.secondary_opts[0]
