"""The names and texts that a request to forget matches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from app.store.queries.search import match_expression
from app.store.sqlite.connection import Connection, open_memory
from app.store.values.forget_request import Forget
from collectors.privacy.gate import hosts_of, is_below, names_of_app

_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class RequestMatches:
    """The ids that a request matches; None if the request does not name that kind.

    Attributes:
        apps, sites, projects: ids of names.
        app_tokens: ids of action tokens that name the application.
        tokens: ids of all action tokens that name the application, the site or the project.
        hosted: ids of texts with an address on the site, from any source.
        texts: ids of texts that the search finds.
        searched_sites: ids of sites that the search finds by name; every visit to them matches as well.
    """

    apps: frozenset[int] | None
    sites: frozenset[int] | None
    projects: frozenset[int] | None
    app_tokens: frozenset[int]
    tokens: frozenset[int]
    hosted: frozenset[int]
    texts: frozenset[int] | None
    searched_sites: frozenset[int]

    @property
    def names(self) -> frozenset[int]:
        """The ids of all names that match."""
        return frozenset().union(*(group or () for group in (self.apps, self.sites, self.projects, self.tokens)))


def match_request(connection: Connection, request: Forget) -> RequestMatches:
    """Return the ids that a request matches. Reads every name once."""
    kinds = [
        None if request.app is None else _Kind(_is_app(request.app), _is_app_token(request.app)),
        None if request.site is None else _Kind(_is_site(request.site), _is_site_token(request.site)),
        None if request.project is None else _Kind(_is_project(request.project), _is_project_token(request.project)),
    ]
    for name_id, name in connection.execute("SELECT id, text FROM names"):
        for kind in kinds:
            if kind is not None and kind.is_name(name):
                kind.names.add(name_id)
            if kind is not None and kind.is_token(name):
                kind.tokens.add(name_id)
    apps, sites, projects = (None if kind is None else frozenset(kind.names) for kind in kinds)
    return RequestMatches(
        apps=apps,
        sites=sites,
        projects=projects,
        app_tokens=frozenset() if kinds[0] is None else frozenset(kinds[0].tokens),
        tokens=frozenset().union(*(kind.tokens for kind in kinds if kind is not None)),
        hosted=frozenset() if request.site is None else frozenset(_texts_on_site(connection, _host(request.site))),
        texts=None if request.text is None else frozenset(_matching_texts(connection, request.text)),
        searched_sites=frozenset(_searched_sites(connection, request)),
    )


@dataclass(slots=True)
class _Kind:
    """One kind of name to look for, and the ids found."""

    is_name: Callable[[str], bool]
    is_token: Callable[[str], bool]
    names: set[int] = field(default_factory=set)
    tokens: set[int] = field(default_factory=set)


def _is_app(app: str) -> Callable[[str], bool]:
    app_names = names_of_app(app)
    return lambda name: not app_names.isdisjoint(names_of_app(name))


def _is_app_token(app: str) -> Callable[[str], bool]:
    is_app = _is_app(app)

    def is_token(token: str) -> bool:
        kind, _, rest = token.partition(":")
        return (kind == "app" and is_app(rest)) or (kind == "cmd" and is_app(rest.split(" ", 1)[0]))

    return is_token


def _is_site(site: str) -> Callable[[str], bool]:
    host = _host(site)
    return lambda name: is_below(name, host)


def _is_site_token(site: str) -> Callable[[str], bool]:
    is_site = _is_site(site)
    return lambda token: token.startswith("web:") and is_site(token.removeprefix("web:"))


def _is_project(project: str) -> Callable[[str], bool]:
    return lambda name: name.casefold() == project.casefold()


def _is_project_token(project: str) -> Callable[[str], bool]:
    is_project = _is_project(project)
    return lambda token: token.startswith("file:") and is_project(token.rpartition("@")[2])


def phrases_of(request: Forget) -> tuple[tuple[str, ...], ...]:
    """Return groups of FTS5 expressions: a text names the forgotten if one of each group matches."""
    groups: list[tuple[str, ...]] = []
    if request.app is not None:
        groups.append(tuple(map(phrase, sorted(names_of_app(request.app)))))
    if request.site is not None:
        groups.append((phrase(_host(request.site)),))
    if request.project is not None:
        groups.append((phrase(request.project),))
    if request.text is not None:
        groups.append((match_expression(request.text) or phrase(request.text),))
    return tuple(groups)


def phrase(name: str) -> str:
    """Return the FTS5 expression for a name within a text."""
    return '"' + name.replace('"', " ") + '"'


class TextMatcher:
    """Finds matching texts in memory, with the same tokenizer as the index. A context manager."""

    def __init__(self) -> None:
        self._connection = open_memory()
        self._connection.execute(
            "CREATE VIRTUAL TABLE probe USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2')"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def matching(self, rows: Iterable[tuple[int, str]], groups: Sequence[Sequence[str]]) -> set[int]:
        """Return the ids of the (id, text) rows that match one expression of each group; none without groups."""
        result: set[int] = set()
        block: list[tuple[int, str]] = []
        for row in rows:
            block.append(row)
            if len(block) == _ROWS:
                result |= self._block(block, groups)
                block.clear()
        return result | self._block(block, groups)

    def _block(self, rows: list[tuple[int, str]], groups: Sequence[Sequence[str]]) -> set[int]:
        if not rows or not groups:
            return set()
        connection = self._connection
        connection.execute("INSERT INTO probe (probe) VALUES ('delete-all')")
        connection.executemany("INSERT INTO probe (rowid, text) VALUES (?, ?)", rows)
        matching = {row_id for row_id, _ in rows}
        for group in groups:
            matching &= {
                row_id
                for expression in group
                for (row_id,) in connection.execute("SELECT rowid FROM probe WHERE probe MATCH ?", (expression,))
            }
        return matching


def text_with_json(text: str, json_text: str | None = None) -> str:
    """Return a text joined with every string inside a JSON value."""
    if json_text is None:
        return text
    try:
        return " \n".join((text, *_strings(json.loads(json_text))))
    except ValueError:
        return f"{text} \n{json_text}"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _host(site: str) -> str:
    """Return the host of a typed or pasted address."""
    return next(iter(hosts_of(site)), site.strip().partition("/")[0]).removeprefix("www.")


def _texts_on_site(connection: Connection, site: str) -> Iterator[int]:
    rows = connection.execute("SELECT rowid, target FROM texts_words WHERE texts_words MATCH ?", (phrase(site),))
    for text_id, target in rows:
        if any(is_below(host, site) for host in hosts_of(target or "")):
            yield text_id


def _matching_texts(connection: Connection, text: str) -> Iterator[int]:
    expression = match_expression(text)
    if expression is not None:
        for (text_id,) in connection.execute("SELECT rowid FROM texts_words WHERE texts_words MATCH ?", (expression,)):
            yield text_id


def _searched_sites(connection: Connection, request: Forget) -> set[int]:
    if request.text is None or request.names or request.has_range:
        return set()
    rows = connection.execute("SELECT id, text FROM names WHERE id IN (SELECT DISTINCT site FROM day_aggregates)")
    with TextMatcher() as matcher:
        return matcher.matching(rows, phrases_of(request))
