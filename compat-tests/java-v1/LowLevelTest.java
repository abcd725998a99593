// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBAsync;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBAsyncClientBuilder;
import com.amazonaws.services.dynamodbv2.model.*;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The low-level client: set-up, streams, TTL, transactions, and the parameters that came before expressions, which this SDK's users still write. */
class LowLevelTest {
    private Connection connection;
    private AmazonDynamoDB db;

    @BeforeEach
    void open() {
        connection = new Connection();
        db = connection.client;
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private static AttributeValue s(String text) {
        return new AttributeValue(text);
    }

    private static AttributeValue n(long number) {
        return new AttributeValue().withN(Long.toString(number));
    }

    private static Map<String, AttributeValue> key(String hash, String range) {
        return Map.of("PK", s(hash), "SK", s(range));
    }

    private static Map<String, AttributeValue> item(String hash, String range, String name, AttributeValue value) {
        return Map.of("PK", s(hash), "SK", s(range), name, value);
    }

    private String singleTable() {
        return connection.made(Connection.request(List.of("PK", "SK"), List.of(List.of("GSI1", "GSI1PK", "GSI1SK"))).withSSESpecification(new SSESpecification().withEnabled(true))
                .withStreamSpecification(new StreamSpecification().withStreamEnabled(true).withStreamViewType(StreamViewType.NEW_AND_OLD_IMAGES))
                .withTags(new Tag().withKey("team").withValue("orders")));
    }

    @Test
    void singleTableIsShown() {
        String table = singleTable();
        TableDescription shown = db.describeTable(table).getTable();
        assertEquals("ACTIVE", shown.getTableStatus());
        assertEquals("ENABLED", shown.getSSEDescription().getStatus());
        assertTrue(shown.getLatestStreamArn().startsWith(shown.getTableArn() + "/stream/"));
        assertTrue(shown.getCreationDateTime().after(Date.from(Instant.now().minusSeconds(60))));
        assertEquals("team", db.listTagsOfResource(new ListTagsOfResourceRequest().withResourceArn(shown.getTableArn())).getTags().get(0).getKey());
        db.updateContinuousBackups(new UpdateContinuousBackupsRequest().withTableName(table)
                .withPointInTimeRecoverySpecification(new PointInTimeRecoverySpecification().withPointInTimeRecoveryEnabled(true)));
        assertEquals("ENABLED", db.describeContinuousBackups(new DescribeContinuousBackupsRequest().withTableName(table)).getContinuousBackupsDescription()
                .getPointInTimeRecoveryDescription().getPointInTimeRecoveryStatus());
        assertThrows(ResourceInUseException.class, () -> db.createTable(Connection.request(List.of("PK"), List.of()).withTableName(table)));
        ResourceNotFoundException absent = assertThrows(ResourceNotFoundException.class, () -> db.describeTable("not-there"));
        assertEquals("Requested resource not found: Table: not-there not found", absent.getErrorMessage());
        assertNotNull(absent.getRequestId());
    }

    @Test
    void dueSessionsGo() {
        String table = singleTable();
        db.updateTimeToLive(new UpdateTimeToLiveRequest().withTableName(table).withTimeToLiveSpecification(new TimeToLiveSpecification().withAttributeName("TTL").withEnabled(true)));
        assertEquals("ENABLED", db.describeTimeToLive(new DescribeTimeToLiveRequest().withTableName(table)).getTimeToLiveDescription().getTimeToLiveStatus());
        db.putItem(table, item("SESSION#1", "S", "TTL", n(Instant.now().getEpochSecond() - 5)));
        db.putItem(table, item("SESSION#2", "S", "TTL", n(Instant.now().getEpochSecond() + 500)));
        Instant end = Instant.now().plus(Duration.ofSeconds(10));
        while (db.getItem(table, key("SESSION#1", "S")).getItem() != null) {
            assertTrue(Instant.now().isBefore(end), "the item that was due stays");
        }
        assertNotNull(db.getItem(table, key("SESSION#2", "S")).getItem());
    }

    @Test
    void transactions() {
        String table = singleTable();
        TransactWriteItemsRequest request = new TransactWriteItemsRequest().withClientRequestToken("token-" + table)
                .withTransactItems(new TransactWriteItem().withPut(new Put().withTableName(table).withItem(item("T#1", "T", "n", n(1)))),
                        new TransactWriteItem().withPut(new Put().withTableName(table).withItem(key("T#2", "T"))));
        db.transactWriteItems(request);
        db.transactWriteItems(request);
        TransactionCanceledException cancelled = assertThrows(TransactionCanceledException.class, () -> db.transactWriteItems(new TransactWriteItemsRequest().withTransactItems(
                new TransactWriteItem().withDelete(new Delete().withTableName(table).withKey(key("T#2", "T"))),
                new TransactWriteItem().withConditionCheck(new ConditionCheck().withTableName(table).withKey(key("T#1", "T")).withConditionExpression("n > :n")
                        .withExpressionAttributeValues(Map.of(":n", n(5))).withReturnValuesOnConditionCheckFailure("ALL_OLD")))));
        assertEquals(List.of("None", "ConditionalCheckFailed"), cancelled.getCancellationReasons().stream().map(CancellationReason::getCode).toList());
        assertEquals("1", cancelled.getCancellationReasons().get(1).getItem().get("n").getN());
        List<ItemResponse> got = db.transactGetItems(new TransactGetItemsRequest().withTransactItems(
                new TransactGetItem().withGet(new Get().withTableName(table).withKey(key("T#2", "T"))),
                new TransactGetItem().withGet(new Get().withTableName(table).withKey(key("T#3", "T"))))).getResponses();
        assertEquals(key("T#2", "T"), got.get(0).getItem());
        assertNull(got.get(1).getItem());
    }

    /** Expected, AttributeUpdates, KeyConditions, filters of conditions, AttributesToGet. */
    @Test
    void parametersBeforeExpressions() {
        String table = singleTable();
        for (int i = 0; i < 10; i++) {
            db.putItem(new PutItemRequest(table, item("p", "n" + i, "n", n(i))).addExpectedEntry("PK", new ExpectedAttributeValue(false)));
        }
        assertThrows(ConditionalCheckFailedException.class, () -> db.putItem(new PutItemRequest(table, item("p", "n1", "n", n(7)))
                .addExpectedEntry("n", new ExpectedAttributeValue(n(2)))));
        UpdateItemResult updated = db.updateItem(new UpdateItemRequest(table, key("p", "n1"), new HashMap<>(), "ALL_NEW").addExpectedEntry("n",
                new ExpectedAttributeValue().withComparisonOperator(ComparisonOperator.BETWEEN).withAttributeValueList(n(0), n(5)))
                .addAttributeUpdatesEntry("n", new AttributeValueUpdate(n(10), AttributeAction.ADD)).addAttributeUpdatesEntry("set", new AttributeValueUpdate(
                        new AttributeValue().withSS("a", "b"), AttributeAction.ADD)).addAttributeUpdatesEntry("gone", new AttributeValueUpdate().withAction(AttributeAction.DELETE)));
        assertEquals("11", updated.getAttributes().get("n").getN());
        assertEquals(2, updated.getAttributes().get("set").getSS().size());
        QueryResult found = db.query(new QueryRequest(table).addKeyConditionsEntry("PK", new Condition().withComparisonOperator("EQ").withAttributeValueList(s("p")))
                .addKeyConditionsEntry("SK", new Condition().withComparisonOperator("BEGINS_WITH").withAttributeValueList(s("n")))
                .addQueryFilterEntry("n", new Condition().withComparisonOperator("GE").withAttributeValueList(n(7)))
                .addQueryFilterEntry("set", new Condition().withComparisonOperator("CONTAINS").withAttributeValueList(s("a")))
                .withConditionalOperator(ConditionalOperator.OR).withScanIndexForward(false).withAttributesToGet("SK"));
        assertEquals(List.of("n9", "n8", "n7", "n1"), found.getItems().stream().map(i -> i.get("SK").getS()).toList());
        assertEquals(10, found.getScannedCount());
        assertEquals(1, found.getItems().get(0).size());
        ScanResult few = db.scan(table, List.of("SK", "n"), Map.of("n", new Condition().withComparisonOperator("IN").withAttributeValueList(n(2), n(3))));
        assertEquals(2, few.getCount());
        assertEquals(Map.of("SK", s("n2"), "n", n(2)), few.getItems().get(0));
        db.deleteItem(new DeleteItemRequest(table, key("p", "n2")).addExpectedEntry("set", new ExpectedAttributeValue().withComparisonOperator("NULL")));
        assertNull(db.getItem(table, key("p", "n2")).getItem());
    }

    @Test
    void everyTypeComesBack() {
        String table = singleTable();
        Map<String, AttributeValue> item = new HashMap<>(key("t", "t"));
        item.put("s", s("naïve 日本 😀 \" \\ \n"));
        item.put("n", new AttributeValue().withN("-0.00000000000000000000000000000000000012345"));
        item.put("b", new AttributeValue().withB(ByteBuffer.wrap(new byte[] {0, 1, -1})));
        item.put("null", new AttributeValue().withNULL(true));
        item.put("bool", new AttributeValue().withBOOL(false));
        item.put("ss", new AttributeValue().withSS("a", "b"));
        item.put("ns", new AttributeValue().withNS("1", "2.5"));
        item.put("l", new AttributeValue().withL(s(""), new AttributeValue().withM(Map.of())));
        item.put("m", new AttributeValue().withM(Map.of("l", new AttributeValue().withL(List.of()))));
        db.putItem(table, item);
        assertEquals(item, db.getItem(table, key("t", "t"), true).getItem());
    }

    /** Pages of a scan in parallel segments, and a batch that is larger than one answer. */
    @Test
    void pagesAndBatches() {
        String table = singleTable();
        String payload = "x".repeat(390_000);
        List<Map<String, AttributeValue>> keys = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            keys.add(key("big" + i, "S"));
            db.putItem(table, item("big" + i, "S", "payload", s(payload)));
        }
        int scanned = 0;
        for (int segment = 0; segment < 2; segment++) {
            ScanRequest request = new ScanRequest(table).withSegment(segment).withTotalSegments(2);
            do {
                ScanResult page = db.scan(request);
                scanned += page.getCount();
                request.setExclusiveStartKey(page.getLastEvaluatedKey());
            } while (request.getExclusiveStartKey() != null);
        }
        assertEquals(50, scanned);
        int answers = 0;
        int got = 0;
        Map<String, KeysAndAttributes> wanted = Map.of(table, new KeysAndAttributes().withKeys(keys));
        while (!wanted.isEmpty()) {
            BatchGetItemResult page = db.batchGetItem(wanted);
            got += page.getResponses().get(table).size();
            wanted = page.getUnprocessedKeys();
            answers++;
        }
        assertEquals(50, got);
        assertTrue(answers > 1);
        for (int from = 0; from < 50; from += 25) {
            assertTrue(db.batchWriteItem(Map.of(table, keys.subList(from, from + 25).stream().map(key -> new WriteRequest(new DeleteRequest(key))).toList()))
                    .getUnprocessedItems().isEmpty());
        }
        assertEquals(0, db.scan(new ScanRequest(table).withSelect(Select.COUNT)).getCount());
    }

    @Test
    void asynchronousClient() throws Exception {
        String table = singleTable();
        AmazonDynamoDBAsync async = AmazonDynamoDBAsyncClientBuilder.standard().withEndpointConfiguration(Connection.endpoint()).build();
        try {
            List<Future<PutItemResult>> puts = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                puts.add(async.putItemAsync(new PutItemRequest(table, key("async", "n" + i)).withReturnConsumedCapacity(ReturnConsumedCapacity.TOTAL)));
            }
            for (Future<PutItemResult> put : puts) {
                assertEquals(1.0, put.get().getConsumedCapacity().getCapacityUnits());
            }
            assertEquals(40, async.queryAsync(new QueryRequest(table).withKeyConditionExpression("PK = :p").withExpressionAttributeValues(Map.of(":p", s("async")))).get().getCount());
        } finally {
            async.shutdown();
        }
    }
}
