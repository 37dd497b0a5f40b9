import com.alibaba.dashscope.aigc.generation.Generation;
import com.alibaba.dashscope.aigc.generation.GenerationParam;
import com.alibaba.dashscope.aigc.generation.GenerationResult;
import com.alibaba.dashscope.protocol.ConnectionConfigurations;
import com.alibaba.dashscope.utils.Constants;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the Java SDK's limits do. A process of its own, because the configuration is read once, when the SDK first uses
 * the network.
 */
public final class Limits {
  private static final Report report = new Report();
  private static final ExecutorService threads = Executors.newFixedThreadPool(12);

  private static GenerationParam.GenerationParamBuilder<?, ?> ask(String behavior) {
    return GenerationParam.builder()
        .apiKey(Server.KEY)
        .model("qwen-plus")
        .prompt("What is 1+1?")
        .header("x-simulator-behavior", behavior);
  }

  private static int stream() throws Exception {
    String slow = "{\"stream\":{\"events\":5,\"eventInterval\":20}}";
    List<GenerationResult> items =
        new Generation().streamCall(ask(slow).incrementalOutput(true).build()).toList().blockingGet();
    return items.size();
  }

  private static int call() throws Exception {
    GenerationResult result = new Generation().call(ask("{\"latency\":1000}").build());
    return result.getOutput().getText().isEmpty() ? 0 : 1;
  }

  private static int twelve(Callable<Integer> one) throws Exception {
    List<Future<Integer>> running = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      running.add(threads.submit(one));
    }
    int sum = 0;
    for (Future<Integer> future : running) {
      sum += future.get();
    }
    return sum;
  }

  private static void streams() throws Exception {
    Server.reset();
    report.equal("12 streams: all items", twelve(Limits::stream), 12 * 6);
    report.equal("12 streams: maximumAsyncRequests at once", Server.restingStat("maxRequestsInFlight"), 4);
    report.equal("12 streams: no more connections than that", Server.stat("maxOpenConnections"), 4);
  }

  private static void calls() throws Exception {
    Server.reset();
    report.equal("12 blocking calls: all answered", twelve(Limits::call), 12);
    // The dispatcher's limits hold for enqueued requests only, and the pool's size is that of its idle connections.
    report.equal("12 blocking calls: no limit holds", Server.restingStat("maxRequestsInFlight"), 12);
    report.check("12 blocking calls: idle connections are within the pool's size", becomes("openConnections", 2));
  }

  private static boolean becomes(String name, int value) throws Exception {
    for (int i = 0; i < 50 && Server.stat(name) != value; i++) {
      Thread.sleep(20);
    }
    return Server.stat(name) == value;
  }

  public static void main(String[] arguments) {
    Constants.baseHttpApiUrl = Server.URL;
    Constants.connectionConfigurations =
        ConnectionConfigurations.builder()
            .connectionPoolSize(2)
            .maximumAsyncRequests(4)
            .maximumAsyncRequestsPerHost(4)
            .build();
    report.run("streams", Limits::streams);
    report.run("calls", Limits::calls);
    report.finish();
  }
}
