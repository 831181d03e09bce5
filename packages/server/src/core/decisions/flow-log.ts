import type { FlowEventRecord } from '../../store/records.ts'

/** Port: takes what happened, stores it in batches. Never delays or fails a request. */
export interface FlowLog {
  record(event: FlowEventRecord): void
}
