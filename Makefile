# Two commands are enough to begin with: `make run` and `make test`. `make help` lists the others.

SHELL := /bin/bash
# Each recipe is one script.
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Targets stop and start one server and share one build directory; the compilers inside use all cores anyway.
.NOTPARALLEL:

# What `build` makes; `bench` asks for another one.
PRODUCT := kasparro
BINARY := .build/release/$(PRODUCT)
DEPS := .build/deps
PID_FILE := .build/kasparro.pid
LOG_FILE := .build/kasparro.log

# Where `install` puts things, and what stands before it while a package is made.
PREFIX ?= /usr/local
DESTDIR ?=

# static (the default): nothing but the kernel is needed to run it. dynamic: the system's libcurl, for machines without source packages.
LINK ?= static

# What is linked (the -dev packages), what builds libcurl (a compiler, dpkg-source), what downloads it and what tests and packages call.
DEBIAN_PACKAGES := build-essential binutils dpkg-dev pkg-config zlib1g-dev libcurl4-openssl-dev libssl-dev libc-ares-dev libexpat1-dev \
    ca-certificates curl git xz-utils sqlite3 jq python3 python3-venv python3-aiosmtpd strace groff-base
# What the Swift toolchain loads and does not bring along; looked at only when the toolchain does not start.
TOOLCHAIN_PACKAGES := libncurses6 libsqlite3-0 libxml2 tzdata

# The sources of BoringSSL and some others name themselves in error messages: without the directory, so that it is not in the binary. Debug
# information would be stripped, and differ by directory before that. A section for each function lets the linker leave out what nothing calls.
RELEASE_FLAGS := -c release --product $(PRODUCT) --static-swift-stdlib -debug-info-format none -Xlinker -s \
    $(foreach flag,-ffile-prefix-map=$(CURDIR)/= -ffunction-sections -fdata-sections,-Xcc $(flag) -Xcxx $(flag)) \
    -Xswiftc -Xfrontend -Xswiftc -function-sections
# Each archive is named after those that need it: the linker goes through them once, from left to right. It notes what it read: for each of
# these files a licence must be there.
STATIC_FLAGS := -Xswiftc -static-executable -Xlinker -L$(CURDIR)/$(DEPS)/curl/lib \
    $(foreach library,curl cares ssl crypto z expat,-Xlinker -l$(library)) \
    -Xlinker --dependency-file=$(CURDIR)/$(DEPS)/$(PRODUCT).linked

