// The one loop that every layer of a model runs through, for WebAssembly's vectors of four floats.
//
// A layer is a product of matrices with some bookkeeping: a linear layer, a convolution and each of the four phases of
// a transposed convolution all add up, for each place of the output, a few places of the input ("taps") times weights.
// layers.js says where those places lie; its jsProduct() is the same loop in JavaScript, for where this one cannot run.
//
// Built twice, by clang 19; the second is for browsers that multiply and add in one instruction (relaxed SIMD):
//   clang --target=wasm32 -O2 -msimd128 -nostdlib -Wl,--no-entry,--import-memory,-s -o kernel.wasm kernel.c
//   clang --target=wasm32 -O2 -mrelaxed-simd -nostdlib -Wl,--no-entry,--import-memory,-s -o kernel_relaxed.wasm kernel.c

#include <wasm_simd128.h>

// PLACES times two sums, two weights and an input, and what V8 keeps for itself, fit into the 16 registers of x86.
#ifdef __wasm_relaxed_simd__
#define ADD_PRODUCT(sum, a, b) wasm_f32x4_relaxed_madd(a, b, sum)
#define PLACES 6
#else
#define ADD_PRODUCT(sum, a, b) wasm_f32x4_add(sum, wasm_f32x4_mul(a, b))
#define PLACES 4
#endif

// P places at once, each with V vectors of output channels, all held in registers while the taps are added up.
#define BLOCK(NAME, P, V)                                                                                              \
  static void NAME(const float *in, const int *taps, int n_taps, int channels, const float *w, const float *bias,      \
                   float *out, const int *places, float slope) {                                                       \
    v128_t sum[P][V];                                                                                                  \
    for (int p = 0; p < P; p++)                                                                                        \
      for (int v = 0; v < V; v++) sum[p][v] = wasm_v128_load(bias + 4 * v);                                            \
    for (int t = 0; t < n_taps; t++) {                                                                                 \
      const float *from[P];                                                                                            \
      for (int p = 0; p < P; p++) from[p] = in + places[2 * p] + taps[t];                                              \
      for (int c = 0; c < channels; c++, w += 4 * V) {                                                                 \
        v128_t weight[V];                                                                                              \
        for (int v = 0; v < V; v++) weight[v] = wasm_v128_load(w + 4 * v);                                             \
        for (int p = 0; p < P; p++) {                                                                                  \
          v128_t x = wasm_v128_load32_splat(from[p]++);                                                                \
          for (int v = 0; v < V; v++) sum[p][v] = ADD_PRODUCT(sum[p][v], x, weight[v]);                                \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    v128_t leak = wasm_f32x4_splat(slope);                                                                             \
    for (int p = 0; p < P; p++)                                                                                        \
      for (int v = 0; v < V; v++)                                                                                      \
        wasm_v128_store(out + places[2 * p + 1] + 4 * v,                                                               \
                        wasm_f32x4_pmax(wasm_f32x4_mul(sum[p][v], leak), sum[p][v]));                                  \
  }

BLOCK(many_wide, PLACES, 2)
BLOCK(many_narrow, PLACES, 1)
BLOCK(one_wide, 1, 2)
BLOCK(one_narrow, 1, 1)

// n places; `outputs`, a multiple of 4, channels of each. places: for each where it reads and where it writes, after
// `in` and `out`. These and the taps count floats. The weights lie panel by panel of 8 (then 4) output channels:
// [panel][tap][channel][8]. slope: of the negative side, 1 is none.
__attribute__((export_name("product"))) void product(
    const float *in, const int *taps, int n_taps, int channels, const float *w, const float *bias, float *out,
    const int *places, int n, int outputs, float slope) {
  int many = n >= PLACES;
  for (int o = 0; o < outputs;) {
    int wide = outputs - o >= 8, panel = wide ? 8 : 4;
    for (int i = 0; i < n; i += many ? PLACES : 1) {
      if (many && i > n - PLACES) i = n - PLACES;  // the last block overlaps the one before
      const int *at = places + 2 * i;
      if (many && wide) many_wide(in, taps, n_taps, channels, w, bias + o, out + o, at, slope);
      else if (many) many_narrow(in, taps, n_taps, channels, w, bias + o, out + o, at, slope);
      else if (wide) one_wide(in, taps, n_taps, channels, w, bias + o, out + o, at, slope);
      else one_narrow(in, taps, n_taps, channels, w, bias + o, out + o, at, slope);
    }
    w += panel * n_taps * channels;
    o += panel;
  }
}
