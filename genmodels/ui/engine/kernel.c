// The one loop that every layer of a decoder runs through, for WebAssembly's vectors of four floats.
//
// A layer is a product of matrices with some bookkeeping: a linear layer, a convolution and each of the four phases of
// a transposed convolution all add up, for each place of the output, a few places of the input ("taps") times weights.
// engine.js says where those places lie; its jsProduct() is the same loop in JavaScript, for where this one cannot run.
//
// Built with: clang --target=wasm32 -O3 -msimd128 -nostdlib -Wl,--no-entry -Wl,--import-memory -o kernel.wasm kernel.c

#include <wasm_simd128.h>

// P places at once, each with V vectors of output channels, all held in registers while the taps are added up.
#define BLOCK(P, V)                                                                                                    \
  static inline void block_##P##_##V(const float *in, int in_step, const int *taps, int n_taps, int channels,          \
                                     const float *w, const float *bias, float *out, int out_step, float slope) {       \
    v128_t sum[P][V];                                                                                                  \
    for (int p = 0; p < P; p++)                                                                                        \
      for (int v = 0; v < V; v++) sum[p][v] = wasm_v128_load(bias + 4 * v);                                            \
    for (int t = 0; t < n_taps; t++) {                                                                                 \
      const float *from = in + taps[t];                                                                                \
      for (int c = 0; c < channels; c++, w += 4 * V) {                                                                 \
        v128_t weight[V];                                                                                              \
        for (int v = 0; v < V; v++) weight[v] = wasm_v128_load(w + 4 * v);                                             \
        for (int p = 0; p < P; p++) {                                                                                  \
          v128_t x = wasm_v128_load32_splat(from + p * in_step + c);                                                   \
          for (int v = 0; v < V; v++) sum[p][v] = wasm_f32x4_add(sum[p][v], wasm_f32x4_mul(x, weight[v]));             \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    v128_t leak = wasm_f32x4_splat(slope);                                                                             \
    for (int p = 0; p < P; p++)                                                                                        \
      for (int v = 0; v < V; v++)                                                                                      \
        wasm_v128_store(out + p * out_step + 4 * v,                                                                    \
                        wasm_f32x4_pmax(wasm_f32x4_mul(sum[p][v], leak), sum[p][v]));                                  \
  }

BLOCK(4, 3)
BLOCK(1, 3)
BLOCK(4, 1)
BLOCK(1, 1)

// rows x columns places; `outputs`, a multiple of 4, channels of each. Steps and taps count floats. The weights lie
// panel by panel of 12 (then 4) output channels: [panel][tap][channel][12]. slope: of the negative side, 1 is none.
__attribute__((export_name("product"))) void product(
    const float *in, int in_row, int in_step, const int *taps, int n_taps, int channels, const float *w,
    const float *bias, float *out, int out_row, int out_step, int rows, int columns, int outputs, float slope) {
  for (int o = 0; o < outputs;) {
    int wide = outputs - o >= 12;
    for (int y = 0; y < rows; y++) {
      const float *from = in + y * in_row;
      float *to = out + y * out_row + o;
      for (int x = 0; x < columns;) {
        int four = columns >= 4;
        if (four && x > columns - 4) x = columns - 4;  // the last block overlaps the one before
        const float *a = from + x * in_step;
        float *b = to + x * out_step;
        if (four && wide) block_4_3(a, in_step, taps, n_taps, channels, w, bias + o, b, out_step, slope);
        else if (four) block_4_1(a, in_step, taps, n_taps, channels, w, bias + o, b, out_step, slope);
        else if (wide) block_1_3(a, in_step, taps, n_taps, channels, w, bias + o, b, out_step, slope);
        else block_1_1(a, in_step, taps, n_taps, channels, w, bias + o, b, out_step, slope);
        x += four ? 4 : 1;
      }
    }
    int panel = wide ? 12 : 4;
    w += panel * n_taps * channels;
    o += panel;
  }
}
