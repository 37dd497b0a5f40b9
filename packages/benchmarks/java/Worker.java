import com.alibaba.dashscope.aigc.generation.Generation;
import com.alibaba.dashscope.aigc.generation.GenerationParam;
import com.alibaba.dashscope.aigc.generation.GenerationResult;
import com.alibaba.dashscope.common.Message;
import com.alibaba.dashscope.common.Role;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** The official Java SDK as a worker: see src/task.ts for what it is told and what it prints. */
public final class Worker {
  private static final String PREFIX = "@bench ";
  /** How many batches have a chance to cost less. */
  private static final int CHANCES = 4;
  /** What counts as less. */
  private static final double GAIN = 0.03;
  private static final String ANSWER = System.getenv("BENCH_ANSWER");
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final BufferedReader REPLIES = new BufferedReader(new InputStreamReader(System.in));

  /** An API object is not for several threads at once. */
  private static final ThreadLocal<Generation> GENERATION = ThreadLocal.withInitial(Generation::new);

  private final JsonObject task;
  private final int inFlight;
  private final ExecutorService threads;

  private Worker(JsonObject task) {
    this.task = task;
    this.inFlight = task.get("inFlight").getAsInt();
    this.threads = inFlight == 1 ? null : Executors.newFixedThreadPool(inFlight);
  }

  private interface Batch {
    int run(int units) throws Exception;
  }

  private static GenerationParam param(boolean stream) {
    Message system =
        Message.builder().role(Role.SYSTEM.getValue()).content(System.getenv("BENCH_SYSTEM")).build();
    Message user =
        Message.builder().role(Role.USER.getValue()).content(System.getenv("BENCH_QUESTION")).build();
    return GenerationParam.builder()
        .apiKey(System.getenv("DASHSCOPE_API_KEY"))
        .model(System.getenv("BENCH_MODEL"))
        .messages(Arrays.asList(system, user))
        .resultFormat(GenerationParam.ResultFormat.MESSAGE)
        .incrementalOutput(stream)
        .build();
  }

  private static String textOf(GenerationResult result) {
    return result.getOutput().getChoices().get(0).getMessage().getContent();
  }

  private static void tell(String line) throws Exception {
    System.out.println(PREFIX + line);
    System.out.flush();
    REPLIES.readLine();
  }

  private static void loop(AtomicInteger left) throws Exception {
    while (left.getAndDecrement() > 0) {
      String text = textOf(GENERATION.get().call(param(false)));
      if (!ANSWER.equals(text)) throw new IllegalStateException("not the answer: " + text);
    }
  }

  private void calls(int count) throws Exception {
    AtomicInteger left = new AtomicInteger(count);
    if (threads == null) {
      loop(left);
      return;
    }
    List<Future<?>> loops = new ArrayList<>();
    for (int i = 0; i < inFlight; i++) {
      loops.add(threads.submit(() -> {
        loop(left);
        return null;
      }));
    }
    for (Future<?> each : loops) each.get();
  }

  /** Reads one stream; gives the milliseconds to its first event. */
  private double stream() throws Exception {
    long start = System.nanoTime();
    double[] first = {0};
    int[] events = {0};
    long[] characters = {0};
    GENERATION.get().streamCall(param(true)).blockingForEach(result -> {
      if (events[0]++ == 0) first[0] = (System.nanoTime() - start) / 1e6;
      characters[0] += textOf(result).length();
    });
    if (events[0] != task.get("events").getAsInt() || characters[0] != task.get("characters").getAsLong()) {
      throw new IllegalStateException(events[0] + " events with " + characters[0] + " characters came");
    }
    return first[0];
  }

  private List<Double> streamsFor(double millis) throws Exception {
    long start = System.nanoTime();
    List<Double> firsts = new ArrayList<>();
    do {
      firsts.add(stream());
    } while ((System.nanoTime() - start) / 1e6 < millis);
    return firsts;
  }

  /** As settled.ts has it. */
  private static boolean isSettled(List<Double> costs) {
    int before = costs.size() - CHANCES;
    if (before < 1) return false;
    double last = Collections.min(costs.subList(before, costs.size()));
    return last >= Collections.min(costs.subList(0, before)) * (1 - GAIN);
  }

  private double rate;
  private boolean settled;

  /** Batches until their cost no longer falls, or patience ends. */
  private void warmUp(int first, Batch batch) throws Exception {
    long started = System.nanoTime();
    List<Double> costs = new ArrayList<>();
    int units = first;
    for (;;) {
      long cpu = SYSTEM.getProcessCpuTime();
      long start = System.nanoTime();
      int done = batch.run(units);
      rate = done / ((System.nanoTime() - start) / 1e6);
      costs.add((SYSTEM.getProcessCpuTime() - cpu) / (double) done);
      settled = isSettled(costs);
      if (settled || (System.nanoTime() - started) / 1e6 >= task.get("patienceMillis").getAsDouble()) return;
      units = (int) Math.ceil(rate * task.get("batchMillis").getAsDouble());
    }
  }

  private JsonObject inWindow(Batch batch, int wanted) throws Exception {
    tell("begin");
    long cpu = SYSTEM.getProcessCpuTime();
    long start = System.nanoTime();
    int units = batch.run(wanted);
    long wall = System.nanoTime() - start;
    cpu = SYSTEM.getProcessCpuTime() - cpu;
    tell("end");
    JsonObject numbers = new JsonObject();
    numbers.addProperty("units", units);
    numbers.addProperty("cpuMicros", cpu / 1e3);
    numbers.addProperty("wallMicros", wall / 1e3);
    numbers.addProperty("settled", settled ? 1 : 0);
    return numbers;
  }

  private JsonObject measureCalls() throws Exception {
    Batch batch = wanted -> {
      int count = Math.max(wanted, 2 * inFlight);
      calls(count);
      return count;
    };
    warmUp(inFlight, batch);
    int wanted = (int) Math.ceil(rate * task.get("windowMillis").getAsDouble());
    return inWindow(batch, Math.max(wanted, 5 * inFlight));
  }

  private JsonObject measureStreams() throws Exception {
    int events = task.get("events").getAsInt();
    warmUp(1, units -> streamsFor(task.get("batchMillis").getAsDouble()).size() * events);
    List<Double> firsts = new ArrayList<>();
    JsonObject numbers = inWindow(units -> {
      firsts.addAll(streamsFor(task.get("windowMillis").getAsDouble()));
      return firsts.size() * events;
    }, 1);
    Collections.sort(firsts);
    numbers.addProperty("firstMillis", firsts.get(firsts.size() / 2));
    return numbers;
  }

  public static void main(String[] args) {
    try {
      JsonObject task = JsonParser.parseString(args[0]).getAsJsonObject();
      Worker worker = new Worker(task);
      JsonObject numbers =
          task.get("kind").getAsString().equals("calls") ? worker.measureCalls() : worker.measureStreams();
      System.out.println(PREFIX + "result " + numbers);
      System.out.flush();
      System.exit(0);
    } catch (Throwable error) {
      error.printStackTrace();
      System.exit(1);
    }
  }
}
