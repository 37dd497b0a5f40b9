import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;

/** One line per check, in a form that the runner reads; a number of lines last, to show that none is missing. */
final class Report {
  interface Scenario {
    void run() throws Exception;
  }

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private int count = 0;
  private int failed = 0;

  void check(String name, boolean condition, Object detail) {
    count++;
    if (condition) {
      line("ok " + name);
    } else {
      failed++;
      line("FAIL " + name + "\t" + detail);
    }
  }

  void check(String name, boolean condition) {
    check(name, condition, "it does not hold");
  }

  void equal(String name, Object actual, Object expected) {
    check(name, Objects.equals(actual, expected), "expected " + expected + ", got " + actual);
  }

  <E extends Throwable> E fails(String name, Class<E> expected, Callable<?> thunk) {
    Object got;
    try {
      got = "a result: " + thunk.call();
    } catch (Throwable error) {
      if (expected.isInstance(error)) {
        check(name, true);
        return expected.cast(error);
      }
      got = error;
    }
    check(name, false, "expected " + expected.getSimpleName() + ", got " + got);
    return null;
  }

  /** A scenario that dies is one failed check. */
  void run(String name, Scenario scenario) {
    try {
      scenario.run();
    } catch (Throwable error) {
      error.printStackTrace();
      check(name, false, error);
    }
  }

  /** Ends the process: OkHttp's threads would keep it for a minute. */
  void finish() {
    line("end " + count);
    System.exit(failed == 0 ? 0 : 1);
  }

  private void line(String text) {
    out.println(text.replace("\n", "\\n"));
  }
}
