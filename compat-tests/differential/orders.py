# SPDX-License-Identifier: Apache-2.0
"""The orders of checks that the reference notes state, operation by operation: which of two things wrong is told of. Held against what Stator says where it and
the oracle differ in the order alone (reduce.py)."""
import re

MEMBERS = r"Value (null|'.*'|at '.*'|)\s*(at '.*' )?failed to satisfy|Failed to satisfy constraint: Member must satisfy enum value set: \[ALL_OLD|Value .* failed to satisfy constraint"
EMPTY_NAME = r"Empty attribute name"
VALUES = (r"An string set|An number set|Binary sets|Input collection|cannot be converted to a numeric|Attempting to store more|Number (over|under)flow|Null attribute value types|"
          r"Nesting Levels have exceeded supported limits: |Supplied AttributeValue (is empty|has more)")
PARAMETERS = r"Can not use both|ExpressionAttribute(Names|Values) (can only be|must not be empty|contains invalid)"
OPERATOR = r"ConditionalOperator (cannot|can only)|\[ALL, OR\]"
EXPECTED = (r"Exists and Comp|Value and Attr|AttributeValueList can only|Invalid comparison operator|Value or AttributeValueList must|Invalid number of argument|ComparisonOperator \w+ is not valid|"
            r"AttributeValues inside|The BETWEEN condition was|Value (must|cannot) be (provided|used) when Exists")
SYNTAX = r"Invalid {}Expression: (Expression size|Syntax error|The expression has redundant|Attribute name is a reserved|Invalid function name)"
NOT_FOUND = r"ResourceNotFoundException: Requested resource not found$"
SCHEMA = r"The provided key element does not match the schema"
CONDITION = r"ConditionalCheckFailedException"
UNUSED = r"unused in expressions"
UNDEFINED = r"Invalid {}Expression: An expression attribute (name|value) used"
NO_TABLE = r"ResourceNotFoundException: Requested resource not found: Table: "
INVALID = "One or more parameter values were invalid: "

