/**
 * Advisory locks: for what one node does at a time. They end with their transaction, so a node that dies holds none,
 * and poolers that hand out connections by transaction do not get in the way.
 */
export const MIGRATING = 1
export const SWEEPING = 2

/** Apart from other programs' locks ('Pixy' as a number), and of this schema alone. */
const KEY = `(1349089401::bigint << 32) | ((current_schema()::regnamespace::oid::bigint << 2) & 4294967295) | $1`

export const LOCK = `select pg_advisory_xact_lock(${KEY})`
export const TRY_LOCK = `select pg_try_advisory_xact_lock(${KEY}) as locked`
