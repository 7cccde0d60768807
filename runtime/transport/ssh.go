package transport

import (
	"context"
	"strconv"
	"sync"
	"time"

	"gofab/internal/sftpfs"
	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
	"gofab/internal/transfer"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
)

// SSH reaches hosts over SSH: the user's own ssh_config decides, what the
// inventory and the command line say comes first.
type SSH struct {
	Dialer  *sshclient.Dialer
	Config  sshconfig.Options
	Targets [][2]string   // settings of the hosts themselves, not of their jump hosts
	Events  *event.Stream // told of each connection; may be nil
}

// Dial opens a connection.
func (s *SSH) Dial(ctx context.Context, h *inventory.Host) (Conn, error) {
	began := time.Now()
	settings, err := s.Resolve(ctx, h.Name, append(Overrides(h), s.Targets...)...)
	if err != nil {
		return nil, err
	}
	client, err := s.Dialer.Dial(ctx, sshclient.Target{Name: h.Name, Settings: settings})
	if err != nil {
		return nil, err
	}
	if s.Events != nil {
		info := client.Info()
		s.Events.Emit(event.Connected{
			Host: h.Name, Transport: inventory.SSH, Address: info.Address, User: info.User,
			Detail: info.KeyExchange + ", " + info.Cipher + ", " + info.Auth, Duration: event.Seconds(time.Since(began)),
			Steps: &event.Steps{
				Connect: event.Seconds(info.Took.Connect), HostKey: event.Seconds(info.Took.HostKey), Login: event.Seconds(info.Took.Login),
			},
		})
	}
	return &sshConn{Client: client}, nil
}

// Resolve gives the settings of a name, with more that comes first.
func (s *SSH) Resolve(ctx context.Context, name string, first ...[2]string) (*sshconfig.Settings, error) {
	config := s.Config
	config.Overrides = append(append([][2]string{}, first...), config.Overrides...)
	return sshconfig.Resolve(ctx, name, config)
}

// Overrides are what the inventory says of a host, as ssh -o would.
func Overrides(h *inventory.Host) [][2]string {
	var list [][2]string
	for _, o := range [][2]string{
		{"HostName", h.Address}, {"User", h.User}, {"IdentityFile", h.Key}, {"ProxyJump", h.Jump},
	} {
		if o[1] != "" {
			list = append(list, o)
		}
	}
	if h.Port != 0 {
		list = append(list, [2]string{"Port", strconv.Itoa(h.Port)})
	}
	return append(list, h.Options...)
}

// sshConn is an SSH connection with its file system, which is opened at first
// use.
type sshConn struct {
	*sshclient.Client
	mu    sync.Mutex
	files *sftpfs.FS
}

// Files opens the SFTP subsystem once; one that broke is opened again.
func (c *sshConn) Files(ctx context.Context) (transfer.FS, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files != nil && !ended(c.files) {
		return c.files, nil
	}
	channel, err := c.SFTP(ctx)
	if err != nil {
		return nil, err
	}
	files, err := sftpfs.New(ctx, channel, sftpfs.More(c.SFTP))
	if err != nil {
		return nil, err
	}
	c.files = files
	return files, nil
}

// Close ends the connection and everything on it.
func (c *sshConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files != nil {
		_ = c.files.Close()
	}
	return c.Client.Close()
}
