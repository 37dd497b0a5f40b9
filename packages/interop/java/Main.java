import com.alibaba.dashscope.aigc.generation.Generation;
import com.alibaba.dashscope.aigc.generation.GenerationOutput;
import com.alibaba.dashscope.aigc.generation.GenerationParam;
import com.alibaba.dashscope.aigc.generation.GenerationResult;
import com.alibaba.dashscope.aigc.generation.GenerationUsage;
import com.alibaba.dashscope.aigc.generation.SearchOptions;
import com.alibaba.dashscope.common.History;
import com.alibaba.dashscope.common.Message;
import com.alibaba.dashscope.common.ResponseFormat;
import com.alibaba.dashscope.common.ResultCallback;
import com.alibaba.dashscope.common.Role;
import com.alibaba.dashscope.common.Status;
import com.alibaba.dashscope.exception.ApiException;
import com.alibaba.dashscope.exception.InputRequiredException;
import com.alibaba.dashscope.exception.NoApiKeyException;
import com.alibaba.dashscope.protocol.ConnectionConfigurations;
import com.alibaba.dashscope.protocol.Protocol;
import com.alibaba.dashscope.tools.FunctionDefinition;
import com.alibaba.dashscope.tools.ToolBase;
import com.alibaba.dashscope.tools.ToolCallBase;
import com.alibaba.dashscope.tools.ToolCallFunction;
import com.alibaba.dashscope.tools.ToolFunction;
import com.alibaba.dashscope.utils.Constants;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What the Java SDK makes of the simulator's answers, with the connection pool configured as documented. */
public final class Main {
  private static final Report report = new Report();
  private static final String ANSWER = "1+1 equals 2.";

  private static Message message(Role role, String content) {
    return Message.builder().role(role.getValue()).content(content).build();
  }

  private static final List<Message> SUM =
      Arrays.asList(message(Role.SYSTEM, "You are a helpful assistant."), message(Role.USER, "What is 1+1?"));
  private static final List<Message> WEATHER =
      Collections.singletonList(message(Role.USER, "What is the weather in Hangzhou, and the time there?"));

  private static GenerationParam.GenerationParamBuilder<?, ?> param() {
    return GenerationParam.builder().apiKey(Server.KEY).model("qwen-plus");
  }

  private static GenerationParam.GenerationParamBuilder<?, ?> sum() {
    return param().messages(SUM).resultFormat(GenerationParam.ResultFormat.MESSAGE);
  }

  /** The header by which one request asks the simulator to misbehave. */
  private static GenerationParam.GenerationParamBuilder<?, ?> misbehaving(String json) {
    return sum().header("x-simulator-behavior", json);
  }

  private static List<ToolBase> tools() {
    JsonObject parameters =
        JsonParser.parseString(
                "{\"type\":\"object\",\"properties\":{\"location\":{\"type\":\"string\",\"description\":\"A city.\"}},"
                    + "\"required\":[\"location\"]}")
            .getAsJsonObject();
    return Arrays.asList(
        tool("get_current_weather", "The weather of a city.", parameters),
        tool("get_local_time", "The time in a city.", parameters));
  }

  private static ToolBase tool(String name, String description, JsonObject parameters) {
    return ToolFunction.builder()
        .function(FunctionDefinition.builder().name(name).description(description).parameters(parameters).build())
        .build();
  }

  private static GenerationResult call(GenerationParam.GenerationParamBuilder<?, ?> builder) throws Exception {
    return new Generation().call(builder.build());
  }

  private static List<GenerationResult> stream(GenerationParam.GenerationParamBuilder<?, ?> builder) throws Exception {
    return new Generation().streamCall(builder.build()).toList().blockingGet();
  }

  private static Message said(GenerationResult result) {
    return result.getOutput().getChoices().get(0).getMessage();
  }

  private static String content(GenerationResult result) {
    return said(result).getContent();
  }

  private static String joined(List<GenerationResult> items) {
    return items.stream().map(Main::content).collect(Collectors.joining());
  }

