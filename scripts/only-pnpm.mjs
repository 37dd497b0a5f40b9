// Runs before a package is packed or published. Only pnpm replaces what stands for the workspace in the manifest
// ("workspace:", "catalog:", and the entries of publishConfig): a tarball of another client could not be installed.
const { npm_config_user_agent: agent = "", npm_package_name: name = "this package" } = process.env

if (!agent.startsWith("pnpm/")) {
  const client = /^\w+/.exec(agent)?.[0] ?? "this command"
  console.error(
    `${name} can only be packed and published with pnpm: what ${client} makes of its manifest cannot be installed. ` +
      "Run `pnpm pack` or `pnpm publish`."
  )
  process.exitCode = 1
}
