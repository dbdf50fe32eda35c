/* The body at the ready gate: an outline whose parts fill as they come into view. */

import { bodyShapes, edgePicture, fit, paintPicture, shadow, tones, wholeBody } from './paint.js';
import { figureData } from './figure.js';

export class Outline {
  constructor(canvas) {
    Object.assign(this, { canvas, seen: new Set(), data: null, exercise: null, mirrored: false });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(canvas);
  }

  close() { this.watch.disconnect(); }

  parts(seen) {
    this.seen = seen;
    this.draw();
  }

  async show(exercise, mirrored = false) {
    if (exercise === this.exercise && mirrored === this.mirrored) return;
    Object.assign(this, { exercise, mirrored });
    this.data = exercise ? await figureData(exercise) : null;
    this.draw();
  }

  draw() {
    const ctx = fit(this.canvas);
    if (!ctx || !this.data) return;
    const { canvas, data, seen } = this, w = canvas.clientWidth, hgt = canvas.clientHeight, colours = tones();
    const frame = data.frames[data.phases.out[0]], xs = frame.map((p) => p[0]);
    const unit = data.height || 1, middle = (Math.min(...xs) + Math.max(...xs)) / 2, wide = Math.max(...xs) - Math.min(...xs) + 0.16 * unit;
    const size = Math.min((hgt * 0.92) / 1.06, (w * 0.92 * unit) / wide), scale = size / unit, floor = hgt * 0.955;
    const points = frame.map(([x, y]) => [w / 2 + (this.mirrored ? -1 : 1) * (x - middle) * scale, floor - (y - data.floor_y) * scale]);
    const shapes = bodyShapes(points, { size });
    ctx.fillStyle = colours.floor;
    ctx.fillRect(w * 0.04, Math.round(floor + 0.006 * size), w * 0.92, Math.max(1, Math.round(size / 260)));
    shadow(ctx, points, size, floor + 0.006 * size, colours.shadow);
    ctx.fillStyle = colours.faint;
    ctx.fill(wholeBody(shapes));
    ctx.fillStyle = colours.accent;
    const parts = [['legs', shapes.leg], ['feet', shapes.foot], ['head', [shapes.head]], ['trunk', [shapes.trunk]], ['arms', [...shapes.upperArm, ...shapes.forearm]]];
    for (const [name, paths] of parts) if (seen.has(name)) paths.forEach((path) => ctx.fill(path));
    paintPicture(ctx, edgePicture(ctx, wholeBody(shapes), { colour: colours.ghost, width: Math.max(1.5, size / 220) }));
  }
}