# Reads .env where there is one. A variable that is already set wins, as everywhere; TOKEN is the short name of KASPARRO_TOKEN.
define LOAD_ENV
if [ -f .env ]; then
    while IFS= read -r line || [ -n "$$line" ]; do
        [[ $$line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$$ ]] || continue
        name=$${BASH_REMATCH[2]} value=$${BASH_REMATCH[3]}
        if [[ $$value =~ ^\"(.*)\"$$ || $$value =~ ^\'(.*)\'$$ ]]; then value=$${BASH_REMATCH[1]}; fi
        [ -n "$${!name+set}" ] || export "$$name=$$value"
    done < .env
fi
if [ -n "$${TOKEN:-}" ] && [ -z "$${KASPARRO_TOKEN:-}" ]; then export KASPARRO_TOKEN="$$TOKEN"; fi
endef

# Sample data goes only into a store that is new: nobody's own data gets rows that were made up for a demonstration.
define SEED_NEW_STORE
if [ ! -e var/FORMAT ] && [ -f testdata/Historical_Data.csv ]; then
    mkdir -p var/inbox
    cp testdata/Historical_Data.csv var/inbox/
    echo "The store in var is new: testdata/Historical_Data.csv was put into var/inbox as sample data."
fi
endef

# The server in the background, for the recipes and scripts that start and stop it.
BACKGROUND := binary=$(BINARY) pid_file=$(PID_FILE) log_file=$(LOG_FILE)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, load the sample data into a new store, serve var on http://127.0.0.1:8080 (PORT=3000 for another port)
	@$(LOAD_ENV)
	$(SEED_NEW_STORE)
	exec $(BINARY) serve --data-dir var

.PHONY: toolchain
toolchain:
	@version=$$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1 || true)
	read -r major minor <<<"$$version" || true
	if (( $${major:-0} < 6 || ( $${major:-0} == 6 && $${minor:-0} < 2 ) )); then
	    if [ -n "$$version" ]; then found="found is $$major.$$minor"; else found="there is no working 'swift' in PATH"; fi
	    echo "kasparro is built with Swift 6.2 or newer; $$found." >&2
	    echo "Get it from https://swift.org/install, put its bin directory into PATH, and run make again." >&2
	    exit 1
	fi

.PHONY: deps
deps: ## install the build dependencies (Debian and its relatives; nothing is done when all are present)
	@if ! command -v dpkg-query >/dev/null; then
	    echo "This is not a Debian system. Needed are the equivalents of: $(DEBIAN_PACKAGES)"
	    echo "Then 'make build LINK=dynamic' builds with the system's libcurl."
	    exit 0
	fi
	wanted=($(DEBIAN_PACKAGES))
	if command -v swift >/dev/null && ! swift build --version >/dev/null 2>&1; then wanted+=($(TOOLCHAIN_PACKAGES)); fi
	present=$$(dpkg-query -W -f='$${db:Status-Status} $${Package}\n' "$${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
	missing=()
	for package in "$${wanted[@]}"; do
	    grep -qx -- "$$package" <<<"$$present" || missing+=("$$package")
	done
	[ "$${#missing[@]}" -gt 0 ] || exit 0
	echo "Installing build dependencies: $${missing[*]}"
	as_root=
	if [ "$$(id -u)" != 0 ]; then
	    if ! command -v sudo >/dev/null; then
	        echo "Neither root nor sudo is at hand. As root, run: apt-get install $${missing[*]}" >&2
	        exit 1
	    fi
	    as_root=sudo
	fi
	$$as_root apt-get -q update
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$${missing[@]}"

.PHONY: build
build: toolchain deps ## build the static binary .build/release/kasparro (LINK=dynamic: with the system's libcurl)
	@Sources/CAssets/fetch-swagger-ui.sh $(DEPS)
	# Before the licences, which name its version.
	[ "$(LINK)" != static ] || Sources/CCurl/build-static-curl.sh $(DEPS)
	swift package resolve
	Sources/CAssets/collect-licenses.py $(DEPS)
	case "$(LINK)" in
	static)
	    export PKG_CONFIG_PATH="$(CURDIR)/$(DEPS)/curl/lib/pkgconfig$${PKG_CONFIG_PATH:+:$$PKG_CONFIG_PATH}"
	    # The C library's warnings on getaddrinfo and the like are known and harmless: names are resolved by c-ares.
	    swift build $(RELEASE_FLAGS) $(STATIC_FLAGS) 2>&1 | grep -v 'in statically linked applications requires at runtime'
	    if LC_ALL=C readelf -d $(BINARY) | grep -q NEEDED; then
	        echo "error: $(BINARY) still needs shared libraries: $$(LC_ALL=C readelf -d $(BINARY) | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | tr '\n' ' ')" >&2
	        exit 1
	    fi
	    echo "$(BINARY): static, $$(stat -Lc %s $(BINARY)) bytes"
	    ;;
	dynamic)
	    swift build $(RELEASE_FLAGS)
	    echo "$(BINARY): linked with this system's own libcurl (LINK=dynamic); it runs only where that library is installed."
	    ;;
	*)
	    echo "LINK is '$(LINK)'; it can be static or dynamic." >&2
	    exit 2
	    ;;
	esac

