import type { Theme } from "vitepress"
import DefaultTheme from "vitepress/theme"
import "./style.css"
import Waits from "./Waits.vue"

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component("Waits", Waits)
  }
} satisfies Theme
