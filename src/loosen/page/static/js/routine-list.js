/* The list of movements on the home page: each is shown by the figure, and can be done in another way or left out. */

import { h } from './dom.js';
import { icon } from './icons.js';
import { t } from './words.js';

const LEFT_OUT = { today: ['leave_today', 'leave_today_hint'], always: ['leave_always', 'leave_always_hint'] };

/* `looks(exercise)`: show this one's figure. */
export function routineList(app, looks) {
  const element = h('ol', { class: 'exercises' });
  let chosen = 0, open = '', drawn = '';

  /* What a choice is called, and what it says; `now`: whether it holds. */
  const option = (exercise, value, title, hint, now) => h('label', { class: 'way' },
    h('input', { type: 'radio', name: `way-${exercise.id}`, value, checked: now, onchange: () => choose(exercise, value) }),
    h('span', {}, title, hint ? h('small', {}, hint) : null));

  const choose = (exercise, value) => {
    const leaves = value in LEFT_OUT;
    app.choose({ type: 'way', exercise: exercise.id, variant: leaves ? exercise.variant : value, left_out: leaves ? value : '' });
  };

  function panel(exercise) {
    const ways = exercise.ways.map((way) => option(exercise, way.variant, way.title, way.offer, !exercise.left_out && way.variant === exercise.variant));
    const leaving = Object.entries(LEFT_OUT).map(([value, [title, hint]]) => option(exercise, value, t(title), t(hint), exercise.left_out === value));
    return h('fieldset', { class: 'ways', id: `ways-${exercise.id}` }, h('legend', {}, t('ways_of')), ways, leaving);
  }

  function row(exercise, i) {
    const out = Boolean(exercise.left_out), opened = open === exercise.id;
    const show = h('button', { type: 'button', class: 'movement', 'aria-pressed': String(i === chosen), onclick: () => look(i) },
      h('span', { class: 'number', 'aria-hidden': 'true' }, String(i + 1)),
      h('span', { class: 'name' }, exercise.title, h('small', {}, out ? [icon('leftOut'), exercise.left_out_text] : exercise.purpose)),
      out ? null : h('span', { class: 'dose' }, exercise.dose_text));
    const change = h('button', { type: 'button', class: 'change', 'data-of': exercise.id, 'aria-expanded': String(opened), 'aria-controls': `ways-${exercise.id}`, 'aria-label': t('change_way_of', { title: exercise.title }), onclick: () => toggle(exercise, i) }, t('change_way'));
    return h('li', { class: out ? 'left-out' : '' }, h('div', { class: 'line-of' }, show, change), opened ? panel(exercise) : null);
  }

  function toggle(exercise, i) {
    open = open === exercise.id ? '' : exercise.id;
    chosen = i;
    draw(true);
    element.querySelector(`[data-of="${exercise.id}"]`).focus();
    looks(exercise);
  }

  function look(i) {
    chosen = i;
    element.querySelectorAll('.movement').forEach((button, k) => button.setAttribute('aria-pressed', String(k === i)));
    looks(app.facts.exercises[i]);
  }

  function draw(anyway = false) {
    const { exercises } = app.facts, stamp = JSON.stringify(exercises);
    if (stamp === drawn && !anyway) return;
    drawn = stamp;
    const { name, value } = document.activeElement ?? {}, held = element.contains(document.activeElement) && name;
    element.replaceChildren(...exercises.map(row));
    if (held) [...element.querySelectorAll(`input[name="${name}"]`)].find((one) => one.value === value)?.focus();
    looks(exercises[chosen]);
  }

  draw();
  return { element, draw };
}
