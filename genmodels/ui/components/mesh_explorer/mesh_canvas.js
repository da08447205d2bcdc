// A canvas with one body, drawn by WebGL; by the painter's algorithm where no GPU does that, or where `props.flat` asks
// for it. No component by itself: called with the canvas and { faces, flat }. Returns draw(vertices, view), view being
// { turn, tilt } in radians. The body has the color that CSS gives the canvas.
const canvas = element, { faces } = props;
const EXTENT = 1.75;  // half of the side of what is seen
const NEAR = 0.1;  // how much larger what is nearer appears
const LIGHT = [-0.4, 0.55, 0.73], DARKEST = 0.3;
const MAX_RATIO = 2;  // of the canvas's pixels to the page's

const VERTEX = `attribute vec3 place, normal; uniform mat3 view; varying vec3 side;
void main() {
  vec3 p = view * place;
  side = view * normal;
  gl_Position = vec4(p.xy / ${EXTENT.toFixed(2)}, -0.3 * p.z, 1.0 - ${NEAR.toFixed(2)} * p.z);
}`;
const FRAGMENT = `precision mediump float; uniform vec3 color, light; varying vec3 side;
void main() {
  float level = dot(normalize(side), light);
  gl_FragColor = vec4(color * (${DARKEST} + ${1 - DARKEST} * max(level, 0.0)) + 0.25 * pow(max(level, 0.0), 24.0), 1.0);
}`;

// As three rows: x to the right, y up, z towards the viewer.
function matrixOf({ turn, tilt }) {
  const [c, s, d, t] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  return [[c, 0, s], [t * s, d, -t * c], [-d * s, t, d * c]];
}

function colorOf() {
  const found = /(\d+)\D+(\d+)\D+(\d+)/.exec(getComputedStyle(canvas).color) || [0, 99, 102, 241];
  return found.slice(1, 4).map(Number);
}

// As many pixels as the canvas has on the screen.
function fit() {
  const side = Math.round(canvas.clientWidth * Math.min(MAX_RATIO, window.devicePixelRatio || 1));
  if (side && canvas.width !== side) canvas.width = canvas.height = side;
}

// Sums of the normals of the faces around each vertex, by area.
function normalsOf(vertices) {
  const sums = new Float32Array(vertices.length);
  for (let f = 0; f < faces.length; f += 3) {
    const a = 3 * faces[f], b = 3 * faces[f + 1], c = 3 * faces[f + 2];
    const ux = vertices[b] - vertices[a], uy = vertices[b + 1] - vertices[a + 1], uz = vertices[b + 2] - vertices[a + 2];
    const vx = vertices[c] - vertices[a], vy = vertices[c + 1] - vertices[a + 1], vz = vertices[c + 2] - vertices[a + 2];
    const x = uy * vz - uz * vy, y = uz * vx - ux * vz, z = ux * vy - uy * vx;
    for (const at of [a, b, c]) {
      sums[at] += x;
      sums[at + 1] += y;
      sums[at + 2] += z;
    }
  }
  return sums;
}

// ---- WebGL

function createGl(gl) {
  const compile = (type, source) => {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    return shader;
  };
  let program, buffers, uniforms;
  function setUp() {
    program = gl.createProgram();
    gl.attachShader(program, compile(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, compile(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    gl.useProgram(program);
    buffers = ['place', 'normal'].map((name) => {
      const buffer = gl.createBuffer(), index = gl.getAttribLocation(program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(index);
      gl.vertexAttribPointer(index, 3, gl.FLOAT, false, 0, 0);
      return buffer;
    });
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, Uint16Array.from(faces), gl.STATIC_DRAW);
    uniforms = Object.fromEntries(['view', 'color', 'light'].map((name) => [name, gl.getUniformLocation(program, name)]));
    gl.enable(gl.DEPTH_TEST);
    const length = Math.hypot(...LIGHT);
    gl.uniform3fv(uniforms.light, LIGHT.map((value) => value / length));
  }
  setUp();
  let last = null;
  const draw = (vertices, view) => {
    last = [vertices, view];
    fit();
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const rows = matrixOf(view);
    gl.uniformMatrix3fv(uniforms.view, false, [0, 1, 2].flatMap((column) => rows.map((row) => row[column])));
    gl.uniform3fv(uniforms.color, colorOf().map((value) => value / 255));
    [vertices, normalsOf(vertices)].forEach((values, i) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[i]);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    });
    gl.drawElements(gl.TRIANGLES, faces.length, gl.UNSIGNED_SHORT, 0);
  };
  canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
  canvas.addEventListener('webglcontextrestored', () => { setUp(); if (last) draw(...last); });
  return draw;
}

// ---- By hand: the farthest faces first

function createPainter(context) {
  const count = faces.length / 3, order = Array.from({ length: count }, (_, i) => i);
  const depth = new Float32Array(count), length = Math.hypot(...LIGHT);
  return (vertices, view) => {
    fit();
    const side = canvas.width, half = side / 2, [right, up, near] = matrixOf(view), color = colorOf();
    const seen = new Float32Array(vertices.length), turned = new Float32Array(vertices.length);
    for (let i = 0; i < vertices.length; i += 3) {
      [right, up, near].forEach((axis, k) => {
        turned[i + k] = axis[0] * vertices[i] + axis[1] * vertices[i + 1] + axis[2] * vertices[i + 2];
      });
      const scale = half / EXTENT / (1 - NEAR * turned[i + 2]);
      seen[i] = half + turned[i] * scale;
      seen[i + 1] = half - turned[i + 1] * scale;
    }
    for (let f = 0; f < count; f++) {
      depth[f] = turned[3 * faces[3 * f] + 2] + turned[3 * faces[3 * f + 1] + 2] + turned[3 * faces[3 * f + 2] + 2];
    }
    order.sort((a, b) => depth[a] - depth[b]);  // nearly in order already, from the frame before
    context.clearRect(0, 0, side, side);
    context.lineWidth = 0.7;
    for (const f of order) {
      const a = 3 * faces[3 * f], b = 3 * faces[3 * f + 1], c = 3 * faces[3 * f + 2];
      if ((seen[b] - seen[a]) * (seen[c + 1] - seen[a + 1]) > (seen[b + 1] - seen[a + 1]) * (seen[c] - seen[a])) continue;
      const ux = turned[b] - turned[a], uy = turned[b + 1] - turned[a + 1], uz = turned[b + 2] - turned[a + 2];
      const vx = turned[c] - turned[a], vy = turned[c + 1] - turned[a + 1], vz = turned[c + 2] - turned[a + 2];
      const x = uy * vz - uz * vy, y = uz * vx - ux * vz, z = ux * vy - uy * vx;
      const lit = (LIGHT[0] * x + LIGHT[1] * y + LIGHT[2] * z) / (length * (Math.hypot(x, y, z) || 1));
      const level = DARKEST + (1 - DARKEST) * Math.max(lit, 0);
      context.fillStyle = context.strokeStyle = `rgb(${Math.round(color[0] * level)},${
        Math.round(color[1] * level)},${Math.round(color[2] * level)})`;
      context.beginPath();
      context.moveTo(seen[a], seen[a + 1]);
      context.lineTo(seen[b], seen[b + 1]);
      context.lineTo(seen[c], seen[c + 1]);
      context.closePath();
      context.fill();
      context.stroke();  // no seams between faces
    }
  };
}

const gl = props.flat ? null : canvas.getContext('webgl', { alpha: true, antialias: true });
canvas.dataset.by = gl ? 'webgl' : 'painter';
return gl ? createGl(gl) : createPainter(canvas.getContext('2d'));
