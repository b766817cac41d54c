/** The shapes in which people have a connection string, each with its name. All mean the same. */
export function connectionStringShapes(host: string, key: string): readonly (readonly [name: string, text: string])[] {
  const canonical = `endpoint=${host}/;accesskey=${key}`
  return [
    ['as the portal gives it', canonical],
    ['without the slash', `endpoint=${host};accesskey=${key}`],
    ['the other way round', `accesskey=${key};endpoint=${host}/`],
    ['in other letter cases', `Endpoint=${host.toUpperCase()}/;AccessKey=${key}`],
    ['with a semicolon at the end', `${canonical};`],
    ['with spaces around the parts', ` endpoint = ${host}/ ; accesskey = ${key} `],
    ['with a line ending', `${canonical}\r\n`],
    ['with a byte order mark', `\uFEFF${canonical}`],
    ['in double quotes', `"${canonical}"`],
    ['in single quotes', `'${canonical}'`],
    ['in quotes of a word processor', `“${canonical}”`],
    ['in quotes with spaces in them', `" ${canonical} "`],
    ['with the default port', canonical.replace('.com/', '.com:443/')],
    ['an export line', `export AZURE_COMMUNICATION_CONNECTION_STRING="${canonical}"`],
    ['an export line with the prompt before it', `$ export X='${canonical}';`],
    ['an export line without quotes', `export X=${canonical}`],
    ['a line of a .env file', `COMMUNICATION_SERVICES_CONNECTION_STRING=${canonical}`],
    ['a setx line', `setx AZURE_COMMUNICATION_CONNECTION_STRING "${canonical}"`],
    ['a setx line for the machine', String.raw`C:\Users\me> setx X "${canonical}" /m`],
    ['a PowerShell line', `$env:X = "${canonical}"`],
    ['a PowerShell line with the prompt', String.raw`PS C:\> $env:X="${canonical}"`],
    ['a cmd line', `set X=${canonical}`],
    ['a fish line', `set -gx X '${canonical}'`],
  ]
}
