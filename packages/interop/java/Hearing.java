import com.alibaba.dashscope.common.ResultCallback;
import io.reactivex.BackpressureStrategy;
import io.reactivex.Flowable;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets one of the SDK's recognizers hear a file piece by piece: sent to its object, or as a stream that it is given. */
final class Hearing {
  private static final int PIECE = 3_200;
  private static final int PATIENCE = 30;

  private Hearing() {}

  static List<ByteBuffer> pieces(String file) throws Exception {
    List<ByteBuffer> pieces = new ArrayList<>();
    try (InputStream in = Files.newInputStream(Paths.get(file))) {
      for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
        pieces.add(ByteBuffer.wrap(piece));
      }
    }
    return pieces;
  }

  private static Method method(Class<?> type, String name, Class<?> last) {
    for (Method method : type.getMethods()) {
      Class<?>[] types = method.getParameterTypes();
      if (method.getName().equals(name) && types.length == 2 && types[1] == last) {
        return method;
      }
    }
    throw new IllegalArgumentException(type + " has no " + name + " with a " + last);
  }

  private static Object invoke(Method method, Object service, Object... arguments) throws Exception {
    try {
      return method.invoke(service, arguments);
    } catch (InvocationTargetException error) {
      throw (Exception) error.getCause();
    }
  }

  /** What the object tells while it hears the file, which it may not want to the end. */
  static List<Object> byCallback(Object service, String name, Object param, String file) throws Exception {
    List<Object> results = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Void> end = new CompletableFuture<>();
    ResultCallback<Object> callback =
        new ResultCallback<Object>() {
          @Override
          public void onEvent(Object message) {
            results.add(message);
          }

          @Override
          public void onComplete() {
            end.complete(null);
          }

          @Override
          public void onError(Exception error) {
            end.completeExceptionally(error);
          }
        };
    Class<?> type = service.getClass();
    invoke(method(type, name, ResultCallback.class), service, param, callback);
    Method send = type.getMethod("sendAudioFrame", ByteBuffer.class);
    for (ByteBuffer piece : pieces(file)) {
      if (Boolean.FALSE.equals(invoke(send, service, piece))) {
        break;
      }
    }
    invoke(type.getMethod("stop"), service);
    end.get(PATIENCE, TimeUnit.SECONDS);
    return results;
  }

  static List<Object> byStream(Object service, String name, Object param, String file) throws Exception {
    Gate gate = new Gate();
    Object heard = invoke(method(service.getClass(), name, Flowable.class), service, param, gate.after(pieces(file)));
    return gate.collect((Flowable<?>) heard);
  }

  /**
   * Lets nothing in before somebody listens. The SDK begins with the task when its method is called, and what arrives before its
   * Flowable is subscribed is lost; so the input waits for that.
   */
  static final class Gate {
    private final CountDownLatch open = new CountDownLatch(1);

    <A> Flowable<A> after(Iterable<A> items) {
      return Flowable.create(
          emitter -> {
            open.await();
            items.forEach(emitter::onNext);
            emitter.onComplete();
          },
          BackpressureStrategy.BUFFER);
    }

    List<Object> collect(Flowable<?> results) throws Exception {
      CompletableFuture<List<Object>> all = new CompletableFuture<>();
      results.cast(Object.class).toList().subscribe(all::complete, all::completeExceptionally);
      open.countDown();
      return all.get(PATIENCE, TimeUnit.SECONDS);
    }
  }
}
