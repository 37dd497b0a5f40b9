import effect from "@effect/eslint-plugin"
import tseslint from "typescript-eslint"

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "packages/effect4/{build,line}/**",
      "**/node_modules/**",
      "**/coverage/**",
      "packages/site/.vitepress/cache/**"
    ]
  },
  ...tseslint.configs.recommendedTypeChecked,
  ...effect.configs.dprint,
  {
    languageOptions: {
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname }
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@effect/dprint": ["error", {
        config: {
          indentWidth: 2,
          lineWidth: 120,
          operatorPosition: "maintain",
          quoteStyle: "alwaysDouble",
          semiColons: "asi",
          trailingCommas: "never",
          "arrowFunction.useParentheses": "force"
        }
      }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", {
        argsIgnorePattern: "^_",
        varsIgnorePattern: "^_",
        ignoreRestSiblings: true
      }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // A tagged error or service is a class that merges with an interface of the same name, as in Effect itself.
      "@typescript-eslint/no-unsafe-declaration-merging": "off",
      // Generators of Effect.gen often have nothing to yield in tests of pure steps.
      "require-yield": "off",
      // It replaces `it.effect` by one with its services, for all that come later: the files of a worker share `it`.
      "no-restricted-imports": ["error", {
        paths: [{ name: "@effect/vitest", importNames: ["layer"], message: "Provide the layer in each test." }]
      }]
    }
  },
  {
    files: ["**/*.mjs"],
    ...tseslint.configs.disableTypeChecked
  }
)
