// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.dynamodbv2.datamodeling.*;
import com.amazonaws.services.dynamodbv2.datamodeling.DynamoDBMapperConfig.ConsistentReads;
import com.amazonaws.services.dynamodbv2.datamodeling.DynamoDBMapperConfig.PaginationLoadingStrategy;
import com.amazonaws.services.dynamodbv2.datamodeling.DynamoDBMapperConfig.SaveBehavior;
import com.amazonaws.services.dynamodbv2.datamodeling.DynamoDBMapperConfig.TableNameOverride;
import com.amazonaws.services.dynamodbv2.model.*;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The five applications on DynamoDBMapper, which writes the parameters that came before expressions. */
class MapperTest {
    private Connection connection;
    private DynamoDBMapper mapper;

    @BeforeEach
    void open() {
        connection = new Connection();
    }

    @AfterEach
    void close() {
        connection.close();
    }

    /** A table as the class says, all attributes in its indexes, and a mapper that uses it. */
    private void made(Class<?> type, ProvisionedThroughput units) {
        CreateTableRequest request = new DynamoDBMapper(connection.client).generateCreateTableRequest(type).withTableName(Names.fresh("mapper"));
        request.setProvisionedThroughput(units);
        request.setBillingMode(units == null ? "PAY_PER_REQUEST" : "PROVISIONED");
        if (request.getGlobalSecondaryIndexes() != null) {
            request.getGlobalSecondaryIndexes().forEach(index -> index.withProvisionedThroughput(units).withProjection(new Projection().withProjectionType("ALL")));
        }
        if (request.getLocalSecondaryIndexes() != null) {
            request.getLocalSecondaryIndexes().forEach(index -> index.withProjection(new Projection().withProjectionType("ALL")));
        }
        String table = connection.made(request);
        mapper = new DynamoDBMapper(connection.client, DynamoDBMapperConfig.builder().withTableNameOverride(TableNameOverride.withTableNameReplacement(table)).build());
    }

    private static AttributeValue s(String text) {
        return new AttributeValue(text);
    }

    private static Condition condition(ComparisonOperator operator, String... values) {
        return new Condition().withComparisonOperator(operator).withAttributeValueList(List.of(values).stream().map(AttributeValue::new).toList());
    }

    private static <T> DynamoDBQueryExpression<T> byIndex(String index, T hash) {
        return new DynamoDBQueryExpression<T>().withIndexName(index).withHashKeyValues(hash).withConsistentRead(false);
    }

    @Test
    void singleTable() {
        made(Models.User.class, null);
        List<Object> items = new ArrayList<>();
        for (int u = 0; u < 3; u++) {
            items.add(Models.user(u));
            for (int o = 1; o <= 3; o++) {
                items.add(Models.purchase(u, o));
            }
        }
        assertTrue(mapper.batchSave(items).isEmpty());
        Models.User user = mapper.load(Models.User.class, "USER#1", "PROFILE", ConsistentReads.CONSISTENT.config());
        assertEquals(List.of("User 1", "Ulm", Set.of("admin", "dev")), List.of(user.getName(), user.getAddress().getCity(), user.getRoles()));
        assertNull(mapper.load(Models.User.class, "USER#9", "PROFILE"));

        Models.Purchase hash = new Models.Purchase();
        hash.setPk("USER#1");
        List<Models.Purchase> orders = mapper.query(Models.Purchase.class, new DynamoDBQueryExpression<Models.Purchase>().withHashKeyValues(hash).withScanIndexForward(false)
                .withRangeKeyCondition("SK", condition(ComparisonOperator.BEGINS_WITH, "ORDER#")));
        assertEquals(List.of("ORDER#3", "ORDER#2", "ORDER#1"), orders.stream().map(Models.Purchase::getSk).toList());
        assertEquals(new BigDecimal("31.5"), orders.get(0).getTotal());
        assertEquals(Models.State.OPEN, orders.get(0).getState());
        Models.Purchase order = new Models.Purchase();
        order.setGsi1pk("ORDER#2");
        assertEquals(List.of("USER#0", "USER#1", "USER#2"), mapper.query(Models.Purchase.class, byIndex("GSI1", order)).stream().map(Models.Purchase::getPk).toList());
        DynamoDBScanExpression dear = new DynamoDBScanExpression().withFilterExpression("#t > :t AND size(#l) = :two").withExpressionAttributeNames(Map.of("#t", "total", "#l", "lines"))
                .withExpressionAttributeValues(Map.of(":t", new AttributeValue().withN("20"), ":two", new AttributeValue().withN("2")));
        assertEquals(6, mapper.count(Models.Purchase.class, dear));
        assertEquals(6, mapper.parallelScan(Models.Purchase.class, dear, 3).size());
        assertEquals(9, mapper.scan(Models.Purchase.class, new DynamoDBScanExpression().withFilterConditionEntry("gift",
                new Condition().withComparisonOperator("EQ").withAttributeValueList(new AttributeValue().withBOOL(false)))).size());

        Map<String, List<Object>> got = mapper.batchLoad(List.of(Models.user(0), Models.user(1), Models.user(7), Models.purchase(0, 1)));
        assertEquals(3, got.values().iterator().next().size());
        user.setName("Ann");
        user.setRoles(null);
        mapper.save(user);
        assertNull(mapper.load(user).getRoles());
        Models.User part = new Models.User().keys(Models.User.class, "USER#1", "PROFILE");
        part.setRoles(Set.of("ops"));
        mapper.save(part, SaveBehavior.UPDATE_SKIP_NULL_ATTRIBUTES.config());
        mapper.save(part, SaveBehavior.APPEND_SET.config());
        part.setRoles(Set.of("dev"));
        mapper.save(part, SaveBehavior.APPEND_SET.config());
        assertEquals(List.of("Ann", Set.of("ops", "dev")), List.of(mapper.load(part).getName(), mapper.load(part).getRoles()));
        mapper.save(part, SaveBehavior.PUT.config());
        assertNull(mapper.load(part).getName());
        mapper.delete(part);
        assertNull(mapper.load(part));
    }

