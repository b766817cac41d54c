/** In fish's single quotes only the backslash and the quote itself mean something. */
export function renderFish(name: string, value: string): string {
  return `set -gx ${name} '${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`
}
