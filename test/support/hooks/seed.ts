import * as fc from 'fast-check'

const { ACS_ENV_SEED } = process.env
if (ACS_ENV_SEED !== undefined) fc.configureGlobal({ seed: Number(ACS_ENV_SEED) })
