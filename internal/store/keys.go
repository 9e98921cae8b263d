package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/auth"
	"meshgen/internal/id"
)

// APIKey is what is known of a key; the key itself is nowhere.
type APIKey struct {
	ID         string     `db:"id"`
	TenantID   string     `db:"tenant_id"`
	Name       string     `db:"name"`
	Prefix     string     `db:"prefix"`
	Scope      auth.Scope `db:"scope"`
	CreatedBy  string     `db:"created_by"`
	CreatedAt  time.Time  `db:"created_at"`
	ExpiresAt  *time.Time `db:"expires_at"` // nil: never
	RevokedAt  *time.Time `db:"revoked_at"`
	ReplacedBy *string    `db:"replaced_by"`  // the key that a rotation made of it
	LastUsedAt *time.Time `db:"last_used_at"` // to the minute
}

// Status tells whether a key works: active, expired or revoked.
func (k APIKey) Status() string { return statusOf(k.RevokedAt, k.ExpiresAt) }

// statusOf tells whether what may be revoked and expire still stands.
func statusOf(revokedAt, expiresAt *time.Time) string {
	switch {
	case revokedAt != nil:
		return "revoked"
	case expiresAt != nil && !expiresAt.After(time.Now()):
		return "expired"
	}
	return "active"
}

const keyColumns = `k.id, k.tenant_id, k.name, k.prefix, k.scope, k.created_by, k.created_at, k.expires_at, k.revoked_at, k.replaced_by, k.last_used_at`

// keyStands selects keys that are neither revoked nor expired.
const keyStands = `k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`

// NewAPIKey is a key to be recorded.
type NewAPIKey struct {
	TenantID  string
	Name      string
	Scope     auth.Scope
	CreatedBy string
	ExpiresAt *time.Time // nil: never
}

// CreateKey records a key.
func (db *DB) CreateKey(ctx context.Context, n NewAPIKey, key auth.Key) (APIKey, error) {
	return one[APIKey](db.pool.Query(ctx, `
		INSERT INTO api_keys AS k (id, tenant_id, name, prefix, secret_hash, scope, created_by, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING `+keyColumns,
		id.New(id.Key), n.TenantID, n.Name, key.Prefix(), key.Hash(), n.Scope, n.CreatedBy, n.ExpiresAt))
}

// AdoptKey records a key that the operator has made, in the audit log too, unless it was recorded before: once revoked, it stays so.
func (db *DB) AdoptKey(ctx context.Context, n NewAPIKey, key auth.Key) error {
	return db.inTx(ctx, func(tx pgx.Tx) error {
		keyID := id.New(id.Key)
		tag, err := tx.Exec(ctx, `
			INSERT INTO api_keys (id, tenant_id, name, prefix, secret_hash, scope, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (prefix) DO NOTHING`,
			keyID, n.TenantID, n.Name, key.Prefix(), key.Hash(), n.Scope, n.CreatedBy)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return record(ctx, tx, AuditEntry{TenantID: n.TenantID, Actor: n.CreatedBy, Via: "operator", Action: "create-key", Object: keyID, Outcome: OutcomeOK})
	})
}

// Keys returns a page of a tenant's keys, newest first, those that are over among them.
func (db *DB) Keys(ctx context.Context, tenant string, p Page) ([]APIKey, error) {
	return many[APIKey](db.pool.Query(ctx, `
		SELECT `+keyColumns+` FROM api_keys k WHERE k.tenant_id = $1 AND ($2 = '' OR k.id < $2) ORDER BY k.id DESC LIMIT $3`,
		tenant, p.After, p.Limit))
}

