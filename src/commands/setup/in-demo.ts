/**
 * Set by `demo`, for the setup that it runs, to the width of a line. The home is about to go then, so there is nothing to
 * do next.
 */
export const IN_DEMO = 'ACS_ENV_IN_DEMO'
