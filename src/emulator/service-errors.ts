/** What goes back to the client: a status and, unless there is none, a JSON body. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

// Wordings are from the session recordings of azure-sdk-for-js, -python and -net, unless another source is named.

// The two "Denied": azure-sdk-for-js#22312 and azure-rest-api-specs#11767.

export const DENIED = serviceError(401, 'Denied', 'Denied by the resource provider.')

export const BODY_NOT_AS_SIGNED = serviceError(
  401,
  'Denied',
  "Request 'x-ms-content-sha256' differs from generated content hash.",
)

export const IDENTITY_NOT_OWNED = serviceError(
  401,
  'IdentityNotOwned',
  "Provided identity doesn't belong to the resource.",
)

export const INVALID_ACCESS_TOKEN = serviceError(401, 'InvalidAccessToken', 'Provided access token is not valid.')

// The two refusals of an api-version are worded as by dotnet/aspnet-api-versioning, which Azure answers with.

export const API_VERSION_MISSING = serviceError(
  400,
  'ApiVersionUnspecified',
  'An API version is required, but was not specified.',
)

/** The refusal of an `api-version` the operation does not know. */
export function unsupportedApiVersion(url: string, version: string): Answer {
  const message = `The HTTP resource that matches the request URI '${url}' does not support the API version '${version}'.`
  return serviceError(400, 'UnsupportedApiVersion', message)
}

// Codes and wordings of these six are ours: no recording shows them.

export const NOT_FOUND = serviceError(404, 'NotFound', 'The requested operation does not exist.')

export const METHOD_NOT_ALLOWED = serviceError(405, 'MethodNotAllowed', 'The operation does not support this method.')

export const BODY_MISSING = validationError('A non-empty request body is required.')

export const BODY_NOT_AN_OBJECT = validationError('The request body must be a JSON object.')

export const BODY_TOO_LARGE = serviceError(413, 'RequestBodyTooLarge', 'The request body is too large.')

export const INTERNAL_ERROR = serviceError(500, 'InternalServerError', 'Internal server error.')

/** The refusal of a required field that is missing, null or empty, as ASP.NET model binding words it. */
export function fieldRequired(field: string): Answer {
  return validationError(`${field}: The ${field} field is required.`, field)
}

/** The refusal of a request whose content is wrong; `target` names the field. */
export function validationError(message: string, target?: string): Answer {
  return serviceError(400, 'ValidationError', message, target)
}

function serviceError(status: number, code: string, message: string, target?: string): Answer {
  return { status, body: { error: { code, message, ...(target === undefined ? {} : { target }) } } }
}
