/* Between two sets or movements: what went well, one thing to try; or, after "this hurts", the question. */

import { h, setHidden, setText } from '../dom.js';
import { ring } from './set.js';
import { t } from '../words.js';
import { choices } from './getup.js';

export function mount(root, app) {
  const { stage } = app, turn = ring();
  const heading = h('h1', { tabindex: '-1' }), lines = h('div', { class: 'said-lines' }), left = h('span', { class: 'number' }), row = h('div', { class: 'row' });
  const dial = h('div', { class: 'dial' }, turn.element, h('p', { class: 'count' }, left, h('span', { class: 'of' }, t('seconds'))));
  root.append(h('div', { class: 'rest' }, h('div', { class: 'words' }, heading, lines, row), dial));
  let longest = 1, shown = '', keys = '';
  const update = (next) => {
    setText(heading, next.title || t('rest'));
    const stamp = next.lines.join('\n') + next.note;
    if (stamp !== shown) {
      shown = stamp;
      lines.replaceChildren(...next.lines.map((line) => h('p', {}, line)), next.note ? h('p', { class: 'hint' }, next.note) : '');
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
  };
  update(stage);
  return {
    update,
    press: (name) => name === 'continue' && (app.command(app.stage.keys.includes('yes') ? 'yes' : 'continue'), true),
  };
}
