/* The shapes of a body from BlazePose's 33 landmarks: rounded limbs with thickness, a trunk, a head with a profile.

   Everything is measured in body heights and drawn in canvas pixels (y down). Thicknesses follow a slender adult;
   segment lengths come from the points themselves. `frontness` (0 side, 1 front) and `facing` (-1 left, 1 right) are
   read off the points, so the same code draws the demonstrating figure and the person before the camera. */

export const NOSE = 0, EYE_L = 2, EYE_R = 5, EAR_L = 7, EAR_R = 8;
export const SHOULDER = [11, 12], ELBOW = [13, 14], WRIST = [15, 16], PINKY = [17, 18], INDEX = [19, 20];
export const HIP = [23, 24], KNEE = [25, 26], ANKLE = [27, 28], HEEL = [29, 30], TOE = [31, 32];

/* Trunk contour, hip (0) to shoulder (1) and on to the neck: [u, belly side, back side, half width from the front]. */
const TRUNK = [
  [-0.2, 0.03, 0.04, 0.066],
  [-0.08, 0.05, 0.066, 0.0895],
  [0.06, 0.056, 0.069, 0.0915],
  [0.22, 0.055, 0.057, 0.085],
  [0.4, 0.052, 0.043, 0.0755],
  [0.57, 0.055, 0.046, 0.076],
  [0.74, 0.063, 0.056, 0.083],
  [0.88, 0.06, 0.06, 0.0935],
  [0.98, 0.044, 0.056, 0.0955],
  [1.06, 0.027, 0.046, 0.064],
  [1.15, 0.014, 0.037, 0.036],
];

const STEPS = 12; // samples along a bone

/* Bones: [share of the length, thickness towards the front, towards the back], joined by smooth curves. */
const THIGH = smooth([[0, 0.051, 0.053], [0.2, 0.052, 0.05], [0.45, 0.047, 0.043], [0.75, 0.037, 0.0345], [1, 0.0312, 0.031]]);
const SHANK = smooth([[0, 0.0312, 0.031], [0.14, 0.0285, 0.0335], [0.33, 0.026, 0.0378], [0.6, 0.022, 0.0285], [0.86, 0.0182, 0.0188], [1, 0.0185, 0.0192]]);
const UPPER_ARM = smooth([[0, 0.0318, 0.0318], [0.3, 0.0296, 0.0296], [0.65, 0.0252, 0.0252], [1, 0.0215, 0.0215]]);
const FOREARM = smooth([[0, 0.0215, 0.0215], [0.25, 0.023, 0.023], [0.65, 0.0178, 0.0178], [1, 0.0142, 0.0142]]);
/* A table of thicknesses sampled evenly along the bone by monotone cubic curves: no bumps between the rows. */
function smooth(rows) {
  const column = (k) => {
    const n = rows.length, step = rows.slice(1).map((row, i) => row[0] - rows[i][0]);
    const slope = step.map((s, i) => (rows[i + 1][k] - rows[i][k]) / s);
    const tangent = rows.map((_, i) => {
      if (i === 0 || i === n - 1) return 0;
      return slope[i - 1] * slope[i] <= 0 ? 0 : (2 * slope[i - 1] * slope[i]) / (slope[i - 1] + slope[i]);
    });
    return (t) => {
      let i = 0;
      while (i < n - 2 && rows[i + 1][0] < t) i++;
      const w = (t - rows[i][0]) / step[i], w2 = w * w, w3 = w2 * w;
      return (2 * w3 - 3 * w2 + 1) * rows[i][k] + (w3 - 2 * w2 + w) * step[i] * tangent[i] + (3 * w2 - 2 * w3) * rows[i + 1][k] + (w3 - w2) * step[i] * tangent[i + 1];
    };
  };
  const front = column(1), back = column(2);
  return Array.from({ length: STEPS + 1 }, (_, i) => [i / STEPS, front(i / STEPS), back(i / STEPS)]);
}

