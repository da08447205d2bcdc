// product() of kernel.c for the GPU; its arguments count floats here. Each thread adds up four outputs at four places.
// Memory is read four numbers at a time: all that is in it starts at a multiple of that. It is declared as integers, since
// a float that looks like one may be lost on the way.

struct Call {
  input: u32, taps: u32, count: u32, channels: u32, weights: u32, bias: u32, output: u32, places: u32, n: u32,
  outputs: u32, activation: u32, slope: f32
}
@group(0) @binding(0) var<storage, read_write> memory: array<vec4u>;
@group(0) @binding(1) var<uniform> call: Call;

fn integer(at: u32) -> u32 { return memory[at >> 2][at & 3]; }
fn floats(at: u32) -> vec4f { return bitcast<vec4f>(memory[at >> 2]); }

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (4 * id.x >= call.n) { return; }
  let o = 4 * id.y;
  let panel = select(4u, 8u, (o & ~7u) + 8 <= call.outputs);
  var w = call.weights + (o & ~7u) * call.count * call.channels + (o & 7);
  var place: array<u32, 4>;
  var sum: array<vec4f, 4>;
  for (var p = 0u; p < 4; p++) {
    place[p] = call.places + 2 * min(4 * id.x + p, call.n - 1);
    sum[p] = floats(call.bias + o);
  }
  let start = vec4u(integer(place[0]), integer(place[1]), integer(place[2]), integer(place[3])) + call.input;
  for (var t = 0u; t < call.count; t++) {
    let at = start + integer(call.taps + t);
    for (var c = 0u; c < call.channels; c += 4) {
      let x0 = floats(at.x + c);
      let x1 = floats(at.y + c);
      let x2 = floats(at.z + c);
      let x3 = floats(at.w + c);
      for (var k = 0u; k < min(4u, call.channels - c); k++) {
        let weight = floats(w);
        sum[0] += x0[k] * weight;
        sum[1] += x1[k] * weight;
        sum[2] += x2[k] * weight;
        sum[3] += x3[k] * weight;
        w += panel;
      }
    }
  }
  for (var p = 0u; p < 4; p++) {
    var v = max(sum[p], call.slope * sum[p]);
    if (call.activation == 1) { v = tanh(v); }
    if (call.activation == 2) { v = 1 / (1 + exp(-v)); }
    memory[(call.output + integer(place[p] + 1) + o) >> 2] = bitcast<vec4u>(v);
  }
}
