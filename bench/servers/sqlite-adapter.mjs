// The adapter of oidc-provider's documentation, on node:sqlite: one table, prepared statements, durable commits.
import { DatabaseSync } from 'node:sqlite'

const GRANTABLE = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
])

export function sqliteAdapter(file) {
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;
    CREATE TABLE IF NOT EXISTS oidc (model TEXT, id TEXT, payload TEXT, grant_id TEXT, user_code TEXT, uid TEXT, expires_at INTEGER, consumed_at INTEGER, PRIMARY KEY (model, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS oidc_grant ON oidc (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS oidc_uid ON oidc (model, uid) WHERE uid IS NOT NULL;`)
  const upsert =
    db.prepare(`INSERT INTO oidc (model, id, payload, grant_id, user_code, uid, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (model, id) DO UPDATE SET payload=excluded.payload, grant_id=excluded.grant_id, user_code=excluded.user_code, uid=excluded.uid, expires_at=excluded.expires_at`)
  const byId = db.prepare('SELECT payload, consumed_at, expires_at FROM oidc WHERE model=? AND id=?')
  const byUid = db.prepare('SELECT payload, consumed_at, expires_at FROM oidc WHERE model=? AND uid=?')
  const byCode = db.prepare('SELECT payload, consumed_at, expires_at FROM oidc WHERE model=? AND user_code=?')
  const consume = db.prepare('UPDATE oidc SET consumed_at=? WHERE model=? AND id=?')
  const destroy = db.prepare('DELETE FROM oidc WHERE model=? AND id=?')
  const revoke = db.prepare('DELETE FROM oidc WHERE grant_id=?')
  const now = () => Math.floor(Date.now() / 1000)
  const read = (row) => {
    if (!row || (row.expires_at && row.expires_at <= now())) return undefined
    return { ...JSON.parse(row.payload), ...(row.consumed_at ? { consumed: row.consumed_at } : {}) }
  }
  return class {
    constructor(model) {
      this.model = model
    }
    async upsert(id, payload, expiresIn) {
      const grantId = GRANTABLE.has(this.model) ? (payload.grantId ?? null) : null
      upsert.run(
        this.model,
        id,
        JSON.stringify(payload),
        grantId,
        payload.userCode ?? null,
        payload.uid ?? null,
        expiresIn ? now() + expiresIn : null,
      )
    }
    async find(id) {
      return read(byId.get(this.model, id))
    }
    async findByUid(uid) {
      return read(byUid.get(this.model, uid))
    }
    async findByUserCode(code) {
      return read(byCode.get(this.model, code))
    }
    async consume(id) {
      consume.run(now(), this.model, id)
    }
    async destroy(id) {
      destroy.run(this.model, id)
    }
    async revokeByGrantId(grantId) {
      revoke.run(grantId)
    }
  }
}
