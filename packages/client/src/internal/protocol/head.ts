export * from "../core/head.js"
