/**
 * The barrel imports this first. Under another major of Effect no program of ours can be linked, so that none can say why; but what
 * Node prints then is the name of the first file that could not be.
 */
export {} from "effect/Either"
