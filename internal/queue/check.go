package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// oldestVersion has the lag of consumer groups, and scripts that may read the time before they write.
const oldestVersion = 7

// Check reports everything that is wrong with the server and how to set it right: not reachable, too old, not persistent,
// or allowed to evict. With Config.AllowVolatile the last two are only logged.
func (q *Queue) Check(ctx context.Context) error {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	// The sections by name in one call each: some managed servers know only one at a time.
	info := map[string]string{}
	for _, section := range []string{"server", "persistence", "memory", "replication"} {
		text, err := q.client.Info(ctx, section).Result()
		if err != nil {
			return fmt.Errorf("redis at %s does not answer: %w", q.opts.Addr, err)
		}
		readInfo(text, info)
	}
	major, _, _ := strings.Cut(info["redis_version"], ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestVersion {
		return fmt.Errorf("redis at %s is version %q, but %d or newer is needed", q.opts.Addr, info["redis_version"], oldestVersion)
	}
	volatile := errors.Join(q.checkPersistence(ctx, info), checkEviction(info))
	if volatile == nil {
		return nil
	}
	err := fmt.Errorf("redis at %s may forget (MESHGEN_REDIS_ALLOW_VOLATILE=true accepts that): %w", q.opts.Addr, volatile)
	if q.cfg.AllowVolatile {
		q.log.WarnContext(ctx, "volatile redis", "error", err)
		return nil
	}
	return err
}

func (q *Queue) checkPersistence(ctx context.Context, info map[string]string) error {
	if info["aof_enabled"] == "1" {
		return nil
	}
	save, err := q.client.ConfigGet(ctx, "save").Result()
	switch {
	case err == nil && save["save"] != "":
		return nil
	case err != nil && redis.IsPermissionError(err), redis.HasErrorPrefix(err, "unknown command"):
		// A managed server hides its configuration. Its replicas, if it has any, outlive it.
		if info["role"] == "slave" || (info["connected_slaves"] != "" && info["connected_slaves"] != "0") {
			return nil
		}
		return errors.New("appendonly is off, it has no replicas, and it does not tell whether it saves snapshots: " +
			"enable AOF, or add a replica")
	case err != nil:
		return fmt.Errorf("read its save points: %w", err)
	}
	return errors.New("it is not persistent: set \"appendonly yes\" in redis.conf, or CONFIG SET appendonly yes")
}

func checkEviction(info map[string]string) error {
	policy := info["maxmemory_policy"]
	if policy == "noeviction" {
		return nil
	}
	return fmt.Errorf("maxmemory-policy is %q, which lets it drop queued bells and events: "+
		"set \"maxmemory-policy noeviction\" in redis.conf, or CONFIG SET maxmemory-policy noeviction", policy)
}

// readInfo adds the "name:value" lines of an INFO reply to fields.
func readInfo(text string, fields map[string]string) {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
}
