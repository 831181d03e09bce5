/** What binds a sealed private key to its row. */
export function privateKeyContext(workspaceId: string, kid: string): string {
  return `signing_keys|private|${workspaceId}|${kid}`
}
