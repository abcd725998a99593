// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/** The applications through the asynchronous client: each call waits for its future. */
class NettyTest extends Applications {
    @Override
    DynamoDbClient connect() {
        return waiting(DynamoDbAsyncClient.builder().httpClientBuilder(NettyNioAsyncHttpClient.builder()).build());
    }

    private static DynamoDbClient waiting(DynamoDbAsyncClient async) {
        InvocationHandler calls = (proxy, method, arguments) -> {
            if (method.getName().equals("waiter")) {
                return DynamoDbWaiter.builder().client((DynamoDbClient) proxy).build();
            }
            if (method.getName().equals("close")) {
                async.close();
                return null;
            }
            if (isSugar(method)) { // the interface's own default ends in one of the calls below
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            Method same = DynamoDbAsyncClient.class.getMethod(method.getName(), method.getParameterTypes());
            try {
                return ((CompletableFuture<?>) same.invoke(async, arguments)).join();
            } catch (CompletionException e) {
                throw e.getCause();
            }
        };
        return (DynamoDbClient) Proxy.newProxyInstance(NettyTest.class.getClassLoader(), new Class<?>[] {DynamoDbClient.class}, calls);
    }

    private static boolean isSugar(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        return parameters.length == 0 || parameters[0] == Consumer.class || method.getName().endsWith("Paginator");
    }
}