.PHONY: test
test: build ## all tests: units, end to end on the static binary, smoke test, its answers against its description, a short soak
	@# The store's and the binary's tests block threads for long, which the others would have to wait for.
	Tests/swift-test.sh --skip 'EndToEndTests|TickerStoreTests'
	Tests/swift-test.sh --skip-build --filter TickerStoreTests
	# promtool's own judgement of /metrics, where it can be had.
	promtool="$(CURDIR)/$(DEPS)/prometheus/bin/promtool"
	Tests/Monitoring/fetch-prometheus.sh $(DEPS) || promtool=
	KASPARRO_PROMTOOL="$$promtool" KASPARRO_BINARY="$(CURDIR)/$(BINARY)" Tests/swift-test.sh --skip-build --filter EndToEndTests
	Tests/smoke-test.sh $(BINARY)
	Tests/completion-test.sh $(BINARY)
	Tests/unit-test.sh $(BINARY)
	Tests/APITest/api-test.sh $(BINARY)
	Tests/Packaging/packaging-test.sh $(BINARY)
	Tests/Monitoring/monitoring-test.sh $(BINARY)
	mkdir -p .build/soak
	MINUTES=0.5 READERS=50 python3 -B Tests/Soak/soak.py $(BINARY) .build/soak

.PHONY: api-test
api-test: build ## ask the binary what /openapi.json says it answers, right and wrong requests (SECONDS_BUDGET=60; KASPARRO_SEED repeats a round)
	@Tests/APITest/api-test.sh $(BINARY)

.PHONY: monitoring-test
monitoring-test: build ## let a Prometheus (fetched, not installed) scrape the binary and evaluate its dashboard and rules
	@Tests/Monitoring/monitoring-test.sh $(BINARY)

# Not among the build dependencies: a browser is as large as all of them together.
.PHONY: browser-test
browser-test: build ## open the pages in a browser, light, dark, narrow and without scripts; pictures go to .build/pictures (installs chromium)
	@if ! command -v chromium >/dev/null && command -v apt-get >/dev/null; then
	    as_root=
	    [ "$$(id -u)" = 0 ] || as_root=sudo
	    echo "Installing chromium"
	    { $$as_root apt-get -q update && $$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends chromium fonts-dejavu-core; } \
	        >.build/chromium.log 2>&1 || tail -n 3 .build/chromium.log >&2
	fi
	Tests/Browser/browser-test.sh $(BINARY) .build/pictures

.PHONY: crash-test
crash-test: build ## power losses, faults and kills at random for long (SECONDS_BUDGET=600; KASPARRO_SEED repeats a round)
	@budget=$${SECONDS_BUDGET:-600}
	export KASPARRO_SEED=$${KASPARRO_SEED:-$$(( RANDOM * 32768 + RANDOM ))}
	echo "KASPARRO_SEED=$$KASPARRO_SEED, $$budget seconds"
	start=$$SECONDS
	# A third for the simulator, then whole rounds of power losses and faults up to two thirds, the rest for kills of the binary.
	KASPARRO_SIMULATOR_SECONDS=$$(( budget / 3 )) swift test --filter TickerStoreTests.SimulatorTests
	for (( seed = KASPARRO_SEED; seed == KASPARRO_SEED || SECONDS - start < budget * 2 / 3; seed++ )); do
	    KASPARRO_SEED=$$seed KASPARRO_EVERY_OPERATION=1 swift test --skip-build --filter 'TickerStoreTests.(CrashTests|FaultTests)'
	done
	for (( round = 0; round == 0 || SECONDS - start < budget; round++ )); do
	    KASPARRO_KILL_ROUNDS=$${KASPARRO_KILL_ROUNDS:-10} KASPARRO_BINARY="$(CURDIR)/$(BINARY)" \
	        swift test --skip-build --filter 'EndToEndTests.(KillTests|DiskFaultTests)'
	done

.PHONY: soak
soak: build ## ordinary use for long with everything going wrong around it, and a kill a minute (MINUTES=30; KASPARRO_SEED repeats a round)
	@mkdir -p .build/soak
	MINUTES=$${MINUTES:-30} python3 -B Tests/Soak/soak.py $(BINARY) .build/soak

.PHONY: smoke-test
smoke-test: build ## start the binary on a temporary store, load a tiny CSV, check what it serves
	@$(LOAD_ENV)
	Tests/smoke-test.sh $(BINARY)

