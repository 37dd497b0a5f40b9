/** A part of undici that has no types of its own. */
declare module "undici/lib/dispatcher/client.js" {
  export { Client as default } from "undici"
}
