// The build puts this in front of all other code. Every Node since 12 has to be able to run it.
{
  /** The oldest Node that will do; the build takes it from `engines`. */
  const [minimumMajor, minimumMinor] = [0, 0]

  const { node: version } = process.versions
  const [major = 0, minor = 0] = version.split('.').map(Number)

  if (major < minimumMajor || (major === minimumMajor && minor < minimumMinor)) {
    const message = `acs-env needs Node ${minimumMajor}.${minimumMinor} or newer; this is ${version}.`
    const hint = 'install one from https://nodejs.org/en/download, or with a version manager, as in "nvm install --lts"'
    const args = process.argv.slice(2)
    // What follows "--" belongs to another program.
    const end = args.indexOf('--')
    const own = end === -1 ? args : args.slice(0, end)
    const text = own.includes('--json')
      ? JSON.stringify({ error: { code: 'old_node', message, hint } })
      : `error: ${message}\nhint: ${hint}`
    require('fs').writeSync(2, `${text}\n`)
    process.exit(1)
  }
}
