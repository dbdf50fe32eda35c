/* What comes next: the figure, how, how many, what for. It goes on by itself when all is told. */

import { h } from '../dom.js';
import { figureBox } from '../figurebox.js';
import { t } from '../words.js';

/* The lines are: how (one to three), how many, what for, and perhaps whom it may not suit. The purpose, which the home
   facts know as well, tells where one kind ends and the next begins. */
function sorted(lines, purpose) {
  const at = lines.indexOf(purpose);
  if (at < 1) return lines.length === 3 ? { how: [lines[0]], many: lines[1], purpose: lines[2], care: [] } : { how: lines, care: [] };
  return { how: lines.slice(0, at - 1), many: lines[at - 1], purpose, care: lines.slice(at + 1) };
}

export function mount(root, app) {
  const { stage } = app;
  const show = figureBox({ title: stage.title });
  const known = app.facts.exercises?.find((exercise) => exercise.id === stage.exercise);
  const { how, many, purpose, care } = sorted(stage.lines, known?.purpose);
  const fact = (label, text) => (text ? h('div', {}, h('dt', {}, label), h('dd', {}, text)) : null);
  root.append(h('div', { class: 'intro' },
    show.element,
    h('div', { class: 'telling' },
      h('h1', { tabindex: '-1' }, stage.title),
      h('ol', { class: 'how', 'aria-label': t('how') }, how.map((line) => h('li', {}, line))),
      many || purpose ? h('dl', {}, fact(t('how_many'), many), fact(t('what_for'), purpose)) : null,
      care.map((line) => h('p', { class: 'hint' }, line)),
      h('button', { type: 'button', class: 'primary', onclick: () => app.command('continue') }, t('go_on'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter'))))));
  const follow = (next) => show.figure.follow(next.figure || { exercise: next.exercise, mode: 'loop' });
  follow(stage);
  return {
    update: follow,
    press: (name) => name === 'continue' && !app.stage.paused && (app.command('continue'), true),
    close: () => show.close(),
  };
}
