// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A Stator of the test's own, for what the shared server was not started with. It lies on a free port and ends with close(). */
final class Server implements AutoCloseable {
    static final int PATIENCE_SECONDS = 20;
    private static final String READY = "ready on port ";
    private final Process process;
    final int port;

    /** Starts it in memory with these flags and waits until it says its port. */
    Server(String... flags) {
        List<String> command = new ArrayList<>(List.of(program(), "-inMemory", "-port", "0"));
        command.addAll(List.of(flags));
        try {
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            BufferedReader out = process.inputReader();
            String line = out.readLine();
            while (line != null && !line.contains(READY)) {
                line = out.readLine();
            }
            if (line == null) {
                throw new IllegalStateException("the server did not start: " + command);
            }
            port = Integer.parseInt(line.substring(line.indexOf(READY) + READY.length()).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The binary under test; without one (clients played against another server) the test is skipped. */
    static String program() {
        String program = System.getenv("STATOR");
        Assumptions.assumeTrue(program != null && System.getenv("STATOR_COMPAT_ENDPOINT") == null, "no binary of Stator given");
        return new File(program).getAbsolutePath();
    }

    /** A folder as people unpack DynamoDB Local in, with the binary under the name `java` in bin/. */
    static Path asJava(Path folder) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), Path.of(program()));
        Files.createFile(folder.resolve("DynamoDBLocal.jar"));
        Files.createDirectory(folder.resolve("DynamoDBLocal_lib"));
        return bin;
    }

    @Override
    public void close() {
        stop(process);
    }

    /** Ends a process by SIGTERM; it must follow. */
    static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("the server did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
