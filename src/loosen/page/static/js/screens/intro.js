/* What comes next: the figure, how, how many, what for. */

import { h } from '../dom.js';
import { figureBox } from '../figurebox.js';
import { t } from '../words.js';

const LABELS = ['how', 'how_many', 'what_for'];

export function mount(root, app) {
  const { stage } = app;
  const show = figureBox({ title: stage.title });
  const labelled = stage.lines.length === LABELS.length;
  root.append(h('div', { class: 'intro' },
    show.element,
    h('div', { class: 'telling' },
      h('h1', { tabindex: '-1' }, stage.title),
      h('dl', {}, stage.lines.map((line, i) => h('div', {}, labelled ? h('dt', {}, t(LABELS[i])) : h('dt', { class: 'unseen' }, String(i + 1)), h('dd', {}, line)))),
      h('button', { type: 'button', class: 'primary', onclick: () => app.command('continue') }, t('go_on'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter'))))));
  show.figure.follow(stage.figure || { exercise: stage.exercise, mode: 'loop' });
  return {
    update(next) { show.figure.follow(next.figure || { exercise: next.exercise, mode: 'loop' }); },
    press: (name) => name === 'continue' && (app.command('continue'), true),
    close: () => show.close(),
  };
}
