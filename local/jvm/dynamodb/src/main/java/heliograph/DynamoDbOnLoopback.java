package heliograph;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Field;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** DynamoDB Local, listening on 127.0.0.1 only: it has no option for that, and its default is every interface. */
public final class DynamoDbOnLoopback {
    private DynamoDbOnLoopback() {}

    /** Takes the options of DynamoDB Local itself. */
    public static void main(String[] arguments) throws Exception {
        DynamoDBProxyServer server = ServerRunner.createServerFromCommandLineArgs(arguments);
        Field field = DynamoDBProxyServer.class.getDeclaredField("server");
        field.setAccessible(true);
        for (Connector connector : ((Server) field.get(server)).getConnectors()) {
            ((ServerConnector) connector).setHost("127.0.0.1");
        }
        server.start();
        server.join();
    }

    /** The agent that LocalStack insists on: it ends the server when LocalStack was killed and could not do so. */
    public static void premain(String arguments, Instrumentation instrumentation) {
        ProcessHandle.current().parent().ifPresent(
                parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    }
}
