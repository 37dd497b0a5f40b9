import com.alibaba.dashscope.audio.asr.translation.TranslationRecognizerChat;
import com.alibaba.dashscope.audio.asr.translation.TranslationRecognizerParam;
import com.alibaba.dashscope.audio.asr.translation.results.TranslationRecognizerResult;
import com.alibaba.dashscope.audio.tts.SpeechSynthesisResult;
import com.alibaba.dashscope.audio.ttsv2.ParamHotFix;
import com.alibaba.dashscope.audio.ttsv2.SpeechSynthesisAudioFormat;
import com.alibaba.dashscope.audio.ttsv2.SpeechSynthesisParam;
import com.alibaba.dashscope.audio.ttsv2.SpeechSynthesizer;
import com.alibaba.dashscope.common.ResultCallback;
import com.alibaba.dashscope.utils.Constants;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Speech over WebSockets with the class of `audio.ttsv2`, as its documentation uses it. */
public final class Speech {
  private static final Report report = new Report();
  private static final List<String> TEXTS = Arrays.asList("今天", "天气怎么样？");
  private static final int PATIENCE = 30;

  private Speech() {}

  /** Keeps what it is told. */
  private static final class Listener extends ResultCallback<SpeechSynthesisResult> {
    private final ByteArrayOutputStream audio = new ByteArrayOutputStream();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private int words = 0;

    @Override
    public void onEvent(SpeechSynthesisResult result) {
      hear(audio, result);
      if (result.getTimestamp() != null && result.getTimestamp().getWords() != null) {
        words += result.getTimestamp().getWords().size();
      }
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }

    @Override
    public void onError(Exception error) {
      end.completeExceptionally(error);
    }

    byte[] heard() throws Exception {
      end.get(PATIENCE, TimeUnit.SECONDS);
      return audio.toByteArray();
    }
  }

  private static void hear(ByteArrayOutputStream audio, SpeechSynthesisResult result) {
    if (result.getAudioFrame() != null) {
      byte[] bytes = new byte[result.getAudioFrame().remaining()];
      result.getAudioFrame().get(bytes);
      audio.write(bytes, 0, bytes.length);
    }
  }

  private static SpeechSynthesisParam.SpeechSynthesisParamBuilder<?, ?> param(String key) {
    return SpeechSynthesisParam.builder().apiKey(key).model("cosyvoice-v3-flash").voice("longanyang");
  }

  /** As the case of ours has it. */
  private static SpeechSynthesisParam full(String key) {
    ParamHotFix hotFix = new ParamHotFix();
    hotFix.setReplace(Collections.singletonList(new ParamHotFix.ReplaceItem("今天", "金天")));
    return param(key)
        .format(SpeechSynthesisAudioFormat.PCM_16000HZ_MONO_16BIT)
        .volume(40)
        .speechRate(1.5f)
        .pitchRate(0.5f)
        .seed(7)
        .instruction("slowly")
        .languageHints(Collections.singletonList("zh"))
        .hotFix(hotFix)
        .enableWordTimestamp(true)
        .build();
  }

  private static void bye(SpeechSynthesizer synthesizer) {
    synthesizer.getDuplexApi().close(1000, "bye");
  }

  private static int size(ByteBuffer audio) {
    return audio == null ? 0 : audio.remaining();
  }

  // What is compared with ours.

  private static void call() {
    SpeechSynthesizer synthesizer = new SpeechSynthesizer(param("wire-synthesis-call").build(), null);
    report.check("synthesis-call: there is audio", size(synthesizer.call("今天天气怎么样？")) > 0);
    bye(synthesizer);
  }

  private static byte[] texts() throws Exception {
    Listener listener = new Listener();
    SpeechSynthesizer synthesizer = new SpeechSynthesizer(full("wire-synthesis-texts"), listener);
    for (String text : TEXTS) {
      synthesizer.streamingCall(text);
    }
    synthesizer.streamingComplete();
    byte[] audio = listener.heard();
    report.check("synthesis-texts: there is audio", audio.length > 0);
    report.check("synthesis-texts: there are words", listener.words > 0);
    bye(synthesizer);
    return audio;
  }

  private static void flowable(byte[] expected) throws Exception {
    SpeechSynthesizer synthesizer = new SpeechSynthesizer(full("wire-synthesis-flowable"), null);
    Hearing.Gate gate = new Hearing.Gate();
    ByteArrayOutputStream audio = new ByteArrayOutputStream();
    for (Object result : gate.collect(synthesizer.streamingCallAsFlowable(gate.after(TEXTS)))) {
      hear(audio, (SpeechSynthesisResult) result);
    }
    report.check("synthesis-flowable: sounds the same", Arrays.equals(audio.toByteArray(), expected), audio.size());
    bye(synthesizer);
  }

