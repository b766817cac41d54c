/**
 * Where to ask again for what a token was issued with, where that itself is stored nowhere. Holds no secret, so that it
 * can be kept and shown.
 */
export type RememberedSource =
  /** A command line of the user's that prints the connection string. */
  | ({ readonly kind: 'command' } & RememberedCommand)
  /** The signed-in Azure CLI, which hands out the key of this resource. */
  | { readonly kind: 'azure-cli'; readonly resourceId: string }
  /** Entra ID, which needs no key. */
  | { readonly kind: 'entra'; readonly endpoint: string; readonly supplier: EntraSupplier }

/** Who gets the Entra token. */
export type EntraSupplier =
  /** The signed-in Azure CLI, in the tenant of this subscription, or else of its default one. */
  | { readonly kind: 'azure-cli'; readonly subscription: string | undefined }
  /** A command line of the user's that prints it. */
  | ({ readonly kind: 'command' } & RememberedCommand)

/** A command line, and where it was given: elsewhere its relative paths would lead to other files, or to somebody else's. */
interface RememberedCommand {
  readonly command: string
  readonly directory: string
}

/** As `state.json` has it. */
export function sourceDocument(source: RememberedSource): object {
  switch (source.kind) {
    case 'command':
      return { kind: source.kind, command: source.command, directory: source.directory }
    case 'azure-cli':
      return { kind: source.kind, resource_id: source.resourceId }
    case 'entra': {
      const { kind, endpoint, supplier } = source
      return supplier.kind === 'command'
        ? { kind, endpoint, token_command: supplier.command, directory: supplier.directory }
        : { kind, endpoint, subscription: supplier.subscription }
    }
  }
}

/** Reads it back; undefined where it is none, or one of a later version. */
export function readSource(document: Record<string, unknown>): RememberedSource | undefined {
  const { kind, command, directory, resource_id, endpoint, token_command, subscription } = document
  if (kind === 'command' && isText(command) && isText(directory)) return { kind, command, directory }
  if (kind === 'azure-cli' && isText(resource_id)) return { kind, resourceId: resource_id }
  if (kind !== 'entra' || !isText(endpoint)) return undefined
  if (isText(token_command)) {
    return isText(directory)
      ? { kind, endpoint, supplier: { kind: 'command', command: token_command, directory } }
      : undefined
  }
  return {
    kind,
    endpoint,
    supplier: { kind: 'azure-cli', subscription: isText(subscription) ? subscription : undefined },
  }
}

/** For people: "the key of contoso, from the Azure CLI". */
export function describeSource(source: RememberedSource): string {
  switch (source.kind) {
    case 'command':
      return `what this prints: ${source.command}`
    case 'azure-cli':
      return `the key of ${source.resourceId.split('/').at(-1)}, from the Azure CLI`
    case 'entra':
      return source.supplier.kind === 'azure-cli'
        ? 'Entra ID, through the Azure CLI'
        : `Entra ID, with what this prints: ${source.supplier.command}`
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
