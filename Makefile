# The commands of the project. `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help setup build cuda web test test-long test-gpu check generate supply chart kube terraform chaos mutants fuzz fuzz-api soak run bench plot bench-warm bench-speculate bench-formats bench-lattice bench-gpu bench-draft bench-quality bench-curved bench-cad bench-estimate bench-viewer bench-scale simulate dashboard images clean

export CGO_ENABLED ?= 1
STATIC := CGO_ENABLED=0 go build -trimpath -ldflags "-s -w"

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what this machine lacks: Debian packages, the Gmsh SDK, VersityGW
	@scripts/setup

build: setup ## build the four programs into bin/
	$(STATIC) -o bin/ ./cmd/api ./cmd/worker ./cmd/meshgen
	go build -trimpath -o bin/engine ./cmd/engine

cuda: setup ## build bin/engine-cuda too, which a worker takes where this machine has an NVIDIA GPU
	@scripts/engine-cuda

web: ## build the page into web/dist
	@scripts/web

check: ## formatting and vet
	@test -z "$$(gofmt -l cmd internal migrations bench deploy)" || { echo "not formatted:"; gofmt -l cmd internal migrations bench deploy; exit 1; }
	go vet ./...
	go -C deploy/check vet ./...

test: setup ## set up, build and run the tests that each change is held against
	@scripts/test

test-long: setup ## the other tests: sweeps over many parts and orders, outages, kernels for a GPU
	@scripts/test long

test-gpu: setup ## what uses a GPU: with this machine's where it has one, and with a stand-in for its driver
	@scripts/test-gpu

generate: ## write the generated files: OpenAPI, the page of variables
	go run ./cmd/api openapi > docs/openapi.yaml
	go run ./internal/configdoc > docs/configuration.md
	cd web && npm run --silent types

supply: build ## bills of materials, licences, known vulnerabilities (the last needs the network)
	@scripts/supply

chart: ## the Helm chart with Helm's own engine and linter, which take minutes to compile
	go -C deploy/check test -tags helm -run TestHelm ./...

kube: ## a real API server of Kubernetes takes the chart in a dry run (compiles for half an hour, once)
	@scripts/kube

terraform: ## validate and plan deploy/terraform, with AWS mocked (needs terraform, see scripts/terraform)
	@scripts/terraform

chaos: build ## thousands of jobs while everything is killed, paused and flushed (see bench/README.md)
	go build -trimpath -tags faults -o bin/engine-faults ./cmd/engine
	go run ./bench/chaos $(CHAOS)

mutants: build ## thousands of damaged CAD files through the API (see bench/README.md)
	go build -trimpath -tags faults -o bin/engine-faults ./cmd/engine
	go run ./bench/chaos -mutants 2000 -out bench/results/mutants.md $(MUTANTS)

soak: build ## ten thousand mixed jobs: does memory grow, is anything lost (see bench/README.md)
	go run ./bench/soak $(if $(JOBS),-jobs $(JOBS)) $(if $(ALONE),-alone,-out $(or $(OUT),bench/results/soak.md)) $(or $(FILES),examples/filleted-bracket.step $(addprefix internal/engine/serve/testdata/,pipe.step tee.step two_boxes.step slanted.step))

fuzz: setup ## each fuzz test of the readers and parsers for FUZZTIME (10m): hours in all
	@scripts/fuzz

fuzz-api: build ## requests made from docs/openapi.yaml, good and bad, against the whole service for FUZZTIME (600) seconds
	@scripts/web
	CGO_ENABLED=0 go build -trimpath -o bin/ ./internal/devstack
	@scripts/fuzz-api

run: ## start everything on loopback, mesh a sample part, say where to look
	@scripts/run

bench-quality: setup ## the tetrahedra against bare Gmsh's, at the same number of nodes (see bench/README.md)
	go build -trimpath -o bin/quality ./bench/quality
	bash -o pipefail -c 'bin/quality -jobs $$(nproc) $(or $(FILES),../shared/testdata/cad/*) | tee $(or $(OUT),bench/results/quality.md)'

bench: build ## what a change costs, throughput and waiting, against what is without the service (see bench/README.md)
	@bench/changes.sh

plot: ## draw the README's picture of bench/results/changes.md
	go run ./bench/plot

bench-warm: build ## what warmth saves, against what is replaced (see bench/README.md)
	@bench/warm.sh

bench-lattice: setup ## how fast a lattice fills a surface, clean or dirty, beside HXT, TetGen, Netgen, fTetWild and libigl
	@bench/lattice.sh $(or $(OUT),bench/results/lattice.md)

bench-gpu: setup ## what a GPU makes of lattices, beside the processors in the same run (needs an NVIDIA GPU)
	@scripts/ptx
	C_INCLUDE_PATH=$(CURDIR)/.cache/cuda/include LIBRARY_PATH=$(CURDIR)/.cache/cuda/stubs go build -trimpath -tags cuda -o bin/lattice-gpu ./bench/lattice
	bash -o pipefail -c 'bin/lattice-gpu -gpu | tee $(or $(OUT),bench/results/gpu.md)'

bench-draft: build ## how long a draft of 400 000 tetrahedra takes from a hot part, from the POST to its files
	go run ./bench/draft -out $(or $(OUT),bench/results/draft.md) $(DRAFT)

bench-speculate: build ## what meshing before anybody asks saves, and what it costs who comes in between
	go run ./bench/speculate -out $(or $(OUT),bench/results/speculate.md) $(SPECULATE) $(or $(FILES),../shared/testdata/cad/t20_data.step ../shared/testdata/cad/as1-tu-203.stp)

bench-formats: setup ## what writing a mesh costs in each format, beside Gmsh's writers
	@bench/formats.sh

bench-curved: setup ## what makes curved elements valid: Gmsh's optimisers of high order, and straightening
	go build -trimpath -o bin/curved ./bench/curved
	bash -o pipefail -c 'bin/curved $(or $(FILES),examples/*.step internal/engine/serve/testdata/*.step ../shared/testdata/cad/*) | tee $(or $(OUT),bench/results/curved.md)'

bench-cad: build ## what is meshed and how well, beside bare Gmsh (see bench/README.md)
	@bench/cad.sh

bench-estimate: build ## estimates against meshes at five finenesses (see bench/README.md)
	go run ./bench/estimate -measured "$(MEASURED)" -out $(or $(OUT),bench/results/estimate.md) $(or $(FILES),examples/* ../shared/testdata/cad/* internal/engine/serve/testdata/*.step)

bench-viewer: build ## how soon a million triangles are seen, beside vtk.js and three.js (see bench/README.md)
	@bench/viewer.sh

bench-scale: build ## where one installation ends: claims, events, streams, reads (see bench/README.md)
	go run ./bench/scale -out $(or $(OUT),bench/results/scale.md) $(SCALE)

simulate: setup ## how many workers a load needs, and what scaling does to waiting and cost (see docs/scaling.md)
	go run ./bench/simulate $(SIMULATE)

dashboard: build ## draw the dashboard of deploy/monitoring, as it is after a run of five minutes (see docs/operations.md)
	@scripts/debian prometheus
	go run ./bench/dashboard $(DASHBOARD) examples/filleted-bracket.step $(addprefix internal/engine/serve/testdata/,pipe.step tee.step elbow.step)

images: ## sizes, labels and bills of materials of the images, and whether they can be built again the same
	@scripts/images

clean: ## remove what was built and what `make run` keeps
	rm -rf bin .run
