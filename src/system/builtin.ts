/**
 * One of Node's own modules, loaded when it is needed. Not by `import()`, which would load Node's ES module loader too,
 * and on Node 22 and later, for `node:http`, the whole of undici.
 */
export const builtin: typeof process.getBuiltinModule = (id: string) => process.getBuiltinModule(id)
