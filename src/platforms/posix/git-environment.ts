import { isForeignHome } from '../../shells/foreign-home.ts'
import type { Environment, System } from '../../system/system.ts'

/**
 * The environment in which git answers about files: without the variables that it sets for a hook, which name another
 * repository. For root in the home of another user it is without that home: what is configured there can have git write
 * a log anywhere.
 */
export function gitEnvironment(system: Pick<System, 'env' | 'userId'>): Environment {
  const isForeign = isForeignHome(system.env.HOME ?? '', system)
  const isLeftOut = (name: string): boolean =>
    name.toUpperCase().startsWith('GIT_') || (isForeign && ['HOME', 'XDG_CONFIG_HOME'].includes(name))
  const others = Object.entries(system.env).filter(([name]) => !isLeftOut(name))
  return { ...Object.fromEntries(others), GIT_OPTIONAL_LOCKS: '0' }
}
