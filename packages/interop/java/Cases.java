import com.alibaba.dashscope.aigc.generation.Generation;
import com.alibaba.dashscope.aigc.generation.GenerationParam;
import com.alibaba.dashscope.aigc.generation.SearchOptions;
import com.alibaba.dashscope.aigc.generation.TranslationOptions;
import com.alibaba.dashscope.common.History;
import com.alibaba.dashscope.common.ImageURL;
import com.alibaba.dashscope.common.Message;
import com.alibaba.dashscope.common.MessageContentBase;
import com.alibaba.dashscope.common.MessageContentImageURL;
import com.alibaba.dashscope.common.MessageContentText;
import com.alibaba.dashscope.common.ResponseFormat;
import com.alibaba.dashscope.protocol.Protocol;
import com.alibaba.dashscope.tools.FunctionDefinition;
import com.alibaba.dashscope.tools.ToolBase;
import com.alibaba.dashscope.tools.ToolCallBase;
import com.alibaba.dashscope.tools.ToolCallFunction;
import com.alibaba.dashscope.tools.ToolFunction;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sends the cases of the comparison, given in the words of the Python SDK, with the Java SDK's builders. A case's name is
 * in the key, so that the server's record tells which it was.
 */
final class Cases {
  private static final Gson gson = new Gson();

  private Cases() {}

  static JsonArray read() throws Exception {
    byte[] bytes = Files.readAllBytes(Paths.get(System.getenv("INTEROP_CASES")));
    return JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonArray();
  }

  static void send(JsonObject one) throws Exception {
    GenerationParam.GenerationParamBuilder<?, ?> builder =
        GenerationParam.builder().apiKey("wire-" + one.get("name").getAsString());
    Generation generation = new Generation();
    for (Map.Entry<String, JsonElement> argument : one.getAsJsonObject("arguments").entrySet()) {
      if (argument.getKey().equals("base_address")) {
        generation = new Generation(Protocol.HTTP.getValue(), Server.URL + argument.getValue().getAsString());
      } else {
        set(builder, argument.getKey(), argument.getValue());
      }
    }
    if (one.get("stream").getAsBoolean()) {
      generation.streamCall(builder.build()).toList().blockingGet();
    } else {
      generation.call(builder.build());
    }
  }

  private static void set(GenerationParam.GenerationParamBuilder<?, ?> builder, String name, JsonElement value) {
    switch (name) {
      case "model":
        builder.model(value.getAsString());
        break;
      case "messages":
        builder.messages(messages(value.getAsJsonArray()));
        break;
      case "prompt":
        builder.prompt(value.getAsString());
        break;
      case "history":
        builder.history(history(value.getAsJsonArray()));
        break;
      case "result_format":
        builder.resultFormat(value.getAsString());
        break;
      case "temperature":
        builder.temperature(value.getAsFloat());
        break;
      case "top_p":
        builder.topP(value.getAsDouble());
        break;
      case "top_k":
        builder.topK(value.getAsInt());
        break;
      case "seed":
        builder.seed(value.getAsInt());
        break;
      case "max_tokens":
        builder.maxTokens(value.getAsInt());
        break;
      case "repetition_penalty":
        builder.repetitionPenalty(value.getAsFloat());
        break;
      case "stop":
        for (JsonElement one : value.getAsJsonArray()) {
          builder.stopString(one.getAsString());
        }
        break;
      case "incremental_output":
        builder.incrementalOutput(value.getAsBoolean());
        break;
      case "enable_search":
        builder.enableSearch(value.getAsBoolean());
        break;
      case "search_options":
        builder.searchOptions(searchOptions(value.getAsJsonObject()));
        break;
      case "enable_thinking":
        builder.enableThinking(value.getAsBoolean());
        break;
      case "thinking_budget":
        builder.thinkingBudget(value.getAsInt());
        break;
      case "n":
        builder.n(value.getAsInt());
        break;
      case "logprobs":
        builder.logprobs(value.getAsBoolean());
        break;
      case "top_logprobs":
        builder.topLogprobs(value.getAsInt());
        break;
      case "response_format":
        builder.responseFormat(ResponseFormat.from(value.getAsJsonObject().get("type").getAsString()));
        break;
      case "translation_options":
        builder.translationOptions(translationOptions(value.getAsJsonObject()));
        break;
      case "tools":
        builder.tools(tools(value.getAsJsonArray()));
        break;
      case "tool_choice":
        builder.toolChoice(value.isJsonPrimitive() ? value.getAsString() : value);
        break;
      case "parallel_tool_calls":
        builder.parallelToolCalls(value.getAsBoolean());
        break;
      case "workspace":
        builder.workspace(value.getAsString());
        break;
      case "headers":
        for (Map.Entry<String, JsonElement> header : value.getAsJsonObject().entrySet()) {
          builder.header(header.getKey(), header.getValue().getAsString());
        }
        break;
      case "plugins":
        // The Java SDK has no word for them.
        builder.header("X-DashScope-Plugin", value.toString());
        break;
      default:
        // What the builder has no word for goes beside what it has.
        builder.parameter(name, gson.fromJson(value, Object.class));
    }
  }

