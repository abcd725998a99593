// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkGlobalTime;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** Signatures of this SDK against `-auth verify`. */
class AuthTest {
    private static final AwsCredentials FIRST = AwsBasicCredentials.create("AKIDFIRST", "first/secret+with=signs");
    private static final AwsCredentials TEMPORARY = AwsSessionCredentials.create("ASIATEMP", "temporary", "IQoJ/token+==");
    private static Server server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("credentials"), """
                [default]
                aws_access_key_id = AKIDFIRST
                aws_secret_access_key = first/secret+with=signs
                [temporary]
                aws_access_key_id = ASIATEMP
                aws_secret_access_key = temporary
                aws_session_token = IQoJ/token+==
                """);
        server = new Server("-auth", "verify", "-credentials", file.toString());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static URI endpoint() {
        return URI.create("http://localhost:" + server.port);
    }

    private static DynamoDbClient client(AwsCredentials credentials) {
        return DynamoDbClient.builder().endpointOverride(endpoint()).region(Region.EU_CENTRAL_1).credentialsProvider(StaticCredentialsProvider.create(credentials))
                .httpClientBuilder(ApacheHttpClient.builder()).build();
    }

    @Test
    void knownKeysAreServed() {
        for (AwsCredentials credentials : List.of(FIRST, TEMPORARY)) {
            try (DynamoDbClient db = client(credentials)) {
                String table = Names.fresh("auth");
                db.createTable(r -> r.tableName(table).billingMode(BillingMode.PAY_PER_REQUEST).keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                        .attributeDefinitions(a -> a.attributeName("pk").attributeType(ScalarAttributeType.S)));
                db.putItem(r -> r.tableName(table).item(java.util.Map.of("pk", AttributeValue.fromS("ü / % + 日本"))));
                assertEquals(1, db.scan(r -> r.tableName(table)).count());
                assertEquals(List.of(table), db.listTables().tableNames());
                db.deleteTable(r -> r.tableName(table));
            }
        }
    }

    @Test
    void asynchronousClients() {
        try (DynamoDbAsyncClient db = DynamoDbAsyncClient.builder().endpointOverride(endpoint()).region(Region.US_WEST_2)
                .credentialsProvider(StaticCredentialsProvider.create(TEMPORARY)).httpClientBuilder(NettyNioAsyncHttpClient.builder()).build()) {
            assertTrue(db.listTables().join().tableNames().isEmpty());
        }
        try (DynamoDbAsyncClient db = DynamoDbAsyncClient.builder().endpointOverride(endpoint()).region(Region.US_WEST_2)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDFIRST", "wrong")))
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()).build()) {
            CompletionException failed = assertThrows(CompletionException.class, () -> db.listTables().join());
            assertEquals("InvalidSignatureException", ((DynamoDbException) failed.getCause()).awsErrorDetails().errorCode());
        }
    }

    @Test
    void othersAreRefused() {
        refused(AwsBasicCredentials.create("AKIDFIRST", "wrong"), "InvalidSignatureException", "The request signature we calculated does not match the signature you provided. "
                + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
        refused(AwsBasicCredentials.create("nobody", "wrong"), "UnrecognizedClientException", "The security token included in the request is invalid.");
        refused(AwsSessionCredentials.create("ASIATEMP", "temporary", "other"), "UnrecognizedClientException", "The security token included in the request is invalid");
    }

    private static void refused(AwsCredentials credentials, String code, String message) {
        try (DynamoDbClient db = client(credentials)) {
            DynamoDbException failed = assertThrows(DynamoDbException.class, db::listTables);
            assertEquals(List.of(400, code, message), List.of(failed.statusCode(), failed.awsErrorDetails().errorCode(), failed.awsErrorDetails().errorMessage()));
        }
    }

    /** A clock that is an hour off: the SDK learns the time from the refusal's Date, signs again and is served. */
    @Test
    void aWrongClockIsSetByTheAnswer() {
        int before = SdkGlobalTime.getGlobalTimeOffset();
        try {
            for (int seconds : new int[] {3600, -3600}) {
                SdkGlobalTime.setGlobalTimeOffset(seconds);
                try (DynamoDbClient db = client(FIRST)) {
                    assertTrue(db.listTables().tableNames().isEmpty());
                }
                assertTrue(Math.abs(SdkGlobalTime.getGlobalTimeOffset()) < 60, "the offset is still " + SdkGlobalTime.getGlobalTimeOffset());
            }
        } finally {
            SdkGlobalTime.setGlobalTimeOffset(before);
        }
    }

    /** A request whose signature stands in its address. */
    @Test
    void presigned() throws Exception {
        byte[] body = "{}".getBytes();
        SdkHttpRequest request = SdkHttpRequest.builder().method(SdkHttpMethod.POST).uri(endpoint()).encodedPath("/")
                .putHeader("X-Amz-Target", "DynamoDB_20120810.ListTables").putHeader("Content-Type", "application/x-amz-json-1.0").build();
        SdkHttpRequest signed = AwsV4HttpSigner.create().sign(r -> r.identity(TEMPORARY).request(request).payload(ContentStreamProvider.fromByteArray(body))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "dynamodb").putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1")
                .putProperty(AwsV4FamilyHttpSigner.AUTH_LOCATION, AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, Duration.ofMinutes(5))).request();
        assertEquals(200, send(signed.getUri(), body).statusCode());
        URI other = URI.create(signed.getUri().toString().replaceFirst("X-Amz-Signature=.", "X-Amz-Signature=g"));
        HttpResponse<String> refused = send(other, body);
        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains("InvalidSignatureException"), refused.body());
    }

    private static HttpResponse<String> send(URI uri, byte[] body) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .header("X-Amz-Target", "DynamoDB_20120810.ListTables").header("Content-Type", "application/x-amz-json-1.0").build(), HttpResponse.BodyHandlers.ofString());
    }
}
