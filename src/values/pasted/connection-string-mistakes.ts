import { referenceMistake } from './connection-string-references.ts'

export interface Mistake {
  readonly message: string
  readonly hint: string
}

const WHERE = 'in the Azure portal, open your Communication Services resource, then Keys, and copy "Connection string"'

/** Connection strings of other Azure services, by a part that only they have. */
const OTHER_SERVICES: readonly { readonly name: string; readonly parts?: readonly string[]; readonly text?: RegExp }[] =
  [
    { name: 'a Service Bus or Event Hubs', text: /endpoint\s*=\s*sb:\/\//i },
    { name: 'an IoT Hub', parts: ['hostname'] },
    {
      name: 'an Azure Storage',
      parts: ['defaultendpointsprotocol', 'accountname', 'blobendpoint', 'usedevelopmentstorage'],
    },
    { name: 'a Cosmos DB', parts: ['accountendpoint', 'accountkey'] },
    { name: 'a Service Bus or Event Hubs', parts: ['sharedaccesskey', 'sharedaccesskeyname', 'sharedaccesssignature'] },
    { name: 'an Application Insights', parts: ['instrumentationkey', 'ingestionendpoint'] },
    { name: 'an App Configuration', text: /\.azconfig\.io/i },
    { name: 'a SignalR or Web PubSub', text: /\.(?:service\.signalr\.net|webpubsub\.azure\.com)/i },
    { name: 'a SQL database', parts: ['server', 'data source', 'initial catalog'] },
    { name: 'a Redis', text: /\.redis\.cache\.windows\.net/i },
  ]

/** What a placeholder in a well-formed endpoint has in it. */
const PLACEHOLDER_WORDS = /your|placeholder|change|replace/

/** Of Communication Services in the public cloud, or of an emulator on this machine. */
const OWN_ENDPOINT =
  /^https:\/\/(?:[a-z\d-]+(?:\.[a-z\d-]+)?\.communication\.azure\.com|localhost|127\.0\.0\.1)(?::\d+)?\/$/

const PLACEHOLDER =
  /[<>{}…]|\[[a-z _-]+\]|\byour\b|your[-_]?(?:connection|resource|access|endpoint|key)|placeholder|change[-_]?me|replace[-_]?(?:me|with)|\.\.\.|^x{3,}$/i

/** Whether this endpoint, well-formed as it is, may still be an example's or another service's. */
export function isDoubtfulEndpoint(endpoint: string): boolean {
  return !OWN_ENDPOINT.test(endpoint) || PLACEHOLDER_WORDS.test(endpoint)
}

/**
 * What people mistake for a connection string, named. `parts` are its `name=value` pieces, names in lower case. The
 * answer never holds any of the input.
 */
export function connectionStringMistake(
  text: string,
  parts: ReadonlyMap<string, string>,
  isFromShell: boolean,
): Mistake | undefined {
  if (text === '') return { message: 'The connection string is empty.', hint: WHERE }
  const reference = parts.has('accesskey') ? undefined : referenceMistake(text)
  if (reference !== undefined) return reference
  if (/[\r\n]/.test(text)) {
    return { message: 'The connection string has a line break in it.', hint: 'paste it as a single line' }
  }
  const other = OTHER_SERVICES.find(
    (service) => service.text?.test(text) || service.parts?.some((part) => parts.has(part)),
  )
  if (other !== undefined) {
    return {
      message: `This is the connection string of ${other.name} resource, not of Communication Services.`,
      hint: WHERE,
    }
  }
  return placeholderMistake(text, parts) ?? shapeMistake(text, parts, isFromShell)
}

function placeholderMistake(text: string, parts: ReadonlyMap<string, string>): Mistake | undefined {
  const endpoint = parts.get('endpoint')
  const key = parts.get('accesskey')
  // A real key may spell anything by chance, so only what is no key is searched.
  const keyIsReal = key !== undefined && /^[A-Za-z0-9+/]{40,}={0,2}$/.test(key)
  const place =
    endpoint !== undefined && PLACEHOLDER.test(endpoint)
      ? 'the endpoint'
      : key !== undefined && !keyIsReal && PLACEHOLDER.test(key)
        ? 'the access key'
        : endpoint === undefined && key === undefined && text.length < 80 && PLACEHOLDER.test(text)
          ? 'it'
          : undefined
  if (place === undefined) return undefined
  return {
    message: `The connection string is still the example: ${place} holds a placeholder.`,
    hint: WHERE,
  }
}

function shapeMistake(text: string, parts: ReadonlyMap<string, string>, isFromShell: boolean): Mistake | undefined {
  const shape = 'it reads endpoint=https://<resource>.communication.azure.com/;accesskey=<key>'
  const endpoint = parts.get('endpoint')
  const key = parts.get('accesskey')
  if (endpoint === undefined && key === undefined) {
    if (/^eyJ[\w-]+\.[\w-]+\./.test(text)) {
      return { message: 'This is an access token, not a connection string.', hint: WHERE }
    }
    if (/^https?:\/\/[^;\s]+;\s*\S+$/i.test(text)) {
      return { message: 'The parts of the connection string have no names.', hint: shape }
    }
    if (/^(?:https?:\/\/)?[a-z0-9.-]+\.(?:com|net|us|cn|de)(?::\d+)?\/*$/i.test(text)) {
      return { message: 'This is only the endpoint; the access key is missing.', hint: WHERE }
    }
    if (/^[A-Za-z0-9+/]{40,}={0,2}$/.test(text)) {
      return { message: 'This is only an access key; the endpoint is missing.', hint: WHERE }
    }
    return { message: 'This is not a connection string.', hint: shape }
  }
  if (endpoint === undefined || endpoint === '') {
    return { message: 'The connection string has no endpoint.', hint: shape }
  }
  if (key === undefined || key === '') {
    const cut = isFromShell
      ? 'a ";" ends a command in a shell: put the whole connection string in single quotes'
      : WHERE
    return { message: 'The connection string has no access key.', hint: key === undefined ? cut : shape }
  }
  if ([...parts.keys()].some((name) => name !== 'endpoint' && name !== 'accesskey')) {
    return { message: 'The connection string has a part that is neither endpoint nor accesskey.', hint: shape }
  }
  return undefined
}
