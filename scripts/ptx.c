/* ptx ARCHITECTURE IN.cu OUT.ptx compiles kernels with NVRTC, for a virtual architecture such as compute_75. */
#include <nvrtc.h>
#include <stdio.h>
#include <stdlib.h>

static void die(const char *what, const char *why) {
    fprintf(stderr, "ptx: %s: %s\n", what, why);
    exit(1);
}

static char *contents(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) die(path, "cannot be read");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = calloc(1, size + 1);
    if (!text || fread(text, 1, size, f) != (size_t)size) die(path, "cannot be read");
    fclose(f);
    return text;
}

int main(int argc, char **argv) {
    if (argc != 4) die("usage", "ptx ARCHITECTURE IN.cu OUT.ptx");
    char architecture[64], folder[4096], *slash = folder;
    snprintf(architecture, sizeof architecture, "--gpu-architecture=%s", argv[1]);
    int length = snprintf(folder, sizeof folder, "--include-path=%s", argv[2]);
    for (int i = 0; i < length; i++)
        if (folder[i] == '/') slash = folder + i;
    *slash = 0;
    /* Nothing fused, nothing flushed to zero, and what is rounded is rounded as IEEE 754 says: a GPU computes the bits of a CPU. */
    const char *options[] = {architecture, folder, "--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++17", "--device-as-default-execution-space"};

    nvrtcProgram program;
    if (nvrtcCreateProgram(&program, contents(argv[2]), argv[2], 0, NULL, NULL) != NVRTC_SUCCESS) die(argv[2], "no program");
    nvrtcResult result = nvrtcCompileProgram(program, sizeof options / sizeof *options, options);
    size_t size;
    if (nvrtcGetProgramLogSize(program, &size) == NVRTC_SUCCESS && size > 1) {
        char *log = malloc(size);
        if (nvrtcGetProgramLog(program, log) == NVRTC_SUCCESS) fputs(log, stderr);
    }
    if (result != NVRTC_SUCCESS) die(argv[2], nvrtcGetErrorString(result));

    char *ptx;
    if (nvrtcGetPTXSize(program, &size) != NVRTC_SUCCESS || !(ptx = malloc(size)) || nvrtcGetPTX(program, ptx) != NVRTC_SUCCESS) die(argv[2], "no PTX");
    FILE *out = fopen(argv[3], "wb");
    if (!out || fwrite(ptx, 1, size - 1, out) != size - 1 || fclose(out)) die(argv[3], "cannot be written");
    return 0;
}