# operation: (section, stages); a stage is a regular expression of `Type: message`, the first is told of first. What stands in several stages is of none that
# another one could be held against.
ORDERS = {
    "PutItem": ("26 D.3", [
        MEMBERS, EMPTY_NAME, VALUES + "|" + PARAMETERS, OPERATOR, r"Invalid ConditionExpression: The expression can not", SYNTAX.format("Condition"),
        r"ReturnValues can only be", EXPECTED, r"Item size has exceeded", UNDEFINED.format("Condition"), UNUSED, NOT_FOUND,
        r"Missing the key|Type mismatch for|One or more parameter values are not valid\. |Size of hashkey|Aggregated size of all", CONDITION]),
    "UpdateItem": ("26 D.3", [
        MEMBERS, EMPTY_NAME, PARAMETERS, OPERATOR,
        r"\[ADD, DELETE, PUT\]' for Action", r"Only DELETE action is allowed", EXPECTED, r"Invalid ConditionExpression: The expression can not", r"Invalid UpdateExpression: The expression can not",
        r"Invalid UpdateExpression: (?!The expression can not)", SYNTAX.format("Condition") + "|" + UNDEFINED.format("Condition"), UNUSED,
        r"Invalid ConditionExpression: (The BETWEEN|Incorrect operand)", NOT_FOUND, SCHEMA, CONDITION, r"Cannot update attribute",
        r"The document path provided|refers to an attribute that does not exist|An operand in the update expression|Nesting Levels have exceeded supported limits$"]),
    "DeleteItem": ("26 D.3", [
        MEMBERS + "|ReturnValues can only", EMPTY_NAME, PARAMETERS, OPERATOR, r"Invalid ConditionExpression: |" + UNUSED, EXPECTED, NOT_FOUND, SCHEMA, CONDITION]),
    "GetItem": ("26 D.3", [
        MEMBERS, EMPTY_NAME, PARAMETERS, VALUES, r"Duplicate value in attribute name", r"Invalid ProjectionExpression: The expression can not", r"Invalid ProjectionExpression: (?!The expression can not)|" + UNUSED,
        NOT_FOUND, SCHEMA]),
    "Query": ("26 D.3", [
        r"Value at 'Limit'", MEMBERS.replace("Value .*", r"Value .* at '(?!select)"), EMPTY_NAME, PARAMETERS, r"at 'select' failed", OPERATOR, r"Duplicate value in attribute name",
        r"Invalid KeyConditionExpression: The expression can not", r"Invalid FilterExpression: ", r"Invalid ProjectionExpression: The expression can not",
        r"Must specify the AttributesToGet|Cannot specify the|can be used only when Querying", SYNTAX.format("KeyCondition"), NOT_FOUND, r"Either the KeyConditions or",
        r"Consistent reads are not supported", r"The table does not have the specified index", r"The provided starting key is invalid$",
        r"Query condition missed|Query key condition not|HASH key attributes|RANGE key attributes|number of query conditions",
        r"Filter Expression can only|QueryFilter can only", r"Select type ALL_ATTRIBUTES"]),
    "Scan": ("26 L.8", [
        r"(Limit|Segment|TotalSegments|segment|totalSegments|limit)' failed", r"'tableName' failed", EMPTY_NAME, PARAMETERS, OPERATOR, EXPECTED, r"Duplicate value in attribute name",
        r"The provided starting key is invalid: ", r"Invalid FilterExpression: ", r"Invalid ProjectionExpression: The expression can not", r"'select' failed",
        r"Must specify the AttributesToGet|Cannot specify the|can be used only when Querying", r"The (Total)?Segments? parameter is", NOT_FOUND, r"Consistent reads are not supported",
        r"The table does not have the specified index", r"Select type ALL_ATTRIBUTES", r"The provided starting key is invalid$"]),
    "BatchGetItem": ("26 D.3", [
        r"at 'RequestItems' failed", r"at 'RequestItems\.\w+\.member\.Keys' failed .* greater", r"Value '.*' at 'requestItems' failed", r"at 'RequestItems\.\w+\.member\.Keys' failed .* less", EMPTY_NAME,
        PARAMETERS, r"Invalid ProjectionExpression: The expression can not", r"Duplicate value in attribute name", VALUES, r"list of item keys contains duplicates",
        r"Invalid ProjectionExpression: (?!The expression can not)", NOT_FOUND, SCHEMA]),
    "BatchWriteItem": ("26 D.3", [
        r"The requestItems parameter is required", r"Map value must satisfy|'returnConsumedCapacity'|'returnItemCollectionMetrics'", r"Map keys must satisfy", EMPTY_NAME, r"Item size has exceeded", NOT_FOUND]),
    "TransactWriteItems": ("26 D.3", [
        r"at 'transactItems' failed", r"'returnConsumedCapacity'|'returnItemCollectionMetrics'|'clientRequestToken'", r"TransactWriteRequest should contain|TransactItems can only contain", r"tableName' failed",
        r"Empty attribute name|Invalid (Update|Condition)Expression: Syntax error|An string set|An number set|Binary sets", NOT_FOUND, r"cannot include multiple operations", r"TransactionCanceledException"]),
    "TransactGetItems": ("26 D.3", [
        r"member\.get' failed", r"'transactItems' failed", r"'returnConsumedCapacity'", r"tableName' failed", r"Empty attribute name|Invalid ProjectionExpression|unused in", NOT_FOUND, r"TransactionCanceledException"]),
    "CreateTable": ("26 B.2, 3.2", [
        r"The parameter 'TableName' is required", r"validation errors? detected: ", r"Neither ReadCapacityUnits nor WriteCapacityUnits can", r"is out of bounds",
        r"ReadCapacityUnits and WriteCapacityUnits must both", r"List of \w+ is empty|Table KeySchema does not have a range key",
        r"Some AttributeDefinitions are not used|exactly match number of attributes", r"Table is being created with a stream", r"Invalid table-class|OnDemandThroughput|WarmThroughput", r"ResourceInUseException"]),
    "UpdateTable": ("3.9", [
        r"validation errors? detected: ", r"At least one of", r"List of GlobalSecondaryIndexUpdates is empty",
        r"must be the only operation|cannot be specified when updating Warm|can only be combined|You cannot (modify|create)",
        r"when BillingMode is PROVISIONED$", r"Given value .* out of bounds",
        r"One of GlobalSecondaryIndexUpdate|Only one global secondary index|AttributeDefinitions is not specified", r"If stream is being", NO_TABLE, r"Subscriber limit exceeded: Only 1 online",
        r"The provisioned throughput for the table will not", r"ProvisionedThroughput must be specified for index", r"Both ReadCapacityUnits and WriteCapacityUnits must|Attempting to create an index|Some index key",
        r"Requested resource not found: Index", r"(Table already has an enabled|Table has no) stream", r"Table is already encrypted"]),
}


def stages(operation, text):
    _, patterns = ORDERS[operation]
    return [i for i, pattern in enumerate(patterns) if re.search(pattern, text)]


def judge(operation, mine, other):
    """Whether the notes state that what ours says is told of first: True, False, or None where they state nothing. And the section."""
    if operation not in ORDERS:
        return None, None
    first, second = (stages(operation, f"{a.get('type')}: {a.get('message')}") for a in (mine, other))
    if not first or not second or (first[-1] >= second[0] and second[-1] >= first[0]):
        return None, None
    return first[-1] < second[0], ORDERS[operation][0]