/* Head seen from the side, ear at the origin, facing right, y up; then from the front. */
const PROFILE = [
  [-0.026, -0.046], [-0.043, -0.03], [-0.0535, -0.004], [-0.0555, 0.022], [-0.046, 0.046], [-0.024, 0.0615], [0.004, 0.0645],
  [0.029, 0.0565], [0.0445, 0.0385], [0.0487, 0.018], [0.0497, 0.004], [0.0572, -0.0125], [0.0548, -0.0195], [0.0497, -0.026],
  [0.0488, -0.036], [0.0478, -0.047], [0.0415, -0.0565], [0.029, -0.0575], [0.012, -0.05], [-0.008, -0.046],
];
const FACE = [
  [0, -0.0605], [-0.0145, -0.0575], [-0.0275, -0.046], [-0.0365, -0.026], [-0.0405, -0.012], [-0.0445, -0.008], [-0.0455, 0.008],
  [-0.0415, 0.012], [-0.0425, 0.028], [-0.0355, 0.0485], [-0.0195, 0.062], [0, 0.066], [0.0195, 0.062], [0.0355, 0.0485], [0.0425, 0.028],
  [0.0415, 0.012], [0.0455, 0.008], [0.0445, -0.008], [0.0405, -0.012], [0.0365, -0.026], [0.0275, -0.046], [0.0145, -0.0575],
];

const add = (a, b, k = 1) => [a[0] + b[0] * k, a[1] + b[1] * k];
const sub = (a, b) => [a[0] - b[0], a[1] - b[1]];
const mid = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
const len = (a) => Math.hypot(a[0], a[1]);
const unit = (a) => { const l = len(a) || 1; return [a[0] / l, a[1] / l]; };
const mix = (a, b, k) => [a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k];
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

/* A closed curve through points, sampled as a polygon (centripetal enough for our even spacing). */
function curve(points, steps = 6) {
  const n = points.length, out = [];
  for (let i = 0; i < n; i++) {
    const [p0, p1, p2, p3] = [points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]];
    for (let s = 0; s < steps; s++) {
      const t = s / steps, t2 = t * t, t3 = t2 * t;
      const at = (k) => 0.5 * (2 * p1[k] + (p2[k] - p0[k]) * t + (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k]) * t2 + (3 * p1[k] - p0[k] - 3 * p2[k] + p3[k]) * t3);
      out.push([at(0), at(1)]);
    }
  }
  return out;
}

function area(polygon) {
  let sum = 0;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) sum += polygon[j][0] * polygon[i][1] - polygon[i][0] * polygon[j][1];
  return sum;
}

/* One path of several polygons, all wound the same way, so that overlaps stay filled. */
function pathOf(polygons) {
  const path = new Path2D();
  for (const polygon of polygons) {
    const ordered = area(polygon) < 0 ? polygon.slice().reverse() : polygon;
    ordered.forEach((p, i) => (i ? path.lineTo(p[0], p[1]) : path.moveTo(p[0], p[1])));
    path.closePath();
  }
  return path;
}

function circle([x, y], r, n = 20) {
  return Array.from({ length: n }, (_, i) => [x + r * Math.cos((2 * Math.PI * i) / n), y + r * Math.sin((2 * Math.PI * i) / n)]);
}

/* The convex skin round some discs [[point, radius], ...]: feet, hands, the neck. */
function skin(discs) {
  const points = discs.flatMap(([p, r]) => circle(p, r)).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const cross = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (list) => {
    const hull = [];
    for (const p of list) {
      while (hull.length > 1 && cross(hull[hull.length - 2], hull[hull.length - 1], p) <= 0) hull.pop();
      hull.push(p);
    }
    hull.pop();
    return hull;
  };
  return [...half(points), ...half(points.reverse())];
}