    @Test
    void transactions() {
        made(Models.User.class, null);
        mapper.transactionWrite(new TransactionWriteRequest().addPut(Models.user(1)).addPut(Models.purchase(1, 1)).withIdempotencyToken("mapper-" + Names.fresh("token")));
        Models.User changed = Models.user(1);
        changed.setName("Ann");
        TransactionCanceledException cancelled = assertThrows(TransactionCanceledException.class, () -> mapper.transactionWrite(new TransactionWriteRequest()
                .addUpdate(changed).addConditionCheck(Models.user(2), new DynamoDBTransactionWriteExpression().withConditionExpression("attribute_exists(PK)"))));
        assertEquals(List.of("None", "ConditionalCheckFailed"), cancelled.getCancellationReasons().stream().map(CancellationReason::getCode).toList());
        mapper.transactionWrite(new TransactionWriteRequest().addUpdate(changed).addDelete(Models.purchase(1, 1)));
        List<Object> got = mapper.transactionLoad(new TransactionLoadRequest().addLoad(Models.user(1)).addLoad(Models.purchase(1, 1)));
        assertEquals("Ann", ((Models.User) got.get(0)).getName());
        assertNull(got.get(1));
    }

    @Test
    void invertedIndexOnDemand() {
        invertedIndex(null);
    }

    @Test
    void invertedIndexProvisioned() {
        invertedIndex(new ProvisionedThroughput(3L, 2L));
    }

    private void invertedIndex(ProvisionedThroughput units) {
        made(Models.Pair.class, units);
        for (List<String> key : List.of(List.of("S#ann", "C#1"), List.of("S#ann", "C#2"), List.of("S#bob", "C#1"))) {
            mapper.save(pair(key.get(0), key.get(1)));
        }
        assertEquals(List.of("C#1", "C#2"), mapper.query(Models.Pair.class, new DynamoDBQueryExpression<Models.Pair>().withHashKeyValues(pair("S#ann", null)))
                .stream().map(Models.Pair::getSk).toList());
        assertEquals(List.of("S#ann", "S#bob"), mapper.query(Models.Pair.class, byIndex("inverted", pair(null, "C#1"))).stream().map(Models.Pair::getPk).toList());
    }

    private static Models.Pair pair(String hash, String range) {
        Models.Pair pair = new Models.Pair();
        pair.setPk(hash);
        pair.setSk(range);
        return pair;
    }

    private static Models.Member member(String pk, int number) {
        Models.Member member = new Models.Member();
        member.setPk(pk);
        member.setSk("n" + number);
        member.setEmail("u" + number + "@x");
        member.setKind("user");
        member.setSince(Integer.toString(1000 + number));
        return member;
    }

