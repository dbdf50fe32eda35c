/* The demonstrating figure: plays the frames that the server makes from the routine, or follows the person. */

import { h } from './dom.js';
import { bodyShapes, edgePicture, fit, paintFigure, paintPicture, paintSupport, reduced, shadow, tones, wholeBody } from './paint.js';
import { t } from './words.js';

const cache = new Map();

/* The figure's data; kept, because the same exercise is shown on several screens. */
export async function figureData(exercise) {
  if (!cache.has(exercise)) {
    const asked = fetch(`/figure/${encodeURIComponent(exercise)}.json`).then((r) => (r.ok ? r.json() : null)).catch(() => null);
    cache.set(exercise, asked);
    asked.then((data) => data || cache.delete(exercise));
  }
  return cache.get(exercise);
}

/* Fetch all of them beforehand, one after the other: what comes next is then there at once. */
export async function fetchAhead(exercises) {
  for (const exercise of exercises) await figureData(exercise);
}

const REST_S = 0.9; // standing still between two repetitions of the loop
const FRAME_MS = 30; // the frames come at twenty a second; more than thirty pictures only warm the room
const STEP_S = 1.6; // each key pose, when motion is reduced

export class Figure {
  /* `canvas` fills its box. `ghost`: draw the pose to reach. `floor`: draw the floor line. */
  constructor(canvas, { ghost = true, floor = true } = {}) {
    Object.assign(this, { canvas, ghost, floor, data: null, exercise: null, clock: { mode: 'loop' }, at: 0, rounds: 0, begun: performance.now(), last: 0, drawn: '' });
    this.dirty = true;
    this.watch = new ResizeObserver(() => { this.dirty = true; });
    this.watch.observe(canvas);
    this.running = true;
    const step = (now) => {
      if (!this.running) return;
      this.draw(now);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  close() {
    this.running = false;
    this.watch.disconnect();
  }

  repaint() { this.dirty = true; }

  async show(exercise) {
    if (exercise === this.exercise) return;
    this.exercise = exercise;
    const data = exercise ? await figureData(exercise) : null;
    if (exercise !== this.exercise) return;
    this.data = data;
    this.canvas.parentElement?.classList.toggle('empty', !data);
    this.begun = performance.now();
    this.at = 0;
    this.dirty = true;
    if (!data) return;
    this.bounds = boundsOf(data);
    // A wide movement asks for a wider box beside the mirror.
    this.canvas.parentElement?.classList.toggle('wide', this.bounds.widest > 0.55 * (data.height || 1));
  }

  /* `clock` is the stage's FigureClock. */
  follow(clock) {
    this.clock = clock || { mode: 'loop' };
    if (clock && clock.exercise) this.show(clock.exercise);
  }

  /* Where the clock wants the figure: a frame number (fractional). */
  wanted(now) {
    const { phases, stop_s: stopS, fps } = this.data, { mode, phase, share } = this.clock;
    if (mode === 'still') {
      this.rounds = this.clock.swapped ? 1 : 0;
      return phases.out[0];
    }
    if (mode === 'follow') {
      this.rounds = this.clock.swapped ? 1 : 0;
      const span = phase === 'start' ? [phases.out[0], phases.out[0]] : phases[phase] || phases.out;
      return span[0] + (span[1] - span[0]) * Math.min(1, Math.max(0, share || 0));
    }
    const [i0, i1] = phases.out, i3 = phases.home[1];
    // The picture's time may lie a little before the moment at which the figure came.
    const t = Math.max(0, now - this.begun) / 1000;
    if (reduced.matches) {
      const keys = [...new Set([i0, i1, phases.back[1]])];
      return keys[Math.floor(t / STEP_S) % keys.length];
    }
    const lengths = [REST_S, (i1 - i0) / fps, stopS, (i3 - i1) / fps];
    const round = lengths.reduce((a, b) => a + b, 0);
    this.rounds = Math.floor(t / round);
    let left = t % round;
    if ((left -= lengths[0]) < 0) return i0;
    if (left < lengths[1]) return i0 + left * fps;
    if ((left -= lengths[1]) < stopS) return i1;
    return Math.min(i3, i1 + (left - stopS) * fps);
  }

  draw(now) {
    if (!this.data) {
      if (this.dirty) fit(this.canvas);
      return;
    }
    if (now - this.last < FRAME_MS && !this.dirty) return;
    const dt = Math.min(0.1, (now - this.last) / 1000);
    this.last = now;
    const goal = this.wanted(now), { phases } = this.data;
    const wraps = goal < this.at && (this.at >= phases.back[1] - 1 || goal <= phases.out[0] + 1) && this.clock.mode === 'loop';
    if (this.clock.mode !== 'follow' || wraps || reduced.matches) this.at = goal;
    else if (goal < this.at && this.at > phases.back[1] - 3 && goal < phases.out[1]) this.at = goal;
    else this.at += (goal - this.at) * (1 - Math.exp(-dt / 0.07));
    const still = Math.abs(goal - this.at) < 0.02;
    const breath = reduced.matches ? 0 : Math.sin((now / 1000) * 1.5);
    const stamp = `${this.at.toFixed(2)} ${(breath * 20).toFixed(0)} ${this.clock.mirrored} ${this.rounds % 2} ${this.canvas.clientWidth} ${this.canvas.clientHeight}`;
    if (!this.dirty && stamp === this.drawn) return;
    const ctx = fit(this.canvas);
    if (!ctx) return;
    this.dirty = false;
    this.drawn = stamp;
    this.paint(ctx, still ? breath : breath * 0.6);
  }

  /* Where everything goes: as large as the whole way through fits; in a narrow box, as large as the widest pose, and
     the eye goes along. */
  layout(points) {
    const { canvas, data, bounds } = this, w = canvas.clientWidth, h = canvas.clientHeight, unit = data.height || 1;
    const tall = bounds.y1 - data.floor_y + 0.045 * unit;
    const whole = Math.min((w * 0.94) / (bounds.x1 - bounds.x0), (h * 0.95) / tall);
    const close = Math.min((w * 0.94) / bounds.widest, (h * 0.95) / tall);
    const along = close > whole * 1.25;
    const scale = along ? close : whole;
    const xs = points.map((p) => p[0]), here = (Math.min(...xs) + Math.max(...xs)) / 2;
    const floorY = h - 0.035 * unit * scale - (h - tall * scale) * 0.35;
    return { w, scale, along, floorY, size: unit * scale, centre: along ? here : (bounds.x0 + bounds.x1) / 2, flip: this.clock.mirrored ? -1 : 1 };
  }

  /* The floor; where the eye goes along, with marks that show it. */
  ground(ctx, { w, scale, along, floorY, size, centre, flip }, colour) {
    const thick = Math.max(1, Math.round(size / 260)), y = Math.round(floorY + 0.006 * size), x0 = w * 0.03, x1 = w * 0.97;
    ctx.fillStyle = colour;
    ctx.fillRect(x0, y, x1 - x0, thick);
    if (!along) return;
    const every = 0.25 * size, shift = (w / 2 - flip * centre * scale) % every;
    for (let x = shift - every; x < x1; x += every) if (x > x0) ctx.fillRect(x, y, thick, 0.018 * size);
  }

  paint(ctx, breath) {
    const { canvas, data } = this, colours = tones(), unit = data.height || 1;
    const i = Math.floor(this.at), f = this.at - i, last = data.frames.length - 1;
    const a = data.frames[Math.min(i, last)], b = data.frames[Math.min(i + 1, last)], lift = breath * 0.0016 * unit;
    const pose = a.map((p, k) => [p[0] + (b[k][0] - p[0]) * f, p[1] + (b[k][1] - p[1]) * f + (k < 23 ? lift : 0)]);
    const lay = this.layout(pose), { w, scale, floorY, size, centre, flip } = lay;
    const place = (middle) => ([x, y]) => [w / 2 + flip * (x - middle) * scale, floorY - (y - data.floor_y) * scale];
    const points = pose.map(place(centre));
    if (this.floor) this.ground(ctx, lay, colours.floor);
    shadow(ctx, points, size, floorY + 0.006 * size, colours.shadow);
    if (data.support) {
      const fromFront = data.view === 'front';
      paintSupport(ctx, data.support, data.frames, { place: place(centre), fromFront, floorY: floorY + 0.006 * size, size, colour: colours.faint });
    }

    const i1 = data.phases.out[1], going = this.at <= i1 + 0.5;
    if (this.ghost && this.clock.mode !== 'still') {
      // Drawn once about its own middle, then put where it belongs.
      const goal = data.frames[i1], middle = lay.along ? goal.reduce((sum, p) => sum + p[0], 0) / goal.length : centre;
      const stamp = [data.exercise, canvas.width, canvas.height, flip, colours.ghost].join();
      if (this.goalStamp !== stamp) {
        const path = wholeBody(bodyShapes(goal.map(place(middle)), { size }));
        this.goal = edgePicture(ctx, path, { colour: colours.ghost, width: Math.max(1.25, size * 0.0034) });
        this.goalStamp = stamp;
      }
      paintPicture(ctx, this.goal, going ? 1 : 0.4, flip * (middle - centre) * scale);
    }
    const near = data.near === null ? null : data.near === 'left' ? 0 : 1;
    // Where the sides take turns, so does the loop: from the side that only changes which leg is the nearer.
    const nearLeg = near !== null && data.alternating && this.rounds % 2 ? 1 - near : near;
    paintFigure(ctx, points, { size, near, nearLeg, moving: new Set(data.moving), colours, breath });
  }
}

/* The room the whole movement needs, head and hands and thickness included, and the widest single pose. */
function boundsOf(data) {
  let x0 = Infinity, x1 = -Infinity, y1 = -Infinity, widest = 0;
  for (const frame of data.frames) {
    const xs = frame.map((p) => p[0]), low = Math.min(...xs), high = Math.max(...xs);
    x0 = Math.min(x0, low);
    x1 = Math.max(x1, high);
    widest = Math.max(widest, high - low);
    y1 = Math.max(y1, ...frame.map((p) => p[1]));
  }
  const pad = 0.075 * (data.height || 1);
  return { x0: x0 - pad, x1: x1 + pad, widest: widest + pad, y1: Math.max(y1 + pad * 0.8, 1.03 * (data.height || 1)) };
}

const alive = new Set();

/* A figure in its box, with a description for those who cannot see it. */
export function figureBox({ title = '', ghost = true, floor = true } = {}) {
  const canvas = h('canvas', { role: 'img', 'aria-label': t('figure_alt', { title }) });
  const figure = new Figure(canvas, { ghost, floor });
  alive.add(figure);
  return {
    element: h('div', { class: 'figure empty' }, canvas),
    figure,
    name(text) { canvas.setAttribute('aria-label', t('figure_alt', { title: text })); },
    close() {
      figure.close();
      alive.delete(figure);
    },
  };
}

/* Draw all figures anew after a change of theme. */
export const repaintFigures = () => alive.forEach((figure) => figure.repaint());
