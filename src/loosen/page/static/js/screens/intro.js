/* The introduction of a movement: the figure, how, how many, what for. It goes on by itself once it has been spoken. */

import { h } from '../dom.js';
import { figureBox } from '../figure.js';
import { icon } from '../icons.js';
import { t } from '../words.js';

export function mount(root, app) {
  const { stage } = app;
  const show = figureBox({ title: stage.title });
  const fact = (label, text) => (text ? h('div', {}, h('dt', {}, label), h('dd', {}, text)) : null);
  root.append(h('div', { class: 'intro' },
    show.element,
    h('div', { class: 'telling' },
      h('h1', { tabindex: '-1' }, stage.title),
      h('ol', { class: 'how', 'aria-label': t('how') }, stage.lines.map((line) => h('li', {}, line))),
      stage.care_text ? h('p', { class: 'take-care' }, icon('safety'), h('span', {}, stage.care_text)) : null,
      h('dl', {}, fact(t('how_many'), stage.dose_text), fact(t('what_for'), stage.purpose)),
      h('button', { type: 'button', class: 'primary', onclick: () => app.command('continue') }, t('go_on'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter'))))));
  const follow = (next) => show.figure.follow(next.figure || { exercise: next.exercise, mode: 'loop' });
  follow(stage);
  return {
    update: follow,
    press: (name) => name === 'continue' && !app.stage.paused && app.command('continue'),
    close: () => show.close(),
  };
}
