/* The mirror: the camera's picture turned left for right, and the person's silhouette drawn over it.

   In a demo there is no picture, and the silhouette stands on a plain ground. */

import { h } from './dom.js';
import { bearing, fit, paintPerson, tones } from './paint.js';

const FORGET_MS = 700; // an older outline no longer shows where the person is

export class Mirror {
  constructor() {
    this.video = h('video', { playsinline: true, muted: true, autoplay: true, tabindex: '-1', 'aria-hidden': 'true' });
    this.video.muted = true;
    this.canvas = h('canvas', { 'aria-hidden': 'true' });
    this.caption = h('p', { class: 'caption' });
    this.element = h('div', { class: 'mirror' }, this.video, this.canvas, this.caption);
    this.video.addEventListener('resize', () => this.shape());
    Object.assign(this, { points: null, shown: null, at: 0, demo: false, size: 0, dirty: true });
    new ResizeObserver(() => { this.dirty = true; }).observe(this.canvas);
    const step = () => {
      this.draw();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /* A FigureClock for the figure beside the mirror: `mirrored` in it speaks of the picture as the camera takes it. */
  beside(clock) {
    return { ...clock, mirrored: !clock.mirrored };
  }

  /* A demo has no picture: say so with `words`; '' outside a demo. */
  pretend(words) {
    this.demo = Boolean(words);
    this.caption.textContent = words;
    this.dirty = true;
  }

  /* The box takes the picture's shape, so that there are no bars round it. */
  shape() {
    const { videoWidth: w, videoHeight: hgt } = this.video;
    if (w && hgt) this.element.style.setProperty('--shape', (w / hgt).toFixed(4));
    this.dirty = true;
  }

  /* The next outline: 33 of [x, y, visibility] as shares of the unmirrored picture, or null. */
  set(points) {
    this.points = points;
    this.at = performance.now();
    this.dirty = true;
  }

  /* Where the picture lies in the box: as large as fits, its own shape. */
  area() {
    const w = this.canvas.clientWidth, hgt = this.canvas.clientHeight;
    const vw = this.video.videoWidth || 4, vh = this.video.videoHeight || 3;
    const scale = Math.min(w / vw, hgt / vh);
    return { x: (w - vw * scale) / 2, y: (hgt - vh * scale) / 2, w: vw * scale, h: vh * scale };
  }

  draw() {
    const { canvas } = this;
    if (!canvas.clientWidth) return;
    const fresh = this.points && performance.now() - this.at < FORGET_MS;
    if (!fresh && this.shown) {
      Object.assign(this, { shown: null, dirty: true });
    }
    if (!this.dirty) return;
    this.dirty = false;
    const ctx = fit(canvas);
    if (!ctx) return;
    const box = this.area(), colours = tones();
    if (fresh) this.person(ctx, box, colours);
    if (this.demo) {
      ctx.globalCompositeOperation = 'destination-over';
      ctx.fillStyle = colours.floor;
      ctx.fillRect(box.x + box.w * 0.04, box.y + box.h * 0.93, box.w * 0.92, 1.5);
      ctx.globalCompositeOperation = 'source-over';
    }
  }

  person(ctx, box, colours) {
    const goal = this.points.map(([x, y]) => [box.x + (1 - x) * box.w, box.y + y * box.h]);
    if (goal.some(([x, y]) => !Number.isFinite(x) || !Number.isFinite(y))) return;
    this.shown = goal; // the server has filtered it: filtering again would only lag behind the picture
    const { height } = bearing(this.shown, 0);
    this.size = this.size ? this.size + (height - this.size) * 0.08 : height;
    if (Math.abs(this.size / height - 1) > 0.3) this.size = height;
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.x, box.y, box.w, box.h);
    ctx.clip();
    const colour = this.demo ? colours.accent : colours.video;
    paintPerson(ctx, this.shown, { size: this.size, colour, fillAlpha: this.demo ? 0.34 : 0.26, edge: Math.max(2, box.h / 190) });
    ctx.restore();
  }
}
