/* The question screen: a number from 0 to 10. */

import { h } from '../dom.js';
import { letters } from '../keys.js';
import { t } from '../words.js';

const SECOND_DIGIT_MS = 700; // a "1" may be the beginning of "10"

export function mount(root, app) {
  const { question } = app.stage;
  let answered = false, waiting = 0;
  const answer = (value) => {
    if (answered) return;
    answered = true;
    clearTimeout(waiting);
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(question.low + i === value)));
    app.answer(question.id, value);
  };
  const numbers = Array.from({ length: question.high - question.low + 1 }, (_, i) => question.low + i);
  const buttons = numbers.map((n) => h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => answer(n), 'aria-label': n === question.low ? `${n}, ${question.low_text}` : n === question.high ? `${n}, ${question.high_text}` : null }, String(n)));
  root.append(h('div', { class: 'page ask' },
    app.stage.title && app.stage.title !== question.text ? h('p', { class: 'over' }, app.stage.title) : null,
    h('h1', { tabindex: '-1' }, question.text),
    h('div', { class: 'scale', role: 'group', 'aria-label': question.text },
      h('div', { class: 'numbers' }, buttons),
      h('div', { class: 'ends', 'aria-hidden': 'true' }, h('span', {}, `${question.low}  ${question.low_text}`), h('span', {}, `${question.high}  ${question.high_text}`))),
    h('div', { class: 'row' }, h('button', { type: 'button', class: 'plain', onclick: () => answer(null) }, t('rather_not'))),
    h('p', { class: 'hint keys' }, t(letters.on ? 'ask_keys' : 'ask_click'))));
  return {
    update(stage) { if (stage.question?.id === question.id) return; },
    press(name, event) {
      if (name !== 'digit') return false;
      const n = Number(event.key);
      if (waiting && n === 0 && question.high >= 10) {
        waiting = 0;
        answer(10);
      } else if (n === 1 && question.high >= 10) {
        clearTimeout(waiting);
        waiting = setTimeout(() => answer(1), SECOND_DIGIT_MS);
        buttons[1 - question.low]?.focus();
      } else if (n >= question.low && n <= question.high) answer(n);
      return true;
    },
    close: () => clearTimeout(waiting),
  };
}
