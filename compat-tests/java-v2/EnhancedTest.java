// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.primaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.primarySortKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondarySortKey;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.enhanced.dynamodb.AttributeConverterProvider;
import software.amazon.awssdk.enhanced.dynamodb.AttributeValueType;
import software.amazon.awssdk.enhanced.dynamodb.Document;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedClient;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbIndex;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbTable;
import software.amazon.awssdk.enhanced.dynamodb.Expression;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.TableMetadata;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.document.EnhancedDocument;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;
import software.amazon.awssdk.enhanced.dynamodb.model.*;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.*;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/** The five applications on the Enhanced Client: beans, static schemas, documents. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnhancedTest {
    private DynamoDbClient low;
    private DynamoDbEnhancedClient db;
    private final List<DynamoDbTable<?>> tables = new ArrayList<>();

    @BeforeAll
    void open() {
        low = DynamoDbClient.builder().httpClientBuilder(ApacheHttpClient.builder()).build();
        db = DynamoDbEnhancedClient.builder().dynamoDbClient(low).build();
    }

    @AfterAll
    void close() {
        low.close();
    }

    @AfterEach
    void dropTables() {
        tables.forEach(DynamoDbTable::deleteTable);
        tables.clear();
    }

    /** A new table of this schema. */
    private <T> DynamoDbTable<T> made(TableSchema<T> schema, Consumer<CreateTableEnhancedRequest.Builder> more) {
        DynamoDbTable<T> table = db.table(Names.fresh("enhanced"), schema);
        table.createTable(more);
        tables.add(table);
        try (DynamoDbWaiter waiter = low.waiter()) {
            waiter.waitUntilTableExists(r -> r.tableName(table.tableName()));
        }
        return table;
    }

    private static Key key(String hash, String range) {
        return Key.builder().partitionValue(hash).sortValue(range).build();
    }

    private static Expression expression(String text, Map<String, AttributeValue> values) {
        return Expression.builder().expression(text).expressionValues(values).build();
    }

    private static EnhancedGlobalSecondaryIndex everything(String name) {
        return EnhancedGlobalSecondaryIndex.builder().indexName(name).projection(p -> p.projectionType(ProjectionType.ALL)).build();
    }

    /** Two kinds of records in one table; both schemas name the index. */
    private DynamoDbTable<Models.User> users() {
        return made(TableSchema.fromBean(Models.User.class), r -> r.globalSecondaryIndices(everything("GSI1"))
                .streamSpecification(s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_IMAGE)));
    }

    private DynamoDbTable<Models.Purchase> purchases(DynamoDbTable<Models.User> users) {
        return db.table(users.tableName(), TableSchema.fromBean(Models.Purchase.class));
    }

    @Test
    void singleTable() {
        DynamoDbTable<Models.User> users = users();
        DynamoDbTable<Models.Purchase> purchases = purchases(users);
        TableDescription shown = users.describeTable().table();
        assertEquals(BillingMode.PAY_PER_REQUEST, shown.billingModeSummary().billingMode());
        assertEquals(StreamViewType.NEW_IMAGE, shown.streamSpecification().streamViewType());

        WriteBatch.Builder<Models.User> people = WriteBatch.builder(Models.User.class).mappedTableResource(users);
        WriteBatch.Builder<Models.Purchase> bought = WriteBatch.builder(Models.Purchase.class).mappedTableResource(purchases);
        for (int u = 0; u < 3; u++) {
            people.addPutItem(Models.user(u));
            for (int o = 1; o <= 3; o++) {
                bought.addPutItem(Models.purchase(u, o));
            }
        }
        BatchWriteResult written = db.batchWriteItem(r -> r.writeBatches(people.build(), bought.build()));
        assertTrue(written.unprocessedPutItemsForTable(users).isEmpty());
        assertTrue(written.unprocessedDeleteItemsForTable(purchases).isEmpty());

        Models.User user = users.getItem(r -> r.key(key("USER#1", "PROFILE")).consistentRead(true));
        assertEquals(Set.of("admin", "dev"), user.getRoles());
        assertEquals("Ulm", user.getAddress().getCity());
        assertEquals(Map.of("font", 12), user.getSettings());
        assertNull(users.getItem(key("USER#9", "PROFILE")));
        List<Models.Purchase> orders = purchases.query(r -> r.scanIndexForward(false)
                .queryConditional(QueryConditional.sortBeginsWith(key("USER#1", "ORDER#")))).items().stream().toList();
        assertEquals(List.of("ORDER#3", "ORDER#2", "ORDER#1"), orders.stream().map(Models.Purchase::getSk).toList());
        assertEquals(new BigDecimal("31.5"), orders.get(0).getTotal());
        assertEquals(Instant.ofEpochSecond(1_700_000_003), orders.get(0).getPlaced());
        DynamoDbIndex<Models.Purchase> index = purchases.index("GSI1");
        assertEquals(List.of("USER#0", "USER#1", "USER#2"), index.query(QueryConditional.keyEqualTo(k -> k.partitionValue("ORDER#2"))).stream()
                .flatMap(page -> page.items().stream()).map(Models.Purchase::getPk).toList());
        List<Models.Purchase> dear = purchases.scan(r -> r.attributesToProject("PK", "SK").filterExpression(Expression.builder()
                .expression("#t > :t AND size(#l) = :two").putExpressionName("#t", "total").putExpressionName("#l", "lines")
                .putExpressionValue(":t", AttributeValue.fromN("20")).putExpressionValue(":two", AttributeValue.fromN("2")).build()))
                .items().stream().toList();
        assertEquals(6, dear.size());
        assertNull(dear.get(0).getTotal());

        user.setName("Ann");
        user.setRoles(null);
        assertEquals("Ann", users.updateItem(user).getName());
        assertNull(users.getItem(user).getRoles());
        Models.User part = new Models.User().keys(Models.User.class, "USER#1", "PROFILE");
        part.setTtl(7L);
        Models.User merged = users.updateItem(r -> r.item(part).ignoreNullsMode(IgnoreNullsMode.SCALAR_ONLY));
        assertEquals("Ann", merged.getName());
        assertEquals(7L, merged.getTtl());
        assertEquals("Ann", users.deleteItem(key("USER#1", "PROFILE")).getName());
        assertNull(users.deleteItem(key("USER#1", "PROFILE")));
    }

    @Test
    void dueSessionsGo() {
        DynamoDbTable<Models.User> users = users();
        low.updateTimeToLive(r -> r.tableName(users.tableName()).timeToLiveSpecification(t -> t.attributeName("TTL").enabled(true)));
        Models.User due = new Models.User().keys(Models.User.class, "SESSION#1", "S");
        due.setTtl(Instant.now().getEpochSecond() - 5);
        users.putItem(due);
        Instant end = Instant.now().plus(Duration.ofSeconds(10));
        while (users.getItem(due) != null) {
            assertTrue(Instant.now().isBefore(end), "the item that was due stays");
        }
    }

    @Test
    void batchesOfSeveralKindsAreRead() {
        DynamoDbTable<Models.User> users = users();
        DynamoDbTable<Models.Purchase> purchases = purchases(users);
        users.putItem(Models.user(1));
        purchases.putItem(Models.purchase(1, 1));
        BatchGetResultPageIterable pages = db.batchGetItem(r -> r.readBatches(
                ReadBatch.builder(Models.User.class).mappedTableResource(users).addGetItem(key("USER#1", "PROFILE")).addGetItem(key("USER#2", "PROFILE")).build()));
        assertEquals(List.of("User 1"), pages.resultsForTable(users).stream().map(Models.User::getName).toList());
        List<Document> both = db.transactGetItems(r -> r.addGetItem(users, key("USER#1", "PROFILE")).addGetItem(purchases, key("USER#1", "ORDER#1"))
                .addGetItem(users, key("USER#2", "PROFILE")));
        assertEquals("User 1", both.get(0).getItem(users).getName());
        assertEquals(List.of("a", "b"), both.get(1).getItem(purchases).getLines());
        assertNull(both.get(2).getItem(users));
    }

    /** More than an answer holds: the iterable asks again for the keys that were not processed. */
    @Test
    void largeBatchesAreReadToTheEnd() {
        DynamoDbTable<Models.User> users = users();
        ReadBatch.Builder<Models.User> batch = ReadBatch.builder(Models.User.class).mappedTableResource(users);
        for (int i = 0; i < 50; i++) {
            Models.User user = Models.user(i);
            user.setName("x".repeat(390_000));
            users.putItem(user);
            batch.addGetItem(user);
        }
        BatchGetResultPageIterable pages = db.batchGetItem(r -> r.addReadBatch(batch.build()));
        assertTrue(pages.stream().count() > 1);
        assertEquals(50, pages.resultsForTable(users).stream().map(Models.User::getPk).distinct().count());
    }

    @Test
    void transactions() {
        DynamoDbTable<Models.User> users = users();
        DynamoDbTable<Models.Purchase> purchases = purchases(users);
        TransactWriteItemsEnhancedRequest request = TransactWriteItemsEnhancedRequest.builder().addPutItem(users, Models.user(1)).addPutItem(purchases, Models.purchase(1, 1))
                .clientRequestToken("enhanced-" + users.tableName()).build();
        db.transactWriteItems(request);
        db.transactWriteItems(request);
        Models.User changed = Models.user(1);
        changed.setName("Ann");
        Expression isNew = Expression.builder().expression("attribute_not_exists(PK)").build();
        TransactionCanceledException cancelled = assertThrows(TransactionCanceledException.class, () -> db.transactWriteItems(r -> r
                .addUpdateItem(users, changed)
                .addPutItem(purchases, TransactPutItemEnhancedRequest.builder(Models.Purchase.class).item(Models.purchase(1, 1)).conditionExpression(isNew)
                        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD).build())
                .addConditionCheck(users, c -> c.key(key("USER#2", "PROFILE")).conditionExpression(isNew))));
        assertEquals(List.of("None", "ConditionalCheckFailed", "None"), cancelled.cancellationReasons().stream().map(CancellationReason::code).toList());
        assertEquals("USER#1", cancelled.cancellationReasons().get(1).item().get("PK").s());
        assertEquals("User 1", users.getItem(key("USER#1", "PROFILE")).getName());
        db.transactWriteItems(r -> r.addUpdateItem(users, changed).addDeleteItem(purchases, key("USER#1", "ORDER#1")));
        assertEquals("Ann", users.getItem(key("USER#1", "PROFILE")).getName());
        assertNull(purchases.getItem(key("USER#1", "ORDER#1")));
    }

    /** A schema written by hand, provisioned, as where beans are not wanted. */
    @Test
    void invertedIndex() {
        TableSchema<Pair> schema = StaticTableSchema.builder(Pair.class).newItemSupplier(Pair::new)
                .addAttribute(String.class, a -> a.name("PK").getter(p -> p.hash).setter((p, v) -> p.hash = v).tags(primaryPartitionKey(), secondarySortKey("inverted")))
                .addAttribute(String.class, a -> a.name("SK").getter(p -> p.range).setter((p, v) -> p.range = v).tags(primarySortKey(), secondaryPartitionKey("inverted")))
                .build();
        ProvisionedThroughput units = ProvisionedThroughput.builder().readCapacityUnits(3L).writeCapacityUnits(2L).build();
        DynamoDbTable<Pair> table = made(schema, r -> r.provisionedThroughput(units).globalSecondaryIndices(EnhancedGlobalSecondaryIndex.builder()
                .indexName("inverted").provisionedThroughput(units).projection(p -> p.projectionType(ProjectionType.ALL)).build()));
        assertEquals(3L, table.describeTable().table().globalSecondaryIndexes().get(0).provisionedThroughput().readCapacityUnits());
        for (List<String> pair : List.of(List.of("S#ann", "C#1"), List.of("S#ann", "C#2"), List.of("S#bob", "C#1"))) {
            Pair item = new Pair();
            item.hash = pair.get(0);
            item.range = pair.get(1);
            table.putItem(item);
        }
        assertEquals(List.of("C#1", "C#2"), table.query(QueryConditional.keyEqualTo(k -> k.partitionValue("S#ann"))).items().stream().map(p -> p.range).toList());
        assertEquals(List.of("S#ann", "S#bob"), table.index("inverted").query(QueryConditional.keyEqualTo(k -> k.partitionValue("C#1"))).stream()
                .flatMap(page -> page.items().stream()).map(p -> p.hash).toList());
    }

    private static final class Pair {
        private String hash;
        private String range;
    }

    @Test
    void modelLayer() {
        DynamoDbTable<Models.Member> members = made(TableSchema.fromBean(Models.Member.class), r -> r.globalSecondaryIndices(everything("GSI1"), everything("GSI2")));
        Expression isNew = Expression.builder().expression("attribute_not_exists(pk)").build();
        for (int i = 0; i < 60; i++) {
            Models.Member member = Models.member(i);
            members.putItem(r -> r.item(member).conditionExpression(isNew));
        }
        assertEquals(List.of("user_7"), members.index("GSI1").query(QueryConditional.keyEqualTo(key("u7@x", "user"))).stream()
                .flatMap(page -> page.items().stream()).map(Models.Member::getPk).toList());
        List<String> late = new ArrayList<>();
        members.index("GSI2").query(r -> r.limit(7).queryConditional(QueryConditional.sortGreaterThanOrEqualTo(key("user", "1020"))))
                .forEach(page -> page.items().forEach(member -> late.add(member.getSk2())));
        assertEquals(IntStream.range(1020, 1060).mapToObj(Integer::toString).toList(), late);
        List<Models.Member> all = members.scan(r -> r.limit(25).filterExpression(expression("begins_with(pk, :p)", Map.of(":p", AttributeValue.fromS("user_")))))
                .items().stream().toList();
        assertEquals(60, all.size());
        for (int from = 0; from < 60; from += 25) {
            WriteBatch.Builder<Models.Member> chunk = WriteBatch.builder(Models.Member.class).mappedTableResource(members);
            all.subList(from, Math.min(from + 25, 60)).forEach(chunk::addDeleteItem);
            assertTrue(db.batchWriteItem(r -> r.addWriteBatch(chunk.build())).unprocessedDeleteItemsForTable(members).isEmpty());
        }
        assertEquals(0, members.scan().items().stream().count());
    }

    @Test
    void conditionalCrud() {
        DynamoDbTable<Models.Member> members = made(TableSchema.fromBean(Models.Member.class), r -> r.globalSecondaryIndices(everything("GSI1"), everything("GSI2")));
        Expression isNew = Expression.builder().expression("attribute_not_exists(pk)").build();
        for (int i = 10; i < 30; i++) {
            Models.Member member = Models.member(i);
            member.setPk("p");
            member.setSk("n" + i);
            members.putItem(r -> r.item(member).conditionExpression(isNew));
            assertThrows(ConditionalCheckFailedException.class, () -> members.putItem(r -> r.item(member).conditionExpression(isNew)));
        }
        List<String> seen = new ArrayList<>();
        Map<String, AttributeValue> start = null;
        do {
            Map<String, AttributeValue> from = start;
            Page<Models.Member> page = members.query(r -> r.limit(6).scanIndexForward(false).exclusiveStartKey(from)
                    .queryConditional(QueryConditional.sortBeginsWith(key("p", "n")))).iterator().next();
            page.items().forEach(member -> seen.add(member.getSk()));
            start = page.lastEvaluatedKey();
        } while (start != null);
        assertEquals(IntStream.range(0, 20).mapToObj(i -> "n" + (29 - i)).toList(), seen);
        assertEquals(List.of("n15", "n16", "n17"), members.query(QueryConditional.sortBetween(key("p", "n15"), key("p", "n17"))).items().stream()
                .map(Models.Member::getSk).toList());
        Models.Member one = members.getItem(key("p", "n20"));
        one.setSk2("5000");
        ConditionalCheckFailedException failed = assertThrows(ConditionalCheckFailedException.class, () -> members.updateItem(r -> r.item(one)
                .conditionExpression(expression("sk2 = :s", Map.of(":s", AttributeValue.fromS("no")))).returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)));
        assertEquals("1020", failed.item().get("sk2").s());
        UpdateItemEnhancedResponse<Models.Member> moved = members.updateItemWithResponse(r -> r.item(one).returnConsumedCapacity(ReturnConsumedCapacity.INDEXES)
                .conditionExpression(expression("sk2 = :s", Map.of(":s", AttributeValue.fromS("1020")))));
        assertEquals(2.0, moved.consumedCapacity().globalSecondaryIndexes().get("GSI2").capacityUnits()); // an entry deleted, one put
        DeleteItemEnhancedResponse<Models.Member> gone = members.deleteItemWithResponse(r -> r.key(key("p", "n20")).returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)
                .conditionExpression(expression("sk2 = :s", Map.of(":s", AttributeValue.fromS("5000")))));
        assertEquals("5000", gone.attributes().getSk2());
    }

    /** Among others an index with two partition and one sort attribute. */
    @Test
    void events() {
        DynamoDbTable<Models.Event> events = made(TableSchema.fromBean(Models.Event.class), r -> r.globalSecondaryIndices(everything("timestamp-index"), everything("by-source-and-kind")));
        for (int i = 0; i < 10; i++) {
            events.putItem(Models.event(i));
        }
        assertEquals(1_700_000_003L, events.getItem(r -> r.key(k -> k.partitionValue("e3"))).getTimestamp());
        assertEquals(List.of("e3", "e5", "e7"), events.index("timestamp-index").query(QueryConditional.sortBetween(
                k -> k.partitionValue("web").sortValue(1_700_000_003), k -> k.partitionValue("web").sortValue(1_700_000_007)))
                .stream().flatMap(page -> page.items().stream()).map(Models.Event::getId).toList());
        Key views = Key.builder().partitionValues(List.of(AttributeValue.fromS("web"), AttributeValue.fromS("view"))).sortValue(5).build();
        assertEquals(List.of("e7", "e9"), events.index("by-source-and-kind").query(QueryConditional.sortGreaterThan(views))
                .stream().flatMap(page -> page.items().stream()).map(Models.Event::getId).toList());
    }

    /** Documents without a class. */
    @Test
    void documents() {
        DynamoDbTable<EnhancedDocument> table = made(TableSchema.documentSchemaBuilder().addIndexPartitionKey(TableMetadata.primaryIndexName(), "pk", AttributeValueType.S)
                .attributeConverterProviders(AttributeConverterProvider.defaultProvider()).build(), r -> { });
        EnhancedDocument item = EnhancedDocument.fromJson("{\"pk\":\"a\",\"n\":1.50,\"list\":[\"x\",null,{\"deep\":true}],\"text\":\"日本\"}");
        table.putItem(item);
        EnhancedDocument read = table.getItem(Key.builder().partitionValue("a").build());
        List<AttributeValue> list = read.getListOfUnknownType("list");
        assertTrue(list.get(1).nul() && list.get(2).m().get("deep").bool());
        assertEquals(new BigDecimal("1.5"), read.getNumber("n").bigDecimalValue());
        EnhancedDocument updated = table.updateItem(EnhancedDocument.fromJson("{\"pk\":\"a\",\"more\":true}"));
        assertTrue(updated.getBoolean("more"));
        assertEquals("日本", updated.getString("text")); // what a document does not name stays
    }
}
