// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * A build that starts DynamoDB Local itself, with Stator under the name `java` first on its path, and the waits of Java's Testcontainers before the
 * first request: an HTTP status at a path, lines of the log, the listening port.
 */
class DropInTest {
    @TempDir
    private Path folder;
    private Path bin;
    private Process process;
    private int port;

    @BeforeEach
    void unpack() throws IOException {
        bin = Server.asJava(folder);
        try (ServerSocket free = new ServerSocket(0)) { // as builds find a port for their own server
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        if (process != null) {
            Server.stop(process);
        }
    }

    /** `java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar …` in that folder. */
    private void start(String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("java", "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"));
        words.addAll(Arrays.asList(options));
        words.addAll(List.of("-port", Integer.toString(port)));
        // The words go through a shell, because ProcessBuilder would look for `java` on this process's own path.
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec \"$@\"", "sh").directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.command().addAll(words);
        builder.environment().merge("PATH", bin.toString(), (old, first) -> first + ":" + old);
        process = builder.start();
    }

    private DynamoDbClient client() {
        return DynamoDbClient.builder().endpointOverride(URI.create("http://localhost:" + port)).httpClientBuilder(UrlConnectionHttpClient.builder()).build();
    }

    private static void waitFor(String what, Callable<Boolean> condition) throws Exception {
        Instant end = Instant.now().plus(Duration.ofSeconds(Server.PATIENCE_SECONDS));
        while (!condition.call()) {
            assertTrue(Instant.now().isBefore(end), "waited in vain for " + what);
        }
    }

    /** HttpWaitStrategy: forPath, forStatusCode; a connection that is refused means not yet. */
    private boolean answers(String method, String path, int status) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create("http://localhost:" + port + path).toURL().openConnection();
        connection.setConnectTimeout(1000);
        connection.setReadTimeout(1000);
        connection.setRequestMethod(method);
        try {
            return connection.getResponseCode() == status;
        } catch (IOException e) {
            return false;
        } finally {
            connection.disconnect();
        }
    }

    /** HostPortWaitStrategy from outside of the container. */
    private boolean listens(String host) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** LogMessageWaitStrategy: the whole line, with its end, matches. */
    private void waitForLine(String regex) throws IOException {
        Pattern wanted = Pattern.compile(regex, Pattern.DOTALL);
        BufferedReader out = process.inputReader();
        String line;
        do {
            line = out.readLine();
            assertNotNull(line, "the output ended before " + regex);
        } while (!wanted.matcher(line + "\n").matches());
    }

    private void play(DynamoDbClient db) {
        db.createTable(r -> r.tableName("Music").billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(k -> k.attributeName("Artist").keyType(KeyType.HASH), k -> k.attributeName("SongTitle").keyType(KeyType.RANGE))
                .attributeDefinitions(a -> a.attributeName("Artist").attributeType(ScalarAttributeType.S), a -> a.attributeName("SongTitle").attributeType(ScalarAttributeType.S)));
        db.putItem(r -> r.tableName("Music").item(Map.of("Artist", AttributeValue.fromS("No One You Know"), "SongTitle", AttributeValue.fromS("Call Me Today"))));
        assertEquals(1, db.scan(r -> r.tableName("Music")).count());
        assertEquals(List.of("Music"), db.listTables().tableNames());
    }

    @Test
    void statusAtAPath() throws Exception {
        start("-inMemory", "-sharedDb");
        waitFor("400 at /", () -> answers("GET", "/", 400));
        assertTrue(answers("HEAD", "/", 400));
        assertTrue(answers("GET", "/shell/", 200));
        assertFalse(answers("GET", "/", 200));
        try (DynamoDbClient db = client()) {
            play(db);
        }
    }

    @Test
    void linesOfTheLog() throws Exception {
        start("-inMemory");
        waitForLine(".*Initializing DynamoDB Local with the following configuration.*");
        waitForLine(".*CorsParams:.*");
        assertTrue(listens("localhost")); // no line before the port is open
        try (DynamoDbClient db = client()) {
            play(db);
        }
    }

    @Test
    void listeningPort() throws Exception {
        start("-inMemory");
        waitFor("the port", () -> listens("localhost"));
        assertTrue(listens("127.0.0.1"));
        try (DynamoDbClient db = client()) {
            play(db);
        }
    }

    /** Between two runs of a build the tables stay in its folder. */
    @Test
    void tablesInAFolder() throws Exception {
        start("-sharedDb", "-dbPath", ".");
        waitForLine(".*CorsParams:.*");
        try (DynamoDbClient db = client()) {
            play(db);
        }
        Server.stop(process);
        assertFalse(listens("localhost"));
        start("-sharedDb", "-dbPath", ".");
        waitForLine(".*CorsParams:.*");
        try (DynamoDbClient db = client()) {
            assertEquals(1, db.scan(r -> r.tableName("Music")).count());
        }
    }

    /** Gradle and Maven plugins ask for the version first. */
    @Test
    void version() throws Exception {
        Process asked = new ProcessBuilder(bin.resolve("java").toString(), "-version").redirectErrorStream(true).start();
        String text = new String(asked.getInputStream().readAllBytes());
        assertEquals(0, asked.waitFor());
        assertTrue(text.startsWith("openjdk version \""), text);
    }
}
