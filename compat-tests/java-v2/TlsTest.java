// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.TlsTrustManagersProvider;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** https with the certificate that `-tls` makes, trusted through a trust store that has only it. */
class TlsTest {
    private static Server server;
    private static TlsTrustManagersProvider trust;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Path certificate = folder.resolve("stator.pem");
        server = new Server("-tls", "-tlsCertOut", certificate.toString());
        var managers = Trust.managersFor(certificate);
        trust = () -> managers;
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static URI endpoint(String host) {
        return URI.create("https://" + host + ":" + server.port);
    }

    static Stream<SdkHttpClient.Builder<?>> stacks() {
        return Stream.of(ApacheHttpClient.builder().tlsTrustManagersProvider(trust), UrlConnectionHttpClient.builder().tlsTrustManagersProvider(trust));
    }

    @ParameterizedTest
    @MethodSource("stacks")
    void synchronous(SdkHttpClient.Builder<?> stack) {
        try (DynamoDbClient db = DynamoDbClient.builder().endpointOverride(endpoint("localhost")).httpClientBuilder(stack).build()) {
            String table = Names.fresh("tls");
            db.createTable(r -> r.tableName(table).billingMode(BillingMode.PAY_PER_REQUEST).keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                    .attributeDefinitions(a -> a.attributeName("pk").attributeType(ScalarAttributeType.S)));
            IntStream.range(0, 30).forEach(i -> db.putItem(r -> r.tableName(table).item(java.util.Map.of("pk", AttributeValue.fromS("k" + i),
                    "payload", AttributeValue.fromS("x".repeat(50_000))))));
            assertEquals(30, db.scanPaginator(r -> r.tableName(table)).items().stream().count());
            db.deleteTable(r -> r.tableName(table));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]"})
    void asynchronous(String host) {
        try (DynamoDbAsyncClient db = DynamoDbAsyncClient.builder().endpointOverride(endpoint(host))
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().tlsTrustManagersProvider(trust)).build()) {
            assertTrue(IntStream.range(0, 20).mapToObj(i -> db.listTables()).toList().stream().allMatch(answer -> answer.join().sdkHttpResponse().isSuccessful()));
        }
    }

    /** Who does not know the certificate does not talk to the server, and the server goes on. */
    @Test
    void strangersAreNotTrusted() {
        try (DynamoDbClient db = DynamoDbClient.builder().endpointOverride(endpoint("localhost")).httpClientBuilder(ApacheHttpClient.builder())
                .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry())).build()) {
            SdkClientException failed = assertThrows(SdkClientException.class, db::listTables);
            assertInstanceOf(SSLHandshakeException.class, failed.getCause());
        }
        try (DynamoDbAsyncClient db = DynamoDbAsyncClient.builder().endpointOverride(endpoint("localhost")).httpClientBuilder(NettyNioAsyncHttpClient.builder())
                .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry())).build()) {
            assertThrows(CompletionException.class, () -> db.listTables().join());
        }
        asynchronous("localhost");
    }
}
