// Command store is an object store plugin for Velero that keeps objects as files: below the bucket's name in the
// directory that the storage location's config names as "root".
package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/pflag"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
)

func main() {
	framework.NewServer().
		BindFlags(pflag.CommandLine).
		RegisterObjectStore("holdfast.test/files", func(logrus.FieldLogger) (any, error) { return &files{}, nil }).
		Serve()
}

type files struct {
	root string
}

func (f *files) Init(config map[string]string) error {
	f.root = config["root"]
	if f.root == "" {
		return errors.New("config has no root")
	}
	return nil
}

func (f *files) PutObject(bucket, key string, body io.Reader) error {
	path := f.path(bucket, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, body); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

func (f *files) ObjectExists(bucket, key string) (bool, error) {
	_, err := os.Stat(f.path(bucket, key))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f *files) GetObject(bucket, key string) (io.ReadCloser, error) {
	return os.Open(f.path(bucket, key))
}

func (f *files) ListCommonPrefixes(bucket, prefix, delimiter string) ([]string, error) {
	keys, err := f.ListObjects(bucket, prefix)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, key := range keys { // They are sorted: the same prefixes come in a row.
		name, _, folder := strings.Cut(strings.TrimPrefix(key, prefix), delimiter)
		common := prefix + name + delimiter
		if folder && (len(found) == 0 || found[len(found)-1] != common) {
			found = append(found, common)
		}
	}
	return found, nil
}

func (f *files) ListObjects(bucket, prefix string) ([]string, error) {
	top := f.path(bucket, "")
	var keys []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(top, path)
		if key := filepath.ToSlash(name); err == nil && strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
		return err
	})
	sort.Strings(keys)
	return keys, err
}

func (f *files) DeleteObject(bucket, key string) error {
	err := os.Remove(f.path(bucket, key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f *files) CreateSignedURL(bucket, key string, _ time.Duration) (string, error) {
	return "file://" + f.path(bucket, key), nil
}

func (f *files) path(bucket, key string) string {
	return filepath.Join(f.root, bucket, filepath.FromSlash(key))
}
