import com.alibaba.dashscope.audio.omni.OmniRealtimeCallback;
import com.alibaba.dashscope.audio.omni.OmniRealtimeConfig;
import com.alibaba.dashscope.audio.omni.OmniRealtimeConversation;
import com.alibaba.dashscope.audio.omni.OmniRealtimeModality;
import com.alibaba.dashscope.audio.omni.OmniRealtimeParam;
import com.alibaba.dashscope.audio.omni.OmniRealtimeTranscriptionParam;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtime;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtimeAudioFormat;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtimeCallback;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtimeConfig;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtimeParam;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Realtime sessions: a conversation, speech and recognition. What the SDK says is compared with what our client says for the same;
 * each difference is here, with its reason.
 */
public final class Realtime {
  private static final Report report = new Report();
  private static final String URL = Server.URL.replaceFirst("http", "ws").replace("/api/v1", "/api-ws/v1/realtime");
  private static final int PATIENCE = 30;
  /** `connect` hangs where the WebSocket opens before the SDK has made what waits for that; so it opens later. */
  private static final String LATER = "{\"latency\":400}";

  private static final JsonObject ours = read();

  private Realtime() {}

  private static JsonObject read() {
    try {
      byte[] bytes = Files.readAllBytes(Paths.get(System.getenv("INTEROP_REALTIME")));
      return JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  /** Keeps the events of a session, and waits for those that are asked for. */
  private static final class Heard {
    private final List<JsonObject> events = new ArrayList<>();
    final CompletableFuture<Void> closed = new CompletableFuture<>();

    synchronized void add(JsonObject event) {
      events.add(event);
      notifyAll();
    }

    synchronized List<JsonObject> of(String type) {
      return events.stream().filter(event -> event.get("type").getAsString().equals(type)).collect(Collectors.toList());
    }

    synchronized JsonObject wait(String type) throws Exception {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
      while (of(type).isEmpty()) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0) {
          throw new TimeoutException("no " + type + " among " + events);
        }
        wait(left);
      }
      List<JsonObject> found = of(type);
      return found.get(found.size() - 1);
    }

    /** The audio that was spoken. */
    byte[] audio() {
      ByteArrayOutputStream audio = new ByteArrayOutputStream();
      for (JsonObject event : of("response.audio.delta")) {
        byte[] bytes = Base64.getDecoder().decode(event.get("delta").getAsString());
        audio.write(bytes, 0, bytes.length);
      }
      return audio.toByteArray();
    }
  }

  /** The paths to what a value consists of; what is empty is one too. */
  private static void leaves(JsonElement value, String path, Map<String, JsonElement> found) {
    if (value.isJsonObject() && value.getAsJsonObject().size() > 0) {
      for (Map.Entry<String, JsonElement> field : value.getAsJsonObject().entrySet()) {
        leaves(field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey(), found);
      }
    } else {
      found.put(path, value);
    }
  }

  /** As a row of what is expected: the event, the path, ours and theirs; `-` stands for nothing. */
  private static String row(String type, String path, String mine, String other) {
    return type + " " + path + ": " + mine + ", " + other;
  }