  private static String reason(GenerationResult result) {
    return result.getOutput().getChoices().get(0).getFinishReason();
  }

  private static <A> A last(List<A> items) {
    return items.get(items.size() - 1);
  }

  private static boolean grows(List<String> texts) {
    for (int i = 1; i < texts.size(); i++) {
      if (!texts.get(i).startsWith(texts.get(i - 1))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> reasons(int length, String end) {
    List<String> expected = new ArrayList<>(Collections.nCopies(length - 1, "null"));
    expected.add(end);
    return expected;
  }

  private static JsonObject sentParameters() throws Exception {
    String body = Server.lastRequest().get("body").getAsString();
    return JsonParser.parseString(body).getAsJsonObject().getAsJsonObject("parameters");
  }

  private static void calls() throws Exception {
    GenerationResult answer = call(sum());
    report.equal("call: content", content(answer), ANSWER);
    report.equal("call: role", said(answer).getRole(), "assistant");
    report.equal("call: finish reason", reason(answer), "stop");
    GenerationUsage usage = answer.getUsage();
    report.check(
        "call: usage sums up",
        usage.getInputTokens() > 0 && usage.getTotalTokens() == usage.getInputTokens() + usage.getOutputTokens(),
        usage);
    report.check("call: request id", answer.getRequestId().length() == 36, answer.getRequestId());

    GenerationOutput text = call(param().prompt("What is 1+1?")).getOutput();
    report.equal("call, text format: text", text.getText(), ANSWER);
    report.equal("call, text format: finish reason", text.getFinishReason(), "stop");
    report.equal("call, text format: no choices", text.getChoices(), null);

    List<History> history = Collections.singletonList(History.builder().user("What is 1+1?").bot("2").build());
    report.equal(
        "call, history: text",
        call(param().prompt("What is 2+2?").history(history)).getOutput().getText(),
        "2+2 equals 4.");
    String words = "你好，世界 🌏 “引号”";
    report.check("call: other scripts come back whole", call(param().prompt(words)).getOutput().getText().contains(words));

    GenerationResult cut = call(sum().maxTokens(2));
    report.equal("call, maxTokens: finish reason", reason(cut), "length");
    report.equal("call, maxTokens: output tokens", cut.getUsage().getOutputTokens(), 2);
    GenerationResult form =
        call(
            param()
                .messages(Collections.singletonList(message(Role.USER, "What is 1+1? Answer in JSON.")))
                .resultFormat(GenerationParam.ResultFormat.MESSAGE)
                .responseFormat(ResponseFormat.from(ResponseFormat.JSON_OBJECT)));
    report.check("call, responseFormat: JSON", JsonParser.parseString(content(form)).isJsonObject());
    List<GenerationOutput.Choice> several = call(sum().n(2)).getOutput().getChoices();
    report.equal(
        "call, n: choices",
        several.stream().map(GenerationOutput.Choice::getIndex).collect(Collectors.toList()),
        Arrays.asList(0, 1));
    GenerationResult found =
        call(sum().enableSearch(true).searchOptions(SearchOptions.builder().enableSource(true).build()));
    report.check("call, search: sources", !found.getOutput().getSearchInfo().getSearchResults().isEmpty());
    report.equal("call: a compressed body", content(call(misbehaving("{\"gzip\":true}"))), ANSWER);
    report.equal(
        "call: a 103 before the answer",
        content(call(misbehaving("{\"fault\":{\"_tag\":\"Informational\"}}"))),
        ANSWER);

    CompletableFuture<GenerationResult> called = new CompletableFuture<>();
    new Generation().call(sum().build(), completing(called, new ArrayList<>()));
    report.equal("call with a callback: content", content(called.get(10, TimeUnit.SECONDS)), ANSWER);
  }

  /** Keeps all items; completes with the last one. */
  private static ResultCallback<GenerationResult> completing(
      CompletableFuture<GenerationResult> done, List<GenerationResult> items) {
    return new ResultCallback<GenerationResult>() {
      @Override
      public void onEvent(GenerationResult message) {
        items.add(message);
      }

      @Override
      public void onComplete() {
        done.complete(last(items));
      }

      @Override
      public void onError(Exception error) {
        done.completeExceptionally(error);
      }
    };
  }

  private static void streams() throws Exception {
    GenerationUsage usage = call(sum()).getUsage();
    for (Boolean incremental : Arrays.asList(true, false, null)) {
      String name = "stream, " + (incremental == null ? "unset" : incremental ? "increments" : "totals");
      List<GenerationResult> items = stream(sum().incrementalOutput(incremental));
      List<String> texts = items.stream().map(Main::content).collect(Collectors.toList());
      report.check(name + ": several items", items.size() > 2, items.size());
      report.equal(
          name + ": one request id",
          items.stream().map(GenerationResult::getRequestId).distinct().count(),
          1L);
      report.equal(
          name + ": finish reasons",
          items.stream().map(Main::reason).collect(Collectors.toList()),
          reasons(items.size(), "stop"));
      report.equal(name + ": usage at the end", last(items).getUsage(), usage);
      if (Boolean.TRUE.equals(incremental)) {
        report.equal(name + ": joined", String.join("", texts), ANSWER);
        report.equal(name + ": nothing new in the last", last(texts), "");
      } else {
        report.equal(name + ": the last is whole", last(texts), ANSWER);
        report.check(name + ": each begins with the one before", grows(texts), texts);
      }
      // With `false` the SDK asks for increments and adds them up itself.
      report.equal(
          name + ": what was asked of the server",
          sentParameters().has("incremental_output"),
          incremental != null);
      report.equal(
          name + ": the header that makes it a stream",
          Server.lastRequest().getAsJsonObject("headers").get("x-dashscope-sse").getAsString(),
          "enable");
    }

    for (boolean incremental : Arrays.asList(true, false)) {
      List<GenerationResult> called = new ArrayList<>();
      CompletableFuture<GenerationResult> done = new CompletableFuture<>();
      new Generation().streamCall(sum().incrementalOutput(incremental).build(), completing(done, called));
      GenerationResult end = done.get(10, TimeUnit.SECONDS);
      report.equal(
          "stream with a callback, " + (incremental ? "increments: joined" : "totals: the last is whole"),
          incremental ? joined(called) : content(end),
          ANSWER);
    }

    List<GenerationResult> text = stream(param().prompt("What is 1+1?").incrementalOutput(true));
    report.equal(
        "stream, text format: joined",
        text.stream().map(item -> item.getOutput().getText()).collect(Collectors.joining()),
        ANSWER);
    report.equal(
        "stream, text format, totals: the last is whole",
        last(stream(param().prompt("What is 1+1?").incrementalOutput(false))).getOutput().getText(),
        ANSWER);
    String words = "你好，世界 🌏";
    List<GenerationResult> cut =
        stream(
            param()
                .prompt(words)
                .incrementalOutput(true)
                .header("x-simulator-behavior", "{\"stream\":{\"chunking\":3}}"));
    report.check(
        "stream, cut inside characters: whole words",
        cut.stream().map(item -> item.getOutput().getText()).collect(Collectors.joining()).contains(words));
    report.equal(
        "stream, comments between: joined",
        joined(stream(misbehaving("{\"stream\":{\"commentsBetween\":true}}").incrementalOutput(true))),
        ANSWER);
    report.equal(
        "stream, other spelling: joined",
        joined(
            stream(
                misbehaving("{\"stream\":{\"lineEnd\":\"crlf\",\"spaceAfterColon\":true}}").incrementalOutput(true))),
        ANSWER);
    report.equal(
        "stream, compressed: joined",
        joined(stream(misbehaving("{\"gzip\":true}").incrementalOutput(true))),
        ANSWER);
    report.equal(
        "stream, long: items",
        stream(misbehaving("{\"stream\":{\"events\":2000}}").incrementalOutput(true)).size(),
        2001);

    GenerationResult both = call(sum().n(2));
    GenerationResult all = last(stream(sum().n(2).incrementalOutput(false)));
    report.equal("stream, n, totals: the last holds all choices", contents(all), contents(both));
    report.equal("stream, n, totals: the usage of all choices", all.getUsage(), both.getUsage());

    GenerationResult probable = call(sum().logprobs(true).topLogprobs(2));
    List<GenerationResult> merged = stream(sum().logprobs(true).topLogprobs(2).incrementalOutput(false));
    report.equal(
        "stream, logprobs, totals: those of the call",
        last(
            merged.stream()
                .map(item -> item.getOutput().getChoices().get(0).getLogprobs())
                .filter(logprobs -> logprobs != null)
                .collect(Collectors.toList())),
        probable.getOutput().getChoices().get(0).getLogprobs());
  }

  private static List<String> contents(GenerationResult result) {
    return result.getOutput().getChoices().stream()
        .map(choice -> choice.getIndex() + ": " + choice.getMessage().getContent())
        .collect(Collectors.toList());
  }

  private static List<String> written(Message message) {
    return message.getToolCalls().stream()
        .map(ToolCallFunction.class::cast)
        .map(one -> one.getFunction().getName() + one.getFunction().getArguments())
        .collect(Collectors.toList());
  }

  private static void toolCalls() throws Exception {
    GenerationParam.GenerationParamBuilder<?, ?> asking =
        param().messages(WEATHER).resultFormat("message").tools(tools()).parallelToolCalls(true);
    GenerationResult asked = call(asking);
    List<String> wanted = written(said(asked));
    report.equal("tools: finish reason", reason(asked), "tool_calls");
    report.equal("tools: no content", content(asked), "");
    report.equal(
        "tools: names and arguments",
        wanted,
        Arrays.asList(
            "get_current_weather{\"location\":\"Hangzhou\"}", "get_local_time{\"location\":\"Hangzhou\"}"));
    report.equal(
        "tools: ids",
        said(asked).getToolCalls().stream().map(ToolCallBase::getId).filter(id -> !id.isEmpty()).distinct().count(),
        2L);

    List<Message> turns = new ArrayList<>(WEATHER);
    turns.add(said(asked));
    String[] results = {"24 degrees, rain", "09:41"};
    for (int i = 0; i < results.length; i++) {
      String id = said(asked).getToolCalls().get(i).getId();
      turns.add(Message.builder().role(Role.TOOL.getValue()).content(results[i]).toolCallId(id).build());
    }
    String told = content(call(param().messages(turns).resultFormat("message").tools(tools())));
    report.check(
        "tools: the results come back in the answer", told.contains(results[0]) && told.contains(results[1]), told);

    List<GenerationResult> items = stream(asking.incrementalOutput(true));
    TreeMap<Integer, StringBuilder> parts = new TreeMap<>();
    for (GenerationResult item : items) {
      for (ToolCallBase part : said(item).getToolCalls()) {
        ToolCallFunction one = (ToolCallFunction) part;
        StringBuilder made = parts.computeIfAbsent(one.getIndex(), index -> new StringBuilder());
        made.append(one.getFunction().getName() == null ? "" : one.getFunction().getName());
        made.append(one.getFunction().getArguments());
      }
    }
    report.equal(
        "tools, increments: assembled",
        parts.values().stream().map(StringBuilder::toString).collect(Collectors.toList()),
        wanted);
    report.equal(
        "tools, increments: finish reasons",
        items.stream().map(Main::reason).collect(Collectors.toList()),
        reasons(items.size(), "tool_calls"));
    report.equal("tools, totals: the last is whole", written(said(last(stream(asking.incrementalOutput(false))))), wanted);
    report.equal("tools, unset: the last is whole", written(said(last(stream(asking.incrementalOutput(null))))), wanted);

    JsonObject choice =
        JsonParser.parseString("{\"type\":\"function\",\"function\":{\"name\":\"get_local_time\"}}").getAsJsonObject();
    report.equal(
        "tools, toolChoice: that one",
        written(said(call(sum().tools(tools()).toolChoice(choice)))).size(),
        1);
  }

  private static void thinking() throws Exception {
    GenerationResult answer = call(sum().enableThinking(true));
    String thought = said(answer).getReasoningContent();
    report.check("thinking: it thought", thought != null && !thought.isEmpty());
    report.equal("thinking: content", content(answer), ANSWER);
    report.check(
        "thinking: counted", answer.getUsage().getOutputTokensDetails().getReasoningTokens() > 0, answer.getUsage());
    List<GenerationResult> items = stream(sum().enableThinking(true).incrementalOutput(true));
    report.equal(
        "thinking, increments: thoughts",
        items.stream().map(item -> said(item).getReasoningContent()).collect(Collectors.joining()),
        thought);
    report.equal("thinking, increments: content", joined(items), ANSWER);
    Message whole = said(last(stream(sum().enableThinking(true).incrementalOutput(false))));
    report.equal("thinking, totals: thoughts", whole.getReasoningContent(), thought);
    report.equal("thinking, totals: content", whole.getContent(), ANSWER);
  }

  private static void refused(String name, Throwable error, int statusCode, String code) {
    Status status = error instanceof ApiException ? ((ApiException) error).getStatus() : null;
    report.equal(
        name + ": status and code",
        status == null ? error : status.getStatusCode() + " " + status.getCode(),
        statusCode + " " + code);
    report.check(
        name + ": message and request id",
        status != null && !status.getMessage().isEmpty() && status.getRequestId() != null,
        status);
  }

  private static ApiException failure(String name, GenerationParam.GenerationParamBuilder<?, ?> builder) {
    return report.fails(name + ": an ApiException", ApiException.class, () -> call(builder));
  }

  private static void refusedCall(
      String name, GenerationParam.GenerationParamBuilder<?, ?> builder, int statusCode, String code) {
    refused(name, failure(name, builder), statusCode, code);
  }

  private static void errors() throws Exception {
    refusedCall("401", sum().apiKey("wrong"), 401, "InvalidApiKey");
    refusedCall("400", sum().temperature(5f), 400, "InvalidParameter");
    refusedCall("404", sum().model("unknown-model"), 404, "ModelNotFound");
    refusedCall("500", misbehaving("{\"error\":{\"status\":500}}"), 500, "InternalError");
    // That server lets one request pass.
    Generation limited = new Generation(Protocol.HTTP.getValue(), Server.LIMITED_URL);
    report.equal("429: the one before it passes", content(limited.call(sum().build())), ANSWER);
    refused(
        "429",
        report.fails("429: an ApiException", ApiException.class, () -> limited.call(sum().build())),
        429,
        "Throttling.RateQuota");
    refusedCall(
        "an error framed as an event",
        misbehaving("{\"error\":{\"status\":400,\"shape\":\"sse\"}}"),
        400,
        "InvalidParameter");
    Status numeric =
        failure(
                "an error with a number for a code",
                misbehaving("{\"error\":{\"status\":400,\"shape\":\"numeric\"}}"))
            .getStatus();
    report.equal(
        "an error with a number for a code: status and code",
        numeric.getStatusCode() + " " + numeric.getCode(),
        "400 400");
    Status page =
        failure("a proxy's page", misbehaving("{\"error\":{\"status\":502,\"shape\":\"html\"}}")).getStatus();
    report.equal("a proxy's page: status and code", page.getStatusCode() + " " + page.getCode(), "502 response_error");
    Status nested =
        failure("a nested error", misbehaving("{\"error\":{\"status\":400,\"shape\":\"nested\"}}")).getStatus();
    report.equal(
        "a nested error: this SDK sees only its status", nested.getStatusCode() + nested.getCode(), "400");
    Status large =
        failure("a large error", misbehaving("{\"error\":{\"status\":400,\"padTo\":70000}}")).getStatus();
    report.check("a large error: read whole", large.getMessage().length() > 60_000);

    CompletableFuture<GenerationResult> called = new CompletableFuture<>();
    new Generation().call(sum().temperature(5f).build(), completing(called, new ArrayList<>()));
    Throwable told = called.handle((result, error) -> error).get(10, TimeUnit.SECONDS);
    refused("400 with a callback", told, 400, "InvalidParameter");
  }

  /** What a stream gave before it failed, and with what. */
  private static Throwable failed(GenerationParam.GenerationParamBuilder<?, ?> builder, List<GenerationResult> items)
      throws Exception {
    // Not `blockingForEach`, which tells of an error before it gives what came ahead of it.
    return new Generation().streamCall(builder.build()).doOnNext(items::add).ignoreElements().blockingGet();
  }

  private static void streamErrors() throws Exception {
    List<GenerationResult> none = new ArrayList<>();
    refused("stream, 400", failed(sum().incrementalOutput(true).temperature(5f), none), 400, "InvalidParameter");
    refused("stream, 401", failed(sum().incrementalOutput(true).apiKey("wrong"), none), 401, "InvalidApiKey");
    refused(
        "stream, 429",
        failed(misbehaving("{\"error\":{\"status\":429}}").incrementalOutput(true), none),
        429,
        "Throttling.RateQuota");
    report.equal("stream, refused: no items", none.size(), 0);

    for (boolean incremental : Arrays.asList(true, false)) {
      String name = "stream, error after 3 items" + (incremental ? "" : ", totals");
      List<GenerationResult> items = new ArrayList<>();
      Throwable error =
          failed(misbehaving("{\"error\":{\"status\":429,\"asEvent\":3}}").incrementalOutput(incremental), items);
      report.equal(name + ": the good ones first", items.size(), 3);
      // The SDK does not read the comment that says 429.
      refused(name, error, 400, "Throttling.RateQuota");
    }

    List<GenerationResult> items = new ArrayList<>();
    Throwable error = failed(misbehaving("{\"stream\":{\"resetAfterEvents\":3}}").incrementalOutput(true), items);
    report.equal("stream, reset after 3 items: the good ones first", items.size(), 3);
    report.check("stream, reset after 3 items: an ApiException", error instanceof ApiException, error);

    List<GenerationResult> called = new ArrayList<>();
    CompletableFuture<GenerationResult> done = new CompletableFuture<>();
    new Generation()
        .streamCall(
            misbehaving("{\"error\":{\"status\":429,\"asEvent\":3}}").incrementalOutput(true).build(),
            completing(done, called));
    refused(
        "stream with a callback, error after 3 items",
        done.handle((result, told) -> told).get(10, TimeUnit.SECONDS),
        400,
        "Throttling.RateQuota");
  }

  private static void withoutRequest() throws Exception {
    int before = Server.stat("totalRequests");
    report.fails("nothing to send: InputRequiredException", InputRequiredException.class, () -> call(param()));
    report.fails(
        "nothing to stream: InputRequiredException", InputRequiredException.class, () -> stream(param()));
    GenerationParam keyless = GenerationParam.builder().model("qwen-plus").prompt("hello").build();
    ApiException wrapped =
        report.fails("no key, blocking: an ApiException", ApiException.class, () -> new Generation().call(keyless));
    report.check(
        "no key, blocking: it is of a NoApiKeyException", wrapped.getCause() instanceof NoApiKeyException, wrapped);
    report.fails(
        "no key, with a callback: NoApiKeyException",
        NoApiKeyException.class,
        () -> {
          new Generation().call(keyless, completing(new CompletableFuture<>(), new ArrayList<>()));
          return null;
        });
    Throwable told = new Generation().streamCall(keyless).ignoreElements().blockingGet();
    report.check("no key, streaming: NoApiKeyException", told instanceof NoApiKeyException, told);
    report.fails(
        "no model: NullPointerException",
        NullPointerException.class,
        () -> GenerationParam.builder().apiKey(Server.KEY).prompt("hello").build());
    report.equal("none of these reached the server", Server.stat("totalRequests"), before);
  }

  private static void connections() throws Exception {
    Server.closeIdle();
    Server.reset();
    for (int i = 0; i < 20; i++) {
      call(sum());
    }
    stream(sum().incrementalOutput(true));
    report.fails("reuse: an error in between", ApiException.class, () -> call(sum().temperature(5f)));
    call(sum());
    report.equal("reuse: 23 requests", Server.stat("totalRequests"), 23);
    report.equal("reuse: over 1 connection", Server.stat("totalConnections"), 1);
    Server.closeIdle();
    report.equal("reuse: a call after the server closed the connection", content(call(sum())), ANSWER);
    report.equal("reuse: on a new one", Server.stat("totalConnections"), 2);

    Server.reset();
    List<GenerationResult> two =
        new Generation()
            .streamCall(misbehaving("{\"stream\":{\"events\":2000}}").incrementalOutput(true).build())
            .take(2)
            .toList()
            .blockingGet();
    report.equal("a stream of which 2 items are taken: items", two.size(), 2);
    // In this version of the SDK nobody tells the HTTP client that the rest is not wanted.
    report.equal(
        "a stream of which 2 items are taken: it is read to its end", Server.restingStat("abortedRequests"), 0);

    Generation secure = new Generation(Protocol.HTTP.getValue(), Server.TLS_URL);
    report.equal("TLS: a call", content(secure.call(sum().build())), ANSWER);
  }

  /** Trusts the simulator's authority, where Java looks when it first needs to know. */
  private static void trust(String file) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(Paths.get(file))) {
      store.setCertificateEntry("simulator", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    try (OutputStream out = Files.newOutputStream(Paths.get(file + ".p12"))) {
      store.store(out, "changeit".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file + ".p12");
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
  }

  private static void headers() throws Exception {
    call(sum().workspace("ws-1").header("X-Of-Mine", "yes").header("user-agent", "mine/1"));
    JsonObject seen = Server.lastRequest().getAsJsonObject("headers");
    report.equal("headers: workspace", seen.get("x-dashscope-workspace").getAsString(), "ws-1");
    report.equal("headers: one's own", seen.get("x-of-mine").getAsString(), "yes");
    report.check(
        "headers: one's own user agent is appended", seen.get("user-agent").getAsString().endsWith("; mine/1"), seen);
    call(sum().securityCheck(true));
    report.equal(
        "headers: inspection",
        Server.lastRequest().getAsJsonObject("headers").get("x-dashscope-datainspection").getAsString(),
        "enable");
  }

  private static void requests() throws Exception {
    JsonArray cases = Cases.read();
    for (int i = 0; i < cases.size(); i++) {
      JsonObject one = cases.get(i).getAsJsonObject();
      String name = "request " + one.get("name").getAsString();
      report.run(
          name,
          () -> {
            Cases.send(one);
            report.check(name + ": accepted", true);
          });
    }
  }

  public static void main(String[] arguments) throws Exception {
    trust(Server.CA_FILE);
    Constants.baseHttpApiUrl = Server.URL;
    Constants.connectionConfigurations =
        ConnectionConfigurations.builder()
            .connectTimeout(Duration.ofSeconds(10))
            .readTimeout(Duration.ofSeconds(300))
            .writeTimeout(Duration.ofSeconds(60))
            .connectionIdleTimeout(Duration.ofSeconds(300))
            .connectionPoolSize(256)
            .maximumAsyncRequests(256)
            .maximumAsyncRequestsPerHost(256)
            .build();
    report.run("calls", Main::calls);
    report.run("streams", Main::streams);
    report.run("tools", Main::toolCalls);
    report.run("thinking", Main::thinking);
    report.run("errors", Main::errors);
    report.run("stream errors", Main::streamErrors);
    report.run("without request", Main::withoutRequest);
    report.run("connections", Main::connections);
    report.run("headers", Main::headers);
    report.run("requests", Main::requests);
    report.finish();
  }
}
