// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.dynamodbv2.document.BatchGetItemOutcome;
import com.amazonaws.services.dynamodbv2.document.BatchWriteItemOutcome;
import com.amazonaws.services.dynamodbv2.document.DynamoDB;
import com.amazonaws.services.dynamodbv2.document.Expected;
import com.amazonaws.services.dynamodbv2.document.Item;
import com.amazonaws.services.dynamodbv2.document.ItemCollection;
import com.amazonaws.services.dynamodbv2.document.Page;
import com.amazonaws.services.dynamodbv2.document.PrimaryKey;
import com.amazonaws.services.dynamodbv2.document.QueryOutcome;
import com.amazonaws.services.dynamodbv2.document.RangeKeyCondition;
import com.amazonaws.services.dynamodbv2.document.Table;
import com.amazonaws.services.dynamodbv2.document.TableKeysAndAttributes;
import com.amazonaws.services.dynamodbv2.document.TableWriteItems;
import com.amazonaws.services.dynamodbv2.document.spec.DeleteItemSpec;
import com.amazonaws.services.dynamodbv2.document.spec.PutItemSpec;
import com.amazonaws.services.dynamodbv2.document.spec.QuerySpec;
import com.amazonaws.services.dynamodbv2.document.spec.ScanSpec;
import com.amazonaws.services.dynamodbv2.document.spec.UpdateItemSpec;
import com.amazonaws.services.dynamodbv2.document.utils.NameMap;
import com.amazonaws.services.dynamodbv2.document.utils.ValueMap;
import com.amazonaws.services.dynamodbv2.model.AmazonDynamoDBException;
import com.amazonaws.services.dynamodbv2.model.AttributeDefinition;
import com.amazonaws.services.dynamodbv2.model.BillingMode;
import com.amazonaws.services.dynamodbv2.model.ConditionalCheckFailedException;
import com.amazonaws.services.dynamodbv2.model.CreateGlobalSecondaryIndexAction;
import com.amazonaws.services.dynamodbv2.model.CreateTableRequest;
import com.amazonaws.services.dynamodbv2.model.KeySchemaElement;
import com.amazonaws.services.dynamodbv2.model.KeyType;
import com.amazonaws.services.dynamodbv2.model.Projection;
import com.amazonaws.services.dynamodbv2.model.ProjectionType;
import com.amazonaws.services.dynamodbv2.model.ProvisionedThroughput;
import com.amazonaws.services.dynamodbv2.model.ReturnValue;
import com.amazonaws.services.dynamodbv2.model.ScalarAttributeType;
import com.amazonaws.services.dynamodbv2.util.TableUtils;
import com.amazonaws.services.dynamodbv2.xspec.ExpressionSpecBuilder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The five applications on the Document API. */
class DocumentTest {
    private Connection connection;
    private DynamoDB db;

