// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.ApacheHttpClientConfig;
import com.amazonaws.ClientConfiguration;
import com.amazonaws.SDKGlobalTime;
import com.amazonaws.SdkClientException;
import com.amazonaws.auth.AWSCredentials;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.auth.BasicSessionCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBClientBuilder;
import com.amazonaws.services.dynamodbv2.model.AmazonDynamoDBException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures of this SDK against `-auth verify`, over https with the certificate that `-tls` makes. */
class AuthTest {
    private static final AWSCredentials FIRST = new BasicAWSCredentials("AKIDFIRST", "first/secret+with=signs");
    private static final AWSCredentials TEMPORARY = new BasicSessionCredentials("ASIATEMP", "temporary", "IQoJ/token+==");
    private static Server server;
    private static SSLContext trust;

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
        Path certificate = folder.resolve("stator.pem");
        server = new Server("-auth", "verify", "-credentials", file.toString(), "-tls", "-tlsCertOut", certificate.toString());
        trust = SSLContext.getInstance("TLS");
        trust.init(null, Trust.managersFor(certificate), null);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static AmazonDynamoDB client(AWSCredentials credentials, SSLContext context) {
        ClientConfiguration configuration = new ClientConfiguration().withMaxErrorRetry(1);
        if (context != null) {
            ApacheHttpClientConfig http = configuration.getApacheHttpClientConfig();
            http.setSslSocketFactory(new SSLConnectionSocketFactory(context));
        }
        return AmazonDynamoDBClientBuilder.standard().withClientConfiguration(configuration).withCredentials(new AWSStaticCredentialsProvider(credentials))
                .withEndpointConfiguration(new EndpointConfiguration("https://localhost:" + server.port, "eu-central-1")).build();
    }

    @Test
    void knownKeysAreServed() {
        for (AWSCredentials credentials : List.of(FIRST, TEMPORARY)) {
            AmazonDynamoDB db = client(credentials, trust);
            String table = Names.fresh("auth");
            db.createTable(Connection.request(List.of("PK"), List.of()).withTableName(table));
            assertEquals(List.of(table), db.listTables().getTableNames());
            db.deleteTable(table);
            db.shutdown();
        }
    }

    @Test
    void othersAreRefused() {
        refused(new BasicAWSCredentials("AKIDFIRST", "wrong"), "InvalidSignatureException", "The request signature we calculated does not match the signature you provided. "
                + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
        refused(new BasicAWSCredentials("nobody", "wrong"), "UnrecognizedClientException", "The security token included in the request is invalid.");
        refused(new BasicSessionCredentials("ASIATEMP", "temporary", "other"), "UnrecognizedClientException", "The security token included in the request is invalid");
    }

    private static void refused(AWSCredentials credentials, String code, String message) {
        AmazonDynamoDB db = client(credentials, trust);
        AmazonDynamoDBException failed = assertThrows(AmazonDynamoDBException.class, db::listTables);
        assertEquals(List.of(400, code, message), List.of(failed.getStatusCode(), failed.getErrorCode(), failed.getErrorMessage()));
        db.shutdown();
    }

    /** A clock that is an hour off: the SDK learns the time from the refusal, signs again and is served. */
    @Test
    void aWrongClockIsSetByTheAnswer() {
        int before = SDKGlobalTime.getGlobalTimeOffset();
        try {
            for (int seconds : new int[] {3600, -3600}) {
                SDKGlobalTime.setGlobalTimeOffset(seconds);
                AmazonDynamoDB db = client(FIRST, trust);
                assertTrue(db.listTables().getTableNames().isEmpty());
                db.shutdown();
                assertTrue(Math.abs(SDKGlobalTime.getGlobalTimeOffset()) < 60, "the offset is still " + SDKGlobalTime.getGlobalTimeOffset());
            }
        } finally {
            SDKGlobalTime.setGlobalTimeOffset(before);
        }
    }

    @Test
    void strangersAreNotTrusted() {
        AmazonDynamoDB db = client(FIRST, null);
        SdkClientException failed = assertThrows(SdkClientException.class, db::listTables);
        assertInstanceOf(SSLHandshakeException.class, failed.getCause());
        db.shutdown();
    }
}
