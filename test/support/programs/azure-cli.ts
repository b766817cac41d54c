import { spawnSync } from 'node:child_process'

/** True if the Azure CLI is installed; without it says so, and throws in CI, where nothing may be skipped. */
export function hasAzureCli(): boolean {
  if (spawnSync('sh', ['-c', 'command -v az']).status === 0) return true
  if (process.env['CI'] !== undefined)
    throw new Error('The tests with the Azure CLI need it: apt-get install azure-cli.')
  console.warn('Skipped: the tests with the Azure CLI need it.')
  return false
}