/* A bone's flesh: its profile on both sides, round at the ends, so that neighbours overlap at the joint. `lead` (-1..1)
   turns "front" to one side; `slim` thins the upper end, as a thigh is narrower from the front. */
function flesh(a, b, rows, size, lead, slim = 0) {
  const along = sub(b, a), d = unit(along), n = [d[1], -d[0]];
  const one = [], other = [];
  for (const [t, front, back] of rows) {
    const even = ((front + back) / 2) * (1 - slim * (1 - t) * (1 - t)), odd = ((front - back) / 2) * lead;
    const p = add(a, along, t);
    one.push(add(p, n, (even + odd) * size));
    other.push(add(p, n, -(even - odd) * size));
  }
  const cap = (from, to, middle, way) => Array.from({ length: 9 }, (_, i) => {
    const angle = ((i + 1) * Math.PI) / 10, r = len(sub(from, to)) / 2;
    return add(add(middle, n, way * r * Math.cos(angle)), d, way * r * Math.sin(angle));
  });
  const end = cap(one[one.length - 1], other[other.length - 1], mid(one[one.length - 1], other[other.length - 1]), 1);
  const start = cap(one[0], other[0], mid(one[0], other[0]), -1);
  return [[...one, ...end, ...other.reverse(), ...start]];
}

/* How a body stands in the picture: how much from the front, which way it faces, its height in pixels. */
export function bearing(p, size) {
  const shoulders = mid(p[11], p[12]), hips = mid(p[23], p[24]);
  const torso = len(sub(shoulders, hips)) || 1;
  const frontness = clamp((Math.abs(p[11][0] - p[12][0]) / torso - 0.18) / 0.4, 0, 1);
  const height = size || guessHeight(p);
  const nose = p[NOSE][0] - (p[EAR_L][0] + p[EAR_R][0]) / 2;
  const toes = (p[31][0] + p[32][0] - p[29][0] - p[30][0]) / 2;
  const turn = clamp((nose / 0.045 + toes / 0.1) / 2 / height, -1, 1);
  return { frontness, facing: turn * (1 - frontness), height };
}

function guessHeight(p) {
  const torso = len(sub(mid(p[11], p[12]), mid(p[23], p[24])));
  const leg = (s) => len(sub(p[HIP[s]], p[KNEE[s]])) + len(sub(p[KNEE[s]], p[ANKLE[s]]));
  return Math.max(torso / 0.3, Math.max(leg(0), leg(1)) / 0.5, 1);
}

function trunkPolygon(p, look, breath) {
  const { frontness, facing, height } = look;
  const hips = mid(p[23], p[24]), shoulders = mid(p[11], p[12]), ears = mid(p[7], p[8]);
  const straight = sub(shoulders, hips), L = len(straight), up = unit(straight);
  const thigh = unit(add(unit(sub(p[23], p[25])), unit(sub(p[24], p[26]))));
  const neck = unit(sub(ears, shoulders));
  const bend = 0.5 * (1 - frontness);
  const t0 = unit(mix(up, thigh, bend)), t1 = unit(mix(up, neck, bend * 0.7));
  const at = (u) => {
    if (u <= 0) return [add(hips, t0, u * L), t0];
    if (u >= 1) return [add(shoulders, t1, (u - 1) * L), t1];
    const u2 = u * u, u3 = u2 * u;
    const h = [2 * u3 - 3 * u2 + 1, u3 - 2 * u2 + u, -2 * u3 + 3 * u2, u3 - u2];
    const g = [6 * u2 - 6 * u, 3 * u2 - 4 * u + 1, -6 * u2 + 6 * u, 3 * u2 - 2 * u];
    const sum = (c) => [0, 1].map((k) => c[0] * hips[k] + c[1] * t0[k] * L + c[2] * shoulders[k] + c[3] * t1[k] * L);
    return [sum(h), unit(sum(g))];
  };
  const wide = clamp(len(sub(p[11], p[12])) / height / 0.2, 0.85, 1.25), hippy = clamp(len(sub(p[23], p[24])) / height / 0.104, 0.9, 1.15);
  const widen = (u) => (u > 0.5 ? 1 + (wide - 1) * clamp((u - 0.4) / 0.4, 0, 1) : 1 + (hippy - 1) * clamp((0.4 - u) / 0.3, 0, 1));
  const right = [], left = [];
  for (const [u, belly, back, half] of TRUNK) {
    const [c, d] = at(u), n = [-d[1], d[0]];
    const chest = 1 + breath * 0.03 * Math.max(0, 1 - Math.abs(u - 0.75) * 3);
    const even = ((belly + back) / 2) * chest, odd = ((belly - back) / 2) * facing;
    const front = half * widen(u) * (1 + breath * 0.008);
    const v = (side) => (even + side * odd) * (1 - frontness) + front * frontness;
    right.push(add(c, n, v(1) * height));
    left.push(add(c, n, -v(-1) * height));
  }
  return curve([...right, ...left.reverse()], 4);
}

