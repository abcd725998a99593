// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import java.util.concurrent.atomic.AtomicInteger;

/** Names of tables that no other test has. */
final class Names {
    private static final AtomicInteger MADE = new AtomicInteger();

    private Names() {
    }

    static String fresh(String stem) {
        return stem + "-" + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet();
    }
}
