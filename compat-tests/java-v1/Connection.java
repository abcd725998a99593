// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBClientBuilder;
import com.amazonaws.services.dynamodbv2.model.AttributeDefinition;
import com.amazonaws.services.dynamodbv2.model.BillingMode;
import com.amazonaws.services.dynamodbv2.model.CreateTableRequest;
import com.amazonaws.services.dynamodbv2.model.DescribeTableRequest;
import com.amazonaws.services.dynamodbv2.model.GlobalSecondaryIndex;
import com.amazonaws.services.dynamodbv2.model.KeySchemaElement;
import com.amazonaws.services.dynamodbv2.model.KeyType;
import com.amazonaws.services.dynamodbv2.model.Projection;
import com.amazonaws.services.dynamodbv2.model.ProjectionType;
import com.amazonaws.services.dynamodbv2.model.ScalarAttributeType;
import com.amazonaws.waiters.FixedDelayStrategy;
import com.amazonaws.waiters.MaxAttemptsRetryStrategy;
import com.amazonaws.waiters.PollingStrategy;
import com.amazonaws.waiters.WaiterParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A client of the server under test, and the tables that it has made, which go with close(). */
final class Connection implements AutoCloseable {
    final AmazonDynamoDB client;
    private final List<String> tables = new ArrayList<>();

    /** This SDK knows no AWS_ENDPOINT_URL: its users hand the endpoint over. Keys come from the environment. */
    Connection() {
        client = AmazonDynamoDBClientBuilder.standard().withEndpointConfiguration(endpoint()).build();
    }

    static EndpointConfiguration endpoint() {
        return new EndpointConfiguration(System.getenv("AWS_ENDPOINT_URL"), System.getenv("AWS_REGION"));
    }

    private static List<KeySchemaElement> schema(List<String> keys) {
        List<KeySchemaElement> made = new ArrayList<>();
        keys.forEach(key -> made.add(new KeySchemaElement(key, made.isEmpty() ? KeyType.HASH : KeyType.RANGE)));
        return made;
    }

    /** A request for a table on demand with keys of strings; the indexes are name, hash, range. */
    static CreateTableRequest request(List<String> keys, List<List<String>> indexes) {
        Set<String> attributes = new TreeSet<>(keys);
        CreateTableRequest request = new CreateTableRequest(Names.fresh("v1"), schema(keys)).withBillingMode(BillingMode.PAY_PER_REQUEST);
        for (List<String> index : indexes) {
            List<String> parts = index.subList(1, index.size());
            attributes.addAll(parts);
            request.withGlobalSecondaryIndexes(new GlobalSecondaryIndex().withIndexName(index.get(0)).withKeySchema(schema(parts))
                    .withProjection(new Projection().withProjectionType(ProjectionType.ALL)));
        }
        return request.withAttributeDefinitions(attributes.stream().map(name -> new AttributeDefinition(name, ScalarAttributeType.S)).toList());
    }

    /** Creates it, waits as this SDK's users do, and gives its name. */
    String made(CreateTableRequest request) {
        client.createTable(request);
        tables.add(request.getTableName());
        client.waiters().tableExists().run(parameters(request.getTableName()));
        return request.getTableName();
    }

    private static WaiterParameters<DescribeTableRequest> parameters(String table) {
        return new WaiterParameters<>(new DescribeTableRequest(table))
                .withPollingStrategy(new PollingStrategy(new MaxAttemptsRetryStrategy(10), new FixedDelayStrategy(1)));
    }

    @Override
    public void close() {
        for (String table : tables) {
            client.deleteTable(table);
            client.waiters().tableNotExists().run(parameters(table));
        }
        client.shutdown();
    }
}
