#!/usr/bin/env bash
# What writing a mesh costs in each format, ours beside Gmsh's writers in one run; see bench/README.md.
#
#   make bench-formats            writes bench/results/formats.md
#   ROUNDS=5 make bench-formats   each writer five times (default 3)
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${ROUNDS:-3}
raw=$(mktemp)
trap 'rm -f "$raw"' EXIT
go test ./internal/mesher -run '^$' -bench Writers -benchtime "${rounds}x" -timeout 20m >"$raw" || { cat "$raw" >&2; exit 1; }

awk -v rounds="$rounds" '
    function metric(unit,    i) { for (i = 3; i < NF; i++) if ($(i + 1) == unit) return $i; return "" }
    /^cpu:/ { sub(/^cpu: */, ""); cpu = $0 }
    /^BenchmarkWriters/ {
        split($1, part, "/"); split(part[3], who, "-")
        if (!(part[2] in seen)) { seen[part[2]] = 1; order[++n] = part[2] }
        time[part[2], who[1]] = metric("cpu-ms/op"); wall[part[2], who[1]] = metric("ns/op") / 1e6; size[part[2], who[1]] = metric("MB"); tetrahedra = metric("tetrahedra")
    }
    function ms(v) { return v == "" ? "-" : sprintf("%.0f", v) }
    function mb(v) { return v == "" ? "-" : sprintf("%.1f", v) }
    END {
        printf "# Writing %d tetrahedra\n\n", tetrahedra
        printf "Made by `make bench-formats`: the mean of %d rounds, ours and Gmsh 4.15.2 in the same process, on %s.\n", rounds, cpu
        printf "Processor time is the figure to read; the machine is shared, so wall time tells more of its other work.\n\n"
        printf "| format | ours, CPU ms | Gmsh, CPU ms | Gmsh / ours | ours, wall ms | Gmsh, wall ms | ours, MB | Gmsh, MB |\n|---|--:|--:|--:|--:|--:|--:|--:|\n"
        for (i = 1; i <= n; i++) {
            f = order[i]; o = time[f, "ours"]; g = time[f, "gmsh"]
            ratio = o != "" && g != "" ? sprintf(g < o ? "%.2f" : "%.1f", g / o) : "-"
            printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", f, ms(o), ms(g), ratio, ms(wall[f, "ours"]), ms(wall[f, "gmsh"]), mb(size[f, "ours"]), mb(size[f, "gmsh"])
        }
        print "\n`msh` is written by Gmsh. `cgns` and `med` are too: ours is Gmsh'"'"'s writer with a model that holds the names that the format"
        print "allows. `stl` and `glb` are of the outer surface only, which is found among the faces of all volumes first. Gmsh writes no"
        print "`vtu`, `fluent`, `openfoam` and `glb`."
    }
' "$raw" >bench/results/formats.md
cat bench/results/formats.md
