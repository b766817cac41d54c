import manifest from '../package.json' with { type: 'json' }

/** Of the package, as published. */
export const { version } = manifest

/** The address of the repository, where the documentation is, and where bugs are reported. */
export const repositoryUrl = manifest.homepage.replace(/#.*$/, '')
