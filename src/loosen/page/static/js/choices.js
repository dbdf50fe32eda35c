/* Cards for what a person chooses outside a session: a next step, a plan, a dose. The server decides what is on offer. */

import { h } from './dom.js';
import { many, t } from './words.js';

const PARTS = ['morning', 'midday', 'afternoon', 'evening'];
const button = (kind, name, onclick) => h('button', { type: 'button', class: `${kind} slim`, onclick }, t(name));

/* The next step, if one is offered. If a step that was shown is no longer offered, a sentence takes its place. */
export function stepCard(offer, app) {
  const { step } = app;
  if (offer) {
    const answer = (word) => {
      step.answer = word;
      app.choose({ type: 'step', exercise: offer.exercise, answer: word });
    };
    Object.assign(step, { shown: true, answer: '' });
    return h('section', { class: 'card offer' }, h('h2', {}, t('next_step')), h('p', { class: 'asked' }, offer.text), h('p', { class: 'hint' }, offer.why),
      h('div', { class: 'row' }, button('primary', 'yes', () => answer('yes')), button('plain', 'not_now', () => answer('later')), button('plain', 'no', () => answer('no'))));
  }
  if (!step.shown) return null;
  step.told = true;
  const said = h('p', { class: 'asked', role: 'status', tabindex: '-1' }, t({ yes: 'step_yes', later: 'step_later', no: 'step_no' }[step.answer] || 'step_gone'));
  if (step.answer) requestAnimationFrame(() => said.focus()); // the button that had the focus is gone
  return h('section', { class: 'card offer' }, said);
}

/* The plan as it is, and a form for a new one. `only`: just the question or the reminder, for home. */
export function planCard(plan, app, { only = false } = {}) {
  const box = h('section', { class: 'card plan' });
  const form = () => {
    const cue = h('input', { type: 'text', id: 'plan-cue', maxlength: 80, autocomplete: 'off', value: plan.cue || null, placeholder: t('plan_example') });
    const part = h('select', { id: 'plan-part' }, PARTS.map((name) => h('option', { value: name, selected: name === plan.part }, t(name))));
    const keep = () => (cue.value.trim() ? app.choose({ type: 'plan', what: 'made', cue: cue.value, part: part.value }) : cue.focus());
    // Keys typed here are text, not commands.
    for (const field of [cue, part]) field.addEventListener('keydown', (event) => event.stopPropagation());
    cue.addEventListener('keydown', (event) => event.key === 'Enter' && keep());
    box.replaceChildren(h('h2', {}, t('plan')),
      h('label', { for: 'plan-cue' }, t('plan_after')), cue, h('p', { class: 'asked' }, t('plan_will')),
      h('label', { for: 'plan-part' }, t('plan_when')), part,
      h('div', { class: 'row' }, button('primary', 'keep_plan', keep), button('plain', 'never_mind', rest)));
    cue.focus();
  };
  const rest = () => {
    if (plan.state === 'made') {
      box.replaceChildren(h('h2', {}, t('plan')), h('p', { class: 'asked' }, plan.text),
        only ? '' : h('div', { class: 'row' }, button('plain', 'change_plan', form), button('plain', 'drop_plan', () => app.choose({ type: 'plan', what: 'dropped' }))));
    } else {
      const no = plan.state === 'offered' ? button('plain', 'no_plan', () => app.choose({ type: 'plan', what: 'declined' })) : '';
      box.replaceChildren(h('h2', {}, t('plan')), h('p', {}, t('plan_why')), h('div', { class: 'row' }, button(plan.state === 'offered' ? 'primary' : 'plain', 'make_plan', form), no));
    }
  };
  rest();
  return box;
}

export function doseCard(doses, app) {
  const row = (dose) => {
    const now = { sets: dose.sets, reps: dose.reps };
    const said = h('output', {}), save = button('primary', 'keep_dose', () => app.choose({ type: 'dose', exercise: dose.id, ...now }));
    const steppers = ['sets', 'reps'].map((what) => {
      const shown = h('span', { class: 'n' });
      const turn = (by) => h('button', { type: 'button', class: 'step', 'aria-label': t(by > 0 ? `more_${what}` : `fewer_${what}`, { title: dose.title }), onclick: () => {
        now[what] = Math.min(Math.max(now[what] + by, 1), dose[`most_${what}`]);
        tell();
      } }, by > 0 ? '+' : '\u2212');
      return { element: h('div', { class: 'stepper' }, turn(-1), shown, turn(1)), tell: () => { shown.textContent = many(what, now[what]); } };
    });
    const tell = () => {
      steppers.forEach((it) => it.tell());
      said.textContent = dose.each ? t('on_each_side') : '';
      save.hidden = now.sets === dose.sets && now.reps === dose.reps;
    };
    tell();
    return h('li', {}, h('p', { class: 'name' }, dose.title), h('div', { class: 'row' }, steppers.map((it) => it.element), said, save),
      dose.changes.length ? h('ul', { class: 'changes' }, dose.changes.map((text) => h('li', {}, text))) : null);
  };
  return h('section', { class: 'card doses' }, h('h2', {}, t('your_dose')), h('p', { class: 'hint' }, t('dose_hint')), h('ul', {}, doses.map(row)));
}
