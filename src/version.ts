import manifest from '../package.json' with { type: 'json' }

/** Of the package, as published. */
export const { version } = manifest
