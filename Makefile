# gofab: everything that is typed while working on it. `make` lists the targets.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO_BUILD := CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
LINTER   := 2.15.0
FUZZTIME ?= 20s

# Debian packages the tests use, and the programs of them that may not be missing.
PACKAGES := openssh-server openssh-client openssh-sftp-server sudo lua5.1 busybox zsh fish tcsh dash bash python3 passwd util-linux gcc libc6-dev \
  rsync python3-paramiko python3-pexpect python3-pyte expect bc gdb vim-tiny less telnet inetutils-telnetd procps tmux whiptail \
  python3-psutil python3-netaddr python3-ipy python3-dnspython bind9 bind9-dnsutils bind9-utils dns-root-data \
  curl python3-pycurl opensmtpd patch diffutils git openssl \
  opendoas ansible-core clustershell fabric python3-invoke chromium pssh
REQUIRE  := sshd,ssh,ssh-add,ssh-agent,ssh-keygen,ssh-keyscan,sftp,sftp-server,sudo,su,setpriv,setsid,lua5.1,luac5.1,bash,dash,busybox,zsh,fish,tcsh,python3,useradd,passwd,$\
  rsync,expect,bc,gdb,vi,less,telnet,telnetd,tmux,whiptail,top,named,dig,delv,named-checkzone,dnssec-signzone,dnssec-keygen,dnssec-dsfromkey,$\
  curl,smtpd,patch,diff,diff3,git,openssl,doas,ansible-inventory,clush,fab,chromium

.DEFAULT_GOAL := help
.PHONY: help build demo test bench lint docs deps fuzz clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 12

build: ## build bin/gofab, one static file
	$(GO_BUILD) -o bin/gofab ./cmd/gofab

demo: build ## deploy the example to three embedded hosts
	bin/gofab --sandbox=3 scripts/deploy/app.lua deploy --version 1.2

test: deps ## run all tests with the race detector
	GOFAB_REQUIRE=$(REQUIRE) go test -race ./...

bench: deps ## run the benchmarks, the peers among them
	GOFAB_REQUIRE=$(REQUIRE) go test -run '^$$' -bench . -benchmem ./...

lint: ## run the linters of .golangci.yml
	@tool=$$(go env GOPATH)/bin/golangci-lint; \
	"$$tool" version 2>/dev/null | grep -q 'version v\?$(LINTER) ' || \
	  GOBIN=$${tool%/*} go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINTER) && "$$tool" run ./...

docs: ## write docs/reference and docs/editor afresh
	go generate ./...

deps: ## install the Debian packages that are missing
	@missing=""; for p in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	[ -z "$$missing" ] || { as=""; [ "$$(id -u)" = 0 ] || as=sudo; \
	  $$as apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive $$as apt-get install -q -y --no-install-recommends $$missing </dev/null; }

fuzz: ## run every fuzz target for FUZZTIME
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -c6-); do \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$dir; \
	  done; \
	done

clean: ## remove what was built
	rm -rf bin
