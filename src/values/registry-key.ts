/** Where Windows keeps a user's variables, as people and documentation write it. */
export const REGISTRY_KEY = String.raw`HKCU\Environment`

/** The same, as registry files write it. */
export const FULL_REGISTRY_KEY = String.raw`HKEY_CURRENT_USER\Environment`
