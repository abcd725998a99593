// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.*;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/** The five applications of compat-tests on the low-level client; a subclass says through which HTTP stack. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Applications {
    private DynamoDbClient db;
    private final List<String> tables = new ArrayList<>();

    /** Endpoint, region and keys come from the environment, as in a container. */
    abstract DynamoDbClient connect();

    @BeforeAll
    void open() {
        db = connect();
    }

    @AfterAll
    void close() {
        db.close();
    }

    @AfterEach
    void dropTables() {
        for (String table : tables) {
            db.updateTable(r -> r.tableName(table).deletionProtectionEnabled(false));
            db.deleteTable(r -> r.tableName(table));
            try (DynamoDbWaiter waiter = db.waiter()) {
                assertTrue(waiter.waitUntilTableNotExists(r -> r.tableName(table)).matched().exception().isPresent());
            }
        }
        tables.clear();
    }

    /** A table of string keys: `keys` are hash and range; the indexes are name, hash, range. */
    private String table(List<String> keys, List<List<String>> indexes, Consumer<CreateTableRequest.Builder> more) {
        String name = Names.fresh("app");
        Set<String> attributes = new TreeSet<>(keys);
        indexes.forEach(index -> attributes.addAll(index.subList(1, index.size())));
        CreateTableRequest.Builder request = CreateTableRequest.builder().tableName(name).billingMode(BillingMode.PAY_PER_REQUEST).keySchema(schema(keys))
                .attributeDefinitions(attributes.stream().map(a -> AttributeDefinition.builder().attributeName(a).attributeType(ScalarAttributeType.S).build()).toList());
        if (!indexes.isEmpty()) {
            request.globalSecondaryIndexes(indexes.stream().map(Applications::index).toList());
        }
        more.accept(request);
        assertEquals(TableStatus.CREATING, db.createTable(request.build()).tableDescription().tableStatus());
        tables.add(name);
        try (DynamoDbWaiter waiter = db.waiter()) {
            DescribeTableResponse found = waiter.waitUntilTableExists(r -> r.tableName(name)).matched().response().orElseThrow();
            assertEquals(TableStatus.ACTIVE, found.table().tableStatus());
        }
        return name;
    }

    private static List<KeySchemaElement> schema(List<String> keys) {
        return IntStream.range(0, keys.size())
                .mapToObj(i -> KeySchemaElement.builder().attributeName(keys.get(i)).keyType(i == 0 ? KeyType.HASH : KeyType.RANGE).build()).toList();
    }

    private static GlobalSecondaryIndex index(List<String> index) {
        return GlobalSecondaryIndex.builder().indexName(index.get(0)).keySchema(schema(index.subList(1, index.size())))
                .projection(p -> p.projectionType(ProjectionType.ALL)).build();
    }

    private static AttributeValue s(String text) {
        return AttributeValue.fromS(text);
    }

    private static AttributeValue n(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }

    /** Names and values in turn: strings become S, numbers N, values stay. */
    private static Map<String, AttributeValue> item(Object... pairs) {
        Map<String, AttributeValue> made = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            Object value = pairs[i + 1];
            made.put((String) pairs[i], value instanceof String text ? s(text) : value instanceof Integer number ? n(number) : (AttributeValue) value);
        }
        return made;
    }

    private static List<String> strings(List<Map<String, AttributeValue>> items, String name) {
        return items.stream().map(item -> item.get(name).s()).toList();
    }

    private String singleTable() {
        return table(List.of("PK", "SK"), List.of(List.of("GSI1", "GSI1PK", "GSI1SK")), r -> r.sseSpecification(sse -> sse.enabled(true))
                .streamSpecification(stream -> stream.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES))
                .tags(t -> t.key("team").value("orders")).deletionProtectionEnabled(true));
    }

    @Test
    void singleTableIsShown() {
        Instant before = Instant.now().minusSeconds(2);
        String table = singleTable();
        TableDescription shown = db.describeTable(r -> r.tableName(table)).table();
        assertEquals(SSEStatus.ENABLED, shown.sseDescription().status());
        assertEquals(StreamViewType.NEW_AND_OLD_IMAGES, shown.streamSpecification().streamViewType());
        assertTrue(shown.latestStreamArn().startsWith(shown.tableArn() + "/stream/"));
        assertTrue(shown.creationDateTime().isAfter(before));
        assertEquals(BillingMode.PAY_PER_REQUEST, shown.billingModeSummary().billingMode());
        assertEquals("orders", db.listTagsOfResource(r -> r.resourceArn(shown.tableArn())).tags().get(0).value());
        db.updateContinuousBackups(r -> r.tableName(table).pointInTimeRecoverySpecification(p -> p.pointInTimeRecoveryEnabled(true)));
        assertEquals(PointInTimeRecoveryStatus.ENABLED, db.describeContinuousBackups(r -> r.tableName(table)).continuousBackupsDescription()
                .pointInTimeRecoveryDescription().pointInTimeRecoveryStatus());
        assertTrue(db.listTablesPaginator(r -> r.limit(1)).tableNames().stream().anyMatch(table::equals));
        assertThrows(ResourceInUseException.class, () -> db.createTable(r -> r.tableName(table).billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(schema(List.of("PK"))).attributeDefinitions(a -> a.attributeName("PK").attributeType(ScalarAttributeType.S))));
        DynamoDbException kept = assertThrows(DynamoDbException.class, () -> db.deleteTable(r -> r.tableName(table)));
        assertEquals("ValidationException", kept.awsErrorDetails().errorCode());
    }

    @Test
    void usersOrdersSessions() {
        String table = singleTable();
        List<WriteRequest> puts = new ArrayList<>();
        for (int u = 0; u < 3; u++) {
            Map<String, AttributeValue> user = item("PK", "USER#" + u, "SK", "PROFILE", "GSI1PK", "MAIL#" + u, "GSI1SK", "USER", "name", "User " + u,
                    "roles", AttributeValue.fromSs(List.of("admin", "dev")));
            puts.add(WriteRequest.builder().putRequest(p -> p.item(user)).build());
            for (int o = 1; o <= 3; o++) {
                Map<String, AttributeValue> order = item("PK", "USER#" + u, "SK", "ORDER#" + o, "GSI1PK", "ORDER#" + o, "GSI1SK", "USER#" + u, "total", 10 * o,
                        "lines", AttributeValue.fromL(List.of(AttributeValue.fromM(item("sku", "x", "count", o)))));
                puts.add(WriteRequest.builder().putRequest(p -> p.item(order)).build());
            }
        }
        BatchWriteItemResponse written = db.batchWriteItem(r -> r.requestItems(Map.of(table, puts)).returnConsumedCapacity(ReturnConsumedCapacity.INDEXES));
        assertTrue(written.unprocessedItems().isEmpty());
        assertEquals(12.0, written.consumedCapacity().get(0).globalSecondaryIndexes().get("GSI1").capacityUnits());

        Map<String, AttributeValue> ann = item("PK", "USER#1", "SK", "PROFILE");
        assertEquals(Set.of("admin", "dev"), Set.copyOf(db.getItem(r -> r.tableName(table).key(ann).consistentRead(true)).item().get("roles").ss()));
        GetItemResponse absent = db.getItem(r -> r.tableName(table).key(item("PK", "USER#9", "SK", "PROFILE")));
        assertFalse(absent.hasItem());
        QueryResponse orders = db.query(r -> r.tableName(table).keyConditionExpression("PK = :p AND begins_with(SK, :s)").scanIndexForward(false)
                .expressionAttributeValues(item(":p", "USER#1", ":s", "ORDER#")));
        assertEquals(List.of("ORDER#3", "ORDER#2", "ORDER#1"), strings(orders.items(), "SK"));
        assertFalse(orders.hasLastEvaluatedKey());
        QueryResponse byOrder = db.query(r -> r.tableName(table).indexName("GSI1").keyConditionExpression("GSI1PK = :o").expressionAttributeValues(item(":o", "ORDER#2")));
        assertEquals(List.of("USER#0", "USER#1", "USER#2"), strings(byOrder.items(), "PK"));
        ScanResponse dear = db.scan(r -> r.tableName(table).filterExpression("#t > :t AND #l[0].#c = :c").projectionExpression("PK, #l[0].sku")
                .expressionAttributeNames(Map.of("#t", "total", "#l", "lines", "#c", "count")).expressionAttributeValues(item(":t", 15, ":c", 3)));
        assertEquals(3, dear.count());
        assertEquals(12, dear.scannedCount());
        assertEquals("x", dear.items().get(0).get("lines").l().get(0).m().get("sku").s());
        BatchGetItemResponse got = db.batchGetItem(r -> r.requestItems(Map.of(table, KeysAndAttributes.builder()
                .keys(ann, item("PK", "USER#2", "SK", "ORDER#1"), item("PK", "USER#9", "SK", "PROFILE")).consistentRead(true).build())));
        assertEquals(2, got.responses().get(table).size());
        assertTrue(got.unprocessedKeys().isEmpty());
        UpdateItemResponse updated = db.updateItem(r -> r.tableName(table).key(ann).returnValues(ReturnValue.UPDATED_NEW)
                .updateExpression("SET #n = :n, visits = if_not_exists(visits, :zero) + :one DELETE #r :r").expressionAttributeNames(Map.of("#n", "name", "#r", "roles"))
                .expressionAttributeValues(item(":n", "Ann", ":zero", 0, ":one", 1, ":r", AttributeValue.fromSs(List.of("dev")))));
        assertEquals(item("name", "Ann", "visits", 1, "roles", AttributeValue.fromSs(List.of("admin"))), updated.attributes());
        assertEquals("Ann", db.deleteItem(r -> r.tableName(table).key(ann).returnValues(ReturnValue.ALL_OLD)).attributes().get("name").s());
    }

    @Test
    void dueSessionsGo() {
        String table = singleTable();
        db.updateTimeToLive(r -> r.tableName(table).timeToLiveSpecification(t -> t.attributeName("TTL").enabled(true)));
        TimeToLiveDescription shown = db.describeTimeToLive(r -> r.tableName(table)).timeToLiveDescription();
        assertEquals(List.of("TTL", TimeToLiveStatus.ENABLED), List.of(shown.attributeName(), shown.timeToLiveStatus()));
        long now = Instant.now().getEpochSecond();
        Map<String, AttributeValue> due = item("PK", "SESSION#1", "SK", "S");
        Map<String, AttributeValue> later = item("PK", "SESSION#2", "SK", "S");
        db.putItem(r -> r.tableName(table).item(item("PK", "SESSION#1", "SK", "S", "TTL", n(now - 5))));
        db.putItem(r -> r.tableName(table).item(item("PK", "SESSION#2", "SK", "S", "TTL", n(now + 500))));
        Instant end = Instant.now().plus(Duration.ofSeconds(10));
        while (db.getItem(r -> r.tableName(table).key(due)).hasItem()) {
            assertTrue(Instant.now().isBefore(end), "the item that was due stays");
        }
        assertTrue(db.getItem(r -> r.tableName(table).key(later)).hasItem());
    }

    @Test
    void transactions() {
        String table = singleTable();
        TransactWriteItem one = TransactWriteItem.builder().put(p -> p.tableName(table).item(item("PK", "T#1", "SK", "T", "n", 1))).build();
        TransactWriteItem two = TransactWriteItem.builder().put(p -> p.tableName(table).item(item("PK", "T#2", "SK", "T"))).build();
        db.transactWriteItems(r -> r.transactItems(one, two).clientRequestToken("token-" + table));
        db.transactWriteItems(r -> r.transactItems(one, two).clientRequestToken("token-" + table)); // the same again: nothing happens
        assertThrows(IdempotentParameterMismatchException.class, () -> db.transactWriteItems(r -> r.transactItems(one).clientRequestToken("token-" + table)));
        TransactionCanceledException cancelled = assertThrows(TransactionCanceledException.class, () -> db.transactWriteItems(r -> r.transactItems(
                TransactWriteItem.builder().put(p -> p.tableName(table).item(item("PK", "T#3", "SK", "T"))).build(),
                TransactWriteItem.builder().conditionCheck(c -> c.tableName(table).key(item("PK", "T#1", "SK", "T")).conditionExpression("n > :n")
                        .expressionAttributeValues(item(":n", 5)).returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)).build())));
        assertEquals(List.of("None", "ConditionalCheckFailed"), cancelled.cancellationReasons().stream().map(CancellationReason::code).toList());
        assertEquals("1", cancelled.cancellationReasons().get(1).item().get("n").n());
        List<ItemResponse> got = db.transactGetItems(r -> r.transactItems(List.of("T#1", "T#3").stream()
                .map(pk -> TransactGetItem.builder().get(g -> g.tableName(table).key(item("PK", pk, "SK", "T"))).build()).toList())).responses();
        assertEquals("T#1", got.get(0).item().get("PK").s());
        assertFalse(got.get(1).hasItem());
    }

    @Test
    void invertedIndexOnDemand() {
        invertedIndex(r -> { });
    }

    @Test
    void invertedIndexProvisioned() {
        ProvisionedThroughput units = ProvisionedThroughput.builder().readCapacityUnits(3L).writeCapacityUnits(2L).build();
        invertedIndex(r -> r.billingMode(BillingMode.PROVISIONED).provisionedThroughput(units)
                .globalSecondaryIndexes(index(List.of("inverted", "SK", "PK")).copy(i -> i.provisionedThroughput(units))));
    }

    private void invertedIndex(Consumer<CreateTableRequest.Builder> billing) {
        String table = table(List.of("PK", "SK"), List.of(List.of("inverted", "SK", "PK")), billing);
        for (List<String> key : List.of(List.of("S#ann", "C#1"), List.of("S#ann", "C#2"), List.of("S#bob", "C#1"))) {
            db.putItem(r -> r.tableName(table).item(item("PK", key.get(0), "SK", key.get(1))));
        }
        assertEquals(List.of("C#1", "C#2"), strings(db.query(r -> r.tableName(table).keyConditionExpression("PK = :v")
                .expressionAttributeValues(item(":v", "S#ann"))).items(), "SK"));
        assertEquals(List.of("S#ann", "S#bob"), strings(db.query(r -> r.tableName(table).indexName("inverted").keyConditionExpression("SK = :v")
                .expressionAttributeValues(item(":v", "C#1"))).items(), "PK"));
    }

    @Test
    void modelLayer() {
        String table = table(List.of("pk", "sk"), List.of(List.of("GSI1", "pk1", "sk1"), List.of("GSI2", "pk2", "sk2")), r -> { });
        for (int i = 0; i < 60; i++) {
            Map<String, AttributeValue> user = item("pk", "user_" + i, "sk", "user", "pk1", "u" + i + "@x", "sk1", "user", "pk2", "user", "sk2", Integer.toString(1000 + i));
            db.putItem(r -> r.tableName(table).item(user).conditionExpression("attribute_not_exists(pk)"));
        }
        assertEquals(List.of("user_7"), strings(db.query(r -> r.tableName(table).indexName("GSI1").keyConditionExpression("pk1 = :e")
                .expressionAttributeValues(item(":e", "u7@x"))).items(), "pk"));
        List<String> late = db.queryPaginator(r -> r.tableName(table).indexName("GSI2").limit(7).keyConditionExpression("pk2 = :u AND sk2 >= :t")
                .expressionAttributeValues(item(":u", "user", ":t", "1020"))).items().stream().map(i -> i.get("sk2").s()).toList();
        assertEquals(IntStream.range(1020, 1060).mapToObj(Integer::toString).toList(), late);
        List<Map<String, AttributeValue>> all = new ArrayList<>();
        for (int segment = 0; segment < 3; segment++) {
            int part = segment;
            db.scanPaginator(r -> r.tableName(table).segment(part).totalSegments(3).limit(9).filterExpression("begins_with(pk, :p)")
                    .expressionAttributeValues(item(":p", "user_"))).items().forEach(all::add);
        }
        assertEquals(60, all.size());
        for (int from = 0; from < 60; from += 25) {
            List<WriteRequest> chunk = all.subList(from, Math.min(from + 25, 60)).stream().map(user -> WriteRequest.builder()
                    .deleteRequest(d -> d.key(Map.of("pk", user.get("pk"), "sk", user.get("sk")))).build()).toList();
            assertTrue(db.batchWriteItem(r -> r.requestItems(Map.of(table, chunk))).unprocessedItems().isEmpty());
        }
        assertEquals(0, db.scan(r -> r.tableName(table).select(Select.COUNT)).count());
    }

    @Test
    void everyTypeComesBack() {
        String table = table(List.of("pk"), List.of(), r -> { });
        Map<String, AttributeValue> item = item("pk", "t", "s", "naïve 日本 😀 \" \\ \n", "empty", "", "n", AttributeValue.fromN("-0.00000000000000000000000000000000000012345"),
                "b", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[] {0, 1, -1})), "z", AttributeValue.fromNul(true), "t", AttributeValue.fromBool(false),
                "ss", AttributeValue.fromSs(List.of("a", "b")), "ns", AttributeValue.fromNs(List.of("1", "2.5")),
                "bs", AttributeValue.fromBs(List.of(SdkBytes.fromUtf8String("x"))), "l", AttributeValue.fromL(List.of(s(""), AttributeValue.fromM(Map.of()))),
                "m", AttributeValue.fromM(item("l", AttributeValue.fromL(List.of()))));
        db.putItem(r -> r.tableName(table).item(item));
        assertEquals(item, db.getItem(r -> r.tableName(table).key(item("pk", "t"))).item());
    }

    @Test
    void conditionalCrud() {
        String table = table(List.of("PK", "SK"), List.of(), r -> { });
        for (int i = 10; i < 30; i++) {
            Map<String, AttributeValue> item = item("PK", "p", "SK", "n" + i, "n", i);
            db.putItem(r -> r.tableName(table).item(item).conditionExpression("attribute_not_exists(PK)"));
        }
        ConditionalCheckFailedException failed = assertThrows(ConditionalCheckFailedException.class, () -> db.putItem(r -> r.tableName(table)
                .item(item("PK", "p", "SK", "n10")).conditionExpression("attribute_not_exists(PK)")
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)));
        assertEquals("The conditional request failed", failed.awsErrorDetails().errorMessage());
        assertEquals(400, failed.statusCode());
        assertNotNull(failed.requestId());
        assertEquals("10", failed.item().get("n").n());
        List<String> seen = new ArrayList<>();
        Map<String, AttributeValue> start = null;
        do {
            Map<String, AttributeValue> from = start;
            QueryResponse page = db.query(r -> r.tableName(table).keyConditionExpression("PK = :p AND begins_with(SK, :s)").scanIndexForward(false).limit(6)
                    .expressionAttributeValues(item(":p", "p", ":s", "n")).exclusiveStartKey(from));
            seen.addAll(strings(page.items(), "SK"));
            start = page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : null;
        } while (start != null);
        assertEquals(IntStream.range(0, 20).mapToObj(i -> "n" + (29 - i)).toList(), seen);
        DynamoDbException reserved = assertThrows(DynamoDbException.class, () -> db.updateItem(r -> r.tableName(table).key(item("PK", "p", "SK", "n10"))
                .updateExpression("SET status = :s").expressionAttributeValues(item(":s", 1))));
        assertEquals("ValidationException", reserved.awsErrorDetails().errorCode());
        assertTrue(reserved.awsErrorDetails().errorMessage().endsWith("reserved keyword: status"));
        assertThrows(ResourceNotFoundException.class, () -> db.describeTable(r -> r.tableName("not-there")));
        assertNull(db.putItem(r -> r.tableName(table).item(item("PK", "q", "SK", "q")).returnValues(ReturnValue.ALL_OLD)).attributes().get("PK"));
    }

    @Test
    void events() {
        String table = table(List.of("event_id"), List.of(), r -> r
                .attributeDefinitions(List.of("event_id", "source", "timestamp").stream().map(a -> AttributeDefinition.builder().attributeName(a)
                        .attributeType(a.equals("timestamp") ? ScalarAttributeType.N : ScalarAttributeType.S).build()).toList())
                .globalSecondaryIndexes(index(List.of("timestamp-index", "source", "timestamp"))));
        for (int i = 0; i < 10; i++) {
            Map<String, AttributeValue> event = item("event_id", "e" + i, "source", i % 2 == 0 ? "app" : "web", "timestamp", 1_700_000_000 + i);
            db.putItem(r -> r.tableName(table).item(event));
        }
        assertEquals("1700000003", db.getItem(r -> r.tableName(table).key(item("event_id", "e3"))).item().get("timestamp").n());
        QueryResponse found = db.query(r -> r.tableName(table).indexName("timestamp-index").keyConditionExpression("#s = :s AND #t BETWEEN :a AND :b")
                .expressionAttributeNames(Map.of("#s", "source", "#t", "timestamp"))
                .expressionAttributeValues(item(":s", "web", ":a", 1_700_000_003, ":b", 1_700_000_007)));
        assertEquals(List.of("e3", "e5", "e7"), strings(found.items(), "event_id"));
    }

    /** More than one answer may hold: the rest comes back as keys not processed, and is asked for again. */
    @Test
    void unprocessedKeysOfALargeBatch() {
        String table = table(List.of("pk"), List.of(), r -> { });
        AttributeValue payload = s("x".repeat(390_000));
        List<Map<String, AttributeValue>> keys = IntStream.range(0, 50).mapToObj(i -> item("pk", "big" + i)).toList();
        keys.forEach(key -> db.putItem(r -> r.tableName(table).item(Map.of("pk", key.get("pk"), "payload", payload))));
        BatchGetItemResponse first = db.batchGetItem(r -> r.requestItems(Map.of(table, KeysAndAttributes.builder().keys(keys).build())));
        assertTrue(first.hasUnprocessedKeys() && !first.unprocessedKeys().isEmpty());
        Set<String> seen = new TreeSet<>();
        db.batchGetItemPaginator(r -> r.requestItems(Map.of(table, KeysAndAttributes.builder().keys(keys).build())))
                .stream().forEach(page -> seen.addAll(strings(page.responses().getOrDefault(table, List.of()), "pk")));
        assertEquals(50, seen.size());
    }

    @Test
    void settingsChange() {
        String table = table(List.of("PK", "SK"), List.of(), r -> { });
        db.putItem(r -> r.tableName(table).item(item("PK", "a", "SK", "b", "kind", "x")));
        db.updateTable(r -> r.tableName(table).attributeDefinitions(a -> a.attributeName("kind").attributeType(ScalarAttributeType.S))
                .globalSecondaryIndexUpdates(u -> u.create(c -> c.indexName("kinds").keySchema(schema(List.of("kind")))
                        .projection(p -> p.projectionType(ProjectionType.KEYS_ONLY)))));
        Instant end = Instant.now().plus(Duration.ofSeconds(10));
        while (db.describeTable(r -> r.tableName(table)).table().globalSecondaryIndexes().get(0).indexStatus() != IndexStatus.ACTIVE) {
            assertTrue(Instant.now().isBefore(end), "the index does not become active");
        }
        assertEquals(List.of(item("PK", "a", "SK", "b", "kind", "x")), db.query(r -> r.tableName(table).indexName("kinds").keyConditionExpression("kind = :k")
                .expressionAttributeValues(item(":k", "x"))).items());
        db.tagResource(r -> r.resourceArn(db.describeTable(d -> d.tableName(table)).table().tableArn()).tags(t -> t.key("a").value("b")));
        assertTrue(db.describeLimits().accountMaxReadCapacityUnits() > 0);
        assertFalse(db.describeEndpoints(DescribeEndpointsRequest.builder().build()).endpoints().isEmpty());
    }
}
