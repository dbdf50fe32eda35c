/* Paints silhouettes on a canvas: tones for near, far and moving parts, an outline, the shadow on the floor. */

import { bearing, bodyShapes, wholeBody } from './body.js';

export const reduced = matchMedia('(prefers-reduced-motion: reduce)');

const NAMES = {
  near: '--body', far: '--body-far', faint: '--body-faint', accent: '--accent', accentFar: '--accent-far',
  ground: '--panel', floor: '--floor', shadow: '--shadow', ghost: '--ghost', video: '--on-video',
};
let known = null;

/* The page's colours, read from CSS so that the themes stay in one place. */
export function tones() {
  if (!known) {
    const style = getComputedStyle(document.documentElement);
    known = Object.fromEntries(Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]));
  }
  return known;
}

/* After a change of theme. */
export const forgetTones = () => { known = null; };

/* Size the canvas to its box in device pixels; returns its context with a CSS-pixel transform, or null if hidden. */
export function fit(canvas) {
  const { clientWidth: w, clientHeight: h } = canvas, dpr = Math.min(devicePixelRatio || 1, 2.5);
  if (!w || !h) return null;
  if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(h * dpr)) {
    canvas.width = Math.round(w * dpr);
    canvas.height = Math.round(h * dpr);
  }
  const ctx = canvas.getContext('2d');
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  ctx.clearRect(0, 0, w, h);
  return ctx;
}

export function shadow(ctx, points, height, floorY, colour) {
  for (const s of [0, 1]) {
    const heel = points[29 + s], toe = points[31 + s];
    const lift = Math.max(0, floorY - Math.max(heel[1], toe[1])) / height;
    const x = (heel[0] + toe[0]) / 2, wide = Math.max(Math.abs(toe[0] - heel[0]) * 0.72, 0.055 * height);
    ctx.save();
    ctx.translate(x, floorY + 0.004 * height);
    ctx.scale(1, 0.13);
    const spread = ctx.createRadialGradient(0, 0, 0, 0, 0, wide * 1.25);
    spread.addColorStop(0, colour);
    spread.addColorStop(1, 'transparent');
    ctx.globalAlpha = Math.max(0, 1 - lift * 9);
    ctx.fillStyle = spread;
    ctx.beginPath();
    ctx.arc(0, 0, wide * 1.25, 0, 2 * Math.PI);
    ctx.fill();
    ctx.restore();
  }
}

/* A thin line of the ground's colour where a limb crosses a part of the same tone; it fades in from the joint. */
function seam(ctx, limb, over, from, to, colour, width) {
  const line = ctx.createLinearGradient(from[0], from[1], to[0], to[1]);
  line.addColorStop(0.15, 'transparent');
  line.addColorStop(0.9, colour);
  ctx.save();
  ctx.clip(over);
  ctx.lineWidth = width;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = line;
  ctx.stroke(limb);
  ctx.restore();
}

const near2 = (a, b, limit) => Math.hypot(a[0] - b[0], a[1] - b[1]) < limit;

/* What the figure sits on or holds on to, drawn behind it: a chair under the hips, a counter under the foremost hand.
   `frames` are in body heights, y up; `place` puts a point of theirs on the canvas. */
export function paintSupport(ctx, kind, frames, { place, fromFront, floorY, size, colour }) {
  const bar = (x0, x1, y0, y1) => {
    const [left, top] = place([x0, y1]), [right, bottom] = place([x1, y0]);
    ctx.fillRect(Math.min(left, right), top, Math.abs(right - left), Math.min(bottom, floorY) - top);
  };
  const first = frames[0], hip = (first[23][0] + first[24][0]) / 2, hand = first[15][0] > first[16][0] ? 15 : 16;
  ctx.fillStyle = colour;
  if (kind === 'chair') {
    const seat = (first[23][1] + first[24][1]) / 2 - 0.056, [back, front] = fromFront ? [-0.105, 0.105] : [-0.1, 0.13];
    bar(hip + back, hip + front, seat - 0.02, seat);
    for (const x of [hip + back, hip + front - 0.018]) bar(x, x + 0.018, 0, seat);
    if (fromFront) bar(hip + back, hip + front, seat + 0.2, seat + 0.25);
    for (const x of fromFront ? [hip + back, hip + front - 0.018] : [hip + back]) bar(x, x + 0.018, seat, seat + 0.25);
  } else if (kind === 'counter') {
    const xs = frames.map((frame) => frame[hand][0]), top = Math.min(...frames.map((frame) => frame[hand][1])) - 0.014;
    const low = Math.min(...xs), high = Math.max(...xs);
    // A hand that slides along has the counter beside the body, one that rests has it in front.
    const x0 = low - (high - low > 0.2 ? 0.25 : 0.02), x1 = high + 0.13;
    bar(x0, x1, top - 0.025, top);
    for (const x of [x0 + 0.02, x1 - 0.038]) bar(x, x + 0.018, 0, top);
  }
}

