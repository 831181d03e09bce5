import { createHmac } from 'node:crypto'
import type { Workspace } from '../workspaces/workspace.ts'

/**
 * What a bucket is stored under. People type passwords into the username field: so the key is a keyed hash, never the
 * text.
 */
export function throttleKey({ secrets }: Workspace, text: string): string {
  return createHmac('sha256', secrets.tagKey).update(`throttle ${text}`).digest('base64url')
}
