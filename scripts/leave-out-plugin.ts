import type { Plugin } from 'rolldown'

/** The kinds of prompt that prompts.ts asks with; enquirer brings sixteen more. */
const PROMPTS_IN_USE = ['index', 'confirm', 'input', 'invisible']

/** Leaves code out of the bundle that nothing can reach: enquirer loads its prompts by name, when they are asked with. */
export function leaveOutPlugin(): Plugin {
  return {
    name: 'leave-out',
    load: {
      filter: { id: /[\\/]enquirer[\\/]lib[\\/]prompts[\\/]\w+\.js$/ },
      handler(id) {
        const name = /(\w+)\.js$/.exec(id)?.[1] ?? ''
        return PROMPTS_IN_USE.includes(name) ? null : 'module.exports = undefined'
      },
    },
  }
}