    @BeforeEach
    void open() {
        connection = new Connection();
        db = new DynamoDB(connection.client);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private Table table(List<String> keys, List<List<String>> indexes) {
        return db.getTable(connection.made(Connection.request(keys, indexes)));
    }

    private static List<String> strings(ItemCollection<?> items, String name) {
        return StreamSupport.stream(items.spliterator(), false).map(item -> item.getString(name)).toList();
    }

    @Test
    void singleTable() {
        Table table = table(List.of("PK", "SK"), List.of(List.of("GSI1", "GSI1PK", "GSI1SK")));
        TableWriteItems batch = new TableWriteItems(table.getTableName());
        for (int u = 0; u < 3; u++) {
            batch.addItemToPut(new Item().withPrimaryKey("PK", "USER#" + u, "SK", "PROFILE").withString("GSI1PK", "MAIL#" + u).withString("GSI1SK", "USER")
                    .withString("name", "User " + u).withStringSet("roles", "admin", "dev"));
            for (int o = 1; o <= 3; o++) {
                batch.addItemToPut(new Item().withPrimaryKey("PK", "USER#" + u, "SK", "ORDER#" + o).withString("GSI1PK", "ORDER#" + o).withString("GSI1SK", "USER#" + u)
                        .withNumber("total", new BigDecimal("10.5").multiply(BigDecimal.valueOf(o))).withJSON("lines", "[{\"sku\":\"x\",\"count\":" + o + "}]"));
            }
        }
        BatchWriteItemOutcome outcome = db.batchWriteItem(batch);
        while (!outcome.getUnprocessedItems().isEmpty()) {
            outcome = db.batchWriteItemUnprocessed(outcome.getUnprocessedItems());
        }
        Item user = table.getItem("PK", "USER#1", "SK", "PROFILE");
        assertEquals(Set.of("admin", "dev"), user.getStringSet("roles"));
        assertNull(table.getItem("PK", "USER#9", "SK", "PROFILE"));
        assertEquals(List.of("ORDER#3", "ORDER#2", "ORDER#1"), strings(table.query(new QuerySpec().withHashKey("PK", "USER#1").withScanIndexForward(false)
                .withRangeKeyCondition(new RangeKeyCondition("SK").beginsWith("ORDER#"))), "SK"));
        assertEquals(List.of("USER#0", "USER#1", "USER#2"), strings(table.getIndex("GSI1").query(new QuerySpec().withKeyConditionExpression("GSI1PK = :o")
                .withValueMap(new ValueMap().withString(":o", "ORDER#2"))), "PK"));
        List<String> dear = strings(table.scan(new ScanSpec().withFilterExpression("#t > :t AND #l[0].#c = :c").withProjectionExpression("PK, SK")
                .withNameMap(new NameMap().with("#t", "total").with("#l", "lines").with("#c", "count")).withValueMap(new ValueMap().withInt(":t", 15).withInt(":c", 3))), "SK");
        assertEquals(List.of("ORDER#3", "ORDER#3", "ORDER#3"), dear);
        BatchGetItemOutcome got = db.batchGetItem(new TableKeysAndAttributes(table.getTableName()).addHashAndRangePrimaryKeys("PK", "SK", "USER#1", "PROFILE", "USER#9", "PROFILE"));
        assertEquals(1, got.getTableItems().get(table.getTableName()).size());
        Item updated = table.updateItem(new UpdateItemSpec().withPrimaryKey("PK", "USER#1", "SK", "PROFILE").withReturnValues(ReturnValue.ALL_NEW)
                .withUpdateExpression("SET #n = :n, visits = if_not_exists(visits, :zero) + :one DELETE #r :r").withNameMap(new NameMap().with("#n", "name").with("#r", "roles"))
                .withValueMap(new ValueMap().withString(":n", "Ann").withInt(":zero", 0).withInt(":one", 1).withStringSet(":r", "dev"))).getItem();
        assertEquals(List.of("Ann", 1, Set.of("admin")), List.of(updated.getString("name"), updated.getInt("visits"), updated.getStringSet("roles")));
        assertEquals("Ann", table.deleteItem(new DeleteItemSpec().withPrimaryKey("PK", "USER#1", "SK", "PROFILE").withReturnValues(ReturnValue.ALL_OLD)).getItem().getString("name"));
    }

    /** Provisioned, and made as in the SDK's samples: create if it is not there, wait until it is active. */
    @Test
    void invertedIndex() throws Exception {
        ProvisionedThroughput units = new ProvisionedThroughput(3L, 2L);
        CreateTableRequest request = Connection.request(List.of("PK", "SK"), List.of(List.of("inverted", "SK", "PK"))).withBillingMode(BillingMode.PROVISIONED)
                .withProvisionedThroughput(units);
        request.getGlobalSecondaryIndexes().get(0).setProvisionedThroughput(units);
        assertTrue(TableUtils.createTableIfNotExists(connection.client, request));
        TableUtils.waitUntilActive(connection.client, request.getTableName());
        assertTrue(!TableUtils.createTableIfNotExists(connection.client, request));
        Table table = db.getTable(request.getTableName());
        for (List<String> key : List.of(List.of("S#ann", "C#1"), List.of("S#ann", "C#2"), List.of("S#bob", "C#1"))) {
            table.putItem(new Item().withPrimaryKey("PK", key.get(0), "SK", key.get(1)));
        }
        assertEquals(List.of("C#1", "C#2"), strings(table.query("PK", "S#ann"), "SK"));
        assertEquals(List.of("S#ann", "S#bob"), strings(table.getIndex("inverted").query("SK", "C#1"), "PK"));
        table.updateTable(new ProvisionedThroughput(5L, 5L));
        assertEquals(5L, table.waitForActive().getProvisionedThroughput().getReadCapacityUnits());
        assertTrue(TableUtils.deleteTableIfExists(connection.client, new com.amazonaws.services.dynamodbv2.model.DeleteTableRequest(table.getTableName())));
        table.waitForDelete();
    }

    @Test
    void modelLayer() throws Exception {
        Table table = table(List.of("pk", "sk"), List.of(List.of("GSI1", "pk1", "sk1")));
        for (int i = 0; i < 60; i++) {
            table.putItem(new PutItemSpec().withConditionExpression("attribute_not_exists(pk)").withItem(new Item().withPrimaryKey("pk", "user_" + i, "sk", "user")
                    .withString("pk1", "u" + i + "@x").withString("sk1", "user").withString("pk2", "user").withString("sk2", Integer.toString(1000 + i))));
        }
        table.createGSI(new CreateGlobalSecondaryIndexAction().withIndexName("GSI2").withProjection(new Projection().withProjectionType(ProjectionType.ALL))
                .withKeySchema(new KeySchemaElement("pk2", KeyType.HASH), new KeySchemaElement("sk2", KeyType.RANGE)),
                new AttributeDefinition("pk2", ScalarAttributeType.S), new AttributeDefinition("sk2", ScalarAttributeType.S)).waitForActive();
        assertEquals(List.of("user_7"), strings(table.getIndex("GSI1").query("pk1", "u7@x"), "pk"));
        assertEquals(IntStream.range(1020, 1060).mapToObj(Integer::toString).toList(), strings(table.getIndex("GSI2").query(new QuerySpec().withHashKey("pk2", "user")
                .withRangeKeyCondition(new RangeKeyCondition("sk2").ge("1020")).withMaxPageSize(7)), "sk2"));
        List<String> all = strings(table.scan(new ScanSpec().withFilterExpression("begins_with(pk, :p)").withValueMap(new ValueMap().withString(":p", "user_"))), "pk");
        assertEquals(60, all.size());
        for (int from = 0; from < 60; from += 25) {
            TableWriteItems chunk = new TableWriteItems(table.getTableName());
            all.subList(from, Math.min(from + 25, 60)).forEach(pk -> chunk.addPrimaryKeyToDelete(new PrimaryKey("pk", pk, "sk", "user")));
            assertTrue(db.batchWriteItem(chunk).getUnprocessedItems().isEmpty());
        }
        assertEquals(List.of(), strings(table.scan(), "pk"));
    }

    @Test
    void conditionalCrud() {
        Table table = table(List.of("PK", "SK"), List.of());
        for (int i = 10; i < 30; i++) {
            Item item = new Item().withPrimaryKey("PK", "p", "SK", "n" + i).withInt("n", i);
            table.putItem(item, new Expected("PK").notExist());
            ConditionalCheckFailedException failed = assertThrows(ConditionalCheckFailedException.class, () -> table.putItem(item, new Expected("PK").notExist()));
            assertEquals("The conditional request failed", failed.getErrorMessage());
        }
        List<String> seen = new ArrayList<>();
        ItemCollection<QueryOutcome> items = table.query(new QuerySpec().withHashKey("PK", "p").withRangeKeyCondition(new RangeKeyCondition("SK").beginsWith("n"))
                .withScanIndexForward(false).withMaxPageSize(6));
        int pages = 0;
        for (Page<Item, QueryOutcome> page : items.pages()) {
            page.forEach(item -> seen.add(item.getString("SK")));
            pages++;
        }
        assertEquals(4, pages);
        assertEquals(IntStream.range(0, 20).mapToObj(i -> "n" + (29 - i)).toList(), seen);
        PrimaryKey key = new PrimaryKey("PK", "p", "SK", "n15");
        ExpressionSpecBuilder built = new ExpressionSpecBuilder().addUpdate(ExpressionSpecBuilder.N("n").add(100)).addUpdate(ExpressionSpecBuilder.L("tags")
                .set(ExpressionSpecBuilder.L("tags").ifNotExists(List.of("x"))))
                .withCondition(ExpressionSpecBuilder.N("n").lt(20).and(ExpressionSpecBuilder.not(ExpressionSpecBuilder.attribute_exists("tags"))));
        table.updateItem(new UpdateItemSpec().withPrimaryKey(key).withExpressionSpec(built.buildForUpdate()));
        Item changed = table.getItem(key);
        assertEquals(115, changed.getInt("n"));
        assertEquals(List.of("x"), changed.getList("tags"));
        assertThrows(ConditionalCheckFailedException.class, () -> table.updateItem(new UpdateItemSpec().withPrimaryKey(key).withExpressionSpec(built.buildForUpdate())));
        AmazonDynamoDBException reserved = assertThrows(AmazonDynamoDBException.class, () -> table.updateItem(key, "SET status = :s", Map.of(), Map.of(":s", 1)));
        assertEquals("ValidationException", reserved.getErrorCode());
        assertTrue(reserved.getErrorMessage().contains("ExpressionAttributeNames must not be empty"), reserved.getErrorMessage());
    }

    @Test
    void events() {
        CreateTableRequest request = Connection.request(List.of("event_id"), List.of(List.of("timestamp-index", "source", "timestamp")));
        request.getAttributeDefinitions().stream().filter(a -> a.getAttributeName().equals("timestamp")).forEach(a -> a.setAttributeType("N"));
        Table table = db.getTable(connection.made(request));
        for (int i = 0; i < 10; i++) {
            table.putItem(new Item().withPrimaryKey("event_id", "e" + i).withString("source", i % 2 == 0 ? "app" : "web").withLong("timestamp", 1_700_000_000L + i));
        }
        assertEquals(1_700_000_003L, table.getItem("event_id", "e3").getLong("timestamp"));
        assertEquals(List.of("e3", "e5", "e7"), strings(table.getIndex("timestamp-index").query("source", "web",
                new RangeKeyCondition("timestamp").between(1_700_000_003L, 1_700_000_007L)), "event_id"));
    }
}
