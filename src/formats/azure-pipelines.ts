/**
 * The logging command that makes a secret variable of an Azure Pipelines job: the agent masks it in the log from then on.
 * Line breaks are escaped, and each `%` that the agent would take for the beginning of an escape; `;` and `]` may stand in
 * a value as they are (azure-pipelines-agent, CommandStringConvertor.cs).
 */
export function renderPipelineVariable(name: string, value: string): string {
  const escaped = value
    .replaceAll(/%(?=AZP25|3B|0D|0A|5D)/gi, '%AZP25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
  return `##vso[task.setvariable variable=${name};issecret=true]${escaped}`
}
