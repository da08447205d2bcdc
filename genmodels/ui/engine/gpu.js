// Decodes many latents at once by WebGPU: the layers, weights and memory are those of a Decoder, laid out by its
// constructor and copied to the GPU as they are; the loop that they run through is product.wgsl there.
//
// Null without a GPU; `software` admits an adapter that is none, which is slow, but shows what the shaders compute.
gm.createGpuDecoder = async (engine, plan, weights, batch, software = false) => {
  const THREADS = 64;  // of a workgroup, as in the shaders
  const CALL_BYTES = 256, CALL_SIZE = 48;  // parameters of a call: where the next ones may begin, and their own size
  const OPERATIONS = ['tanh', 'sigmoid', 'mul', 'add', 'sub', 'clamp'], MAX_OPERATIONS = 8;  // numbered from 1
  const numberOf = (name) => OPERATIONS.indexOf(name) + 1;

  const adapter = navigator.gpu && await navigator.gpu.requestAdapter();
  if (!adapter || (adapter.info.isFallbackAdapter && !software)) return null;
  const size = plan.height * plan.width * plan.channels, total = batch * size;
  if (total % 4 || plan.output.length > MAX_OPERATIONS) return null;
  const device = await adapter.requestDevice(), { queue } = device;
  const runtime = await engine.createRuntime([]), layout = new engine.Decoder(runtime, plan, weights, batch);
  const { input, output } = layout;

  // ---- Buffers

  const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const createBuffer = (size, usage) => device.createBuffer({ size, usage });
  const memory = createBuffer(runtime.memory.buffer.byteLength, STORAGE | COPY_DST);
  queue.writeBuffer(memory, 0, runtime.memory.buffer);
  const levels = createBuffer(total, STORAGE | COPY_SRC), copy = createBuffer(total, MAP_READ | COPY_DST);

  const calls = layout.layers.flatMap(({ layer, calls: of }) => of.map((call) => {
    const [from, taps, count, channels, weight, bias, to, places, perImage, outputs, slope] = call, n = perImage * batch;
    return { n, outputs, slope, integers: [from >> 2, taps >> 2, count, channels, weight >> 2, bias >> 2, to >> 2,
      places >> 2, n, outputs, numberOf(layer.activation)] };
  }));
  const parameters = createBuffer(calls.length * CALL_BYTES, UNIFORM | COPY_DST);
  calls.forEach(({ integers, slope }, i) => {
    queue.writeBuffer(parameters, i * CALL_BYTES, new Uint32Array(integers));
    queue.writeBuffer(parameters, i * CALL_BYTES + 4 * integers.length, new Float32Array([slope]));
  });

  const image = createBuffer(48 + 16 * MAX_OPERATIONS, UNIFORM | COPY_DST);
  queue.writeBuffer(image, 0, new Uint32Array([size, plan.width, plan.channels, output.start >> 2, output.image,
    ...layout.strides, total, plan.output.length]));
  queue.writeBuffer(image, 48, new Float32Array(plan.output.flatMap(([name, a = 0, b = 0]) => [numberOf(name), a, b, 0])));

  // ---- Shaders

  const compute = (buffer) => ({ visibility: GPUShaderStage.COMPUTE, buffer });
  async function prepare(code, types, buffers) {
    const group = device.createBindGroupLayout({
      entries: types.map((type, binding) => ({ binding, ...compute(type) })) });
    const pipeline = await device.createComputePipelineAsync({
      layout: device.createPipelineLayout({ bindGroupLayouts: [group] }),
      compute: { module: device.createShaderModule({ code }) } });
    const entries = buffers.map((resource, binding) => ({ binding, resource }));
    return { pipeline, bound: device.createBindGroup({ layout: group, entries }) };
  }
  const storage = { type: 'storage' };
  const [product, pixels] = await Promise.all([
    prepare(gm.shaders.product, [storage, { type: 'uniform', hasDynamicOffset: true }],
      [{ buffer: memory }, { buffer: parameters, size: CALL_SIZE }]),
    prepare(gm.shaders.pixels, [storage, { type: 'uniform' }, storage],
      [{ buffer: memory }, { buffer: image }, { buffer: levels }]),
  ]);

  // As Decoder.decodeAll, but a promise. One call at a time.
  async function decodeAll(rows, categories) {
    layout.setInputs(rows);
    layout.appendCategories(layout.layers[0], categories);
    queue.writeBuffer(memory, input.start, runtime.memory.buffer, input.start, 4 * batch * input.image);
    const commands = device.createCommandEncoder(), pass = commands.beginComputePass();
    pass.setPipeline(product.pipeline);
    calls.forEach(({ n, outputs }, i) => {
      pass.setBindGroup(0, product.bound, [i * CALL_BYTES]);
      pass.dispatchWorkgroups(Math.ceil(n / 4 / THREADS), outputs / 4);
    });
    pass.setPipeline(pixels.pipeline);
    pass.setBindGroup(0, pixels.bound);
    pass.dispatchWorkgroups(Math.ceil(total / 4 / THREADS));
    pass.end();
    commands.copyBufferToBuffer(levels, 0, copy, 0, total);
    queue.submit([commands.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const found = new Uint8Array(copy.getMappedRange().slice(0, rows.length * size));
    copy.unmap();
    return found;
  }

  return { decodeAll, destroy: () => device.destroy() };
};
