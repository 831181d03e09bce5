import { z } from 'zod'
import { baseUrl, hostName, id, name } from './values.ts'
import { workspaceSchema } from './workspace.ts'

type ParsedWorkspace = z.output<typeof workspaceSchema>

/** A workspace with the defaults that hang on its tenant. `path` is as in the file: `/` for the root. */
export interface WorkspaceConfig extends Omit<ParsedWorkspace, 'name' | 'path'> {
  readonly name: string
  readonly path: string
}

export const tenantSchema = z
  .strictObject({
    id: id().describe('The tenant’s id.'),
    name: name().optional().describe('Shown in the console; default: the id.'),
    url: baseUrl()
      .optional()
      .describe('The tenant’s own base URL, such as a custom domain; default: the product’s.'),
    hosts: z.array(hostName()).default([]).describe('Further host names that answer for this tenant.'),
    workspaces: z.array(workspaceSchema).optional().describe('Its issuers. Absent: unmanaged.'),
  })
  .transform(({ workspaces, ...tenant }) => ({
    ...tenant,
    name: tenant.name ?? tenant.id,
    workspaces: workspaces?.map(
      (workspace): WorkspaceConfig => ({
        ...workspace,
        name: workspace.name ?? workspace.id,
        path: workspace.path ?? defaultPath(tenant.id, workspace.id),
      }),
    ),
  }))
  .describe('A tenant: one or more workspaces under one name.')

export type TenantConfig = z.output<typeof tenantSchema>

export function defaultPath(tenantId: string, workspaceId: string): string {
  return `/${tenantId}/${workspaceId}`
}
