"""JSON-LD contexts that documents name by address: our own copies, written from the public vocabularies.

No context is ever fetched. A document that names one we do not hold is refused (`remote_context`): without it nothing
in the document means anything, and fetching it would let a source send us to addresses of its choice.
"""

from collections.abc import Mapping
from typing import Final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.metadata import JsonValue

_PREFIXES: Final[Mapping[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "locn": "http://www.w3.org/ns/locn#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pod": "https://project-open-data.cio.gov/v1.1/schema#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_DCAT_TYPES: Final = {
    **{name: f"dcat:{name}" for name in (
        "Catalog", "CatalogRecord", "Dataset", "DatasetSeries", "DataService", "Distribution", "Relationship",
        "Resource",
    )},
    "Agent": "foaf:Agent", "Concept": "skos:Concept", "ConceptScheme": "skos:ConceptScheme",
    "Document": "foaf:Document", "Identifier": "adms:Identifier", "Kind": "vcard:Kind",
    "LicenseDocument": "dct:LicenseDocument", "Location": "dct:Location", "Organization": "org:Organization",
    "PeriodOfTime": "dct:PeriodOfTime", "RightsStatement": "dct:RightsStatement", "Standard": "dct:Standard",
}  # fmt: skip
_TEXTS: Final = {
    **{name: f"dct:{name}" for name in (
        "alternative", "description", "format", "identifier", "language", "provenance", "rights", "spatial", "subject",
        "temporal", "title", "type",
    )},
    **{name: f"dcat:{name}" for name in (
        "bbox", "byteSize", "centroid", "endDate", "keyword", "mediaType", "spatialResolutionInMeters", "startDate",
        "temporalResolution", "theme", "version", "versionNotes",
    )},
    "accessLevel": "pod:accessLevel", "bureauCode": "pod:bureauCode", "programCode": "pod:programCode",
    "dataQuality": "pod:dataQuality", "accrualPeriodicity": "dct:accrualPeriodicity", "modified": "dct:modified",
    "issued": "dct:issued", "created": "dct:created", "fn": "vcard:fn", "hasEmail": "vcard:hasEmail",
    "hasTelephone": "vcard:hasTelephone", "name": "foaf:name", "mbox": "foaf:mbox", "prefLabel": "skos:prefLabel",
    "notation": "skos:notation", "versionInfo": "owl:versionInfo", "license": "dct:license",
}  # fmt: skip
_NODES: Final = {
    **{name: f"dct:{name}" for name in (
        "accessRights", "conformsTo", "creator", "hasPart", "hasVersion", "isPartOf", "isReferencedBy", "isReplacedBy",
        "isVersionOf", "publisher", "relation", "replaces", "requires", "rightsHolder", "source",
    )},
    **{name: f"dcat:{name}" for name in (
        "accessService", "accessURL", "catalog", "contactPoint", "dataset", "distribution", "downloadURL",
        "endpointDescription", "endpointURL", "inSeries", "landingPage", "record", "servesDataset", "service",
        "themeTaxonomy",
    )},
    "homepage": "foaf:homepage", "page": "foaf:page", "primaryTopic": "foaf:primaryTopic",
    "references": "dct:references", "wasGeneratedBy": "prov:wasGeneratedBy",
}  # fmt: skip
_HYDRA_NODES: Final = ("first", "last", "member", "next", "previous", "search", "view")
_HYDRA_TEXTS: Final = ("itemsPerPage", "totalItems", "title", "description")

_DCAT: Final[dict[str, JsonValue]] = {
    **_PREFIXES,
    **_DCAT_TYPES,
    **_TEXTS,
    **{name: {"@id": term, "@type": "@id"} for name, term in _NODES.items()},
}
_HYDRA: Final[dict[str, JsonValue]] = {
    "hydra": _PREFIXES["hydra"],
    "Collection": "hydra:Collection",
    "PartialCollectionView": "hydra:PartialCollectionView",
    **{name: {"@id": f"hydra:{name}", "@type": "@id"} for name in _HYDRA_NODES},
    **{name: f"hydra:{name}" for name in _HYDRA_TEXTS},
}
_SCHEMA: Final[dict[str, JsonValue]] = {"schema": "https://schema.org/", "@vocab": "https://schema.org/"}

_KNOWN: Final[Mapping[str, dict[str, JsonValue]]] = {
    "project-open-data.cio.gov/v1.1/schema/catalog.jsonld": _DCAT,
    "resources.data.gov/schemas/dcat-us/v1.1/schema/catalog.jsonld": _DCAT,
    "resources.data.gov/schemas/dcat-us/v3.0/context.jsonld": _DCAT,
    "raw.githubusercontent.com/DOI-DO/dcat-us/main/context/dcat-us-3.0.jsonld": _DCAT,
    "semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld": _DCAT,
    "semiceu.github.io/DCAT-AP/releases/2.1.1/context/dcat-ap.jsonld": _DCAT,
    "www.w3.org/ns/dcat.jsonld": _DCAT,
    "www.w3.org/ns/dcat": _DCAT,
    "www.w3.org/ns/hydra/context.jsonld": _HYDRA,
    "www.w3.org/ns/hydra/core": _HYDRA,
    "schema.org": _SCHEMA,
    "schema.org/docs/jsonldcontext.jsonld": _SCHEMA,
}
"""Address without its scheme to what is used in its place."""


def with_local_contexts(value: JsonValue, address: str) -> JsonValue:
    """Return a JSON-LD document in which every context named by address is replaced by our own copy.

    Raises:
        SourceError: `remote_context`, names a context we do not hold.
    """
    match value:
        case list():
            return [with_local_contexts(part, address) for part in value]
        case dict():
            return {
                name: _context(part, address) if name == "@context" else with_local_contexts(part, address)
                for name, part in value.items()
            }
    return value


def _context(value: JsonValue, address: str) -> JsonValue:
    match value:
        case str():
            return _local(value, address)
        case list():
            return [_context(part, address) for part in value]
        case dict():
            if "@import" in value:
                raise SourceError("remote_context", address=address, context=str(value["@import"])[:200])
            return {name: with_local_contexts(part, address) for name, part in value.items()}
    return value


def _local(named: str, address: str) -> JsonValue:
    known = _KNOWN.get(named.partition("://")[2].rstrip("/#"))
    if known is None or not named.startswith(("http://", "https://")):
        raise SourceError("remote_context", address=address, context=named[:200])
    return dict(known)
