/* The rest between two movements: what went well, one thing to try, what comes next. Also the question after "this hurts". */

import { h, setHidden, setText } from '../dom.js';
import { figureBox } from '../figure.js';
import { ring } from './set.js';
import { t } from '../words.js';
import { choices } from './get-up.js';

const LONG = 110; // letters beyond which they are smaller

export function mount(root, app) {
  const { stage } = app, turn = ring(), asks = stage.keys.includes('yes');
  const heading = h('h1', { tabindex: '-1' }), lines = h('div', { class: 'said-lines' }), small = h('ul', { class: 'small-lines' });
  const left = h('span', { class: 'number' }), row = h('div', { class: 'row' });
  const dial = h('div', { class: 'dial' }, turn.element, h('p', { class: 'count' }, left, h('span', { class: 'unseen' }, ` ${t('seconds')}`)));
  const show = stage.figure ? figureBox({ title: titleOf(app, stage.figure.exercise) }) : null;
  root.append(h('div', { class: `rest${asks ? ' asks' : ''}${show ? ' with-figure' : ''}` },
    h('div', { class: 'words' }, heading, lines, h('div', { class: 'row wait' }, dial, row), small), show?.element));
  let longest = 1, shown = '', keys = '';
  const box = root.firstElementChild;
  const update = (next) => {
    box.classList.toggle('long', next.lines.join(' ').length > LONG);
    setText(heading, next.title || t('rest'));
    const stamp = next.lines.join('\n') + next.note;
    if (stamp !== shown) {
      shown = stamp;
      // The question stands large; when to stop a movement, below it, is for reading again.
      const large = asks ? next.lines.slice(0, 2) : next.lines;
      lines.replaceChildren(...large.map((line) => h('p', {}, line)), next.note ? h('p', { class: 'hint' }, next.note) : '');
      small.replaceChildren(...next.lines.slice(large.length).map((line) => h('li', {}, line)));
    }
    const counting = next.seconds_left !== null && next.seconds_left !== undefined;
    setHidden(dial, !counting);
    if (counting) {
      longest = Math.max(longest, next.seconds_left);
      setText(left, String(next.seconds_left));
      left.dataset.digits = String(next.seconds_left).length;
      turn.set(next.ring || 1 - next.seconds_left / longest);
    }
    if (next.keys.join() !== keys) {
      keys = next.keys.join();
      row.replaceChildren(...choices(next, app));
    }
    if (next.figure) show?.figure.follow(next.figure);
  };
  update(stage);
  return {
    update,
    press: (name) => name === 'continue' && !app.stage.paused && (app.command('yes') || app.command('continue')),
    close: () => show?.close(),
  };
}

const titleOf = (app, id) => app.facts.exercises?.find((exercise) => exercise.figure === id)?.title || '';
