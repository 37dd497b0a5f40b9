import com.alibaba.dashscope.common.ResultCallback;
import com.alibaba.dashscope.utils.Constants;
import com.alibaba.dashscope.utils.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.reactivex.Flowable;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sends each case of the services once, and looks at what the SDK makes of the answer. How it asks is the argument: `java`,
 * or `java-callbacks`. The cases name the SDK's own classes, methods and builders, so that a case is a row and not code.
 */
public final class Services {
  private Services() {}

  private static Class<?> sdk(String name) throws ClassNotFoundException {
    return Class.forName("com.alibaba.dashscope." + name);
  }

  /** What JSON says as the type that a method takes. */
  private static Object convert(JsonElement json, Type type) throws Exception {
    Class<?> raw =
        type instanceof ParameterizedType
            ? (Class<?>) ((ParameterizedType) type).getRawType()
            : type instanceof Class ? (Class<?>) type : Object.class;
    if (json.isJsonObject() && json.getAsJsonObject().has("$")) {
      return build(json.getAsJsonObject());
    }
    if (JsonElement.class.isAssignableFrom(raw)) {
      return json;
    }
    if (raw == File.class) {
      return new File(json.getAsString());
    }
    if (Collection.class.isAssignableFrom(raw) && type instanceof ParameterizedType) {
      List<Object> list = new ArrayList<>();
      for (JsonElement one : json.getAsJsonArray()) {
        list.add(convert(one, ((ParameterizedType) type).getActualTypeArguments()[0]));
      }
      return list;
    }
    if (raw.isEnum()) {
      for (Object constant : raw.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(json.getAsString())) {
          return constant;
        }
      }
      throw new IllegalArgumentException(raw + " has no " + json);
    }
    // With the SDK's own readers for its abstract classes.
    return JsonUtils.gson.fromJson(json, raw == Object.class ? Object.class : type);
  }

  /** An object by its builder, or by the constructor that takes its only field. */
  private static Object build(JsonObject json) throws Exception {
    Class<?> type = sdk(json.get("$").getAsString());
    if (Arrays.stream(type.getDeclaredMethods()).noneMatch(method -> method.getName().equals("builder"))) {
      for (Constructor<?> constructor : type.getConstructors()) {
        if (constructor.getParameterCount() == 1 && json.size() == 2) {
          String field = json.keySet().stream().filter(name -> !name.equals("$")).findFirst().orElseThrow();
          return constructor.newInstance(convert(json.get(field), constructor.getGenericParameterTypes()[0]));
        }
      }
      throw new IllegalArgumentException("neither a builder nor a constructor for " + json);
    }
    Object builder = method(type, "builder", 0).invoke(null);
    for (Map.Entry<String, JsonElement> field : json.entrySet()) {
      if (!field.getKey().equals("$")) {
        Method setter = method(builder.getClass(), field.getKey(), 1);
        setter.invoke(builder, convert(field.getValue(), setter.getGenericParameterTypes()[0]));
      }
    }
    return method(builder.getClass(), "build", 0).invoke(builder);
  }

  private static Method method(Class<?> type, String name, int parameters) {
    for (Class<?> one = type; one != null; one = one.getSuperclass()) {
      for (Method method : one.getDeclaredMethods()) {
        if (method.getName().equals(name) && method.getParameterCount() == parameters && !method.isBridge()) {
          method.setAccessible(true);
          return method;
        }
      }
    }
    throw new IllegalArgumentException(type + " has no " + name + " of " + parameters);
  }

  /** Whether a parameter takes what JSON says; tells methods of one name apart. */
  private static boolean takes(Class<?> type, JsonElement json) throws ClassNotFoundException {
    return json.isJsonObject() && json.getAsJsonObject().has("$")
        ? type.isAssignableFrom(sdk(json.getAsJsonObject().get("$").getAsString()))
        : !json.isJsonPrimitive()
            || !json.getAsJsonPrimitive().isString()
            || type == String.class
            || type == Object.class
            || type == File.class
            || type.isEnum();
  }

  private static boolean takeAll(Class<?>[] types, JsonArray arguments) throws ClassNotFoundException {
    for (int i = 0; i < arguments.size(); i++) {
      if (!takes(types[i], arguments.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The method that takes these, and a callback last or none. */
  private static Method method(Class<?> type, String name, JsonArray arguments, boolean callback)
      throws ClassNotFoundException {
    int count = arguments.size() + (callback ? 1 : 0);
    for (Method method : type.getMethods()) {
      Class<?>[] types = method.getParameterTypes();
      if (method.getName().equals(name)
          && types.length == count
          && (count > 0 && types[count - 1] == ResultCallback.class) == callback
          && takeAll(types, arguments)) {
        return method;
      }
    }
    throw new IllegalArgumentException(type + " has no " + name + " of " + count);
  }

  private static List<Object> hear(JsonObject one, Class<?> type, String name) throws Exception {
    Object service = type.getConstructor().newInstance();
    Object param = convert(one.getAsJsonArray("arguments").get(0), Object.class);
    String file = one.get("hears").getAsString();
    return name.equals("streamCall")
        ? Hearing.byStream(service, name, param, file)
        : Hearing.byCallback(service, name, param, file);
  }

  private static List<Object> call(JsonObject one, JsonElement key, boolean callback) throws Exception {
    String path = one.get("call").getAsString();
    String name = path.substring(path.lastIndexOf('.') + 1);
    Class<?> type = sdk(path.substring(0, path.lastIndexOf('.')));
    if (one.has("hears")) {
      return hear(one, type, name);
    }
    JsonArray given = one.getAsJsonArray("arguments");
    Method method = method(type, name, given, callback);
    Object service =
        Modifier.isStatic(method.getModifiers())
            ? null
            : one.has("made")
                ? type.getConstructor(String.class).newInstance(key.getAsString())
                : type.getConstructor().newInstance();
    List<Object> arguments = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      arguments.add(convert(given.get(i), method.getGenericParameterTypes()[i]));
    }
    CompletableFuture<Void> end = new CompletableFuture<>();
    List<Object> results = new ArrayList<>();
    if (callback) {
      arguments.add(
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
          });
    }
    Object result;
    try {
      result = method.invoke(service, arguments.toArray());
    } catch (InvocationTargetException error) {
      throw (Exception) error.getCause();
    }
    if (callback) {
      end.get(20, TimeUnit.SECONDS);
    } else if (result instanceof Flowable) {
      results.addAll(((Flowable<?>) result).toList().blockingGet());
    } else {
      results.add(result);
    }
    return results;
  }

  private static boolean isFound(JsonElement json, String path) {
    for (String name : path.split("\\.")) {
      if (json == null || json.isJsonNull()) {
        return false;
      }
      json =
          json.isJsonArray()
              ? Integer.parseInt(name) < json.getAsJsonArray().size() ? json.getAsJsonArray().get(Integer.parseInt(name)) : null
              : json.isJsonObject() ? json.getAsJsonObject().get(name) : null;
    }
    return json != null && !json.isJsonNull() && !json.toString().equals("\"\"");
  }

  private static void send(Report report, JsonObject one, boolean callback) throws Exception {
    String name = one.get("name").getAsString();
    JsonObject invocation = one.getAsJsonObject(callback ? "java-callbacks" : "java");
    List<JsonElement> results = new ArrayList<>();
    for (Object result : call(invocation, one.get("key"), callback)) {
      // Some results are known to the SDK's own serializer only, and some are JSON.
      results.add(
          JsonParser.parseString(
              result == null
                  ? "{}"
                  : result instanceof String && ((String) result).startsWith("{")
                      ? (String) result
                      : JsonUtils.toJson(result)));
    }
    report.check(name + ": accepted", !results.isEmpty(), "no result");
    List<String> missing = new ArrayList<>();
    for (JsonElement path : invocation.getAsJsonArray("gives")) {
      if (results.stream().noneMatch(result -> isFound(result, path.getAsString()))) {
        missing.add(path.getAsString());
      }
    }
    report.check(name + ": understood", missing.isEmpty(), "no " + missing + " in " + results);
  }

  public static void main(String[] arguments) throws Exception {
    Constants.baseHttpApiUrl = Server.URL;
    Constants.baseWebsocketApiUrl = Server.URL.replaceFirst("http", "ws").replace("/api/v1", "/api-ws/v1/inference");
    Report report = new Report();
    byte[] bytes = Files.readAllBytes(Paths.get(System.getenv("INTEROP_SERVICES")));
    for (JsonElement element : JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonArray()) {
      JsonObject one = element.getAsJsonObject();
      if (one.has(arguments[0])) {
        boolean callback = arguments[0].equals("java-callbacks");
        report.run(one.get("name").getAsString(), () -> send(report, one, callback));
      }
    }
    report.finish();
  }
}