/* The figure in full: `near` is 0 (left), 1 (right) or null (from the front); `moving` names the accent's parts.
   `nearLeg`: where the legs take turns, the nearer one. */
export function paintFigure(ctx, points, { size, near, nearLeg = near, moving, colours, breath = 0 }) {
  const shapes = bodyShapes(points, { size, breath });
  const tone = (part, far) => (moving.has(part) ? (far ? colours.accentFar : colours.accent) : far ? colours.far : colours.near);
  const fill = (path, colour) => { ctx.fillStyle = colour; ctx.fill(path); };
  const width = 0.0085 * size;
  const leg = (s, far) => {
    fill(shapes.leg[s], tone('legs', far));
    fill(shapes.foot[s], tone('legs', far));
  };
  const seams = (s) => {
    for (const [part, path] of [['trunk', shapes.trunk], ['head', shapes.head]]) {
      if (moving.has('arms') !== moving.has(part)) continue;
      seam(ctx, shapes.upperArm[s], path, points[11 + s], points[13 + s], colours.ground, width);
      seam(ctx, shapes.forearm[s], path, points[11 + s], points[13 + s], colours.ground, width);
    }
  };
  const body = () => {
    fill(shapes.head, tone('head', false));
    fill(shapes.trunk, tone('trunk', false));
  };
  if (near === null) {
    // From the front the upper arms go under the shirt; what may lie before the body is the forearm.
    [0, 1].forEach((s) => leg(s, false));
    [0, 1].forEach((s) => fill(shapes.upperArm[s], tone('arms', false)));
    body();
    [0, 1].forEach((s) => {
      if (moving.has('arms') === moving.has('trunk')) seam(ctx, shapes.forearm[s], shapes.trunk, points[11 + s], points[13 + s], colours.ground, width);
      fill(shapes.forearm[s], tone('arms', false));
    });
    return;
  }
  const far = 1 - near;
  // A far limb that lies behind the near one would only show as a stray edge.
  const hidden = (joints) => joints.every(([l, r]) => near2(points[l], points[r], 0.02 * size));
  if (!hidden([[13, 14], [15, 16]])) {
    fill(shapes.upperArm[far], tone('arms', true));
    fill(shapes.forearm[far], tone('arms', true));
  }
  if (!hidden([[25, 26], [27, 28]])) leg(1 - nearLeg, true);
  leg(nearLeg, false);
  body();
  seams(near);
  fill(shapes.upperArm[near], tone('arms', false));
  fill(shapes.forearm[near], tone('arms', false));
  // An arm raised beside the head would hide the face, and with it which way the body looks.
  if (points[13 + near][1] < points[11 + near][1] - 0.08 * size) {
    ctx.save();
    ctx.strokeStyle = colours.ground;
    ctx.lineWidth = width;
    ctx.clip(shapes.upperArm[near]);
    ctx.stroke(shapes.head);
    ctx.restore();
    body();
  }
}

/* Only the edge of the union of all parts, as a picture of the canvas's size; slow, so keep it. */
export function edgePicture(ctx, path, { colour, width }) {
  const layer = new OffscreenCanvas(ctx.canvas.width, ctx.canvas.height), own = layer.getContext('2d');
  own.setTransform(ctx.getTransform());
  own.lineJoin = 'round';
  own.strokeStyle = colour;
  own.lineWidth = width * 2;
  own.stroke(path);
  own.globalCompositeOperation = 'destination-out';
  own.fill(path);
  return layer;
}

/* Draw such a picture, shifted by `x` CSS pixels. */
export function paintPicture(ctx, picture, alpha = 1, x = 0) {
  const { a } = ctx.getTransform();
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.globalAlpha = alpha;
  ctx.drawImage(picture, x * a, 0);
  ctx.restore();
}

/* A translucent body of one colour with a clear edge, on an empty canvas: the person over the mirror. */
export function paintPerson(ctx, points, { size = 0, colour, fillAlpha = 0.3, edge = 2 }) {
  const path = wholeBody(bodyShapes(points, { size }));
  ctx.save();
  ctx.lineJoin = 'round';
  ctx.strokeStyle = colour;
  ctx.lineWidth = edge * 2;
  ctx.stroke(path);
  ctx.globalCompositeOperation = 'destination-out';
  ctx.fill(path);
  ctx.globalCompositeOperation = 'source-over';
  ctx.globalAlpha = fillAlpha;
  ctx.fillStyle = colour;
  ctx.fill(path);
  ctx.restore();
}

export { bearing, bodyShapes, wholeBody };
