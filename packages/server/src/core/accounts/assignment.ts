import type { ClientRecord, UserRecord } from '../../store/records.ts'

/** Whether the user may use the client, which may be for assigned users alone (`user_access`). */
export function isAssigned({ metadata, clientId }: ClientRecord, { clients }: UserRecord): boolean {
  return metadata.user_access !== 'assigned' || clients.includes(clientId)
}