.PHONY: bench
bench: build ## figures of the start, of the store engine, of loading a CSV and of the API beside nginx (ROWS=10000000 STORE_DIR=.build/benchmark LOAD_ROWS=1000000 ROUNDS=3)
	@$(MAKE) --no-print-directory build PRODUCT=store-benchmark
	Tests/start-benchmark.py $(BINARY)
	Tests/benchmark.sh $(BINARY) .build/release/store-benchmark
	ROWS= LARGE=$${STORE_DIR:-.build/benchmark}/large Tests/http-benchmark.sh $(BINARY)

.PHONY: lint
lint: toolchain ## check the format of the sources, the manual's and the names at the top level
	@swift format lint --strict --recursive Sources Tests Package.swift
	Tests/check-top-level.sh
	Tests/check-manual.sh $(DEPS)

.PHONY: format
format: toolchain ## rewrite the sources in the house format
	@swift format --in-place --recursive Sources Tests Package.swift

.PHONY: up
up: build ## start the server in the background
	@export $(BACKGROUND)
	source Tests/background.sh
	find_server
	if [ -n "$$pid" ]; then echo "The server is already running (pid $$pid). 'make down' stops it."; exit 0; fi
	$(LOAD_ENV)
	$(SEED_NEW_STORE)
	start_server
	echo "The server runs at $$url (pid $$pid). Output: make logs. Stop: make down."

.PHONY: down
down: ## stop what `make up` started
	@export $(BACKGROUND)
	source Tests/background.sh
	find_server
	if [ -z "$$pid" ]; then echo "No server of 'make up' is running."; rm -f $(PID_FILE); exit 0; fi
	stop_server
	echo "The server (pid $$pid) has stopped."

.PHONY: logs
logs: ## follow the output of `make up`
	@if [ ! -f $(LOG_FILE) ]; then echo "There is no $(LOG_FILE); 'make up' starts a server." >&2; exit 1; fi
	tail -n 100 -F $(LOG_FILE)

.PHONY: fail
fail: build ## kill a server in the middle of a load (a demonstration); then make resume
	@$(LOAD_ENV)
	$(SEED_NEW_STORE)
	$(BACKGROUND) Tests/Demonstration/fail.sh

.PHONY: resume
resume: build ## load what `make fail` left undone, and put the schedule back
	@$(LOAD_ENV)
	$(BACKGROUND) Tests/Demonstration/resume.sh

.PHONY: seed-drift
seed-drift: ## put a file into the inbox whose columns have other names and change their type
	@$(BACKGROUND) Tests/Demonstration/seed-drift.sh

.PHONY: man
man: ## show the manual (PAGE=kasparro.conf.5 for the configuration file)
	@page=man/$${PAGE:-kasparro.1}
	if command -v man >/dev/null; then exec man -l "$$page"; else groff -man -Tutf8 "$$page" | less -R; fi

# Not built here: `sudo make install` need not have Swift.
.PHONY: binary
binary:
	@if [ ! -x $(BINARY) ]; then echo "There is no $(BINARY) yet: run 'make build' first." >&2; exit 1; fi

.PHONY: install
install: binary ## install binary, manual, completions, unit and the rest below PREFIX=/usr/local (DESTDIR= for packages)
	@Sources/Packaging/install.sh $(BINARY) "$(DESTDIR)$(PREFIX)"

.PHONY: uninstall
uninstall: ## remove what `make install` has put there
	@Sources/Packaging/uninstall.sh "$(DESTDIR)$(PREFIX)"

.PHONY: dist
dist: build ## a tarball of all that in .build/dist
	@Sources/Packaging/dist.sh $(BINARY) .build/dist

.PHONY: deb
deb: build ## a Debian package in .build/dist: dpkg -i makes the user, enables the unit, starts it (DEBFULLNAME, DEBEMAIL: who made it)
	@Sources/Packaging/deb.sh $(BINARY) .build/dist

.PHONY: clean-data
clean-data: ## remove the data in var; asks first, and not while a server has it
	@Sources/Packaging/clean-data.sh var

.PHONY: clean
clean: down ## stop what `make up` started and remove .build; the data in var stays
	@rm -rf .build
