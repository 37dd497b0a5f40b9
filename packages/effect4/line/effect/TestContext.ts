/** What Effect 3's TestContext has and Effect 4's does not, with the signatures of Effect 3. */
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as TestConsole from "effect/testing/TestConsole"

export const TestContext = Layer.mergeAll(TestConsole.layer, TestClock.layer())