  private static Set<String> differences(JsonArray left, JsonArray right) {
    Set<String> found = new TreeSet<>();
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      Map<String, JsonElement> here = new TreeMap<>();
      Map<String, JsonElement> there = new TreeMap<>();
      leaves(left.get(i), "", here);
      leaves(right.get(i), "", there);
      Set<String> paths = new TreeSet<>(here.keySet());
      paths.addAll(there.keySet());
      for (String path : paths) {
        String mine = here.containsKey(path) ? here.get(path).toString() : "-";
        String other = there.containsKey(path) ? there.get(path).toString() : "-";
        if (!mine.equals(other)) {
          found.add(row(left.get(i).getAsJsonObject().get("type").getAsString(), path, mine, other));
        }
      }
    }
    return found;
  }

  private static List<String> types(JsonArray messages) {
    List<String> types = new ArrayList<>();
    messages.forEach(message -> types.add(message.getAsJsonObject().get("type").getAsString()));
    return types;
  }

  private static void compare(String name, String... expected) throws Exception {
    JsonArray theirs = Server.messages();
    JsonArray mine = ours.getAsJsonArray(name);
    report.equal(name + ": says the same events in the same order", types(theirs), types(mine));
    report.equal(
        name + ": says the same but for what is known",
        differences(mine, theirs),
        new TreeSet<>(Arrays.asList(expected)));
  }

  private static void tts() throws Exception {
    Server.forget();
    Heard heard = new Heard();
    QwenTtsRealtimeParam param =
        QwenTtsRealtimeParam.builder()
            .apikey(Server.KEY)
            .url(URL)
            .model("qwen3-tts-flash-realtime")
            .header("x-simulator-behavior", LATER)
            .build();
    QwenTtsRealtime speech =
        new QwenTtsRealtime(
            param,
            new QwenTtsRealtimeCallback() {
              @Override
              public void onOpen() {}

              @Override
              public void onEvent(JsonObject event) {
                heard.add(event);
              }

              @Override
              public void onClose(int code, String reason) {
                heard.closed.complete(null);
              }
            });
    speech.connect();
    heard.wait("session.created");
    speech.updateSession(
        QwenTtsRealtimeConfig.builder()
            .voice("Cherry")
            .responseFormat(QwenTtsRealtimeAudioFormat.PCM_24000HZ_MONO_16BIT)
            .sampleRate(16_000)
            .build());
    heard.wait("session.updated");
    speech.appendText("今天天气怎么样？");
    speech.finish();
    heard.wait("session.finished");
    report.equal(
        "tts: gives the audio that ours is given",
        Base64.getEncoder().encodeToString(heard.audio()),
        ours.get("speech").getAsString());
    report.equal("tts: nothing is refused", heard.of("error"), Collections.emptyList());
    speech.close();
    heard.closed.get(PATIENCE, TimeUnit.SECONDS);
    // It says the service's own default.
    compare("tts", row("session.update", "session.enable_tn", "-", "true"));
  }

  private static OmniRealtimeConversation conversation(String model, Heard heard) throws Exception {
    OmniRealtimeParam param =
        OmniRealtimeParam.builder()
            .apikey(Server.KEY)
            .url(URL)
            .model(model)
            .header("x-simulator-behavior", LATER)
            .build();
    OmniRealtimeConversation conversation =
        new OmniRealtimeConversation(
            param,
            new OmniRealtimeCallback() {
              @Override
              public void onOpen() {}

              @Override
              public void onEvent(JsonObject event) {
                heard.add(event);
              }

              @Override
              public void onClose(int code, String reason) {
                heard.closed.complete(null);
              }
            });
    conversation.connect();
    heard.wait("session.created");
    return conversation;
  }

  /** Not `endSession`, which closes what the service may have closed before, and fails then. */
  private static void end(OmniRealtimeConversation conversation, Heard heard) throws Exception {
    conversation.endSessionAsync();
    heard.wait("session.finished");
    conversation.close();
    heard.closed.get(PATIENCE, TimeUnit.SECONDS);
  }

  private static void omni() throws Exception {
    Server.forget();
    Heard heard = new Heard();
    OmniRealtimeConversation conversation = conversation("qwen3-omni-flash-realtime", heard);
    conversation.updateSession(
        OmniRealtimeConfig.builder()
            .modalities(Arrays.asList(OmniRealtimeModality.TEXT, OmniRealtimeModality.AUDIO))
            .voice("Cherry")
            .enableInputAudioTranscription(false)
            .enableTurnDetection(false)
            .build());
    heard.wait("session.updated");
    // This version has no method for items.
    conversation.sendRaw(
        "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\","
            + "\"content\":[{\"type\":\"input_text\",\"text\":\"1+1?\"}]}}");
    conversation.createResponse(null, null);
    JsonObject done = heard.wait("response.done");
    JsonObject said =
        done.getAsJsonObject("response")
            .getAsJsonArray("output")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("content")
            .get(0)
            .getAsJsonObject();
    report.equal("omni: answers", said.get("transcript").getAsString(), "1+1 equals 2.");
    report.check("omni: speaks", heard.audio().length > 0);
    report.equal("omni: nothing is refused", heard.of("error"), Collections.emptyList());
    end(conversation, heard);
    compare(
        "omni",
        // The SDK puts the names of its constants there, which the service takes for pcm; the pages have pcm.
        row("session.update", "session.input_audio_format", "\"pcm\"", "\"pcm16\""),
        row("session.update", "session.output_audio_format", "\"pcm\"", "\"pcm24\""),
        // What is not said is left out by ours.
        row("session.update", "session.translation", "-", "null"));
  }

  private static void asr() throws Exception {
    Server.forget();
    Heard heard = new Heard();
    OmniRealtimeConversation conversation = conversation("qwen3-asr-flash-realtime", heard);
    OmniRealtimeTranscriptionParam transcription = new OmniRealtimeTranscriptionParam("pcm", 16_000);
    transcription.setLanguage("zh");
    conversation.updateSession(
        OmniRealtimeConfig.builder()
            .modalities(Collections.singletonList(OmniRealtimeModality.TEXT))
            .enableTurnDetection(false)
            .transcriptionConfig(transcription)
            .build());
    heard.wait("session.updated");
    byte[] speech = Base64.getDecoder().decode(ours.get("speech").getAsString());
    for (int at = 0; at < speech.length; at += 65_536) {
      byte[] piece = Arrays.copyOfRange(speech, at, Math.min(speech.length, at + 65_536));
      conversation.appendAudio(Base64.getEncoder().encodeToString(piece));
    }
    conversation.commit();
    end(conversation, heard);
    List<String> transcripts =
        heard.of("conversation.item.input_audio_transcription.completed").stream()
            .map(event -> event.get("transcript").getAsString())
            .collect(Collectors.toList());
    report.equal("asr: hears", transcripts, Collections.singletonList("今天天气怎么样？"));
    report.equal("asr: nothing is refused", heard.of("error"), Collections.emptyList());
    compare(
        "asr",
        // The class is that of omni, and says what that has: a recognition has neither a voice nor an output.
        row("session.update", "session.modalities", "-", "[\"text\"]"),
        row("session.update", "session.voice", "-", "null"),
        row("session.update", "session.output_audio_format", "-", "\"pcm24\""),
        row("session.update", "session.translation", "-", "null"));
  }

  public static void main(String[] arguments) throws Exception {
    report.run("tts", Realtime::tts);
    report.run("omni", Realtime::omni);
    report.run("asr", Realtime::asr);
    report.equal("no connection is left", Server.idleStat("openConnections"), 0);
    report.finish();
  }
}
