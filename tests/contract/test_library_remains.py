"""What goes with an account whose index was made by an older release: also what no save takes away any more."""

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.terms import JPEG, LOCATED, PREPARED, PRESENT, Term
from heliograph_metadata.dynamodb.keys import count_key, posting_key
from heliograph_metadata.dynamodb.library_remains import DynamoLibraryRemains
from tests.builders import OWNER

_TABLES = ("terms", "albums", "stacks", "jobs", "questions", "exports")


async def test_lists_and_counts_that_are_kept_no_more_go_with_the_account(
    aws: AwsClients, stack: SharedSettings
) -> None:
    table = stack.table_name("terms")
    card = {"card": {"S": '[1.5,null,false,"in-our-garden.jpg",true,0,38.71,-9.14]'}}
    of_before = [posting_key(OWNER, term, "2024-06-15#photo") | card for term in (PRESENT, LOCATED, JPEG, PREPARED)]
    of_before.append(count_key(OWNER, Term("tile20", "0" * 20)) | {"photos": {"N": "0"}, "latitude": {"N": "38"}})
    of_a_stranger = posting_key(OwnerId("stranger"), PRESENT, "2024-06-15#photo") | card
    for item in (*of_before, of_a_stranger):
        await aws.dynamodb.put_item(TableName=table, Item=item)

    removed = await DynamoLibraryRemains(
        aws.dynamodb, {name: stack.table_name(name) for name in _TABLES}
    ).remove_all_of(OWNER)

    left = (await aws.dynamodb.scan(TableName=table))["Items"]
    assert removed == len(of_before)
    assert [item["pk"] for item in left] == [of_a_stranger["pk"]]
