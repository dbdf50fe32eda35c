/* Cards for what a person chooses or says outside a session: a next step, a plan, a dose, the morning after, what it is
   for. The server decides what is on offer. */

import { h, memory } from './dom.js';
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

/* The morning after a session: one tap. "Not now" is remembered in this browser. */
export function morningCard(morning, app) {
  if (!morning || memory.get('morning') === morning.session) return null;
  const box = h('section', { class: 'card morning' });
  const answer = (word) => button('plain', word, () => {
    box.replaceChildren(h('p', { class: 'asked', role: 'status', tabindex: '-1' }, t('thanks')));
    box.firstChild.focus();
    app.choose({ type: 'morning', session: morning.session, answer: word });
  });
  const later = () => {
    memory.set('morning', morning.session);
    box.remove();
  };
  box.append(h('p', { class: 'asked' }, morning.text), h('div', { class: 'row' }, answer('better'), answer('same'), answer('worse'), button('faint', 'not_now', later)));
  return box;
}

/* The one thing that the back keeps somebody from. `only`: just the question, for home, until it is answered or put away. */
export function hindranceCard(said, app, { only = false } = {}) {
  if (only && memory.get('hindered') === 'later') return null;
  const box = h('section', { class: 'card plan hindrance' });
  const keep = (text) => app.choose({ type: 'hindered', text });
  const form = () => {
    const field = h('input', { type: 'text', id: 'hindered-by', maxlength: 80, autocomplete: 'off', value: said || null, placeholder: t('hindered_example') });
    const done = () => (field.value.trim() ? keep(field.value) : field.focus());
    field.addEventListener('keydown', (event) => event.stopPropagation());
    field.addEventListener('keydown', (event) => event.key === 'Enter' && done());
    box.replaceChildren(h('h2', {}, t('hindered')), h('label', { for: 'hindered-by' }, t('hindered_label')), field,
      h('div', { class: 'row' }, button('primary', 'hindered_keep', done), button('plain', 'never_mind', rest)));
    field.focus();
  };
  const rest = () => {
    if (said) {
      box.replaceChildren(h('h2', {}, t('hindered')), h('p', { class: 'asked' }, t('hindered_said', { what: said })), h('p', { class: 'hint' }, t('hindered_weekly')),
        h('div', { class: 'row' }, button('plain', 'change_plan', form), button('plain', 'drop_plan', () => keep(''))));
    } else {
      const later = () => {
        memory.set('hindered', 'later');
        box.remove();
      };
      box.replaceChildren(h('h2', {}, t('hindered')), h('p', {}, t('hindered_why')), h('div', { class: 'row' }, button('plain', 'hindered_name', form), only ? button('faint', 'not_now', later) : ''));
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
