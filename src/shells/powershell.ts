/** PowerShell takes typographic quotes for quotes too; inside single quotes each is doubled. */
export function renderPowershell(name: string, value: string): string {
  return `$env:${name} = '${value.replaceAll(/['‘’‚‛]/g, '$&$&')}'`
}
