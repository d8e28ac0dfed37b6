"""Translates plans and filters into Elasticsearch's queries; each means what it means to the embedded engine."""

from collections.abc import Mapping
from typing import assert_never

from catalogue_app.domain.visibility import Audience, labels_for
from indexing.elastic.mapping import LABEL, Json, facet_name
from indexing.fields import FacetField
from indexing.plan import All, Clause, Near, Prefix, Some, Term, Value, Wish, Without


def visible(audience: Audience) -> Json:
    """Return the condition of everything an audience may see."""
    return {"terms": {LABEL: [*sorted(labels_for(audience))]}}


def filtered(filters: Mapping[FacetField, tuple[str, ...]], without: FacetField | None = None) -> list[Json]:
    """Return one condition a filter, but for the field a facet counts without its own."""
    return [
        {"terms": {facet_name(field): list(values)}}
        for field, values in filters.items()
        if values and field is not without
    ]


def conditions(parts: list[Json]) -> Json:
    """Return the query that every one of these conditions holds; it scores nothing."""
    return {"bool": {"filter": [*parts]}}


def translate(clause: Clause) -> Json:
    """Return the engine's query of a clause."""
    match clause:
        case Term():
            return _weighed({"term": {clause.field.value: clause.text}}, clause.weight)
        case Near():
            return _weighed(_near(clause), clause.weight)
        case Prefix():
            return _weighed({"prefix": {clause.field.value: clause.text}}, clause.weight)
        case Value():
            return _weighed({"term": {facet_name(clause.field): clause.value}}, clause.weight)
        case Wish():
            return translate(clause.strict)
        case All() | Some() | Without():
            return _composed(clause)
    assert_never(clause)


def _composed(clause: All | Some | Without) -> Json:
    match clause:
        case All(()) | Some(()):
            return {"match_none": {}}
        case All():
            return {"bool": {"must": [translate(part) for part in clause.clauses]}}
        case Some():
            return {"bool": {"should": [translate(part) for part in clause.clauses], "minimum_should_match": 1}}
        case Without():
            wanted: Json = translate(clause.wanted) if clause.wanted else {"match_all": {}}
            return {"bool": {"must": [wanted], "must_not": [translate(clause.unwanted)]}}
    assert_never(clause)


def _near(clause: Near) -> Json:
    """Return terms in order: a phrase where they stand side by side, spans where some may stand between them."""
    field = clause.field.value
    if len(clause.texts) == 1:
        return {"term": {field: clause.texts[0]}}
    if not clause.slop:
        return {"match_phrase": {field: " ".join(clause.texts)}}
    spans: list[Json] = [{"span_term": {field: text}} for text in clause.texts]
    return {"span_near": {"clauses": [*spans], "slop": clause.slop, "in_order": True}}


def _weighed(query: Json, weight: int) -> Json:
    """Return a query that scores the same for every entry it finds."""
    return {"constant_score": {"filter": query, "boost": weight}}
