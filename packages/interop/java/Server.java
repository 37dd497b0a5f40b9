import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/** Where the simulator is, and its side of the story. */
final class Server {
  static final String URL = System.getenv("INTEROP_BASE_URL");
  static final String LIMITED_URL = System.getenv("INTEROP_LIMITED_URL");
  static final String TLS_URL = System.getenv("INTEROP_TLS_URL");
  static final String CA_FILE = System.getenv("INTEROP_CA_FILE");
  static final String KEY = System.getenv("INTEROP_KEY");
  private static final String CONTROL = System.getenv("INTEROP_CONTROL_URL");

  private Server() {}

  private static JsonElement control(String method, String path) throws Exception {
    HttpURLConnection connection = (HttpURLConnection) new URL(CONTROL + path).openConnection(Proxy.NO_PROXY);
    connection.setRequestMethod(method);
    connection.setReadTimeout(30_000);
    String text = new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return JsonParser.parseString(text);
  }

  /** The server's counters: connections and requests, now, at most and in all. */
  static int stat(String name) throws Exception {
    return control("GET", "/stats").getAsJsonObject().get(name).getAsInt();
  }

  /** The same, once no request is in flight; connections may be open. */
  static int restingStat(String name) throws Exception {
    return control("GET", "/resting").getAsJsonObject().get(name).getAsInt();
  }

  /** The same, once no connection is open. */
  static int idleStat(String name) throws Exception {
    return control("GET", "/idle").getAsJsonObject().get(name).getAsInt();
  }

  /** What clients said over WebSockets since it was forgotten, without the ids that each side makes. */
  static JsonArray messages() throws Exception {
    return control("GET", "/messages").getAsJsonArray();
  }

  static void forget() throws Exception {
    control("POST", "/forget");
  }

  /** Sets totals to zero and maxima to the current values. */
  static void reset() throws Exception {
    control("POST", "/reset");
  }

  /** Lets the server close the connections that have no request, as it does after a while. */
  static void closeIdle() throws Exception {
    control("POST", "/close-idle");
  }

  /** The latest request as it arrived: method, path, headers, body. */
  static JsonObject lastRequest() throws Exception {
    return control("GET", "/last").getAsJsonObject();
  }
}
