/**
 * What people paste that has a connection string somewhere in it, each with its name. `key` is the one to be taken,
 * `otherKey` the resource's second one.
 */
export function connectionStringPastes(
  host: string,
  key: string,
  otherKey: string,
): readonly (readonly [name: string, text: string])[] {
  const text = `endpoint=${host}/;accesskey=${key}`
  const other = `endpoint=${host}/;accesskey=${otherKey}`
  const answer = {
    primaryConnectionString: text,
    primaryKey: key,
    secondaryConnectionString: other,
    secondaryKey: otherKey,
  }
  return [
    ['the JSON of the Azure CLI', JSON.stringify(answer, undefined, 2)],
    ['the JSON of the Azure CLI in one line', JSON.stringify(answer)],
    ['JSON with escaped slashes', JSON.stringify(answer).replaceAll('/', String.raw`\/`)],
    [
      'JSON with escaped signs',
      JSON.stringify(answer)
        .replaceAll('+', String.raw`\u002B`)
        .replaceAll('=', String.raw`\u003d`),
    ],
    [
      'the YAML of the Azure CLI',
      Object.entries(answer)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
    ],
    ['the table of the Azure CLI', `PrimaryConnectionString   PrimaryKey\n-------  -------\n${text}  ${key}\n`],
    ['the page of the portal', portalPage(text, key, other, otherKey)],
    ['the page of the portal with CRLF', portalPage(text, key, other, otherKey).replaceAll('\n', '\r\n')],
    ['two lines', `${text}\n${text}\n`],
    ['two lines of Windows', `${text}\r\n${text}\r\n`],
    ['twice in one line', `${text}${text}`],
    ['twice with a space between', `${text} ${text}`],
    ['twice with a semicolon between', `${text};${text}`],
    ['two lines in quotes', `"${text}"\n"${text}"\n`],
    ['a sentence', `Here it is: ${text} (the key of the test resource).`],
    ['the end of a sentence', `It is ${text}.`],
    ['a fence of Markdown', `\`\`\`\n${text}\n\`\`\`\n`],
    ['a .env file', `# for the tests\nDEBUG=1\nAZURE_COMMUNICATION_CONNECTION_STRING="${text}"\nOTHER=x\n`],
    ['the other way round in JSON', JSON.stringify({ value: `accesskey=${key};endpoint=${host}/` })],
    ['lines with an indentation', `  ${text.replace(';', ';\n    ')}\n`],
  ]
}

/** What people paste in place of a connection string: its name, the text, and the message about it. */
export function connectionStringReferences(): readonly (readonly [
  name: string,
  text: string,
  message: RegExp,
  hint: RegExp,
])[] {
  const vault = 'https://contoso.vault.azure.net/secrets/acs'
  return [
    ['a Key Vault reference', `@Microsoft.KeyVault(SecretUri=${vault}/)`, /key vault/, /az keyvault secret show/],
    ['one by name', '@Microsoft.KeyVault(VaultName=contoso;SecretName=acs)', /key vault/, /az keyvault secret show/],
    ['the address of a secret', `${vault}/0123456789abcdef`, /key vault/, /az keyvault secret show/],
    ['a 1Password reference', 'op://dev/acs/connection', /1Password/, /op read/],
    ['a portal address', 'https://portal.azure.com/#@contoso.com/resource/x/keys', /Azure portal/, /Connection string/],
    ['the portal of a government', 'https://portal.azure.us/#home', /Azure portal/, /Connection string/],
    ['a resource id', '/subscriptions/1/resourceGroups/x/providers/y/z', /id of a resource/, /list-key/],
    ['a command', 'az communication list-key --name x --resource-group y', /command/, /--connection-string-command/],
    ['a reference elsewhere', 'vault://secret/acs#connection', /reference/, /--connection-string-command/],
    ['$NAME', '$AZURE_COMMUNICATION_CONNECTION_STRING', /name of a variable/, /paste the value/],
    ['"$NAME"', '"$AZURE_COMMUNICATION_CONNECTION_STRING"', /name of a variable/, /paste the value/],
    ['${NAME}', '${ACS_CONNECTION}', /name of a variable/, /paste the value/],
    ['$env:NAME', '$env:ACS_CONNECTION', /name of a variable/, /paste the value/],
    ['%NAME%', '%AZURE_COMMUNICATION_CONNECTION_STRING%', /name of a variable/, /paste the value/],
    ['$(NAME)', '$(AcsConnection)', /name of a variable/, /paste the value/],
    ['a secret of GitHub', '${{ secrets.ACS }}', /name of a variable/, /paste the value/],
    ['a name alone', 'AZURE_COMMUNICATION_CONNECTION_STRING', /name of a variable/, /paste the value/],
    ['a line of a program', 'process.env.ACS_CONNECTION', /name of a variable/, /paste the value/],
    ['a line that sets it from itself', 'export X="$ACS_CONNECTION"', /name of a variable/, /paste the value/],
  ]
}

/** What Ctrl+A and Ctrl+C take from the Keys page. */
function portalPage(text: string, key: string, other: string, otherKey: string): string {
  return `Home
contoso | Keys
Communication Service
Search
Overview
Keys
Regenerate primary key
Access keys authenticate your applications' requests. Store them securely, as in Azure Key Vault.
Endpoint
${text.slice('endpoint='.length, text.indexOf(';'))}
Primary key
Key
${key}
Show
Connection string
${text}
Regenerate
Secondary key
Key
${otherKey}
Connection string
${other}
Regenerate
`
}
