// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The applications through the default HTTP stack of synchronous clients. */
class ApacheTest extends Applications {
    @Override
    DynamoDbClient connect() {
        return DynamoDbClient.builder().httpClientBuilder(ApacheHttpClient.builder()).build();
    }
}
