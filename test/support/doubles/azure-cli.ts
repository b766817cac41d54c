import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestHome } from '../homes/home.ts'

/** What the double says to arguments that begin with these. */
export interface AzAnswer {
  readonly to: string
  readonly stdout?: string
  readonly stderr?: string
  readonly exitCode?: number
  /** Starts a process that never ends, and waits for it, as Microsoft's own wrapper waits for Python. */
  readonly hangs?: true
}

interface AzCall {
  readonly args: readonly string[]
  /** How much was on its standard input, where it was, and what it found of the settings in its environment. */
  readonly inputBytes: number
  readonly directory: string
  readonly dynamicInstall: string
}

export interface AzDouble {
  /** A PATH on which it is found first. */
  readonly path: string
  calls(): readonly AzCall[]
  /** The processes of the calls that hang. */
  processIds(): readonly number[]
  /** Those of them that still run. One that nobody has waited for yet is over all the same. */
  survivors(): readonly number[]
}

/** Puts a program named `az` there, which gives prepared answers and records how it was called. */
export function makeAz(home: TestHome, answers: readonly AzAnswer[]): AzDouble {
  const directory = join(home.path, 'az-double')
  const cases = answers.map(({ to, stdout = '', stderr = '', exitCode = 0, hangs }, index) => {
    const out = home.write(`az-double/${index}.out`, stdout)
    const error = home.write(`az-double/${index}.err`, stderr)
    const act = hangs
      ? `sleep 600 & echo $! >> '${directory}/processes'; echo $$ >> '${directory}/processes'; wait`
      : ''
    return `'${to}'*) ${act}\ncat '${out}'; cat '${error}' >&2; exit ${exitCode};;`
  })
  const script = `#!/bin/sh
{ printf '%s\\0' "$@"; printf '%s\\0' "$(wc -c)" "$PWD" "$AZURE_EXTENSION_USE_DYNAMIC_INSTALL"; } > "${directory}/call.$$"
case "$*" in
${cases.join('\n')}
*) echo "unexpected: $*" >&2; exit 99;;
esac
`
  chmodSync(home.write('az-double/bin/az', script), 0o755)
  const processIds = (): readonly number[] => {
    const file = join(directory, 'processes')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []
  }
  return {
    path: `${join(directory, 'bin')}${delimiter}${process.env.PATH ?? '/usr/bin:/bin'}`,
    calls: () =>
      readdirSync(directory)
        .filter((name) => name.startsWith('call.'))
        .map((name) => readCall(readFileSync(join(directory, name), 'utf8'))),
    processIds,
    survivors: () => processIds().filter((id) => /^State:\t[^Z]/m.test(statusOf(id))),
  }
}

function statusOf(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/status`, 'utf8')
  } catch {
    return ''
  }
}

function readCall(text: string): AzCall {
  const fields = text.split('\0').slice(0, -1)
  const [inputBytes = '', directory = '', dynamicInstall = ''] = fields.slice(-3)
  return { args: fields.slice(0, -3), inputBytes: Number(inputBytes), directory, dynamicInstall }
}

export const SUBSCRIPTION = '22222222-2222-2222-2222-222222222222'
export const TENANT = '11111111-1111-1111-1111-111111111111'

/** A subscription as `az account list` has it. */
export function subscription(fields: Readonly<Record<string, unknown>> = {}): object {
  const user = { name: 'dev@contoso.com', type: 'user' }
  return { id: SUBSCRIPTION, name: 'Development', tenantId: TENANT, isDefault: true, state: 'Enabled', user, ...fields }
}

/** The id of a resource of that name. */
export function resourceId(name: string, { group = 'rg', subscription: id = SUBSCRIPTION } = {}): string {
  return `/subscriptions/${id}/resourceGroups/${group}/providers/Microsoft.Communication/CommunicationServices/${name}`
}

/** A resource as the management of Azure has it. */
export function resource(id: string, properties: Readonly<Record<string, unknown>> = {}): object {
  const name = id.split('/').at(-1) ?? ''
  return {
    id,
    name,
    location: 'global',
    type: 'microsoft.communication/communicationservices',
    properties: { hostName: `${name}.europe.communication.azure.com`, provisioningState: 'Succeeded', ...properties },
  }
}

/** The answer to the question who is signed in. */
export function accounts(...subscriptions: readonly object[]): AzAnswer {
  return { to: 'account list', stdout: JSON.stringify(subscriptions) }
}

/** The answer to the question for the resources of a subscription. */
export function resourcesOf(id: string, resources: readonly object[], nextLink?: string): AzAnswer {
  return { to: `rest --method get --url /subscriptions/${id}/`, stdout: JSON.stringify({ value: resources, nextLink }) }
}

/** The answer to the question for the key of a resource. */
export function keyOf(id: string, connectionString: string): AzAnswer {
  const document = { primaryConnectionString: connectionString, primaryKey: 'cHJpbWFyeQ==' }
  return { to: `rest --method post --url ${id}/listKeys`, stdout: JSON.stringify(document) }
}
