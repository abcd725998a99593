// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedAsyncClient;
import software.amazon.awssdk.enhanced.dynamodb.Expression;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.model.EnhancedGlobalSecondaryIndex;
import software.amazon.awssdk.enhanced.dynamodb.model.QueryConditional;
import software.amazon.awssdk.enhanced.dynamodb.model.ReadBatch;
import software.amazon.awssdk.enhanced.dynamodb.model.WriteBatch;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbAsyncWaiter;

/** What asynchronous users have of their own: many requests under way, publishers of pages, the asynchronous Enhanced Client. */
class AsyncTest {
    private DynamoDbAsyncClient low;
    private DynamoDbEnhancedAsyncClient db;
    private DynamoDbAsyncTable<Models.Member> members;

    @BeforeEach
    void open() {
        low = DynamoDbAsyncClient.builder().httpClientBuilder(NettyNioAsyncHttpClient.builder().maxConcurrency(20)).build();
        db = DynamoDbEnhancedAsyncClient.builder().dynamoDbClient(low).build();
        members = db.table(Names.fresh("async"), TableSchema.fromBean(Models.Member.class));
        members.createTable(r -> r.globalSecondaryIndices(index("GSI1"), index("GSI2"))).join();
        try (DynamoDbAsyncWaiter waiter = low.waiter()) {
            waiter.waitUntilTableExists(r -> r.tableName(members.tableName())).join();
        }
    }

    @AfterEach
    void close() {
        members.deleteTable().join();
        try (DynamoDbAsyncWaiter waiter = low.waiter()) {
            waiter.waitUntilTableNotExists(r -> r.tableName(members.tableName())).join();
        }
        low.close();
    }

    private static EnhancedGlobalSecondaryIndex index(String name) {
        return EnhancedGlobalSecondaryIndex.builder().indexName(name).projection(p -> p.projectionType(ProjectionType.ALL)).build();
    }

    private void putAll(int count) {
        List<CompletableFuture<Void>> puts = IntStream.range(0, count).mapToObj(i -> members.putItem(Models.member(i))).toList();
        CompletableFuture.allOf(puts.toArray(CompletableFuture[]::new)).join();
    }

    @Test
    void manyAtOnce() {
        putAll(200);
        List<CompletableFuture<Models.Member>> gets = IntStream.range(0, 200).mapToObj(i -> members.getItem(Models.member(i))).toList();
        for (int i = 0; i < 200; i++) {
            assertEquals("u" + i + "@x", gets.get(i).join().getPk1());
        }
    }

    @Test
    void publishersOfPages() {
        putAll(60);
        List<String> late = Collections.synchronizedList(new ArrayList<>());
        members.index("GSI2").query(r -> r.limit(7).queryConditional(QueryConditional.sortGreaterThanOrEqualTo(k -> k.partitionValue("user").sortValue("1020"))))
                .subscribe(page -> page.items().forEach(member -> late.add(member.getSk2()))).join();
        assertEquals(IntStream.range(1020, 1060).mapToObj(Integer::toString).toList(), late);
        List<String> scanned = Collections.synchronizedList(new ArrayList<>());
        low.scanPaginator(r -> r.tableName(members.tableName()).limit(11)).items().subscribe(item -> scanned.add(item.get("pk").s())).join();
        assertEquals(60, scanned.stream().distinct().count());
        List<String> first = Collections.synchronizedList(new ArrayList<>());
        members.scan().items().limit(5).subscribe(member -> first.add(member.getPk())).join();
        assertEquals(5, first.size());
    }

    @Test
    void batchesAndTransactions() {
        WriteBatch.Builder<Models.Member> batch = WriteBatch.builder(Models.Member.class).mappedTableResource(members);
        IntStream.range(0, 25).forEach(i -> batch.addPutItem(Models.member(i)));
        assertTrue(db.batchWriteItem(r -> r.addWriteBatch(batch.build())).join().unprocessedPutItemsForTable(members).isEmpty());
        List<String> read = Collections.synchronizedList(new ArrayList<>());
        ReadBatch.Builder<Models.Member> wanted = ReadBatch.builder(Models.Member.class).mappedTableResource(members);
        IntStream.range(0, 30).forEach(i -> wanted.addGetItem(Models.member(i)));
        db.batchGetItem(r -> r.addReadBatch(wanted.build())).resultsForTable(members).subscribe(member -> read.add(member.getPk())).join();
        assertEquals(25, read.size());
        Key key = Key.builder().partitionValue("user_3").sortValue("user").build();
        db.transactWriteItems(r -> r.addDeleteItem(members, key).addPutItem(members, Models.member(100))).join();
        assertEquals(List.of(false, true), db.transactGetItems(r -> r.addGetItem(members, key).addGetItem(members, Models.member(100))).join().stream()
                .map(document -> document.getItem(members) != null).toList());
        CompletionException failed = assertThrows(CompletionException.class, () -> members.deleteItem(r -> r.key(key).conditionExpression(Expression.builder()
                .expression("pk2 = :k").expressionValues(Map.of(":k", AttributeValue.fromS("user"))).build())).join());
        assertInstanceOf(ConditionalCheckFailedException.class, failed.getCause());
    }
}
