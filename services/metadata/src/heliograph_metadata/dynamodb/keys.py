"""Keys of the `terms` table; each begins with the owner, so no request reaches another's photos.

`<index>` is the owner's id, and from the second generation of an index on also its number: `<owner>~<generation>`.

posting  pk `<index>#<kind>:<value>`    sk `<taken_at>#<photo_id>`  card (S), confidence (N, of a label)
count    pk `<index>#counts#<kind>`     sk `<value>`                photos (N), counted_in (S, a batch), name (S),
                                                                    revision (N, of a month)
label    pk `<index>#counts#label`      sk `<name>`                 and c<CC> (N, see counted_within.py)
tile     pk `<index>#counts#tile<LL>`   sk `<quadkey>`              and latitude, longitude (N, sums in 1e-6 degrees),
                                                                    photo_id (S, one of the photos),
                                                                    y<YYYY> (N, photos of that year)
spot     pk `<index>#spot:all`          sk `<quadkey>#<taken_at>#<photo_id>`  card (S)
noted    pk `<index>#noted`             sk `<time>#<number>`        groups (B), see sketches.py
stale    pk `<index>#stale`             sk `<order>#<kind>#<group>` mark (S), see sketches.py
head     pk `<owner>#ledger`            sk `head`                   see ledger.py
log      pk `<owner>#log`               sk `<time>`                 operations (B), expires_at (N)
"""

from heliograph.photos import OwnerId
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.dynamodb.values import Item, text


def index_prefix(owner_id: OwnerId, generation: int) -> str:
    """Return what all keys of one generation of an owner's index begin with."""
    return f"{owner_id}~{generation}" if generation else owner_id


def postings_key(index: str, term: Term) -> str:
    """Return the partition that holds the postings of a term."""
    return f"{index}#{term}"


def counts_key(index: str, kind: str) -> str:
    """Return the partition that holds the counts of a kind."""
    return f"{index}#counts#{kind}"


def posting_key(index: str, term: Term, sort_key: str) -> Item:
    """Return the primary key of a posting."""
    return {"pk": text(postings_key(index, term)), "sk": text(sort_key)}


def count_key(index: str, term: Term) -> Item:
    """Return the primary key of a count."""
    return {"pk": text(counts_key(index, term.kind)), "sk": text(term.value)}


def head_key(owner_id: OwnerId) -> Item:
    """Return the primary key of the head of an owner's ledger."""
    return {"pk": text(f"{owner_id}#ledger"), "sk": text("head")}


def log_partition(owner_id: OwnerId) -> str:
    """Return the partition that holds the log of an owner's ledger."""
    return f"{owner_id}#log"


def log_key(owner_id: OwnerId, batch: str) -> Item:
    """Return the primary key of a batch in the log."""
    return {"pk": text(log_partition(owner_id)), "sk": text(batch)}


def stale_key(index: str) -> str:
    """Return the partition that names the groups whose questions are to be made again."""
    return f"{index}#stale"


def noted_key(index: str) -> str:
    """Return the partition in which batches note the groups whose sketches they change."""
    return f"{index}#noted"