  // What the SDK makes of its connection, and of failures.

  /** One object after another task, as the documentation's object pool uses it. */
  private static void reuse() throws Exception {
    Server.closeIdle();
    Server.reset();
    SpeechSynthesizer synthesizer = new SpeechSynthesizer();
    Set<ByteBuffer> heard = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      Listener listener = new Listener();
      synthesizer.updateParamAndCallback(param(Server.KEY).build(), listener);
      synthesizer.call("今天天气怎么样？");
      heard.add(ByteBuffer.wrap(listener.heard()));
    }
    report.equal("reuse: all four sound the same", heard.size(), 1);
    report.check("reuse: there is audio", heard.iterator().next().remaining() > 0);
    report.equal("reuse: over one connection", Server.stat("totalConnections"), 1);
    bye(synthesizer);
  }

  /** What the service says before its callback is subscribed would be lost to it, so that comes later. */
  private static SpeechSynthesisParam.SpeechSynthesisParamBuilder<?, ?> late(String behavior) {
    return param(Server.KEY).header("x-simulator-behavior", "{\"latency\":300" + behavior + "}");
  }

  private static void foreignVoice() throws Exception {
    Listener listener = new Listener();
    SpeechSynthesizer synthesizer = new SpeechSynthesizer(late("").voice("unknown").build(), listener);
    synthesizer.streamingCall("a");
    Throwable told = listener.end.handle((nothing, error) -> error).get(PATIENCE, TimeUnit.SECONDS);
    report.check("foreign voice: the error says 418", String.valueOf(told).contains("418"), told);
    bye(synthesizer);
  }

  private static void closedAmidst() throws Exception {
    Listener listener = new Listener();
    SpeechSynthesizer synthesizer =
        new SpeechSynthesizer(late(",\"socket\":{\"closeAfterEvents\":2}").build(), listener);
    synthesizer.streamingCall("今天天气怎么样？");
    // The SDK takes a close for the end.
    report.equal("closed amidst a task: it completes, without audio", listener.heard().length, 0);
    bye(synthesizer);
  }

  /** What hears one sentence ends by itself where the next one begins. */
  private static void oneSentence() throws Exception {
    CompletableFuture<Void> end = new CompletableFuture<>();
    List<TranslationRecognizerResult> results = Collections.synchronizedList(new ArrayList<>());
    TranslationRecognizerChat chat = new TranslationRecognizerChat();
    chat.call(
        TranslationRecognizerParam.builder()
            .apiKey(Server.KEY)
            .model("gummy-chat-v1")
            .format("wav")
            .sampleRate(16_000)
            .build(),
        new ResultCallback<TranslationRecognizerResult>() {
          @Override
          public void onEvent(TranslationRecognizerResult result) {
            results.add(result);
          }

          @Override
          public void onComplete() {
            end.complete(null);
          }

          @Override
          public void onError(Exception error) {
            end.completeExceptionally(error);
          }
        });
    try {
      for (ByteBuffer piece : Hearing.pieces(System.getenv("INTEROP_RECORDING"))) {
        if (!chat.sendAudioFrame(piece)) {
          break;
        }
      }
    } catch (Exception over) {
      // It refuses audio where it has ended, and `stop` too; so nobody asks it to.
      report.check("one sentence: it refuses audio since it has ended", over.toString().contains("State invalid"), over);
    }
    end.get(PATIENCE, TimeUnit.SECONDS);
    report.equal(
        "one sentence: it hears the first",
        results.get(results.size() - 1).getTranscriptionResult().getText(),
        "你好，世界。");
    chat.getDuplexApi().close(1000, "bye");
  }

  public static void main(String[] arguments) {
    Constants.baseWebsocketApiUrl = Server.URL.replaceFirst("http", "ws").replace("/api/v1", "/api-ws/v1/inference");
    report.run("synthesis-call", Speech::call);
    report.run("synthesis-texts and -flowable", () -> flowable(texts()));
    report.run("reuse", Speech::reuse);
    report.run("foreign voice", Speech::foreignVoice);
    report.run("closed amidst a task", Speech::closedAmidst);
    report.run("one sentence", Speech::oneSentence);
    report.finish();
  }
}
