/* The home page: the button to begin, the routine, the week, the get-up card, and what may be said in passing. */

import { h, memory } from '../dom.js';
import { icon } from '../icons.js';
import { hindranceCard, morningCard, planCard, stepCard } from '../choices.js';
import { figureBox } from '../figure.js';
import { letters } from '../keys.js';
import { getUpCard } from '../getup-card.js';
import { routineList } from '../routine-list.js';
import { t } from '../words.js';

/* The week as seven marks: a check in a disc for a day with a session, a ring for one without, today underlined. */
export function weekMarks({ week, week_text: text }) {
  const day = (it) => h('li', { class: `day${it.done ? ' done' : ''}${it.today ? ' today' : ''}` },
    h('span', { class: 'unseen' }, it.text),
    h('span', { class: 'dot', 'aria-hidden': 'true' }, it.done ? icon('check') : ''),
    h('span', { class: 'letter', 'aria-hidden': 'true' }, it.letter));
  return h('section', { class: 'week', 'aria-label': t('week') }, h('ol', {}, week.map(day)), h('p', {}, text));
}

/* A switch with two positions, and a hint below it on what they mean. */
function choice(name, pictures, now, chosen) {
  const radio = (value) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name, value, checked: now === value, onchange: () => chosen(value) }),
    h('span', {}, icon(pictures[value]), t(value)));
  return h('fieldset', { class: 'switch' }, h('legend', {}, t(name)), h('div', { class: 'segments' }, radio('on'), radio('off')), h('p', { class: 'hint' }, t(`${name}_hint`)));
}

export function mount(root, app) {
  const { facts } = app;
  const exercises = facts.exercises || [];
  const show = figureBox({ title: exercises[0]?.title || '' });
  const caption = h('p', { class: 'caption' });
  const looks = (exercise) => {
    show.name(exercise.title);
    show.figure.show(exercise.figure);
    caption.textContent = exercise.title;
  };
  const list = exercises.length ? routineList(app, looks) : null;

  const demo = app.demo;
  const camera = demo
    ? h('p', { class: 'hint' }, t('demo_note'))
    : choice('camera', { on: 'camera', off: 'cameraOff' }, memory.get('camera') ?? 'on', (value) => memory.set('camera', value));
  const withCamera = () => demo || root.querySelector('input[name=camera][value=on]').checked;
  const keys = choice('letters', { on: 'key', off: 'keyOff' }, letters.on ? 'on' : 'off', app.letters);

  const lasts = h('small', {}), nothing = h('p', { class: 'hint', role: 'status' });
  const start = h('button', { type: 'button', class: 'primary start', onclick: () => app.start(withCamera()) }, h('span', {}, t(demo ? 'start_demo' : 'start')), lasts);
  const drawStart = () => {
    const { minutes } = app.facts;
    lasts.textContent = minutes ? t('about_minutes', { n: minutes }) : '';
    start.disabled = minutes === 0;
    nothing.textContent = minutes === 0 ? t('nothing_to_do') : '';
  };
  drawStart();

  const passing = h('div', { class: 'passing' }), more = h('div', { class: 'later', id: 'home-more' });
  const behind = h('button', { type: 'button', class: 'plain slim', onclick: () => app.showBehind() }, t('behind'));
  const drawMore = () => {
    const asks = morningCard(app.facts.morning, app);
    if (asks || !passing.querySelector('[role=status]')) passing.replaceChildren(...[asks].filter(Boolean));
    const now = app.facts, due = now.plan && (now.plan.state === 'offered' || now.plan.due);
    more.replaceChildren(...[
      stepCard(now.offer, app),
      due && planCard(now.plan, app, { only: true }),
      now.asks_hindered && !due && hindranceCard('', app, { only: true }),
      now.week && (!demo || now.made_up) && weekMarks(now),
      h('div', { class: 'row' }, (!demo || now.made_up) && h('button', { type: 'button', class: 'plain slim', onclick: () => app.showHistory() }, t('history')), behind),
    ].filter(Boolean));
  };
  drawMore();
  const card = demo ? null : getUpCard(app, withCamera);

  root.append(h('div', { class: 'home' },
    h('section', { class: 'welcome' },
      h('h1', { tabindex: '-1' }, facts.greeting || t('title')),
      h('p', { class: 'lead' }, facts.lead || t('home_lead')),
      [app.notice, ...(facts.notices || [])].filter(Boolean).map((text) => h('p', { class: 'notice', role: 'status' }, icon('note'), h('span', {}, text))),
      start, nothing, passing, h('div', { class: 'switches' }, camera, keys), card?.element,
      more),
    h('section', { class: 'routine', 'aria-label': t('routine') },
      h('div', { class: 'easel' }, show.element, caption),
      list?.element)),
  h('p', { class: 'small-print' }, facts.always || t('small_print'), facts.author ? ` ${t('source', { author: facts.author, title: facts.source })}` : ''));
  return {
    press(name) {
      if (name !== 'continue') return false;
      start.click();
      return true;
    },
    update() {},
    chosen: () => app.refresh().then(() => {
      list?.draw();
      drawStart();
      drawMore();
    }),
    sitting: () => card?.refresh(),
    close() {
      show.close();
      card?.close();
    },
  };
}
