/* The ready gate: the parts of the body fill as the camera sees them; then three, two, one. */

import { h, setHidden, setText } from '../dom.js';
import { icon } from '../icons.js';
import { Outline } from '../outlinefill.js';
import { figureBox } from '../figurebox.js';
import { t } from '../words.js';

export function mount(root, app) {
  const { stage } = app;
  const sentence = h('p', { class: 'cue' }), count = h('p', { class: 'countdown', 'aria-hidden': 'true' });
  const list = h('ul', { class: 'parts' });
  const withCamera = stage.camera;
  const fill = withCamera ? new Outline(h('canvas', { 'aria-hidden': 'true' })) : null;
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
