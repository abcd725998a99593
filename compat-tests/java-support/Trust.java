// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** A trust store with one certificate in it. */
final class Trust {
    private Trust() {
    }

    static TrustManager[] managersFor(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream text = Files.newInputStream(certificate)) {
            store.setCertificateEntry("stator", CertificateFactory.getInstance("X.509").generateCertificate(text));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
