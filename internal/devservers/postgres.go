package devservers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Postgres is a PostgreSQL server with the superuser meshgen, who needs no password from loopback.
type Postgres struct{ Process }

// URL returns the address of a database.
func (p *Postgres) URL(database string) string {
	return fmt.Sprintf("postgres://meshgen@127.0.0.1:%d/%s?sslmode=disable", p.Port, database)
}

// NewPostgres starts PostgreSQL, making its cluster and the database meshgen at the first start.
func NewPostgres(ctx context.Context, o Options) (*Postgres, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	c, err := makeCluster(ctx, o)
	if err != nil {
		return nil, err
	}
	server := filepath.Join(c.bin, "postgres")
	p := &Postgres{}
	p.Process = Process{
		Name: "postgres", log: o.Log,
		term: syscall.SIGINT, // its "fast shutdown": disconnects everybody and writes a checkpoint
		// Its "immediate shutdown": no checkpoint, recovery at the next start. SIGKILL would leave shared memory behind.
		crash: syscall.SIGQUIT,
		make: func() (*exec.Cmd, error) {
			args := []string{"-D", c.data, "-h", "127.0.0.1", "-p", strconv.Itoa(p.Port), "-k", "",
				"-c", "max_connections=300", "-c", "log_min_messages=warning"}
			if c.volatile {
				args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off",
					"-c", "wal_level=minimal", "-c", "max_wal_senders=0")
			}
			cmd := exec.Command(server, args...)
			cmd.Dir = c.data
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner}
			return cmd, nil
		},
		ready: func(ctx context.Context) error {
			conn, err := pgx.Connect(ctx, p.URL("postgres"))
			if err != nil {
				return err
			}
			return conn.Close(ctx)
		},
	}
	if err := p.startOn(ctx, o.Port); err != nil {
		return nil, err
	}
	if err := p.CreateDatabase(ctx, "meshgen", ""); err != nil {
		_ = p.Kill()
		return nil, err
	}
	return p, nil
}

// CreateDatabase makes a database, unless there is one of the name: an empty one, or a copy of template, which nobody may
// be connected to.
func (p *Postgres) CreateDatabase(ctx context.Context, name, template string) error {
	return p.administer(ctx, func(conn *pgx.Conn) error {
		var exists bool
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil || exists {
			return err
		}
		create := "CREATE DATABASE " + pgx.Identifier{name}.Sanitize()
		if template != "" {
			// Copying files is quicker than writing what is in them to the log.
			create += " TEMPLATE " + pgx.Identifier{template}.Sanitize() + " STRATEGY file_copy"
		}
		_, err := conn.Exec(ctx, create)
		return err
	})
}

// DropDatabase removes a database and disconnects who uses it.
func (p *Postgres) DropDatabase(ctx context.Context, name string) error {
	return p.administer(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
		return err
	})
}

func (p *Postgres) administer(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return do(conn)
}

// cluster is what initdb makes: the folder of one server's databases.
type cluster struct {
	bin, data string
	owner     *syscall.Credential // nil is who we are
	volatile  bool
}

// MakeCluster makes the folder data that a server starts with, and starts none. A copy of it in the folder of a server
// spares that the making.
func MakeCluster(ctx context.Context, o Options) error {
	_, err := makeCluster(ctx, o)
	return err
}

func makeCluster(ctx context.Context, o Options) (c cluster, err error) {
	server, err := installed("postgres", "/usr/lib/postgresql/*/bin")
	if err != nil {
		return c, err
	}
	c = cluster{bin: filepath.Dir(server), volatile: o.Volatile}
	if c.owner, err = unprivileged(); err != nil {
		return c, err
	}
	if c.data, err = dataFolder(o.Dir, c.owner); err != nil {
		return c, err
	}
	return c, c.make(ctx)
}

// make makes the cluster, unless it is there.
func (c cluster) make(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.data, "PG_VERSION")); err == nil {
		return nil
	}
	// Under another name until it is whole, so that an interrupted start can be repeated.
	unfinished := c.data + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := c.folder(unfinished); err != nil {
		return err
	}
	// --no-sync: what the machine may lose before the first commit is an empty cluster.
	args := []string{"-D", unfinished, "-U", "meshgen", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"}
	if c.volatile {
		args = append(args, "--wal-segsize=1") // less to write: a fresh cluster holds one segment
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), args...)
	cmd.Dir = unfinished
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner, Pdeathsig: syscall.SIGKILL}
	output := &tail{}
	cmd.Stdout, cmd.Stderr = output, output
	err := spawn(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	return os.Rename(unfinished, c.data)
}

// folder makes a folder that PostgreSQL's user owns.
func (c cluster) folder(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	if c.owner == nil {
		return nil
	}
	return os.Chown(path, int(c.owner.Uid), int(c.owner.Gid))
}

// systemFolder is where PostgreSQL's own user may keep data, whoever may enter the checkout.
const systemFolder = "/var/lib/postgresql"

// dataFolder returns the folder of the server's data: dir/data. Should the user that PostgreSQL runs as not be able to
// get there, because the checkout lies in root's private home, say, the folder lies in the system's place for
// databases, and dir/data is a link to it.
func dataFolder(dir string, owner *syscall.Credential) (string, error) {
	data := filepath.Join(dir, "data")
	if owner == nil || open(dir) {
		return data, nil
	}
	elsewhere := filepath.Join(systemFolder, fmt.Sprintf("meshgen-%.6x", sha256.Sum256([]byte(dir))))
	if target, err := os.Readlink(data); err == nil && target == elsewhere {
		return elsewhere, nil
	}
	return elsewhere, os.Symlink(elsewhere, data)
}

// open reports whether everybody may pass through a folder and those above it.
func open(dir string) bool {
	for ; dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
	}
	return true
}