  private static List<Message> messages(JsonArray array) {
    List<Message> messages = new ArrayList<>();
    for (JsonElement element : array) {
      JsonObject one = element.getAsJsonObject();
      Message.MessageBuilder<?, ?> builder = Message.builder().role(one.get("role").getAsString());
      if (one.get("content").isJsonArray()) {
        builder.contents(parts(one.getAsJsonArray("content")));
      } else {
        builder.content(one.get("content").getAsString());
      }
      if (one.has("reasoning_content")) {
        builder.reasoningContent(one.get("reasoning_content").getAsString());
      }
      if (one.has("tool_calls")) {
        List<ToolCallBase> calls = new ArrayList<>();
        for (JsonElement call : one.getAsJsonArray("tool_calls")) {
          calls.add(toolCall(call.getAsJsonObject()));
        }
        builder.toolCalls(calls);
      }
      if (one.has("tool_call_id")) {
        builder.toolCallId(one.get("tool_call_id").getAsString());
      }
      if (one.has("name")) {
        builder.name(one.get("name").getAsString());
      }
      if (one.has("partial")) {
        builder.partial(one.get("partial").getAsBoolean());
      }
      messages.add(builder.build());
    }
    return messages;
  }

  private static List<MessageContentBase> parts(JsonArray array) {
    List<MessageContentBase> parts = new ArrayList<>();
    for (JsonElement element : array) {
      JsonObject one = element.getAsJsonObject();
      if (one.has("image_url")) {
        String url = one.getAsJsonObject("image_url").get("url").getAsString();
        parts.add(MessageContentImageURL.builder().imageURL(ImageURL.builder().url(url).build()).build());
      } else {
        MessageContentText.MessageContentTextBuilder<?, ?> text =
            MessageContentText.builder().text(one.get("text").getAsString());
        if (one.has("cache_control")) {
          String type = one.getAsJsonObject("cache_control").get("type").getAsString();
          text.cacheControl(MessageContentText.CacheControl.builder().type(type).build());
        }
        parts.add(text.build());
      }
    }
    return parts;
  }

  private static ToolCallFunction toolCall(JsonObject json) {
    ToolCallFunction call = new ToolCallFunction();
    ToolCallFunction.CallFunction function = call.new CallFunction();
    function.setName(json.getAsJsonObject("function").get("name").getAsString());
    function.setArguments(json.getAsJsonObject("function").get("arguments").getAsString());
    call.setId(json.get("id").getAsString());
    call.setIndex(json.get("index").getAsInt());
    call.setFunction(function);
    return call;
  }

  private static List<History> history(JsonArray array) {
    List<History> history = new ArrayList<>();
    for (JsonElement element : array) {
      JsonObject one = element.getAsJsonObject();
      history.add(History.builder().user(one.get("user").getAsString()).bot(one.get("bot").getAsString()).build());
    }
    return history;
  }

  private static List<ToolBase> tools(JsonArray array) {
    List<ToolBase> tools = new ArrayList<>();
    for (JsonElement element : array) {
      JsonObject function = element.getAsJsonObject().getAsJsonObject("function");
      tools.add(
          ToolFunction.builder()
              .function(
                  FunctionDefinition.builder()
                      .name(function.get("name").getAsString())
                      .description(function.get("description").getAsString())
                      .parameters(function.getAsJsonObject("parameters"))
                      .build())
              .build());
    }
    return tools;
  }

  private static SearchOptions searchOptions(JsonObject json) {
    SearchOptions.SearchOptionsBuilder<?, ?> builder = SearchOptions.builder();
    for (Map.Entry<String, JsonElement> option : json.entrySet()) {
      JsonElement value = option.getValue();
      switch (option.getKey()) {
        case "enable_source":
          builder.enableSource(value.getAsBoolean());
          break;
        case "enable_citation":
          builder.enableCitation(value.getAsBoolean());
          break;
        case "citation_format":
          builder.citationFormat(value.getAsString());
          break;
        case "forced_search":
          builder.forcedSearch(value.getAsBoolean());
          break;
        case "search_strategy":
          builder.searchStrategy(value.getAsString());
          break;
        default:
          throw new IllegalArgumentException(option.getKey());
      }
    }
    return builder.build();
  }

  private static TranslationOptions translationOptions(JsonObject json) {
    List<TranslationOptions.Term> terms = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray("terms")) {
      JsonObject term = element.getAsJsonObject();
      terms.add(
          TranslationOptions.Term.builder()
              .source(term.get("source").getAsString())
              .target(term.get("target").getAsString())
              .build());
    }
    return TranslationOptions.builder()
        .sourceLang(json.get("source_lang").getAsString())
        .targetLang(json.get("target_lang").getAsString())
        .domains(json.get("domains").getAsString())
        .terms(terms)
        .build();
  }
}