function headPolygons(p, look) {
  const { frontness, height } = look;
  const ears = mid(p[7], p[8]), eyes = mid(p[EYE_L], p[EYE_R]), face = mix(eyes, p[NOSE], 0.62);
  const forward = sub(face, ears), shoulders = mid(p[11], p[12]);
  const earLine = sub(p[7], p[8]), across = Math.abs(earLine[0]) / height;
  const front = clamp((across - 0.02) / 0.045, 0, 1);
  const lead = forward[0] >= 0 ? 1 : -1;
  // The side's "up" is at right angles to the gaze, the front's to the line of the ears.
  const gaze = unit(forward), upSide = lead > 0 ? [gaze[1], -gaze[0]] : [-gaze[1], gaze[0]];
  const line = unit(earLine), upFront = line[0] > 0 ? [line[1], -line[0]] : [-line[1], line[0]];
  const up = unit(mix(upSide, upFront, front));
  const right = [-up[1], up[0]];
  const place = ([x, y], turn) => add(add(ears, right, x * turn * height), up, y * height);
  const around = (contour, turn) => {
    const polygon = curve(contour, 4).map(([x, y]) => [x * turn, y]);
    const table = polygon.map(([x, y]) => [Math.atan2(y, x), Math.hypot(x, y)]).sort((a, b) => a[0] - b[0]);
    return (angle) => {
      let i = table.findIndex((row) => row[0] >= angle);
      if (i < 0) i = 0;
      const a = table[(i + table.length - 1) % table.length], b = table[i];
      const gap = ((b[0] - a[0] + 4 * Math.PI) % (2 * Math.PI)) || 1, w = ((angle - a[0] + 4 * Math.PI) % (2 * Math.PI)) / gap;
      return a[1] + (b[1] - a[1]) * w;
    };
  };
  let head;
  if (front < 0.02) head = curve(PROFILE, 4).map((q) => place(q, lead));
  else if (front > 0.98) head = curve(FACE, 4).map((q) => place(q, 1));
  else {
    const side = around(PROFILE, lead), full = around(FACE, 1);
    head = Array.from({ length: 72 }, (_, i) => {
      const angle = -Math.PI + ((i + 0.5) * 2 * Math.PI) / 72, r = side(angle) * (1 - front) + full(angle) * front;
      return place([r * Math.cos(angle), r * Math.sin(angle)], 1);
    });
  }
  const back = (1 - frontness) * lead;
  const top = add(add(ears, up, -0.03 * height), right, -0.012 * height * back);
  const foot = add(add(shoulders, unit(sub(ears, shoulders)), 0.012 * height), right, -0.006 * height * back);
  const neck = skin([[top, 0.0285 * height], [foot, 0.0385 * height]]);
  return { head, neck };
}

