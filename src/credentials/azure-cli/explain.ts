import { CliError, RefusedError } from '../../errors.ts'
import { explainNoKeys } from '../../service/explain.ts'
import { printable } from '../../text/printable.ts'
import type { AzureCliFailure } from './failure.ts'

/** What was asked for, as far as a sentence may need it. */
export interface AzureCliQuestion {
  /** The tenant to sign in to; undefined: that of the default subscription. */
  readonly tenantId?: string | undefined
  /** The scope of the token that was asked for, where it was not that of the management of Azure. */
  readonly scope?: string
  /** The resource whose key was asked for. */
  readonly resource?: { readonly name: string; readonly host: string | undefined }
}

/** The sign-in was good once, and is too old or was taken back. */
const EXPIRED = new Set(['AADSTS700082', 'AADSTS50173', 'AADSTS70043', 'AADSTS70008', 'AADSTS50078', 'AADSTS700084'])
/** A second factor, or what else conditional access demands. */
const MORE_WANTED = new Set(['AADSTS50076', 'AADSTS50079', 'AADSTS50158', 'AADSTS53000', 'AADSTS53003', 'AADSTS50074'])

/** The error to show: one sentence, and what to do next. */
export function explainAzureCli(failure: AzureCliFailure, question: AzureCliQuestion = {}): CliError {
  const error = (code: string, message: string, hint: string): CliError => new CliError(message, { code, hint })
  switch (failure.kind) {
    case 'not-installed':
      return error(
        'az_not_found',
        'The Azure CLI is not installed, or not on PATH.',
        'give the connection string with --connection-string-stdin, or install it: https://aka.ms/azure-cli',
      )
    case 'batch-file':
      return error(
        'az_not_found',
        'The Azure CLI was found as a batch file without its Python, which cannot be started safely.',
        'install it anew from https://aka.ms/azure-cli, or give the connection string with --connection-string-stdin',
      )
    case 'timed-out':
      return error('az_timeout', 'The Azure CLI did not answer in time.', 'run "az account list" by itself to see why')
    case 'signed-out':
      return error('az_signed_out', 'The Azure CLI is not signed in.', 'run "az login", then this again')
    case 'sign-in':
      return error('az_sign_in_again', signInSentence(failure.code), `run "${loginCommand(question)}", then this again`)
    case 'no-consent':
      return error(
        'az_no_consent',
        `The Azure CLI may not ask for a token of Communication Services as you (${failure.code}).`,
        'use the access key instead: --from-az; or sign in as a service principal, or give --entra-token-command',
      )
    case 'refused':
      return explainRefusal(failure, question)
    case 'unknown-subscription':
      return error(
        'az_unknown_subscription',
        'The Azure CLI knows no such subscription.',
        '"az account list --output table" shows those of this sign-in',
      )
    case 'network':
      return error('az_network', 'The Azure CLI could not reach Azure.', 'check the network, and HTTPS_PROXY')
    case 'certificate':
      return error(
        'az_certificate',
        'The Azure CLI does not trust the certificate that it was shown, as behind a proxy that looks into TLS.',
        'name the certificate of the proxy in REQUESTS_CA_BUNDLE, which is what the Azure CLI reads',
      )
    case 'unwritable':
      return error(
        'az_unwritable',
        'The Azure CLI may not write to its own directory.',
        'make ~/.azure yours with chown, or name another one in AZURE_CONFIG_DIR',
      )
    case 'too-old':
      return error('az_too_old', 'This Azure CLI is too old.', 'update it: https://aka.ms/azure-cli')
    case 'garbled':
      return error(
        'az_failed',
        'What the Azure CLI printed is not JSON.',
        'is "az" on PATH the Azure CLI itself? Run "az account list" to see',
      )
    case 'other': {
      const { line, exitCode } = failure
      return error(
        'az_failed',
        `The Azure CLI failed: ${line === undefined ? `it ended with exit code ${exitCode}` : withoutStop(printable(line))}.`,
        'run "az account list" by itself to see why',
      )
    }
  }
}

function explainRefusal(
  { reason, code }: Extract<AzureCliFailure, { kind: 'refused' }>,
  { resource }: AzureCliQuestion,
): CliError {
  const said = printable(code ?? reason)
  if (resource !== undefined && /local ?auth|KeyBased|DisabledKeys/i.test(code ?? '')) {
    return explainNoKeys(resource.name, resource.host)
  }
  if (reason === 'Forbidden' || code === 'AuthorizationFailed') {
    return resource === undefined
      ? new RefusedError(`You may not see the resources of this subscription (${said}).`, {
          code: 'az_forbidden',
          hint: 'ask for the role "Reader" on it, or name another with --subscription',
        })
      : new RefusedError(`You may see ${printable(resource.name)}, but not its keys (${said}).`, {
          code: 'az_forbidden',
          hint:
            'ask for the role "Communication and Email Service Owner" on it, which takes minutes to count; ' +
            'or sign in with Entra ID, by --endpoint',
        })
  }
  if (reason === 'Unauthorized') {
    return new CliError(`Azure refused the sign-in of the Azure CLI (${said}).`, {
      code: 'az_sign_in_again',
      hint: 'run "az login", then this again',
    })
  }
  if (reason === 'Not Found' && resource !== undefined) {
    return new CliError(`There is no resource ${printable(resource.name)} any more (${said}).`, {
      code: 'az_no_resource',
      hint: '"--from-az" without a name looks for the resources that there are',
    })
  }
  if (reason === 'Too Many Requests') {
    return new CliError('Azure has had too many requests.', {
      code: 'az_throttled',
      hint: 'wait a minute and try again',
    })
  }
  return new CliError(`Azure refused what the Azure CLI asked for (${said}).`, {
    code: 'az_failed',
    hint: 'try again in a few minutes; https://azure.status.microsoft shows known troubles',
  })
}

/** The command that signs in where it is needed. */
export function loginCommand({ tenantId, scope }: AzureCliQuestion): string {
  const tenant = tenantId === undefined ? '' : ` --tenant ${printable(tenantId)}`
  return `az login${tenant}${scope === undefined ? '' : ` --scope ${scope}`}`
}

function signInSentence(code: string): string {
  if (EXPIRED.has(code) || code === 'ExpiredAuthenticationToken') {
    return `The sign-in of the Azure CLI has expired (${code}).`
  }
  if (MORE_WANTED.has(code)) return `Azure wants a second factor or another sign-in from the Azure CLI (${code}).`
  return `Azure refused the sign-in of the Azure CLI (${code}).`
}

function withoutStop(sentence: string): string {
  return sentence.replace(/[.\s]+$/, '')
}
