"""Translates plans and filters into the embedded engine's queries."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from tantivy import Occur, Query, Schema

from catalogue_app.domain.visibility import Audience, labels_for
from indexing.embedded.schema import LABEL, facet_name
from indexing.fields import FacetField
from indexing.plan import All, Clause, Near, Prefix, Some, Term, Value, Wish, Without

_SPECIAL = frozenset(r"\.+*?()|[]{}^$#&-~")


def visible(schema: Schema, audience: Audience) -> Query:
    """Return the query of everything an audience may see; it scores nothing."""
    labels = sorted(labels_for(audience))
    return Query.const_score_query(Query.term_set_query(schema, LABEL, labels), 0.0)


def filtered(
    schema: Schema, filters: Mapping[FacetField, tuple[str, ...]], without: FacetField | None = None
) -> list[Query]:
    """Return one query a filter, but for the field a facet counts without its own."""
    return [
        Query.const_score_query(Query.term_set_query(schema, facet_name(field), list(values)), 0.0)
        for field, values in filters.items()
        if values and field is not without
    ]


def must(queries: Iterable[Query], should: Iterable[Query] = ()) -> Query:
    """Return the query that every one of these holds, lifted by the others."""
    parts = [(Occur.Must, query) for query in queries] + [(Occur.Should, query) for query in should]
    return Query.boolean_query(parts)


def translate(schema: Schema, clause: Clause) -> Query:
    """Return the engine's query of a clause."""
    match clause:
        case Term():
            return _term(schema, clause.field, clause.text, clause.weight)
        case Near():
            return _near(schema, clause)
        case Prefix():
            pattern = "".join(f"\\{it}" if it in _SPECIAL else it for it in clause.text) + ".*"
            return Query.const_score_query(Query.regex_query(schema, clause.field, pattern), clause.weight)
        case Value():
            return _term(schema, facet_name(clause.field), clause.value, clause.weight)
        case Wish():
            return translate(schema, clause.strict)
        case All() | Some() | Without():
            return _composed(schema, clause)
    assert_never(clause)


def _composed(schema: Schema, clause: All | Some | Without) -> Query:
    match clause:
        case All():
            return must(translate(schema, part) for part in clause.clauses)
        case Some():
            return Query.boolean_query([(Occur.Should, translate(schema, part)) for part in clause.clauses])
        case Without():
            wanted = translate(schema, clause.wanted) if clause.wanted else Query.all_query()
            return Query.boolean_query([(Occur.Must, wanted), (Occur.MustNot, translate(schema, clause.unwanted))])
    assert_never(clause)


def _term(schema: Schema, field: str, text: str, weight: int) -> Query:
    return Query.const_score_query(Query.term_query(schema, field, text, "basic"), weight)


def _near(schema: Schema, clause: Near) -> Query:
    if len(clause.texts) == 1:
        return _term(schema, clause.field, clause.texts[0], clause.weight)
    texts: list[str | tuple[int, str]] = list(clause.texts)
    return Query.const_score_query(Query.phrase_query(schema, clause.field, texts, slop=clause.slop), clause.weight)