function handPolygons(p, s, height) {
  const wrist = p[WRIST[s]], elbow = p[ELBOW[s]], arm = unit(sub(wrist, elbow));
  let knuckles = mid(p[INDEX[s]], p[PINKY[s]]);
  let d = sub(knuckles, wrist);
  if (len(d) < 0.02 * height) d = [arm[0] * 0.035 * height, arm[1] * 0.035 * height];
  d = [unit(d)[0], unit(d)[1]];
  knuckles = add(wrist, d, 0.048 * height);
  const tips = add(wrist, d, 0.088 * height);
  const thumbSide = sub(p[INDEX[s]], p[PINKY[s]]), t = len(thumbSide) > 0.006 * height ? unit(thumbSide) : [0, 0];
  const thumb = add(add(wrist, d, 0.05 * height), t, 0.019 * height);
  const polygons = [
    skin([[wrist, 0.0142 * height], [knuckles, 0.0185 * height]]),
    skin([[knuckles, 0.0185 * height], [tips, 0.0105 * height]]),
  ];
  if (len(t)) polygons.push(skin([[add(wrist, d, 0.018 * height), 0.011 * height], [thumb, 0.0075 * height]]));
  return polygons;
}

/* The points of the foot lie inside it: heel and toe a sole's thickness above the floor. */
function footPolygons(p, s, height) {
  const ankle = p[ANKLE[s]], heel = p[HEEL[s]], toe = p[TOE[s]];
  const sole = sub(toe, heel), d = unit(sole), long = len(sole) / height;
  const front = 1 - clamp((long - 0.05) / 0.06, 0, 1);
  const out = Math.sign(ankle[0] - p[ANKLE[1 - s]][0]) * 0.006 * height * front;
  // From the front a foot is as broad as its ball; the toes point a little outward.
  const broad = (at, r) => [[add(at, [out - 0.012 * height * front, 0]), r * height], [add(at, [out + 0.012 * height * front, 0]), r * height]];
  const heelDisc = [heel, 0.0168 * height];
  const ball = broad(mix(heel, toe, 0.7), 0.0135), tip = broad(add(toe, d, -0.01 * height * (1 - front)), 0.0108 + 0.003 * front);
  const bridge = [mix(mix(heel, toe, 0.4), ankle, 0.5), 0.0185 * height];
  const shin = [ankle, 0.0192 * height];
  return [skin([heelDisc, ...ball, ...tip]), skin([shin, heelDisc, bridge]), skin([bridge, ...ball, heelDisc])];
}

/* The body's shapes as Path2D: head (with neck), trunk, and for each side the arm's two bones, leg, foot. [0] is left. */
export function bodyShapes(p, { size = 0, breath = 0 } = {}) {
  const look = bearing(p, size), h = look.height;
  const { head, neck } = headPolygons(p, look);
  const slim = 0.2 * look.frontness;
  const sides = (make) => [0, 1].map((s) => pathOf(make(s)));
  return {
    look,
    head: pathOf([head, neck]),
    trunk: pathOf([trunkPolygon(p, look, breath)]),
    upperArm: sides((s) => flesh(p[SHOULDER[s]], p[ELBOW[s]], UPPER_ARM, h, 0)),
    forearm: sides((s) => [...flesh(p[ELBOW[s]], p[WRIST[s]], FOREARM, h, 0), ...handPolygons(p, s, h)]),
    leg: sides((s) => [...flesh(p[HIP[s]], p[KNEE[s]], THIGH, h, look.facing, slim), ...flesh(p[KNEE[s]], p[ANKLE[s]], SHANK, h, look.facing)]),
    foot: sides((s) => footPolygons(p, s, h)),
  };
}

/* All of it as one path, for an outline. */
export function wholeBody(shapes) {
  const path = new Path2D();
  for (const part of [shapes.head, shapes.trunk, ...shapes.upperArm, ...shapes.forearm, ...shapes.leg, ...shapes.foot]) path.addPath(part);
  return path;
}
