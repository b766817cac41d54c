import { existsSync } from 'node:fs'
import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, originOf, otherHere } from '../here.ts'
import { isShell } from '../processes.ts'

/** A container begins with the variables that it was made with, and so does each program that is started in it. */
export const environmentContainer: Check = {
  id: 'environment.container',
  fine: 'The container brings no other value.',
  on: ['linux'],
  run: async ({ variables, system, ancestors }) => {
    const { CODESPACES, REMOTE_CONTAINERS } = system.env
    const isDocker = ['/.dockerenv', '/run/.containerenv'].some((file) => existsSync(file))
    if (!isDocker && CODESPACES === undefined && REMOTE_CONTAINERS === undefined) {
      return { skipped: 'this is no container that is known' }
    }
    const programs = await ancestors()
    const isOfEditor = CODESPACES !== undefined || REMOTE_CONTAINERS !== undefined
    const other = otherHere(variables, system.env).filter(({ name }) => {
      const origin = originOf(name, programs, system.env)
      // What a container was made with all of its programs have; what an editor adds begins with its server.
      return origin !== undefined && (origin === programs.at(-1) || (isOfEditor && !isShell(origin.name)))
    })
    if (other.length === 0) return []
    const cure =
      CODESPACES !== undefined
        ? cureOf("Change the codespace's secret of that name, then stop it and start it again")
        : REMOTE_CONTAINERS !== undefined
          ? cureOf('Change "remoteEnv" or "containerEnv" in devcontainer.json, and rebuild the container')
          : cureOf('Make it anew without them', 'docker compose up -d --force-recreate')
    return [warningFinding(`This container brings another ${listOf(namesOf(other))} than the stored one.`, cure)]
  },
}
