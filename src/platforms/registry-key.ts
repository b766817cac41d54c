/** Where Windows keeps a user's variables, as people and documentation write it. */
export const REGISTRY_KEY = String.raw`HKCU\Environment`