    /** Sixty members, written and deleted by calls that the mapper cuts into batches of 25; the class also has a local index. */
    @Test
    void modelLayer() {
        made(Models.Member.class, null);
        List<Models.Member> members = IntStream.range(0, 60).mapToObj(i -> member("user_" + i, i)).toList();
        assertTrue(mapper.batchSave(members).isEmpty());
        Models.Member byEmail = new Models.Member();
        byEmail.setEmail("u7@x");
        assertEquals(List.of("user_7"), mapper.query(Models.Member.class, byIndex("GSI1", byEmail)).stream().map(Models.Member::getPk).toList());
        Models.Member byKind = new Models.Member();
        byKind.setKind("user");
        PaginatedQueryList<Models.Member> late = mapper.query(Models.Member.class, byIndex("GSI2", byKind).withLimit(7)
                .withRangeKeyCondition("sk2", condition(ComparisonOperator.GE, "1020")));
        assertEquals(IntStream.range(1020, 1060).mapToObj(Integer::toString).toList(), late.stream().map(Models.Member::getSince).toList());
        PaginatedScanList<Models.Member> all = mapper.scan(Models.Member.class, new DynamoDBScanExpression().withLimit(11)
                .withFilterConditionEntry("pk", condition(ComparisonOperator.BEGINS_WITH, "user_")), PaginationLoadingStrategy.EAGER_LOADING.config());
        assertEquals(60, all.size());
        assertTrue(mapper.batchDelete(new ArrayList<>(all)).isEmpty());
        assertEquals(0, mapper.count(Models.Member.class, new DynamoDBScanExpression()));
    }

    @Test
    void conditionalCrud() {
        made(Models.Member.class, null);
        DynamoDBSaveExpression isNew = new DynamoDBSaveExpression().withExpectedEntry("pk", new ExpectedAttributeValue(false));
        for (int i = 10; i < 30; i++) {
            Models.Member member = member("p", i);
            mapper.save(member, isNew);
            assertThrows(ConditionalCheckFailedException.class, () -> mapper.save(member, isNew));
        }
        List<String> seen = new ArrayList<>();
        Map<String, AttributeValue> start = null;
        do {
            QueryResultPage<Models.Member> page = mapper.queryPage(Models.Member.class, new DynamoDBQueryExpression<Models.Member>().withHashKeyValues(member("p", 0)).withLimit(6)
                    .withRangeKeyCondition("sk", condition(ComparisonOperator.BEGINS_WITH, "n")).withScanIndexForward(false).withExclusiveStartKey(start));
            page.getResults().forEach(member -> seen.add(member.getSk()));
            start = page.getLastEvaluatedKey();
        } while (start != null);
        assertEquals(IntStream.range(0, 20).mapToObj(i -> "n" + (29 - i)).toList(), seen);
        List<Models.Member> some = mapper.query(Models.Member.class, new DynamoDBQueryExpression<Models.Member>().withHashKeyValues(member("p", 0)).withIndexName("LSI")
                .withRangeKeyCondition("sk2", condition(ComparisonOperator.BETWEEN, "1015", "1017")).withQueryFilterEntry("pk1", condition(ComparisonOperator.NE, "u16@x")));
        assertEquals(List.of("n15", "n17"), some.stream().map(Models.Member::getSk).toList());
        DynamoDBDeleteExpression wrong = new DynamoDBDeleteExpression().withConditionExpression("sk2 = :s").withExpressionAttributeValues(Map.of(":s", s("no")));
        assertThrows(ConditionalCheckFailedException.class, () -> mapper.delete(member("p", 15), wrong));
    }

    @Test
    void events() {
        made(Models.Event.class, null);
        for (int i = 0; i < 10; i++) {
            Models.Event event = new Models.Event();
            event.setId("e" + i);
            event.setSource(i % 2 == 0 ? "app" : "web");
            event.setTimestamp(1_700_000_000L + i);
            mapper.save(event);
        }
        assertEquals(1_700_000_003L, mapper.load(Models.Event.class, "e3").getTimestamp());
        Models.Event hash = new Models.Event();
        hash.setSource("web");
        assertEquals(List.of("e3", "e5", "e7"), mapper.query(Models.Event.class, byIndex("timestamp-index", hash).withRangeKeyCondition("timestamp",
                new Condition().withComparisonOperator("BETWEEN").withAttributeValueList(new AttributeValue().withN("1700000003"), new AttributeValue().withN("1700000007"))))
                .stream().map(Models.Event::getId).toList());
    }

    /** Version, generated key, timestamps and defaults; of two writers of one version the second is refused. */
    @Test
    void optimisticLocking() {
        made(Models.Account.class, null);
        Models.Account account = new Models.Account();
        account.setBalance(1L);
        mapper.save(account);
        assertEquals(36, account.getId().length());
        assertEquals(List.of(1L, 7L), List.of(account.getVersion(), account.getVisits()));
        assertNotNull(account.getCreated());
        Models.Account other = mapper.load(account, ConsistentReads.CONSISTENT.config());
        other.setBalance(50L);
        mapper.save(other);
        account.setBalance(60L);
        assertThrows(ConditionalCheckFailedException.class, () -> mapper.save(account));
        assertThrows(ConditionalCheckFailedException.class, () -> mapper.delete(account));
        mapper.save(account, SaveBehavior.CLOBBER.config());
        Models.Account end = mapper.load(account);
        assertEquals(60L, end.getBalance());
        mapper.delete(end);
        assertNull(mapper.load(end));
    }
}