// HasKeys reports whether anybody can log in.
func (db *DB) HasKeys(ctx context.Context) (has bool, err error) {
	err = db.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM api_keys k WHERE `+keyStands+`)`).Scan(&has)
	return has, err
}

// RevokeKey makes a key useless at once and for good. It is idempotent.
func (db *DB) RevokeKey(ctx context.Context, tenant, keyID string) (APIKey, error) {
	return one[APIKey](db.pool.Query(ctx, `
		UPDATE api_keys k SET revoked_at = coalesce(k.revoked_at, now()) WHERE k.id = $1 AND k.tenant_id = $2 RETURNING `+keyColumns,
		keyID, tenant))
}

// ErrKeyOver says that a key is revoked or has expired.
var ErrKeyOver = errors.New("the key is revoked or has expired")

// RotateKey records a key that takes the place of another, with its name, scope and, if it has one, length of life. The old
// one goes on for as long as overlap at most.
func (db *DB) RotateKey(ctx context.Context, tenant, keyID, by string, overlap time.Duration, key auth.Key) (fresh APIKey, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		old, err := one[APIKey](tx.Query(ctx, `SELECT `+keyColumns+` FROM api_keys k WHERE k.id = $1 AND k.tenant_id = $2 FOR UPDATE`, keyID, tenant))
		if err != nil {
			return err
		}
		fresh, err = one[APIKey](tx.Query(ctx, `
			INSERT INTO api_keys AS k (id, tenant_id, name, prefix, secret_hash, scope, created_by, expires_at)
			SELECT $2, tenant_id, name, $3, $4, scope, $5, now() + (expires_at - created_at) FROM api_keys k WHERE k.id = $1 AND `+keyStands+`
			RETURNING `+keyColumns, old.ID, id.New(id.Key), key.Prefix(), key.Hash(), by))
		if errors.Is(err, ErrNotFound) {
			return ErrKeyOver
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE api_keys SET replaced_by = $2, expires_at = least(expires_at, now() + $3::interval) WHERE id = $1`, old.ID, fresh.ID, overlap)
		return err
	})
	return fresh, err
}

// lastUse is how exactly it is known when a key or link was last used: the row is written once in that time.
const lastUse = time.Minute

// LoginByKey returns what is known of a key, if it is one that stands.
func (db *DB) LoginByKey(ctx context.Context, key auth.Key) (APIKey, error) {
	type candidate struct {
		APIKey
		SecretHash []byte `db:"secret_hash"`
	}
	found, err := one[candidate](db.pool.Query(ctx, `
		SELECT `+keyColumns+`, k.secret_hash FROM api_keys k WHERE k.prefix = $1 AND `+keyStands, key.Prefix()))
	if err == nil && !auth.SameHash(found.SecretHash, key.Hash()) {
		err = ErrNotFound
	}
	if err != nil {
		return APIKey{}, err
	}
	return found.APIKey, db.used(ctx, "api_keys", found.ID, found.LastUsedAt)
}

// KeyOfPrefix returns the key of a prefix, whether it stands or not. It tells nothing of whoever knows the prefix.
func (db *DB) KeyOfPrefix(ctx context.Context, prefix string) (APIKey, error) {
	return one[APIKey](db.pool.Query(ctx, `SELECT `+keyColumns+` FROM api_keys k WHERE k.prefix = $1`, prefix))
}

// LoginBySession returns the key of a session, if both stand.
func (db *DB) LoginBySession(ctx context.Context, tokenHash []byte) (APIKey, error) {
	k, err := one[APIKey](db.pool.Query(ctx, `
		SELECT `+keyColumns+` FROM sessions s JOIN api_keys k ON k.id = s.key_id
		WHERE s.token_hash = $1 AND s.expires_at > now() AND `+keyStands, tokenHash))
	if err != nil {
		return APIKey{}, err
	}
	return k, db.used(ctx, "api_keys", k.ID, k.LastUsedAt)
}

// used notes that a row of a table was used, where that is not known to the minute.
func (db *DB) used(ctx context.Context, table, rowID string, last *time.Time) error {
	if last != nil && time.Since(*last) < lastUse {
		return nil
	}
	_, err := db.relaxed.Exec(ctx, `
		UPDATE `+table+` SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - $2::interval)`, rowID, lastUse)
	return err
}

// OpenSession records that a browser has logged in with a key, and returns until when.
func (db *DB) OpenSession(ctx context.Context, tenant, keyID string, tokenHash []byte, life time.Duration) (until time.Time, err error) {
	err = db.pool.QueryRow(ctx, `
		INSERT INTO sessions (token_hash, tenant_id, key_id, expires_at)
		SELECT $1, k.tenant_id, k.id, least(k.expires_at, now() + $4::interval) FROM api_keys k WHERE k.id = $3 AND k.tenant_id = $2
		RETURNING expires_at`, tokenHash, tenant, keyID, life).Scan(&until)
	return until, err
}

// CloseSession ends a session. One that is not there is no error.
func (db *DB) CloseSession(ctx context.Context, tenant string, tokenHash []byte) error {
	_, err := db.pool.Exec(ctx, `DELETE FROM sessions WHERE token_hash = $1 AND tenant_id = $2`, tokenHash, tenant)
	return err
}
