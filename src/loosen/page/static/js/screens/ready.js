/* The ready screen: shows which parts of the body the camera sees, then counts down. */

import { h, setHidden, setText } from '../dom.js';
import { figureBox, figureData } from '../figure.js';
import { icon } from '../icons.js';
import { bodyShapes, edgePicture, fit, paintPicture, shadow, tones, wholeBody } from '../paint.js';
import { t } from '../words.js';

export function mount(root, app) {
  const { stage } = app;
  const sentence = h('p', { class: 'cue' }), count = h('p', { class: 'countdown', 'aria-hidden': 'true' });
  const list = h('ul', { class: 'parts' });
  const withCamera = stage.camera;
  const fill = withCamera ? new BodyOutline(h('canvas', { 'aria-hidden': 'true' })) : null;
  const show = withCamera ? null : figureBox({ title: stage.title });
  const side = withCamera ? h('div', { class: 'figure fill' }, fill.canvas) : null;
  const stageBox = h('div', { class: 'look' }, withCamera ? h('div', { class: 'scene' }, app.mirror.element, side) : show.element, h('div', { class: 'column' }, count, list, withCamera && !app.demo ? h('button', { type: 'button', class: 'plain', onclick: () => app.command('continue') }, t('by_voice')) : null));
  root.append(h('div', { class: `ready ${withCamera ? 'with-camera' : 'without-camera'}` },
    h('h1', { tabindex: '-1', class: 'unseen' }, t('ready_title', { title: stage.title })), stageBox, h('div', { class: 'band' }, sentence)));
  let shown = '';
  const update = (next) => {
    const ready = next.ready || { text: next.lines[0] || '', parts: [], countdown: null };
    setText(sentence, next.note || ready.text);
    const counting = ready.countdown !== null && ready.countdown !== undefined;
    setText(count, counting ? String(ready.countdown) : '');
    setHidden(count, !counting);
    setHidden(list, counting);
    const stamp = ready.parts.map((part) => part.name + part.seen).join();
    if (stamp !== shown) {
      shown = stamp;
      list.replaceChildren(...ready.parts.map((part) => h('li', { class: part.seen ? 'seen' : '' },
        h('span', { class: 'dot', 'aria-hidden': 'true' }, part.seen ? icon('check') : ''), t(`part_${part.name}`), h('span', { class: 'unseen' }, ` ${t(part.seen ? 'part_seen' : 'part_missing')}`))));
      fill?.parts(new Set(ready.parts.filter((part) => part.seen).map((part) => part.name)));
    }
    const clock = next.figure || { exercise: next.exercise, mode: 'still', mirrored: false };
    fill?.show(next.exercise, app.mirror.beside(clock).mirrored);
    show?.figure.follow(clock);
  };
  update(stage);
  return {
    update,
    repaint: () => fill?.draw(),
    press: () => false,
    close() {
      fill?.close();
      show?.close();
    },
  };
}

/* The body in its start pose: an outline whose parts fill as the camera sees them. */
class BodyOutline {
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
