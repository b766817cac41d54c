import type { Mistake } from './connection-string-mistakes.ts'

const COMMAND = '--connection-string-command'
const VAULT_COMMAND = `${COMMAND} 'az keyvault secret show --id <address of the secret> --query value --output tsv'`

/** What people paste that leads to a connection string without being one. */
const REFERENCES: readonly (Mistake & { readonly text: RegExp })[] = [
  {
    text: /@Microsoft\.(?:KeyVault|AppConfiguration)\b|\bvault\.(?:azure\.(?:net|cn)|usgovcloudapi\.net)\/(?:secrets|keys)\b/i,
    message: 'This is a reference to a secret in a key vault, not the connection string in it.',
    hint: `let the Azure CLI read it: ${VAULT_COMMAND}`,
  },
  {
    text: /^op:\/\//i,
    message: 'This is a 1Password reference, not the connection string it stands for.',
    hint: `let 1Password read it: ${COMMAND} 'op read "op://<vault>/<item>/<field>"'`,
  },
  {
    text: /^(?:https?:\/\/)?(?:[\w-]+\.)*portal\.azure\.(?:com|us|cn)(?:[/?#]|$)/i,
    message: 'This is the address of a page in the Azure portal, not the connection string on it.',
    hint: 'open your Communication Services resource there, then Keys, and copy "Connection string"',
  },
  {
    text: /^\/?subscriptions\/[^;\s]+$/i,
    message: 'This is the id of a resource, not its connection string.',
    hint: `let the Azure CLI read it: ${COMMAND} 'az communication list-key --name <resource> --resource-group <group> --query primaryConnectionString --output tsv'`,
  },
  {
    text: /^(?:az\s+(?:communication|keyvault)|op\s+read|pass\s+show|vault\s+kv)\s/i,
    message: 'This is a command that prints a connection string, not the connection string.',
    hint: `leave with Ctrl+C, and give the command with ${COMMAND}`,
  },
  {
    text: /^(?:arn:aws:|projects\/[^/\s]+\/secrets\/|(?!https?:)[a-z][a-z\d+.-]*:\/\/)/i,
    message: 'This is a reference to a secret, not the connection string it stands for.',
    hint: `give the command that reads it with ${COMMAND}`,
  },
  {
    // As shells, pipelines and programs write them: $NAME, ${NAME}, $env:NAME, $(NAME), ${{ secrets.NAME }}, %NAME%.
    text: /^(?:(?:export |set )?\w+=)?["']?(?:\$(?:env:)?[a-z_]\w*|\$\{{1,2}[^{}]*\}{1,2}|\$\([^()]*\)|%[a-z_]\w*%|!?[A-Z][A-Z\d]*(?:_[A-Z\d]+)+!?|process\.env\.\w+|os\.(?:environ|getenv)\W.*)["']?$/i,
    message: 'This is the name of a variable; nothing has put its value in.',
    hint: 'paste the value, or leave with Ctrl+C and start again where AZURE_COMMUNICATION_CONNECTION_STRING is set',
  },
]

/** Names a reference to a connection string, such as `op://…` or `$NAME`. The answer never holds any of the input. */
export function referenceMistake(text: string): Mistake | undefined {
  return REFERENCES.find((reference) => reference.text.test(text))
}
