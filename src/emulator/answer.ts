import { parseObject } from './json-object.ts'
import { type Operation, operations } from './operations.ts'
import {
  type Answer,
  API_VERSION_MISSING,
  BODY_NOT_AN_OBJECT,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  unsupportedApiVersion,
} from './service-errors.ts'
import type { Service } from './service.ts'
import { findSignatureFault, type ReceivedRequest } from './signature.ts'

/** The service's answer to any request at all; `scheme` is the one the client used. */
export async function answer(request: ReceivedRequest, service: Service, scheme: string): Promise<Answer> {
  const [path, query] = splitTarget(request.target)
  const candidates = operations.filter((operation) => operation.path.test(path))
  const operation = candidates.find(({ method }) => method === request.method)
  if (operation === undefined) return refuseRoute(candidates)

  const headers = { 'api-supported-versions': operation.versions.join(', ') }
  const version = new URLSearchParams(query).get('api-version')
  if (version === null) return { ...API_VERSION_MISSING, headers }
  if (!operation.versions.includes(version)) {
    return { ...unsupportedApiVersion(`${scheme}://${request.headers.host ?? ''}${path}`, version), headers }
  }
  const fault = findFault(request, service)
  return { ...(fault ?? (await run(operation, path, request.body, service))), headers }
}

/** The refusal of a request that proves neither a sign-in nor the access key. */
function findFault(request: ReceivedRequest, { accessKey, entraToken, now }: Service): Answer | undefined {
  const isSignedIn = entraToken !== undefined && request.headers.authorization === `Bearer ${entraToken}`
  return isSignedIn ? undefined : findSignatureFault(request, accessKey, now())
}

async function run(operation: Operation, path: string, body: Buffer, service: Service): Promise<Answer> {
  const id = decode(operation.path.exec(path)?.[1] ?? '')
  if (body.length === 0) return operation.run({ id, fields: undefined }, service)
  const fields = parseObject(body.toString())
  return fields === undefined ? BODY_NOT_AN_OBJECT : operation.run({ id, fields }, service)
}

function refuseRoute(candidates: readonly Operation[]): Answer {
  if (candidates.length === 0) return NOT_FOUND
  return { ...METHOD_NOT_ALLOWED, headers: { Allow: candidates.map(({ method }) => method).join(', ') } }
}

function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

// An id that cannot be decoded is refused like one that does not exist.
function decode(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
