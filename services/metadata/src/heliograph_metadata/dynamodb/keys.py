"""Keys of the `terms` table; each begins with the owner, so no request reaches another's photos.

posting  pk `<owner>#<kind>:<value>`    sk `<taken_at>#<photo_id>`  card (S), confidence (N, of a label)
count    pk `<owner>#counts#<kind>`     sk `<value>`                photos (N), name (S)
tile     pk `<owner>#counts#tile<LL>`   sk `<quadkey>`              and latitude, longitude (N, sums in 1e-6 degrees),
                                                                    photo_id (S, one of the photos)
"""

from heliograph.photos import OwnerId
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.dynamodb.values import Item, text


def postings_key(owner_id: OwnerId, term: Term) -> str:
    """Return the partition that holds the postings of a term."""
    return f"{owner_id}#{term}"


def counts_key(owner_id: OwnerId, kind: str) -> str:
    """Return the partition that holds the counts of a kind."""
    return f"{owner_id}#counts#{kind}"


def posting_key(owner_id: OwnerId, term: Term, sort_key: str) -> Item:
    """Return the primary key of a posting."""
    return {"pk": text(postings_key(owner_id, term)), "sk": text(sort_key)}


def count_key(owner_id: OwnerId, term: Term) -> Item:
    """Return the primary key of a count."""
    return {"pk": text(counts_key(owner_id, term.kind)), "sk": text(term.value)}
