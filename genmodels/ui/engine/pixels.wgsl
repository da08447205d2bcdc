// The last layer's output as bytes: the operations of a plan's `output`, then four bytes to a number.

struct Grid {
  bytes: u32, width: u32, channels: u32,  // of one image
  start: u32, image: u32, row: u32, column: u32, channel: u32,  // of the last layer's output
  total: u32,  // bytes of all images together
  operations: u32,
  operation: array<vec4f, 8>  // which one, and its numbers
}
@group(0) @binding(0) var<storage, read_write> memory: array<vec4u>;
@group(0) @binding(1) var<uniform> grid: Grid;
@group(0) @binding(2) var<storage, read_write> levels: array<u32>;

fn apply(operation: vec4f, v: f32) -> f32 {
  switch u32(operation.x) {
    case 1: { return tanh(v); }
    case 2: { return 1 / (1 + exp(-v)); }
    case 3: { return v * operation.y; }
    case 4: { return v + operation.y; }
    case 5: { return v - operation.y; }
    case 6: { return clamp(v, operation.y, operation.z); }
    default: { return v; }
  }
}

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (4 * id.x >= grid.total) { return; }
  var four = 0u;
  for (var k = 0u; k < 4; k++) {
    let image = (4 * id.x + k) / grid.bytes;
    let byte = (4 * id.x + k) % grid.bytes;
    let pixel = byte / grid.channels;
    let at = grid.start + image * grid.image + pixel / grid.width * grid.row + pixel % grid.width * grid.column
      + byte % grid.channels * grid.channel;
    var v = bitcast<f32>(memory[at >> 2][at & 3]);
    for (var i = 0u; i < grid.operations; i++) { v = apply(grid.operation[i], v); }
    four |= u32(round(clamp((v + 1) * 127.5, 0, 255))) << (8 * k);
  }
  levels[id.x] = four;
}
