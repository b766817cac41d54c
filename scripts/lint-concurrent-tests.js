/** What of `expect` belongs to a test: with these vitest asks which one is running. */
const OF_A_TEST = new Set(['poll', 'soft', 'assertions', 'hasAssertions'])

/** @typedef {{ readonly name?: string, readonly value?: unknown }} Name */
/** @typedef {{ readonly object: Name, readonly property: Name }} Member */
/** @typedef {{ readonly defs: readonly { readonly type: string }[] }} Variable */
/** @typedef {{ readonly set: ReadonlyMap<string, Variable>, readonly upper: Scope | null }} Scope */
/** @typedef {{ readonly sourceCode: { getScope(node: object): Scope }, report(problem: { node: object, message: string }): void }} Context */

/** @param {Scope | null} scope @param {string} name */
function isImported(scope, name) {
  for (let at = scope; at; at = at.upper) {
    const variable = at.set.get(name)
    if (variable) return variable.defs.some(({ type }) => type === 'ImportBinding')
  }
  return false
}

/**
 * Where tests run side by side, the `expect` of an import belongs to the one that began last, and to none once one of
 * them has ended: "expect.poll() must be called inside a test". The one of the test's own context has no such fault.
 */
const ownExpect = {
  /** @param {Context} context */
  create(context) {
    let isConcurrent = false
    /** @type {Member[]} */
    const used = []
    return {
      Identifier: (/** @type {Name} */ { name }) => {
        isConcurrent ||= name === 'concurrent'
      },
      MemberExpression(/** @type {Member} */ node) {
        if (node.object.name !== 'expect' || !OF_A_TEST.has(node.property.name ?? '')) return
        if (isImported(context.sourceCode.getScope(node), 'expect')) used.push(node)
      },
      'Program:exit'() {
        if (!isConcurrent) return
        for (const node of used) {
          context.report({ node, message: 'Tests run side by side here: take `expect` from the context of the test.' })
        }
      },
    }
  },
}

export default { meta: { name: 'concurrent-tests' }, rules: { 'own-expect': ownExpect } }
