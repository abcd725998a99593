// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The applications through the JDK's own HttpURLConnection, as functions on Lambda like it. */
class UrlConnectionTest extends Applications {
    @Override
    DynamoDbClient connect() {
        return DynamoDbClient.builder().httpClientBuilder(UrlConnectionHttpClient.builder()).build();
    }
}
