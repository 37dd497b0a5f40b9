import type { Theme } from "vitepress"
import DefaultTheme from "vitepress/theme"
import { h } from "vue"
import EffectLine from "./EffectLine.vue"
import "./style.css"
import Waits from "./Waits.vue"

export default {
  extends: DefaultTheme,
  Layout: () =>
    h(DefaultTheme.Layout, null, {
      "nav-bar-content-after": () => h(EffectLine),
      "nav-screen-content-after": () => h(EffectLine)
    }),
  enhanceApp: ({ app, router }) => {
    app.component("Waits", Waits)
    // The reference is in English only; whoever changes the language there begins at the start.
    router.onBeforeRouteChange = async (to) => {
      const [, base] = /^(.*\/zh\/)api\//.exec(to) ?? []
      if (base === undefined) return true
      await router.go(base)
      return false
    }
  }
} satisfies Theme
