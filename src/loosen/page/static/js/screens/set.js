/* The screen of a set: count, phase, cue and ring beside the mirror or the figure. */

import { h, setHidden, setText, svg } from '../dom.js';
import { icon } from '../icons.js';
import { figureBox } from '../figure.js';
import { t } from '../words.js';

const R = 46, ROUND = 2 * Math.PI * R;

export function ring() {
  const fill = svg('circle', { class: 'fill', cx: 50, cy: 50, r: R, 'stroke-dasharray': ROUND, 'stroke-dashoffset': ROUND, transform: 'rotate(-90 50 50)' });
  const element = svg('svg', { viewBox: '0 0 100 100', class: 'ring', 'aria-hidden': 'true' }, svg('circle', { class: 'track', cx: 50, cy: 50, r: R }), fill);
  return {
    element,
    set(share) {
      const s = Math.min(1, Math.max(0, share || 0));
      fill.setAttribute('stroke-dashoffset', (ROUND * (1 - s)).toFixed(2));
      element.classList.toggle('going', s > 0);
      element.classList.toggle('whole', s >= 0.999);
    },
  };
}

/* Longer texts get smaller letters, so that they stay on one line. */
function fitWords(element, text) {
  setText(element, text);
  element.dataset.size = text.length > 44 ? 'xs' : text.length > 24 ? 's' : text.length > 12 ? 'm' : text.length > 9 ? 'lm' : 'l';
}

export function mount(root, app) {
  const { stage } = app, withCamera = stage.camera;
  const turn = ring(), show = figureBox({ title: stage.title });
  const number = h('span', { class: 'number' }), of = h('span', { class: 'of' }), side = h('p', { class: 'side' });
  const phase = h('p', { class: 'phase' }), word = h('span', { class: 'word' }), left = h('span', { class: 'left' });
  const cue = h('p', { class: 'cue' }), cueWords = h('span', {}), sign = icon('note');
  phase.append(word, left);
  cue.append(cueWords);
  root.append(h('div', { class: `set ${withCamera ? 'with-camera' : 'without-camera'}` },
    h('h1', { tabindex: '-1', class: 'unseen' }, stage.title),
    h('div', { class: 'scene' }, withCamera ? app.mirror.element : null, show.element),
    h('div', { class: 'tally' }, h('div', { class: 'dial' }, turn.element, h('p', { class: 'count' }, number, of)), side),
    h('div', { class: 'band' }, phase, cue)));
  const update = (next) => {
    setText(number, String(next.count));
    number.dataset.digits = String(next.count).length;
    setText(of, next.of ? t('of', { n: next.of }) : '');
    setText(side, next.side_text);
    fitWords(word, next.phase_word);
    setText(left, next.seconds_left === null || next.seconds_left === undefined ? '' : String(next.seconds_left));
    const said = (next.note ? '! ' : '') + (next.note || next.cue);
    if (cueWords.dataset.said !== said) {
      cueWords.dataset.said = said;
      fitWords(cueWords, next.note || next.cue);
      if (next.note) cueWords.prepend(sign);
    }
    setHidden(cue, !(next.note || next.cue));
    cue.classList.toggle('trouble', Boolean(next.note));
    turn.set(next.ring);
    root.firstElementChild.dataset.phase = next.phase;
    const clock = next.figure || { exercise: next.exercise, mode: 'loop', mirrored: false };
    show.figure.follow(withCamera ? app.mirror.beside(clock) : clock);
  };
  update(stage);
  return { update, press: () => false, close: () => show.close() };
}
