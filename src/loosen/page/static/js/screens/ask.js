/* The question screen: a number from 0 to 10, or one of a few options. What must be read first stands above. */

import { h } from '../dom.js';
import { letters } from '../keys.js';
import { t } from '../words.js';
import { careCards } from './care.js';

const SECOND_DIGIT_MS = 700; // a "1" may be the beginning of "10"

export function mount(root, app) {
  const { stage } = app, { question } = stage;
  let answered = false;
  const answer = (value) => {
    if (answered) return;
    answered = true;
    app.answer(question.id, value);
  };
  const asks = question.options.length ? options(question, answer) : numbers(question, answer);
  const told = stage.lines.length > 0 || stage.care.length > 0, title = stage.title || question.text;
  // Where something is told first, the question follows it.
  root.append(h('div', { class: `page ask${told ? ' telling-first' : ''}` },
    !told && title !== question.text ? h('p', { class: 'over' }, title) : null,
    h('h1', { tabindex: '-1' }, told ? title : question.text),
    stage.lines.length ? h('div', { class: 'ask-lines' }, stage.lines.map((line) => h('p', {}, line))) : null,
    stage.care.length ? careCards(stage.care) : null,
    // However much stands above, the answers are in view.
    h('div', { class: `answers${stage.care.length ? ' sticky' : ''}` },
      told && title !== question.text ? h('h2', {}, question.text) : null,
      asks.element,
      question.options.length ? null : h('div', { class: 'row' }, h('button', { type: 'button', class: 'plain', onclick: () => answer(null) }, t('rather_not')))),
    h('p', { class: 'hint keys' }, t(letters.on ? asks.keys : asks.click))));
  return {
    update() {},
    press: asks.press,
    close: asks.close,
  };
}

function numbers(question, answer) {
  let waiting = 0;
  const choose = (n) => {
    clearTimeout(waiting);
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(question.low + i === n)));
    answer(n);
  };
  const name = (n) => (n === question.low ? `${n}, ${question.low_text}` : n === question.high ? `${n}, ${question.high_text}` : null);
  const buttons = Array.from({ length: question.high - question.low + 1 }, (_, i) => question.low + i)
    .map((n) => h('button', { type: 'button', 'aria-pressed': 'false', 'aria-label': name(n), onclick: () => choose(n) }, String(n)));
  return {
    element: h('div', { class: 'scale', role: 'group', 'aria-label': question.text },
      h('div', { class: 'numbers' }, buttons),
      h('div', { class: 'ends', 'aria-hidden': 'true' }, h('span', {}, `${question.low}  ${question.low_text}`), h('span', {}, `${question.high}  ${question.high_text}`))),
    keys: 'ask_keys',
    click: 'ask_click',
    press(pressed, event) {
      if (pressed === 'continue') return true; // Enter chooses only a button that has the focus
      if (pressed !== 'digit') return false;
      const n = Number(event.key);
      if (waiting && n === 0 && question.high >= 10) choose(10);
      else if (n === 1 && question.high >= 10) {
        clearTimeout(waiting);
        waiting = setTimeout(() => choose(1), SECOND_DIGIT_MS);
        buttons[1 - question.low]?.focus();
      } else if (n >= question.low && n <= question.high) choose(n);
      return true;
    },
    close: () => clearTimeout(waiting),
  };
}

/* One button each, with its number as its key. Arrows go from one to the next, Enter takes the main one. */
function options(question, answer) {
  const leads = question.options.findIndex((option) => option.main);
  const buttons = question.options.map((option, i) => h('button', { type: 'button', class: option.main ? 'primary' : 'plain', 'aria-keyshortcuts': letters.on ? String(i + 1) : null, onclick: () => choose(i) },
    letters.on ? h('kbd', { 'aria-hidden': 'true' }, String(i + 1)) : null, h('span', {}, option.text), option.main ? h('kbd', { 'aria-hidden': 'true' }, t('key_enter')) : null));
  const choose = (i) => {
    buttons.forEach((button, k) => button.classList.toggle('chosen', k === i));
    answer(question.options[i].id);
  };
  const go = (by, mayScroll) => {
    const at = buttons.indexOf(document.activeElement), { scrollHeight, clientHeight } = document.getElementById('screen');
    if (at < 0 && mayScroll && scrollHeight > clientHeight) return false; // what stands above is to be read first
    const next = at < 0 ? Math.max(leads, 0) : (at + by + buttons.length) % buttons.length;
    buttons[next].focus();
    return true;
  };
  return {
    element: h('div', { class: 'options', role: 'group', 'aria-label': question.text }, buttons),
    keys: 'ask_option_keys',
    click: 'ask_option_click',
    press(pressed, event) {
      if (pressed === 'skip' || pressed === 'back') return go(pressed === 'skip' ? 1 : -1, false);
      if (pressed === 'down' || pressed === 'up') return go(pressed === 'down' ? 1 : -1, true);
      if (pressed === 'continue' && leads >= 0) choose(leads);
      else if (pressed === 'digit' && buttons[Number(event.key) - 1]) choose(Number(event.key) - 1);
      else return pressed === 'continue' || pressed === 'digit';
      return true;
    },
    close() {},
  };
}
